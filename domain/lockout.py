"""What repeated failures to sign in with one e-mail address cost, whoever fails and whether the address is known."""

from datetime import timedelta

FAILURES = 5  # this one locks
LOCK = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)  # failures of yesterday say nothing of today
DELAYS = (0.0, 1.0, 2.0, 5.0, 10.0)  # seconds the answer to each failure is kept back


def delay(failure: int, delays: tuple[float, ...] = DELAYS) -> float:
    """How long the answer to the so many-th failure in a row is kept back; the last delay holds for all later ones."""
    return delays[min(failure, len(delays)) - 1] if delays else 0.0
