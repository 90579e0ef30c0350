"""The life of a demo agency: founded, staffed, its properties taken through their status, then moved into the past."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import update

import models
from domain.access import Role
from domain.plans import LimitResource, SubscriptionStatus
from domain.properties import CLOSED, PropertyStatus
from migrations.demo.api import CREATE, LOGIN, LOGOUT, NOTE, REGISTER, STATUS, Api, DemoError
from migrations.demo.board import Card, make_board, make_cards_old
from models.base import metadata, now
from resolvers.kit.context import Context
from resolvers.kit.execution import transaction
from resolvers.kit.ids import decode_id, encode_id
from storage import directory
from storage.hashing import hash_password

FOUNDED_DAYS_AGO = 420


@dataclass
class History:
    """When the steps of a property were taken, and what was written about it."""

    property: UUID
    statuses: list[PropertyStatus]
    days_ago: list[int]
    notes: list[UUID]
    place: int

    def moment(self, step: int, minutes: int = 0) -> datetime:
        """A moment of a working day (UTC), never in the future; each property has its own time of day."""
        midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
        at = (
            midnight - timedelta(days=self.days_ago[step]) + timedelta(hours=7, minutes=self.place * 37 % 480 + minutes)
        )
        return min(at, now())


async def make(api: Api, content: dict[str, Any]) -> tuple[UUID, list[History], list[Card]]:
    """Register the agency, add its members, and let them do what they did."""
    tenant, members = content["tenant"], content["members"]
    owner = next(member for member in members if member["role"] == Role.OWNER.value)
    person = {key: owner[key] for key in ("email", "password", "firstName", "lastName", "phone")}
    agency = {
        "tenantName": tenant["name"],
        "companyEmail": tenant["companyEmail"],
        "companyPhone": tenant["companyPhone"],
        "billingCycle": tenant["billingCycle"],
        "planKey": tenant["plan"],
        "acceptTerms": True,
    }
    tokens = {owner["email"]: (await api(REGISTER, input=person | agency))["accessToken"]}
    context = await api.as_(tokens[owner["email"]]).context()
    tenant_id = context.signed_in.tenant_id
    ids = await _complete(context, content)

    entries = sorted(content["properties"], key=lambda entry: -entry["daysAgo"][0])
    for email in sorted({entry["assignedAgent"] for entry in entries} - tokens.keys()):
        password = next(member["password"] for member in members if member["email"] == email)
        tokens[email] = (await api(LOGIN, email=email, password=password))["accessToken"]
    histories = []
    for place, entry in enumerate(entries):
        email = entry["assignedAgent"]
        histories.append(await _live(api.as_(tokens[email]), entry, ids[email], place))
    cards = await make_board(
        lambda email: api.as_(tokens[email]),
        content,
        {email: encode_id("User", id) for email, id in ids.items()},
        {
            entry["input"]["title"]: encode_id("Property", history.property)
            for entry, history in zip(entries, histories, strict=True)
        },
    )
    for token in tokens.values():
        await api.as_(token)(LOGOUT)
    return tenant_id, histories, cards


async def _complete(context: Context, content: dict[str, Any]) -> dict[str, UUID]:
    """Write what no mutation writes yet: the agency's settings and its other members. Answers members by e-mail."""
    tenant, viewer = content["tenant"], context.signed_in
    others = [member for member in content["members"] if member["role"] != Role.OWNER.value]
    hashes = await asyncio.gather(*(hash_password(member["password"]) for member in others))
    ids = {member["email"]: viewer.member_id for member in content["members"]}
    async with transaction(context, "demo", viewer.tenant_id, viewer.member_id, models.AuditAction.CREATE) as (
        session,
        entry,
    ):
        entry.name(viewer.name)
        row = await session.get(models.Tenant, (viewer.tenant_id, viewer.tenant_id))
        assert row is not None
        row.website, row.property_number_format = tenant["website"], tenant["propertyNumberFormat"]
        row.currency, row.timezone, row.language = tenant["currency"], tenant["timezone"], tenant["language"]
        row.primary_color = tenant["branding"]["primaryColor"]
        row.secondary_color = tenant["branding"]["secondaryColor"]
        owner = await session.get(models.Member, (viewer.tenant_id, viewer.member_id))
        assert owner is not None
        for given, password_hash in zip(others, hashes, strict=True):
            account = await directory.create_account(session, given["email"], password_hash)
            if account is None:
                raise DemoError(f"There is already a login {given['email']}; the demo data needs it.")
            member = models.Member(
                tenant_id=viewer.tenant_id,
                account_id=account,
                email=given["email"],
                first_name=given["firstName"],
                last_name=given["lastName"],
                phone=given["phone"],
                role=given["role"],
                department=given.get("department"),
                position=given.get("position"),
                status=models.identity.UserStatus.ACTIVE.value,
                joined_at=now(),
                email_verified=True,
            )
            session.add(member)
            await session.flush()
            await directory.join(session, account, viewer.tenant_id, member.id)
            ids[given["email"]] = member.id
        given = next(member for member in content["members"] if member["role"] == Role.OWNER.value)
        owner.email_verified = True
        owner.department, owner.position = given.get("department"), given.get("position")
        counters = metadata.tables["plan_counter"]
        users = (counters.c.tenant_id == viewer.tenant_id, counters.c.resource == LimitResource.USERS.value)
        seats = sum(member["role"] != Role.CUSTOMER.value for member in others)
        await session.execute(update(counters).where(*users).values(used=counters.c.used + seats))
    return ids


async def _live(api: Api, entry: dict[str, Any], agent: UUID, place: int) -> History:
    """Create a property and take it through its life so far."""
    statuses = [PropertyStatus(status) for status in entry["status"]]
    persons = [person | {"userId": encode_id("User", agent)} for person in entry["input"]["contactPersons"]]
    created = await api(CREATE, input=entry["input"] | {"status": statuses[0].value, "contactPersons": persons})
    id = created["property"]["id"]
    for status in statuses[1:]:
        step: dict[str, Any] = {"status": status.value, "reason": entry.get("reasons", {}).get(status.value)}
        if status in CLOSED:
            step["closingPrice"] = entry["closingPrice"]
        await api(STATUS, id=id, input=step)
    notes = [(await api(NOTE, id=id, input=note))["note"]["id"] for note in entry["notes"]]
    return History(_uuid(id, "Property"), statuses, entry["daysAgo"], [_uuid(note, "Note") for note in notes], place)


def _uuid(id: str, type: str) -> UUID:
    found = decode_id(id, type)
    assert found is not None
    return found


async def make_old(
    platform: asyncpg.Connection[Any], tenant: UUID, histories: list[History], cards: list[Card]
) -> None:
    """Spread the agency's life over the past and put it on its plan: the last step, all or nothing."""
    founded = now() - timedelta(days=FOUNDED_DAYS_AGO)
    async with platform.transaction():
        await make_cards_old(platform, tenant, cards)
        for history in histories:
            await platform.execute(
                "update property set created_at = $3, updated_at = $4, status_changed_at = $5, "
                "first_available_at = $6, closed_at = $7 where tenant_id = $1 and id = $2",
                tenant,
                history.property,
                history.moment(0),
                history.moment(-1, minutes=30 * len(history.notes)),
                history.moment(-1),
                _first(history, {PropertyStatus.AVAILABLE}),
                history.moment(-1) if history.statuses[-1] in CLOSED else None,
            )
            await platform.execute(
                "update contact_person set created_at = $3, updated_at = $3 where tenant_id = $1 and property_id = $2",
                tenant,
                history.property,
                history.moment(0),
            )
            for number, note in enumerate(history.notes, 1):
                await platform.execute(
                    "update note set created_at = $3, updated_at = $3 where tenant_id = $1 and id = $2",
                    tenant,
                    note,
                    history.moment(-1, minutes=30 * number),
                )
        await platform.execute(
            "update member set created_at = $2, updated_at = $2, joined_at = $2 where tenant_id = $1", tenant, founded
        )
        await platform.execute(
            "update account set created_at = $2, email_verified_at = $2 "
            "where id in (select account_id from member where tenant_id = $1)",
            tenant,
            founded,
        )
        await platform.execute(
            "update tenant set created_at = $2, updated_at = $2, subscription_status = $3, trial_ends_at = null, "
            "current_period_end = $4 where tenant_id = $1",
            tenant,
            founded,
            SubscriptionStatus.ACTIVE.value,
            now() + timedelta(days=365),
        )


def _first(history: History, wanted: set[PropertyStatus]) -> datetime | None:
    steps = [step for step, status in enumerate(history.statuses) if status in wanted]
    return history.moment(steps[0]) if steps else None
