"""Failures to sign in, counted per e-mail address for all servers together.

The address is kept as a fingerprint under the server's key: whoever types a stranger's address leaves no trace of it.
Counting locks the row, so of many attempts side by side not one slips past the lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, delete, func, or_, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from domain.lockout import FAILURES, FORGOTTEN_AFTER, LOCK
from models.base import metadata, now, uuid7
from storage.database import Database
from storage.jobs import Order, enqueue

_FAILURES = metadata.tables["sign_in_failure"]
_EVENTS = metadata.tables["security_event"]


@dataclass(frozen=True)
class Failure:
    """A failure that was counted: the so many-th in a row, and until when the address is locked."""

    number: int
    locked_until: datetime | None

    @property
    def too_late(self) -> bool:
        """Whether the address was locked before this attempt was counted."""
        return self.number > FAILURES


async def locked_until(database: Database, fingerprint: bytes) -> datetime | None:
    """Until when an address is locked; None when it is not."""
    wanted = select(_FAILURES.c.locked_until).where(
        _FAILURES.c.fingerprint == fingerprint, _FAILURES.c.locked_until > now()
    )
    async with database.directory() as session:
        return (await session.execute(wanted)).scalar()


async def failed(
    database: Database,
    fingerprint: bytes,
    *,
    account: UUID | None,
    ip: str | None,
    details: dict[str, Any],
    teller: str,
) -> Failure:
    """Count a failure and record it; the statements are the same whether the address is known or not.

    The job `teller` gets the ids of what was recorded: agencies are told of it behind the caller's back.
    """
    at = now()
    old = _FAILURES.c
    over = or_(old.locked_until <= at, and_(old.locked_until.is_(None), old.last_at < at - FORGOTTEN_AFTER))
    number = case((over, 1), else_=old.failures + 1)
    until = case((over, None), (old.failures + 1 >= FAILURES, func.coalesce(old.locked_until, at + LOCK)))
    statement = (
        insert(_FAILURES)
        .values(fingerprint=fingerprint, failures=1, last_at=at)
        .on_conflict_do_update(
            index_elements=["fingerprint"], set_={"failures": number, "last_at": at, "locked_until": until}
        )
        .returning(old.failures, old.locked_until)
    )
    async with database.directory() as session:
        failure = Failure(*(await session.execute(statement)).one())
        kinds = ["auth.login_failed", *(["auth.locked"] if failure.number == FAILURES else [])]
        about: dict[str, Any] = {"at": at, "account_id": account, "ip_address": ip, "details": details}
        recorded = [{"id": uuid7(), "kind": kind, **about} for kind in kinds]
        await session.execute(plain_insert(_EVENTS), recorded)
        await enqueue(session, *(Order(teller, payload={"event_id": str(event["id"])}) for event in recorded))
        await session.commit()
    return failure


async def succeeded(database: Database, fingerprint: bytes) -> datetime | None:
    """Forget the failures of an address, unless it was locked meanwhile: then until when it is."""
    async with database.directory() as session:
        mine = _FAILURES.c.fingerprint == fingerprint
        row = (await session.execute(select(_FAILURES.c.locked_until).where(mine).with_for_update())).first()
        if row is None:
            return None
        if row.locked_until is not None and row.locked_until > now():
            until: datetime = row.locked_until
            return until
        await session.execute(delete(_FAILURES).where(mine))
        await session.commit()
    return None
