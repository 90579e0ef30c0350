"""Accounts at providers and the logins they open."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.providers import IdentityProvider
from models import LinkedAccount
from models.base import metadata, now, uuid7
from storage.database import Database

_LINKS = metadata.tables["linked_account"]


async def account_of(database: Database, provider: IdentityProvider, subject: str) -> UUID | None:
    """The login an account at a provider opens."""
    async with database.directory() as session:
        statement = select(_LINKS.c.account_id).where(_LINKS.c.provider == provider.value, _LINKS.c.subject == subject)
        found: UUID | None = (await session.execute(statement)).scalar()
        return found


async def links(database: Database, account: UUID) -> list[LinkedAccount]:
    """What a login is linked with, the oldest first."""
    async with database.directory() as session:
        statement = select(LinkedAccount).where(_LINKS.c.account_id == account).order_by(_LINKS.c.id)
        return list((await session.execute(statement)).scalars())


async def link(session: AsyncSession, account: UUID, provider: IdentityProvider, subject: str, email: str) -> bool:
    """Let an account at a provider open a login, in the session's transaction; False when it opens one already."""
    made = await session.execute(
        insert(_LINKS)
        .values(
            provider=provider.value, subject=subject, id=uuid7(), account_id=account, email=email, connected_at=now()
        )
        .on_conflict_do_nothing()
        .returning(_LINKS.c.id)
    )
    return made.first() is not None


async def unlink(session: AsyncSession, account: UUID, provider: IdentityProvider) -> bool:
    """Let a provider's account open the login no more; whether it did."""
    removed = await session.execute(
        delete(_LINKS).where(_LINKS.c.account_id == account, _LINKS.c.provider == provider.value).returning(_LINKS.c.id)
    )
    return removed.first() is not None
