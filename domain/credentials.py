"""How long what proves a person is good for."""

from datetime import datetime, timedelta

PASSWORD_RESET = timedelta(hours=1)
EMAIL_VERIFICATION = timedelta(hours=24)
# For so long a new member may work without having shown that mail arrives.
UNVERIFIED = timedelta(days=7)


def verify_by(verified: bool, since: datetime) -> datetime | None:
    """Until when a member may write without a verified address; None when it is verified."""
    return None if verified else since + UNVERIFIED
