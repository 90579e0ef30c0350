"""Jobs of sign-in: mail about logins, whose addresses requests must not tell apart."""

from resolvers.identity import passwords, registration
from resolvers.identity.passwords import ResetWanted
from resolvers.identity.registration import Taken
from resolvers.kit.jobs import Work, job


@job(passwords.RESET)
async def send_reset(work: Work, wanted: ResetWanted) -> None:
    """Mail the link to a new password, if there is such a login."""
    await passwords.send_reset(work.state, wanted)


@job(registration.TAKEN)
async def tell_owner(work: Work, taken: Taken) -> None:
    """Tell a person that somebody wanted to register with their address."""
    await registration.tell_owner(work.state, taken)
