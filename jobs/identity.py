"""Jobs of sign-in: what is said about logins, whose addresses requests must not tell apart."""

from resolvers.identity import passwords, registration, telling
from resolvers.identity.passwords import ResetWanted
from resolvers.identity.registration import Taken
from resolvers.identity.telling import Failed
from resolvers.kit.jobs import Work, job


@job(passwords.RESET)
async def send_reset(work: Work, wanted: ResetWanted) -> None:
    """Mail the link to a new password, if there is such a login."""
    await passwords.send_reset(work.state, wanted)


@job(registration.TAKEN)
async def tell_owner(work: Work, taken: Taken) -> None:
    """Tell a person that somebody wanted to register with their address."""
    await registration.tell_owner(work.state, taken)


@job(telling.FAILED)
async def tell_agency(work: Work, failed: Failed) -> None:
    """Write a failed sign-in into the trail of the agency it was meant for."""
    await telling.tell(work.state, failed)
