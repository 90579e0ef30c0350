"""What a request has: who asks, one session, and the loaders that batch its relations."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import models
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from strawberry.dataloader import DataLoader


@dataclass
class Viewer:
    tenant_id: UUID
    member_id: UUID
    role: str


class Context:
    """Of one request. An AsyncSession does one thing at a time, GraphQL fields do not: they take turns."""

    def __init__(self, session: AsyncSession, viewer: Viewer) -> None:
        self._session = session
        self._turn = asyncio.Lock()
        self.viewer = viewer
        self.members = DataLoader(load_fn=self._load_members)
        self.contact_persons = DataLoader(load_fn=self._load_contact_persons)
        self.notes = DataLoader(load_fn=self._load_notes)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        async with self._turn:
            yield self._session

    async def _load_members(self, ids: list[UUID]) -> list[models.Member | None]:
        statement = select(models.Member).where(
            models.Member.tenant_id == self.viewer.tenant_id, models.Member.id.in_(ids)
        )
        found = {row.id: row for row in await self._rows(statement)}
        return [found.get(id) for id in ids]

    async def _load_contact_persons(self, ids: list[UUID]) -> list[list[models.ContactPerson]]:
        statement = (
            select(models.ContactPerson)
            .where(models.ContactPerson.tenant_id == self.viewer.tenant_id, models.ContactPerson.property_id.in_(ids))
            .order_by(models.ContactPerson.ordinal, models.ContactPerson.id)
        )
        return by_property(await self._rows(statement), ids)

    async def _load_notes(self, ids: list[UUID]) -> list[list[models.Note]]:
        statement = (
            select(models.Note)
            .where(
                models.Note.tenant_id == self.viewer.tenant_id,
                models.Note.property_id.in_(ids),
                models.Note.deleted_at.is_(None),
            )
            .order_by(models.Note.pinned.desc(), models.Note.created_at.desc(), models.Note.id.desc())
            .options(selectinload(models.Note.author))
        )
        return by_property(await self._rows(statement), ids)

    async def _rows(self, statement: Any) -> Sequence[Any]:
        async with self.reading() as session:
            return (await session.execute(statement)).scalars().all()


def by_property(rows: Sequence[Any], ids: list[UUID]) -> list[list[Any]]:
    """Rows in the order of the properties they belong to."""
    found = defaultdict(list)
    for row in rows:
        found[row.property_id].append(row)
    return [found[id] for id in ids]
