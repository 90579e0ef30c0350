"""What an operator sees of the queue and of the audit trails, and does to them."""

from collections.abc import Sequence
from datetime import UTC

from settings import Settings
from storage import jobs, trail, upkeep
from storage.database import Database

SHOWN = 100
HEADINGS = ("id", "job", "agency", "held since", "attempts", "error")


async def list_held(settings: Settings) -> str:
    """The jobs that were given up, the longest first, as a table."""
    database = await Database.open(settings)
    try:
        found = await jobs.held(database, SHOWN)
        total = (await jobs.sizes(database)).failed
    finally:
        await database.close()
    if not found:
        return "No job is held."
    rows = [
        (
            *(str(job.id), job.name, str(job.tenant or "")),
            *(f"{job.since.astimezone(UTC):%Y-%m-%d %H:%M}Z", str(job.attempts), job.error),
        )
        for job in found
    ]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in (HEADINGS, *rows)]
    return "\n".join([*lines, *([f"… and {total - len(rows)} more"] if total > len(rows) else [])])


async def put_back(settings: Settings, ids: Sequence[int] | None) -> str:
    """Put held jobs back into the queue, these or all, and say which."""
    database = await Database.open(settings)
    try:
        done = await jobs.requeue(database, ids)
    finally:
        await database.close()
    missing = sorted(set(ids or ()) - set(done))
    said = f"Back in the queue: {_listed(done)}." if done else "Nothing was put back."
    return f"{said} Not held: {_listed(missing)}." if missing else said


def _listed(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids))


async def verify_trails(settings: Settings, slug: str | None) -> tuple[bool, str]:
    """Compute the chains of the agencies' trails anew; whether all fit, and a line for each of them."""
    database = await Database.open(settings)
    whole, lines = True, []
    try:
        for agency in await upkeep.agencies(database, slug):
            async with database.reads.read(agency.id) as connection:
                found = await trail.verify(connection, agency.id)
                ends = await trail.ends(connection, agency.id)
            whole = whole and found.ok
            head = ends.head.hex() if ends is not None else ""
            lines.append(f"{agency.slug}: {_verdict(found)}" + (f", head {head}" if found.ok else ""))
    finally:
        await database.close()
    if not lines:
        return False, "There is no such agency."
    return whole, "\n".join(lines)


def _verdict(found: trail.Verification) -> str:
    if found.ok:
        return f"{found.checked} entries, all as they were written"
    if found.broken is None:
        return f"BROKEN: after {found.checked} entries the end is missing"
    return f"BROKEN at entry {found.broken}, number {found.checked} of those looked at"
