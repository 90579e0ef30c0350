"""Jobs of the audit trail."""

from resolvers.audit import EXPORT, archive_old, write_export
from resolvers.kit.jobs import AgencyWork, job
from resolvers.kit.running import Running, watched


@job("audit.archive", cron="40 2 * * *")
async def archive(work: AgencyWork) -> None:
    """Put the agency's old entries into files and take them from the trail."""
    await archive_old(work)


@watched(EXPORT)
async def export(running: Running) -> None:
    """Write the trail into a file for who asked for it."""
    await write_export(running)
