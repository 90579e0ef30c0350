"""Rows for tests, one line per model. Agencies are written directly: a password hash per test would cost a second."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import URL

import models
from domain.access import ROLE_SCOPES, Role
from domain.plans import PlanKey, SubscriptionStatus
from models.base import now, uuid7
from resolvers.identity.registration import found_agency
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from storage import directory
from storage.database import dsn


@dataclass(frozen=True)
class Person:
    """A signed-in member."""

    id: UUID
    account_id: UUID
    session_id: UUID
    token: str

    @property
    def gid(self) -> str:
        return encode_id("User", self.id)


@dataclass(frozen=True)
class Agency:
    """An agency with one member per role."""

    id: UUID
    slug: str
    people: dict[Role, Person]

    @property
    def gid(self) -> str:
        return encode_id("Tenant", self.id)


@asynccontextmanager
async def connected(url: URL | str) -> AsyncIterator[Any]:
    """A connection of a test's own, past the doors of the server."""
    connection = await asyncpg.connect(url if isinstance(url, str) else dsn(url))
    try:
        yield connection
    finally:
        await connection.close()


async def make_agency(state: State, name: str, plan: PlanKey = PlanKey.ENTERPRISE) -> Agency:
    """A new agency on an active plan, with an owner, admin, manager, agent and customer."""
    tenant_id = uuid7()
    people: dict[Role, Person] = {}
    async with state.database.write(tenant_id) as session:
        slug = await directory.claim_slug(session, f"{name.lower()}-{tenant_id.hex[-12:]}", tenant_id)
        await found_agency(
            session,
            models.Tenant(
                tenant_id=tenant_id,
                id=tenant_id,
                name=name,
                slug=slug,
                plan=plan.value,
                subscription_status=SubscriptionStatus.ACTIVE.value,
            ),
        )
        for role in Role:
            people[role] = await make_person(state, session, tenant_id, slug, role)
        await session.commit()
    return Agency(tenant_id, slug, people)


async def make_person(state: State, session: Any, tenant_id: UUID, slug: str, role: Role) -> Person:
    """A member with a session and its access token."""
    email = f"{role.value.lower()}-{uuid7().hex}@example.com"
    account_id = await directory.create_account(session, email, "")
    assert account_id is not None
    member = models.Member(
        tenant_id=tenant_id,
        account_id=account_id,
        email=email,
        first_name=role.value.title(),
        last_name="Person",
        phone="+493023125000",
        role=role.value,
        status="ACTIVE",
        joined_at=now(),
        email_verified=True,
    )
    session.add(member)
    await session.flush()
    await directory.join(session, account_id, tenant_id, member.id)
    device = models.Session(tenant_id=tenant_id, member_id=member.id, expires_at=now() + timedelta(days=7))
    session.add(device)
    await session.flush()
    token = state.tokens.access(
        account=account_id,
        tenant=tenant_id,
        slug=slug,
        member=member.id,
        session=device.id,
        role=role.value,
        scopes=sorted(scope.value for scope in ROLE_SCOPES[role]),
        refresh=device.id.hex,
        issued=int(time.time()),
    )
    return Person(member.id, account_id, device.id, token)


def property_input(**changes: Any) -> dict[str, Any]:
    """A property that may go on the market at once."""
    return {
        "title": "Helle Wohnung am Park",
        "type": "APARTMENT",
        "marketingType": "BUY",
        "price": {"amount": "465000.00"},
        "livingArea": "82.00",
        "rooms": "3.5",
        "address": {"street": "Goethestraße", "houseNumber": "5", "postalCode": "10115", "city": "Berlin"},
        **changes,
    }


async def make_properties(state: State, agency: Agency, rows: list[dict[str, Any]]) -> list[models.Property]:
    """Properties with these columns, written directly: no event, no audit, any past."""
    made = []
    async with state.database.write(agency.id) as session:
        for index, given in enumerate(rows):
            id = uuid7()
            columns = {
                "external_number": f"P-{index:04d}",
                "open_immo_id": id.hex,
                "title": "Haus",
                "type": "HOUSE",
                "status_changed_at": now(),
            }
            made.append(models.Property(tenant_id=agency.id, id=id, **columns | given))
        session.add_all(made)
        await session.commit()
    return made


async def platform(state: State, statement: str, *values: Any) -> list[dict[str, Any]]:
    """Rows of a statement run by the platform's login, which sees and changes every agency."""
    async with connected(state.database.logins.platform) as connection:
        return [dict(row) for row in await connection.fetch(statement, *values)]
