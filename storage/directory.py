"""The sign-in directory: what must be known before the tenant is. The only code that touches its tables.

`account`, `account_tenant`, `tenant_slug`, `token_directory` and `security_event` stand outside the tenant policy. They
hold logins, memberships by id and hashes of tokens, and nothing else about a person or an agency.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from models import Account, AccountTenant, InvitationToken, TokenEntry, TokenKind
from models.base import metadata, now, uuid7
from storage.database import Database
from storage.tokens import token_hash

SLUG_LENGTH = 100

_ACCOUNTS = metadata.tables["account"]
_TOKENS = metadata.tables["token_directory"]
_MEMBERSHIPS = metadata.tables["account_tenant"]
_SLUGS = metadata.tables["tenant_slug"]
_INVITATIONS = metadata.tables["invitation_token"]


async def account_by_email(database: Database, email: str) -> Account | None:
    async with database.directory() as session:
        return (await session.execute(select(Account).where(_ACCOUNTS.c.email == email))).scalar_one_or_none()


async def memberships(database: Database, account_id: UUID) -> list[AccountTenant]:
    """All active memberships of a person, oldest agency first."""
    async with database.directory() as session:
        statement = (
            select(AccountTenant)
            .where(_MEMBERSHIPS.c.account_id == account_id, _MEMBERSHIPS.c.is_active)
            .order_by(_MEMBERSHIPS.c.tenant_id)
        )
        return list((await session.execute(statement)).scalars())


async def membership(database: Database, account_id: UUID, tenant_id: UUID) -> UUID | None:
    """The member a person is in an agency; None when the person does not belong to it."""
    found = [entry for entry in await memberships(database, account_id) if entry.tenant_id == tenant_id]
    return found[0].member_id if found else None


async def claim_slug(session: AsyncSession, wanted: str, tenant_id: UUID) -> str:
    """Reserve the first free slug of `wanted`, `wanted-2`, `wanted-3`, …"""
    number = 1
    while True:
        suffix = "" if number == 1 else f"-{number}"
        slug = wanted[: SLUG_LENGTH - len(suffix)] + suffix
        statement = insert(_SLUGS).values(slug=slug, tenant=tenant_id).on_conflict_do_nothing().returning(_SLUGS.c.slug)
        if (await session.execute(statement)).scalar() is not None:
            return slug
        number += 1


async def tenant_of_slug(database: Database, slug: str) -> UUID | None:
    """The agency of a slug."""
    async with database.directory() as session:
        found: UUID | None = await session.scalar(select(_SLUGS.c.tenant).where(_SLUGS.c.slug == slug[:SLUG_LENGTH]))
        return found


async def create_account(session: AsyncSession, email: str, password_hash: str | None) -> UUID | None:
    """A new login; None when the address is taken."""
    statement = (
        insert(_ACCOUNTS)
        .values(id=uuid7(), email=email, password_hash=password_hash, created_at=now())
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(_ACCOUNTS.c.id)
    )
    found: UUID | None = (await session.execute(statement)).scalar()
    return found


async def join(session: AsyncSession, account_id: UUID, tenant_id: UUID, member_id: UUID) -> None:
    await session.execute(
        plain_insert(_MEMBERSHIPS).values(
            account_id=account_id, tenant_id=tenant_id, member_id=member_id, is_active=True
        )
    )


async def admit(session: AsyncSession, account_id: UUID, tenant_id: UUID, *, active: bool) -> None:
    """Open or close an agency for a person who belongs to it."""
    mine = (_MEMBERSHIPS.c.account_id == account_id, _MEMBERSHIPS.c.tenant_id == tenant_id)
    await session.execute(update(_MEMBERSHIPS).where(*mine).values(is_active=active))


async def leave(session: AsyncSession, account_id: UUID, tenant_id: UUID) -> None:
    """A person does not belong to an agency any more."""
    mine = (_MEMBERSHIPS.c.account_id == account_id, _MEMBERSHIPS.c.tenant_id == tenant_id)
    await session.execute(delete(_MEMBERSHIPS).where(*mine))


async def used_tenant(session: AsyncSession, account_id: UUID, tenant_id: UUID) -> None:
    """Remember the agency last signed in to."""
    await session.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account_id).values(last_tenant_id=tenant_id))


async def store_token(
    session: AsyncSession, token: str, *, account: UUID, tenant: UUID, member: UUID, device: UUID, expires_at: datetime
) -> None:
    await session.execute(
        plain_insert(_TOKENS).values(
            hash=token_hash(token),
            kind="REFRESH",
            account_id=account,
            tenant=tenant,
            member_id=member,
            session_id=device,
            issued_at=now(),
            expires_at=expires_at,
        )
    )


async def store_key(
    session: AsyncSession, secret: str, *, account: UUID, tenant: UUID, member: UUID, key: UUID, expires_at: datetime
) -> None:
    """Let an API key be recognised."""
    await session.execute(
        plain_insert(_TOKENS).values(
            hash=token_hash(secret),
            kind=TokenKind.API_KEY.value,
            account_id=account,
            tenant=tenant,
            member_id=member,
            session_id=key,
            issued_at=now(),
            expires_at=expires_at,
        )
    )


async def find_key(database: Database, hash: bytes) -> TokenEntry | None:
    """The entry of an API key that was not revoked."""
    async with database.directory() as session:
        found = await session.get(TokenEntry, hash)
    good = found is not None and found.kind == TokenKind.API_KEY.value and found.revoked_at is None
    return found if good else None


async def find_token(database: Database, token: str) -> TokenEntry | None:
    """The entry of a refresh token."""
    async with database.directory() as session:
        return await read_token(session, token)


async def read_token(session: AsyncSession, token: str) -> TokenEntry | None:
    found = await session.get(TokenEntry, token_hash(token))
    return found if found is not None and found.kind == TokenKind.REFRESH.value else None


async def lock_token(session: AsyncSession, token: str) -> TokenEntry | None:
    """The token's entry, locked until the transaction ends: of parallel rotations one goes first."""
    statement = select(TokenEntry).where(_TOKENS.c.hash == token_hash(token)).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def revoke_tokens(session: AsyncSession, tenant: UUID, device: UUID) -> None:
    """End the whole family of tokens of one session."""
    await session.execute(
        update(_TOKENS)
        .where(_TOKENS.c.tenant == tenant, _TOKENS.c.session_id == device, _TOKENS.c.revoked_at.is_(None))
        .values(revoked_at=now())
    )


async def security_event(
    database: Database, kind: str, *, account: UUID | None, ip: str | None, **details: Any
) -> None:
    """Record a failed sign-in or a replayed token, before or outside any agency."""
    async with database.directory() as session:
        await session.execute(
            plain_insert(metadata.tables["security_event"]).values(
                id=uuid7(), at=now(), kind=kind, account_id=account, ip_address=ip, details=details
            )
        )
        await session.commit()


# Invitations


async def find_invitation(database: Database, token: str) -> InvitationToken | None:
    """In which agency the invitation of a secret lies."""
    async with database.directory() as session:
        return await session.get(InvitationToken, token_hash(token))


async def open_invitation(session: AsyncSession, tenant: UUID, id: UUID, secret: str, expires_at: datetime) -> None:
    """Let this secret open an invitation, and no other any more."""
    values = {"hash": token_hash(secret), "tenant": tenant, "invitation_id": id, "expires_at": expires_at}
    statement = insert(_INVITATIONS).values(**values)
    await session.execute(statement.on_conflict_do_update(index_elements=["invitation_id"], set_=values))
