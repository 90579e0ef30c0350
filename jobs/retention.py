"""Nothing is kept for longer than it is needed. None of this is anybody's change: it is not audited, only logged."""

from datetime import timedelta

import structlog

from domain.lockout import FORGOTTEN_AFTER
from models.base import now
from resolvers.kit import idempotency
from resolvers.kit.jobs import AgencyWork, Work, job
from resolvers.kit.running import AREA, clear
from storage import jobs, upkeep

SESSIONS = timedelta(days=30)  # after their end
SECURITY_EVENTS = timedelta(days=365)  # as long as an audit trail at least
NOTES = timedelta(days=30)  # of jobs
FILES = timedelta(days=7)  # of jobs

log = structlog.get_logger(__name__)


@job("stream.trim", cron="5 * * * *")
async def trim_streams(work: Work) -> None:
    """Take from every agency's stream what no client can resume from any more."""
    before = now() - timedelta(days=work.state.settings.retention_days)
    for tenant in await upkeep.streams_older_than(work.state.database, before):
        removed = await upkeep.trim_stream(work.state.database, tenant, before)
        log.info("events removed", tenant=str(tenant), count=removed)


@job("idempotency.forget", cron="20 * * * *")
async def forget_answers(work: Work) -> None:
    """Forget the answers kept for repeated requests."""
    removed = await upkeep.forget_answers(work.state.database, now() - idempotency.KEPT)
    log.info("stored answers removed", count=removed)


@job("sessions.forget", cron="35 * * * *")
async def forget_sessions(work: Work) -> None:
    """Forget ended sessions with their tokens, secrets sent by mail, and what was recorded of failed sign-ins."""
    database, at = work.state.database, now()
    removed = await upkeep.forget_sessions(database, at - SESSIONS)
    secrets = await upkeep.forget_mailed_secrets(database, at - SESSIONS)
    failures = await upkeep.forget_failures(database, at - FORGOTTEN_AFTER)
    events = await upkeep.forget_security_events(database, at - SECURITY_EVENTS)
    log.info("sessions removed", count=removed, secrets=secrets, failures=failures, security_events=events)


@job("jobs.sweep", cron="10 4 * * *")
async def sweep_jobs(work: AgencyWork) -> None:
    """Remove the files of an agency's jobs after a week, also those nobody knows of, and the jobs after a month."""
    at, store = now(), work.state.files
    old = [found.key async for found in store.every(work.tenant_id, AREA) if found.modified < at - FILES]
    await store.delete(*old)
    forgotten = await clear(work.state, work.tenant_id, files_before=at - FILES, jobs_before=at - NOTES)
    log.info("jobs removed", tenant=str(work.tenant_id), files=len(old), jobs=forgotten)


@job("jobs.forget", cron="50 3 * * *")
async def forget_jobs(work: Work) -> None:
    """Forget what was noted of jobs that are done; held ones stay."""
    removed = await jobs.forget(work.state.database, now() - NOTES)
    log.info("job notes removed", count=removed)
