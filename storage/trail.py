"""The audit trail read back: its chain verified, and its entries followed in the order of the chain.

Each entry's hash is `sha256(hash before || text)`, the first one's of nothing before. The text is the entry as
PostgreSQL writes a `jsonb` object of all its columns but the tenant, the number and the hash: `app.trail_text`. The
number of an entry is its place in the chain, so it need not be in it; the end of the chain stands in `event_stream`,
locked by whoever writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

BATCH = 5_000

# The ends of the chain and what is there of it, in one look: whoever writes moves both at once.
_ENDS = """
select s.epoch, s.audit_seq as last, s.audit_head as head,
       coalesce((select max(last_seq) from audit_archive where tenant_id = $1), 0) + 1 as first,
       (select id from audit_entry where tenant_id = $1 and seq > s.audit_seq order by seq limit 1) as beyond
  from event_stream s where s.tenant_id = $1
"""
_FLOOR = "select last_seq, last_hash from audit_archive where tenant_id = $1 order by last_seq desc limit 1"
_RANGE = """
select min(seq) as first, max(seq) as last
  from audit_entry
 where tenant_id = $1 and ($2::timestamptz is null or timestamp >= $2) and ($3::timestamptz is null or timestamp <= $3)
"""
_HASH = "select hash from audit_entry where tenant_id = $1 and seq = $2"
# The entries behind a place, each compared with what the one before makes of it: one row, however many they are.
_LINKS = """
with links as (
  select e.id, e.seq, e.hash, lag(e.seq, 1, $2) over (order by e.seq) + 1 as expected,
         sha256(lag(e.hash, 1, $3) over (order by e.seq) || convert_to(app.trail_text(e), 'UTF8')) as computed
    from audit_entry e
   where e.tenant_id = $1 and e.seq > $2 and e.seq <= $4 order by e.seq limit $5),
broken as (
  select id, seq from links where seq <> expected or hash <> computed order by seq limit 1)
select count(*)::int as found, max(links.seq) as last,
       (select hash from links order by seq desc limit 1) as hash,
       (select id from broken) as broken,
       (select count(*)::int from links l, broken b where l.seq <= b.seq) as until
  from links
"""


@dataclass(frozen=True)
class Verification:
    """What came of walking a chain: how many entries were looked at, and the first that does not fit.

    A chain can be broken without an entry to name: when its end is missing.
    """

    ok: bool
    checked: int
    broken: UUID | None = None


@dataclass(frozen=True)
class Ends:
    """Where a chain begins and ends at one moment."""

    epoch: UUID
    first: int
    last: int
    head: bytes
    beyond: UUID | None  # an entry behind the end: nobody wrote it the way entries are written


async def ends(connection: asyncpg.Connection[Any], tenant: UUID) -> Ends | None:
    """The ends of an agency's chain; None when there is no such agency."""
    row = await connection.fetchrow(_ENDS, tenant)
    return None if row is None else Ends(row["epoch"], row["first"], row["last"], row["head"], row["beyond"])


async def verify(
    connection: asyncpg.Connection[Any], tenant: UUID, since: datetime | None = None, until: datetime | None = None
) -> Verification:
    """Compute the chain anew, in batches: all of it, or between the first and last entry of a time."""
    found = await ends(connection, tenant)
    if found is None:
        raise LookupError(f"agency {tenant} has no stream")
    first, last = found.first, found.last
    if since is not None or until is not None:
        row = await connection.fetchrow(_RANGE, tenant, since, until)
        assert row is not None
        if row["first"] is None:
            return Verification(True, 0)
        first, last = row["first"], min(row["last"], last) if until is not None else last
    place, hash, checked = first - 1, await _before(connection, tenant, first), 0
    while place < last:
        links = await connection.fetchrow(_LINKS, tenant, place, hash, last, BATCH)
        assert links is not None
        if links["broken"] is not None:
            return Verification(False, checked + links["until"], links["broken"])
        checked += links["found"]
        if not links["found"]:
            break
        place, hash = links["last"], links["hash"]
    whole = until is None
    if place < last or (whole and (hash != found.head or found.beyond is not None)):
        return Verification(False, checked, found.beyond)
    return Verification(True, checked)


async def floor(connection: asyncpg.Connection[Any], tenant: UUID) -> tuple[int, bytes]:
    """What the chain stands on: number and hash of the last archived entry, or nothing."""
    found = await connection.fetchrow(_FLOOR, tenant)
    return (0, b"") if found is None else (found["last_seq"], found["last_hash"])


async def _before(connection: asyncpg.Connection[Any], tenant: UUID, first: int) -> bytes:
    """The hash that the first entry of a walk has to follow; nothing when it is not there."""
    last, hash = await floor(connection, tenant)
    found: bytes | None = hash if last == first - 1 else await connection.fetchval(_HASH, tenant, first - 1)
    return found if found is not None else b""


_TEXTS = """
select e.seq, e.timestamp, e.actor_name, e.action, e.outcome, e.error_code, e.operation, e.resource_type, e.resource_id,
       e.resource_title, e.old_values, e.new_values, e.ip_address, e.user_agent, e.request_id, e.hash
  from audit_entry e
 where e.tenant_id = $1 and e.seq > $2 and e.seq <= $3
   and ($4::timestamptz is null or e.timestamp >= $4) and ($5::timestamptz is null or e.timestamp <= $5)
 order by e.seq limit $6
"""


async def span(
    connection: asyncpg.Connection[Any], tenant: UUID, since: datetime | None, until: datetime | None
) -> tuple[int, int]:
    """Numbers of the first and the last entry of a time; the last before the first when there is none."""
    row = await connection.fetchrow(_RANGE, tenant, since, until)
    assert row is not None
    return (row["first"], row["last"]) if row["first"] is not None else (1, 0)


async def told(
    connection: asyncpg.Connection[Any],
    tenant: UUID,
    place: int,
    last: int,
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> list[asyncpg.Record]:
    """What the entries behind a place say, as far as they are of a time."""
    return list(await connection.fetch(_TEXTS, tenant, place, last, since, until, limit))


_AFTER = "select seq, id, timestamp, actor_id from audit_entry where tenant_id = $1 and seq > $2 order by seq limit $3"


@dataclass(frozen=True)
class Entry:
    """An entry as a follower of the trail hears of it."""

    seq: int
    id: UUID
    timestamp: datetime
    actor_id: UUID | None


async def after(connection: asyncpg.Connection[Any], tenant: UUID, place: int, limit: int = 500) -> list[Entry]:
    """The entries behind a place of the chain, in its order."""
    return [Entry(**row) for row in await connection.fetch(_AFTER, tenant, place, limit)]
