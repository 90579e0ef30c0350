"""Logins: the password, whether mail arrives at the address, secrets sent there, the authenticator app.

Functions that take a session are part of its transaction. What may be used once is used by one conditional update: of
two attempts side by side one succeeds.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, any_, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from models import Account, AccountToken, AccountTokenKind
from models.base import metadata, now
from storage.database import Database
from storage.tokens import token_hash

_ACCOUNTS = metadata.tables["account"]
_TOKENS = metadata.tables["account_token"]


async def account(database: Database, id: UUID) -> Account:
    async with database.directory() as session:
        return (await session.execute(select(Account).where(_ACCOUNTS.c.id == id))).scalar_one()


async def find_account(database: Database, id: UUID) -> Account | None:
    async with database.directory() as session:
        return await session.get(Account, id)


async def set_password(session: AsyncSession, id: UUID, password_hash: str) -> None:
    await _change(session, id, {"password_hash": password_hash})


async def replace_password(database: Database, id: UUID, password_hash: str) -> None:
    """Set a password at once, whatever happens afterwards."""
    async with database.directory() as session:
        await set_password(session, id, password_hash)
        await session.commit()


async def verify(session: AsyncSession, id: UUID) -> None:
    """Note that the person has shown to receive mail at the address."""
    await _change(session, id, {"email_verified_at": func.coalesce(_ACCOUNTS.c.email_verified_at, now())})


# Secrets sent by mail


async def issue(
    session: AsyncSession, id: UUID, kind: AccountTokenKind, account: UUID, secret: str, life: timedelta
) -> bool:
    """Let a secret open what it is for until its time is up; False when it does so already."""
    at = now()
    values = {"id": id, "hash": token_hash(secret), "kind": kind.value, "account_id": account}
    statement = insert(_TOKENS).values(**values, issued_at=at, expires_at=at + life)
    made = statement.on_conflict_do_nothing(index_elements=["id"]).returning(_TOKENS.c.id)
    return (await session.execute(made)).scalar() is not None


async def find(database: Database, kind: AccountTokenKind, secret: str) -> AccountToken | None:
    """What a secret was issued for, used or not."""
    wanted = select(AccountToken).where(_TOKENS.c.hash == token_hash(secret), _TOKENS.c.kind == kind.value)
    async with database.directory() as session:
        return (await session.execute(wanted)).scalar_one_or_none()


async def use(session: AsyncSession, id: UUID) -> bool:
    """Use a secret; False when it was used before."""
    statement = update(_TOKENS).where(_TOKENS.c.id == id, _TOKENS.c.used_at.is_(None)).values(used_at=now())
    return (await session.execute(statement.returning(_TOKENS.c.id))).scalar() is not None


async def void(session: AsyncSession, kind: AccountTokenKind, account: UUID) -> None:
    """Make the secrets of this kind that were not used open nothing any more."""
    mine = (_TOKENS.c.account_id == account, _TOKENS.c.kind == kind.value, _TOKENS.c.used_at.is_(None))
    await session.execute(delete(_TOKENS).where(*mine))


async def issued(session: AsyncSession, kind: AccountTokenKind, account: UUID, since: datetime) -> int:
    """How many secrets of this kind were issued since then."""
    mine = (_TOKENS.c.account_id == account, _TOKENS.c.kind == kind.value, _TOKENS.c.issued_at > since)
    return int((await session.execute(select(func.count()).select_from(_TOKENS).where(*mine))).scalar_one())


# The authenticator app


async def start_totp(session: AsyncSession, id: UUID, sealed: bytes, recovery_codes: list[str]) -> bool:
    """Keep a key that is not asked for yet; False when one is in use."""
    hashes = [token_hash(code) for code in recovery_codes]
    values = {"totp_secret": sealed, "recovery_codes": hashes, "totp_step": None}
    return await _change(session, id, values, _ACCOUNTS.c.totp_enabled_at.is_(None))


async def enable_totp(session: AsyncSession, id: UUID, step: int) -> bool:
    """Ask for codes from now on; the one that showed it works is used."""
    return await _change(
        session, id, {"totp_enabled_at": now(), "totp_step": step}, _ACCOUNTS.c.totp_enabled_at.is_(None)
    )


async def disable_totp(session: AsyncSession, id: UUID) -> None:
    await _change(session, id, {"totp_secret": None, "totp_enabled_at": None, "totp_step": None, "recovery_codes": []})


async def use_step(database: Database, id: UUID, step: int) -> bool:
    """Use the code of a time step; False when it, or a later one, was used before."""
    later = func.coalesce(_ACCOUNTS.c.totp_step, -1) < step
    async with database.directory() as session:
        done = await _change(session, id, {"totp_step": step}, later)
        await session.commit()
    return done


async def use_recovery_code(database: Database, id: UUID, code: str) -> bool:
    """Use a recovery code; False when there is none like it, or none any more."""
    found, left = literal(token_hash(code), LargeBinary), _ACCOUNTS.c.recovery_codes
    async with database.directory() as session:
        done = await _change(session, id, {"recovery_codes": func.array_remove(left, found)}, found == any_(left))
        await session.commit()
    return done


async def _change(session: AsyncSession, id: UUID, values: dict[str, Any], *only: ColumnElement[bool]) -> bool:
    statement = update(_ACCOUNTS).where(_ACCOUNTS.c.id == id, *only).values(**values).returning(_ACCOUNTS.c.id)
    return (await session.execute(statement)).scalar() is not None
