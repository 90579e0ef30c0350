"""Removes what is kept for a time only, over all agencies, as the platform's login. Batches: no statement is long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from storage.database import Database

BATCH = 5_000

# `min_seq` is the oldest event there is, so one probe of the key tells whether there is something to do.
_OLD_STREAMS = text(
    """
    select stream.tenant_id
      from event_stream stream
      join event_outbox oldest on oldest.tenant_id = stream.tenant_id and oldest.seq = stream.min_seq
     where oldest.at < :before order by stream.tenant_id
    """
)
# Only the beginning of the stream goes: what follows an event that is kept is kept, whatever its clock said.
_TRIM = text(
    """
    with oldest as materialized (
      select seq, at from event_outbox where tenant_id = :tenant order by seq limit :batch),
    kept as (
      select min(seq) as seq from oldest where at >= :before),
    gone as (
      delete from event_outbox using kept
       where tenant_id = :tenant and event_outbox.seq <= (select max(seq) from oldest)
         and (kept.seq is null or event_outbox.seq < kept.seq)
      returning event_outbox.seq)
    select count(*), max(seq) from gone
    """
)
_MOVE = text("update event_stream set min_seq = :first where tenant_id = :tenant and min_seq < :first")
_ANSWERS = text(
    """
    delete from idempotency_key where (tenant_id, member_id, key, path) in (
      select tenant_id, member_id, key, path from idempotency_key where created_at < :before limit :batch)
    """
)
_SESSIONS = text(
    """
    delete from session where (tenant_id, id) in (
      select tenant_id, id from session where least(revoked_at, expires_at) < :before limit :batch)
    """
)
_TOKENS = text(
    """
    delete from token_directory where hash in (
      select hash from token_directory where expires_at < :before limit :batch)
    """
)
_INVITATIONS = text(
    """
    delete from invitation_token where hash in (
      select hash from invitation_token where expires_at < :before limit :batch)
    """
)
_ACCOUNT_TOKENS = text(
    "delete from account_token where id in (select id from account_token where expires_at < :before limit :batch)"
)
_FAILURES = text(
    """
    delete from sign_in_failure where fingerprint in (
      select fingerprint from sign_in_failure where greatest(last_at, locked_until) < :before limit :batch)
    """
)
_SECURITY_EVENTS = text(
    "delete from security_event where id in (select id from security_event where at < :before limit :batch)"
)

_MAIL = text(
    """
    update mail set recipient = null, content = '{}', error = null, updated_at = now() where (tenant_id, id) in (
      select tenant_id, id from mail where created_at < :before and recipient is not null limit :batch)
    """
)


_AGENCIES = text(
    "select id, slug from tenant where cast(:slug as text) is null or slug = cast(:slug as text) order by slug"
)
_SECURITY_EVENT = text("select id, kind, account_id, ip_address, details from security_event where id = :id")


async def streams_older_than(database: Database, before: datetime) -> list[UUID]:
    """Agencies whose stream begins with an event of before then."""
    async with database.platform() as session:
        return list(await session.scalars(_OLD_STREAMS, {"before": before}))


async def trim_stream(database: Database, tenant: UUID, before: datetime, batch: int = BATCH) -> int:
    """Remove the events of before then; where the stream begins moves in the same transaction."""
    removed: int = 0
    while True:
        async with database.platform() as session:
            given = {"tenant": tenant, "before": before, "batch": batch}
            count: int
            count, last = (await session.execute(_TRIM, given)).one()
            if count:
                # Last: from here on the agency's other transactions wait.
                await session.execute(_MOVE, {"tenant": tenant, "first": last + 1})
            await session.commit()
        removed += count
        if count < batch:
            return removed


async def forget_answers(database: Database, before: datetime) -> int:
    """Remove answers stored before then for repeated requests."""
    return await _remove(database, _ANSWERS, before)


async def forget_sessions(database: Database, before: datetime) -> int:
    """Remove sessions that ended before then, and tokens that expired before then."""
    await _remove(database, _TOKENS, before)
    return await _remove(database, _SESSIONS, before)


async def forget_mailed_secrets(database: Database, before: datetime) -> int:
    """Remove what was kept of secrets sent by mail whose time was up before then."""
    return await _remove(database, _ACCOUNT_TOKENS, before)


async def forget_failures(database: Database, before: datetime) -> int:
    """Remove counts of failed sign-ins of which the last, and its lock, ended before then."""
    return await _remove(database, _FAILURES, before)


async def forget_security_events(database: Database, before: datetime) -> int:
    """Remove what was recorded before then of failed sign-ins."""
    return await _remove(database, _SECURITY_EVENTS, before)


async def forget_invitations(database: Database, before: datetime) -> int:
    """Remove secrets of invitations that could be accepted until then."""
    return await _remove(database, _INVITATIONS, before)


async def forget_mail(database: Database, before: datetime) -> int:
    """Empty mails written before then; that there was one is kept."""
    return await _remove(database, _MAIL, before)


@dataclass(frozen=True)
class Agency:
    """An agency as an operator names it."""

    id: UUID
    slug: str


async def agencies(database: Database, slug: str | None = None) -> list[Agency]:
    """All agencies, or the one with this slug."""
    async with database.platform() as session:
        return [Agency(*row) for row in await session.execute(_AGENCIES, {"slug": slug})]


@dataclass(frozen=True)
class SecurityEvent:
    """What was recorded before any agency was known."""

    id: UUID
    kind: str
    account_id: UUID | None
    ip_address: str | None
    details: dict[str, Any]


async def security_event(database: Database, id: UUID) -> SecurityEvent | None:
    """One event; the server itself writes them and never reads them."""
    async with database.platform() as session:
        row = (await session.execute(_SECURITY_EVENT, {"id": id})).mappings().first()
    return None if row is None else SecurityEvent(**row)


async def _remove(database: Database, statement: TextClause, before: datetime, batch: int = BATCH) -> int:
    removed: int = 0
    while True:
        async with database.platform() as session:
            done: Any = await session.execute(statement, {"before": before, "batch": batch})
            await session.commit()
        removed += done.rowcount
        if done.rowcount < batch:
            return removed
