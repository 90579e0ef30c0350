"""The durable stream of an agency: written last in every transaction, read by position, resumed by cursor.

A counter per tenant gives the numbers. It is taken by the last statement before the commit and its row lock is held
until then, so numbers are given in commit order, a rollback leaves no gap, and a snapshot that sees n+1 sees n:
`seq > cursor order by seq` can skip nothing. The audit chain's head lives in the same row and moves with it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import BigInteger, LargeBinary, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import ApiError, ErrorCode
from models.base import now, uuid7

BATCH = 500


@dataclass
class Event:
    """One change of one record, as it goes into the outbox."""

    type: str
    kind: str
    entity: str
    entity_id: UUID
    version: int
    changed: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Audit:
    """Who did what, as it goes into the trail."""

    action: str
    operation: str
    request_id: str
    actor_name: str
    actor_id: UUID | None = None
    resource_type: str = ""
    resource_id: UUID | None = None
    resource_title: str | None = None
    old_values: dict[str, Any] = field(default_factory=dict)
    new_values: dict[str, Any] = field(default_factory=dict)
    outcome: str = "SUCCESS"
    error_code: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    api_key_prefix: str | None = None
    id: UUID = field(default_factory=uuid7)

    def name(self, actor: str) -> None:
        """Say who signs in; the entry is about that member."""
        self.actor_name = self.resource_title = actor

    def failed(self, code: ErrorCode) -> None:
        """Mark an attempt that is recorded but refused."""
        self.outcome, self.error_code = "FAILED", code.value


# One statement: the head is locked as late as possible, and everything that hangs on it is written with it. What an
# entry's hash covers is the entry itself as the database writes it: `storage/trail.py` computes it from a row.
_APPEND = text(
    """
    with head as (
      update event_stream
         set last_seq = last_seq + jsonb_array_length(:events),
             audit_seq = audit_seq + 1,
             audit_head = sha256(audit_head || convert_to(cast(:entry as text), 'UTF8'))
       where tenant_id = :tenant
      returning last_seq, audit_seq, audit_head),
    events as (
      insert into event_outbox (tenant_id, seq, event_id, at, type, kind, entity, entity_id, version, actor_id,
                                changed, data)
      select :tenant, head.last_seq - jsonb_array_length(:events) + e.ordinal, e.event_id, :at, e.type, e.kind,
             e.entity, e.entity_id, e.version, :actor, e.changed, e.data
        from head, rows from (jsonb_to_recordset(:events)
             as (event_id uuid, type text, kind text, entity text, entity_id uuid, version int, changed text[],
                 data jsonb))
             with ordinality as e (event_id, type, kind, entity, entity_id, version, changed, data, ordinal))
    insert into audit_entry (tenant_id, id, seq, timestamp, actor_id, actor_name, api_key_prefix, action,
                             resource_type, resource_id, resource_title, old_values, new_values, outcome, error_code,
                             operation, ip_address, user_agent, request_id, hash)
    select :tenant, a.id, head.audit_seq, a.timestamp, a.actor_id, a.actor_name, a.api_key_prefix, a.action,
           a.resource_type, a.resource_id, a.resource_title, a.old_values, a.new_values, a.outcome, a.error_code,
           a.operation, a.ip_address, a.user_agent, a.request_id, head.audit_head
      from head, jsonb_to_record(:entry)
           as a (id uuid, timestamp timestamptz, actor_id uuid, actor_name text, api_key_prefix text, action text,
                 resource_type text, resource_id uuid, resource_title text, old_values jsonb, new_values jsonb,
                 outcome text, error_code text, operation text, ip_address text, user_agent text, request_id text)
    """
).bindparams(bindparam("events", type_=JSONB), bindparam("entry", type_=JSONB))


async def append(session: AsyncSession, tenant: UUID, events: Sequence[Event], audit: Audit) -> None:
    """Write events and the audit entry. Must be the last statement before the commit: it locks the agency's counter."""
    at = now()
    given = {
        "tenant": tenant,
        "at": at,
        "actor": audit.actor_id,
        "entry": _entry(audit, at),
        "events": [_written(event) for event in events],
    }
    done: Any = await session.execute(_APPEND, given)
    if done.rowcount != 1:
        raise _unrecorded(tenant)


def _entry(audit: Audit, at: datetime) -> dict[str, Any]:
    return {
        "id": str(audit.id),
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "actor_id": str(audit.actor_id) if audit.actor_id else None,
        "actor_name": audit.actor_name,
        "api_key_prefix": audit.api_key_prefix,
        "action": audit.action,
        "resource_type": audit.resource_type,
        "resource_id": str(audit.resource_id) if audit.resource_id else None,
        "resource_title": audit.resource_title,
        "old_values": audit.old_values,
        "new_values": audit.new_values,
        "outcome": audit.outcome,
        "error_code": audit.error_code,
        "operation": audit.operation,
        "ip_address": audit.ip_address,
        "user_agent": audit.user_agent,
        "request_id": audit.request_id,
    }


def _written(event: Event) -> dict[str, Any]:
    return {
        "event_id": str(uuid7()),
        "type": event.type,
        "kind": event.kind,
        "entity": event.entity,
        "entity_id": str(event.entity_id),
        "version": event.version,
        "changed": event.changed,
        "data": event.data,
    }


def _unrecorded(tenant: UUID) -> LookupError:
    return LookupError(f"agency {tenant} has no stream: nothing may be committed unrecorded")


_LOCK_HEAD = text("select last_seq, audit_seq, audit_head from event_stream where tenant_id = :tenant for update")
# The same as `_APPEND` for many entries: each hash covers the one before it. The head is locked by a statement of its
# own before: this one would not see what others wrote while it waited.
_APPEND_ALL = text(
    """
    with recursive given as materialized (
      select n, entry from jsonb_array_elements(:entries) with ordinality as e (entry, n)),
    chain (n, entry, hash) as (
      select cast(0 as bigint), cast(null as jsonb), cast(:head as bytea)
      union all
      select given.n, given.entry, sha256(chain.hash || convert_to(cast(given.entry as text), 'UTF8'))
        from chain join given on given.n = chain.n + 1),
    head as (
      update event_stream
         set last_seq = last_seq + jsonb_array_length(:events),
             audit_seq = audit_seq + jsonb_array_length(:entries),
             audit_head = (select hash from chain order by n desc limit 1)
       where tenant_id = :tenant),
    events as (
      insert into event_outbox (tenant_id, seq, event_id, at, type, kind, entity, entity_id, version, actor_id,
                                changed, data)
      select :tenant, :last_seq + e.ordinal, e.event_id, :at, e.type, e.kind, e.entity, e.entity_id, e.version,
             :actor, e.changed, e.data
        from rows from (jsonb_to_recordset(:events)
             as (event_id uuid, type text, kind text, entity text, entity_id uuid, version int, changed text[],
                 data jsonb))
             with ordinality as e (event_id, type, kind, entity, entity_id, version, changed, data, ordinal))
    insert into audit_entry (tenant_id, id, seq, timestamp, actor_id, actor_name, api_key_prefix, action,
                             resource_type, resource_id, resource_title, old_values, new_values, outcome, error_code,
                             operation, ip_address, user_agent, request_id, hash)
    select :tenant, a.id, :audit_seq + chain.n, a.timestamp, a.actor_id, a.actor_name, a.api_key_prefix, a.action,
           a.resource_type, a.resource_id, a.resource_title, a.old_values, a.new_values, a.outcome, a.error_code,
           a.operation, a.ip_address, a.user_agent, a.request_id, chain.hash
      from chain cross join lateral jsonb_to_record(chain.entry)
           as a (id uuid, timestamp timestamptz, actor_id uuid, actor_name text, api_key_prefix text, action text,
                 resource_type text, resource_id uuid, resource_title text, old_values jsonb, new_values jsonb,
                 outcome text, error_code text, operation text, ip_address text, user_agent text, request_id text)
     where chain.n > 0
    """
).bindparams(
    bindparam("events", type_=JSONB),
    bindparam("entries", type_=JSONB),
    bindparam("head", type_=LargeBinary),
    bindparam("last_seq", type_=BigInteger),
    bindparam("audit_seq", type_=BigInteger),
)
AT_ONCE = 250


async def append_all(session: AsyncSession, tenant: UUID, entries: Sequence[tuple[Sequence[Event], Audit]]) -> None:
    """Write what one actor did to many records, each with an audit entry of its own. Last before the commit, too."""
    for start in range(0, len(entries), AT_ONCE):
        some, at = entries[start : start + AT_ONCE], now()
        head = (await session.execute(_LOCK_HEAD, {"tenant": tenant})).mappings().one_or_none()
        if head is None:
            raise _unrecorded(tenant)
        given = {
            "tenant": tenant,
            "at": at,
            "actor": some[0][1].actor_id,
            "head": head["audit_head"],
            "last_seq": head["last_seq"],
            "audit_seq": head["audit_seq"],
            "entries": [_entry(audit, at) for _, audit in some],
            "events": [_written(event) for events, _ in some for event in events],
        }
        await session.execute(_APPEND_ALL, given)


@dataclass(frozen=True)
class Cursor:
    """A place in one agency's stream: everything up to and including `seq` has been seen."""

    epoch: UUID
    seq: int

    def encode(self) -> str:
        return base64.urlsafe_b64encode(self.epoch.bytes + self.seq.to_bytes(8, "big")).decode().rstrip("=")

    @classmethod
    def decode(cls, value: str) -> Cursor:
        """Read a cursor a client sent back; refuses anything this server did not make."""
        try:
            raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != 24:
            raise ApiError(ErrorCode.INVALID_INPUT, field=["after"], rule="format", format="cursor")
        return cls(UUID(bytes=raw[:16]), int.from_bytes(raw[16:], "big"))


@dataclass(frozen=True)
class Stored:
    """An event as read back."""

    seq: int
    at: datetime
    type: str
    kind: str
    entity: str
    entity_id: UUID
    version: int
    actor_id: UUID | None
    changed: list[str]
    data: dict[str, Any]


@dataclass(frozen=True)
class Head:
    """Where an agency's stream begins and ends."""

    epoch: UUID
    last_seq: int
    min_seq: int

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.epoch, self.last_seq)

    def check(self, cursor: Cursor) -> None:
        """Refuse a cursor that this stream can no longer, or not yet, continue from."""
        if cursor.epoch != self.epoch:
            raise ApiError(ErrorCode.EPOCH_CHANGED)
        if cursor.seq > self.last_seq:
            raise ApiError(ErrorCode.CURSOR_AHEAD)
        if cursor.seq < self.min_seq - 1:
            raise ApiError(ErrorCode.CURSOR_EXPIRED)


HEAD_SQL = "select epoch, last_seq, min_seq from event_stream where tenant_id = $1"
READ_SQL = (
    "select seq, at, type, kind, entity, entity_id, version, actor_id, changed, data from event_outbox "
    "where tenant_id = $1 and seq > $2 order by seq limit $3"
)


async def head(connection: asyncpg.Connection[Any], tenant: UUID) -> Head:
    """The ends of the stream, read at this moment."""
    row = await connection.fetchrow(HEAD_SQL, tenant)
    if row is None:
        raise ApiError(ErrorCode.TENANT_NOT_FOUND)
    return Head(row["epoch"], row["last_seq"], row["min_seq"])


async def read(connection: asyncpg.Connection[Any], tenant: UUID, after: int, limit: int = BATCH) -> list[Stored]:
    """The events after a position, in commit order."""
    return [Stored(**row) for row in await connection.fetch(READ_SQL, tenant, after, limit)]
