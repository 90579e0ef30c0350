"""Jobs of what belongs to no domain: the trash."""

from resolvers.kit.jobs import AgencyWork, job
from resolvers.platform import purge_expired


@job("trash.purge", cron="0 3 * * sun")
async def purge(work: AgencyWork) -> None:
    """Empty an agency's trash of what has been there for too long."""
    await purge_expired(work)
