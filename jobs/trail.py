"""Jobs of the audit trail."""

from resolvers.audit import archive_old
from resolvers.kit.jobs import AgencyWork, job


@job("audit.archive", cron="40 2 * * *")
async def archive(work: AgencyWork) -> None:
    """Put the agency's old entries into files and take them from the trail."""
    await archive_old(work)
