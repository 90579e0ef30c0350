"""Jobs of invitations: seats are not kept for those who never came."""

from datetime import timedelta

import structlog

from models.base import now
from resolvers.identity.invitations import agencies_with_expired, release_expired
from resolvers.kit.jobs import AgencyWork, Work, job
from storage import upkeep
from storage.jobs import enqueue_for

REMEMBERED = timedelta(days=30)  # how long a late visitor is told that the time is up

log = structlog.get_logger(__name__)


@job("invitations.find_expired", cron="10 * * * *")
async def find_expired(work: Work) -> None:
    """Have every agency free the seats it keeps for nobody, and forget secrets of long ago."""
    at = now()
    await enqueue_for(work.state.database, "invitations.release", agencies_with_expired(at))
    removed = await upkeep.forget_invitations(work.state.database, at - REMEMBERED)
    log.info("secrets of invitations removed", count=removed)


@job("invitations.release")
async def release(work: AgencyWork) -> None:
    """Free the seats of an agency's expired invitations. That time has passed is no change: nothing is audited."""
    async with work.state.database.write(work.tenant_id) as session:
        released = await release_expired(session, work.tenant_id)
        await session.commit()
    log.info("seats released", tenant=str(work.tenant_id), count=released)
