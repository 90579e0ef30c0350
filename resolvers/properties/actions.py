"""What happens to a property."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import (
    Text,
    select,
)
from strawberry.utils.str_converters import to_camel_case

import models
from domain.access import P
from domain.errors import ErrorCode, Problem, Refusal
from domain.plans import LimitResource
from domain.properties import (
    BOOLEAN_FEATURES,
    CLOSED,
    Facts,
    MarketingType,
    PropertyStatus,
    PropertySubtype,
    PropertyType,
    ahead_of_time,
    contradictions,
    copy_title,
    format_number,
    missing_for_available,
    needed_for,
    transition,
)
from loaders.sql import STATEMENTS, param
from loaders.visibility import predicates, sight, table_of
from models.base import now, uuid7
from resolvers.kit.address import settle
from resolvers.kit.commands import BEFORE_REMOVAL, Command, Ref
from resolvers.kit.context import Context
from resolvers.kit.ids import decode_id
from resolvers.properties.handover import hand_over
from resolvers.properties.inputs import (
    PropertyBulkInput,
    PropertyCreateInput,
    PropertyStatusInput,
    PropertyUpdateInput,
)

MAX_CONTACT_PERSONS = 20
BEFORE_REMOVAL.append(hand_over)
# Of a property that is copied: what is its own, and what happened to it.
NOT_COPIED = frozenset(
    {
        *("id", "version", "created_at", "created_by_id", "updated_at", "updated_by_id", "deleted_at", "deleted_by_id"),
        *("title", "open_immo_id", "external_number", "status", "status_changed_at", "status_reason"),
        *("first_available_at", "closed_at", "closing_price"),
    }
)


async def by_external_number(
    context: Context,
    external_number: Annotated[str, strawberry.argument(description="The agency's own number.")],
) -> Ref | None:
    """The property with this number of the agency; null when there is none."""
    seen = sight(P.PROPERTY_READ, context.signed_in)
    table = table_of(models.Property)
    statement = STATEMENTS.get(
        ("property by number", seen),
        lambda: select(table.c.id).where(
            *predicates(models.Property, seen), table.c.external_number == param("number", Text)
        ),
    )
    rows = await context.loaders.fetch(statement, {"number": external_number.replace("\x00", "")})
    return Ref("property", rows[0]["id"]) if rows else None


async def create(command: Command, input: PropertyCreateInput) -> models.Property:
    """Create a property in acquisition, in preparation or on the market. Draws a number when none is given."""
    values = command.values(input)
    persons, stated = values.pop("contact_persons", []), values.pop("stated", {})
    row = models.Property(
        tenant_id=command.viewer.tenant_id,
        open_immo_id=_open_immo_id(command),
        status_changed_at=now(),
        external_number=values.pop("external_number", None) or "",
        title=values["title"],
        type=values["type"],
    )
    row.unknown_features = sorted(key.value for key in BOOLEAN_FEATURES)
    status, values["status"] = PropertyStatus(values["status"]), PropertyStatus.PREPARATION.value
    command.assign(row, {name: value for name, value in values.items() if value is not None})
    _state_features(row, stated)
    row.assigned_agent_id = values.get("assigned_agent_id", command.viewer.member_id)
    row.location = row.location or row.city
    problems = [problem.under("input") for problem in [*settle(row, values), *_rules(row)]]
    problems += [problem.under("input") for problem in transition(None, status, MarketingType(row.marketing_type))]
    if status is PropertyStatus.AVAILABLE:
        problems += [missing.problem().under("input") for missing in missing_for_available(_facts(row))]
        row.first_available_at = row.status_changed_at
    if problems:
        raise Refusal(problems)
    row.status = status.value
    if not row.external_number:
        row.external_number = await _next_number(command)
    command.count(LimitResource.PROPERTIES, 1)
    await command.add(row)
    if persons:
        await _replace_persons(command, row, persons)
    return row


async def update(command: Command, id: strawberry.ID, input: PropertyUpdateInput) -> models.Property:
    """Change a property; only what is given. The status has a mutation of its own."""
    row = await command.find(models.Property, id, expected=input.expected_version)
    values = command.values(input)
    values.pop("expected_version", None)
    persons, stated = values.pop("contact_persons", None), values.pop("stated", {})
    if values.get("external_number", "") is None:
        values.pop("external_number")
    _one_currency(row, values)
    command.assign(row, values)
    _state_features(row, stated)
    if "city" in values and "location" not in values:
        row.location = row.city
    problems = [problem.under("input") for problem in [*settle(row, values), *_rules(row)]]
    if row.status in (PropertyStatus.AVAILABLE.value, PropertyStatus.RESERVED.value):
        problems += [missing.problem().under("input") for missing in missing_for_available(_facts(row))]
    if problems:
        raise Refusal(problems)
    if persons is not None:
        await _replace_persons(command, row, persons)
    return row


async def set_status(command: Command, id: strawberry.ID, input: PropertyStatusInput) -> models.Property:
    """Move a property in its life cycle. Setting the present status again changes nothing."""
    row = await command.find(models.Property, id, expected=input.expected_version)
    _move(command, row, command.values(input))
    return row


async def update_one(command: Command, id: strawberry.ID, input: PropertyBulkInput) -> models.Property:
    """Change many properties alike; each has a result of its own."""
    row = await command.find(models.Property, id)
    values = {name: value for name, value in command.values(input).items() if name != "status" or value is not None}
    step: dict[str, Any] = {name: values.pop(name) for name in ("status", "status_reason") if name in values}
    if "status" in step:
        try:
            _move(command, row, step)
        except Refusal as refused:
            names = {"reason": "statusReason"}
            raise Refusal(
                replace(problem, field=tuple(names.get(part, part) for part in problem.field))
                for problem in refused.problems
            ) from None
    command.assign(row, values)
    return row


async def delete_one(command: Command, id: strawberry.ID) -> models.Property:
    """Put many properties into the trash; each has a result of its own."""
    return await delete(command, id)


async def duplicate(command: Command, id: strawberry.ID) -> models.Property:
    """Make a copy in preparation, with a number of its own. Its history stays with the original."""
    source = await command.find(models.Property, id)
    tenant, columns = await command.tenant(), table_of(models.Property).columns
    taken = {
        column.name: getattr(source, column.name)
        for column in columns
        if column.name not in NOT_COPIED and column.computed is None
    }
    row = models.Property(
        **taken,
        title=copy_title(source.title, tenant.language),
        open_immo_id=_open_immo_id(command),
        external_number=await _next_number(command),
        status=PropertyStatus.PREPARATION.value,
        status_changed_at=now(),
    )
    command.count(LimitResource.PROPERTIES, 1)
    await command.add(row)
    named = ("name", "email", "phone", "role", "user_id")
    persons = [{name: getattr(person, name) for name in named} for person in await _persons(command, source)]
    await _replace_persons(command, row, persons)
    return row


def _open_immo_id(command: Command) -> str:
    return f"{command.viewer.tenant_id.hex[:8]}-{uuid7().hex}"


def _move(command: Command, row: models.Property, values: dict[str, Any]) -> None:
    """Take a property to the status of `values`, with what that step needs."""
    present, target = PropertyStatus(row.status), PropertyStatus(values["status"])
    if present is target:
        return
    marketing = MarketingType(row.marketing_type)
    problems = transition(present, target, marketing, command.viewer.may(P.PROPERTY_MANAGE))
    if not problems:
        problems = needed_for(
            present,
            target,
            reason=values.get("status_reason"),
            has_closing_price=values.get("closing_price") is not None,
        )
        if target is PropertyStatus.AVAILABLE:
            problems += [missing.problem() for missing in missing_for_available(_facts(row))]
    if problems:
        raise Refusal(problem.under("input") for problem in problems)
    _one_currency(row, values)
    row.status, row.status_changed_at, row.status_reason = target.value, now(), values.get("status_reason")
    if target is PropertyStatus.AVAILABLE and row.first_available_at is None:
        row.first_available_at = row.status_changed_at
    if target in CLOSED:
        row.closing_price, row.closed_at = values["closing_price"], values.get("closed_at") or row.status_changed_at
    elif present in CLOSED:
        row.closing_price = row.closed_at = None


async def delete(command: Command, id: strawberry.ID) -> models.Property:
    """Put a property into the trash; `trashRestore` brings it back."""
    row = await command.find(models.Property, id)
    command.discard(row)
    command.count(LimitResource.PROPERTIES, -1)
    return row


def _one_currency(row: models.Property, values: dict[str, Any]) -> None:
    """A new currency is accepted only when no amount remains in the old one."""
    currency = values.get("currency", row.currency)
    if currency == row.currency:
        return
    amounts = [name for name in models.Property.amounts() if values.get(name, getattr(row, name)) is not None]
    kept = [name for name in amounts if name not in values]
    if kept:
        given = next(name for name in models.Property.amounts() if values.get(name) is not None)
        path = ("input", to_camel_case(given), "currency")
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, *path, rule="one_currency")


def _state_features(row: models.Property, stated: dict[str, bool | None]) -> None:
    """Write features down as present, absent or unknown; lists are replaced, never changed in place."""
    if not stated:
        return
    present = {*row.features, *(key for key, value in stated.items() if value)}
    row.features = sorted(present - {key for key, value in stated.items() if not value})
    unknown = {*row.unknown_features, *(key for key, value in stated.items() if value is None)}
    row.unknown_features = sorted(unknown - {key for key, value in stated.items() if value is not None})


def _rules(row: models.Property) -> list[Problem]:
    return [*contradictions(_facts(row)), *ahead_of_time(_facts(row), now().year)]


def _facts(row: models.Property) -> Facts:
    """What the domain's rules look at."""
    return Facts(
        type=PropertyType(row.type),
        marketing_type=MarketingType(row.marketing_type),
        subtype=PropertySubtype(row.subtype) if row.subtype else None,
        **{name: getattr(row, name) for name in _SAME},
    )


_SAME = (
    "title",
    "price",
    "price_on_request",
    "rent_cold",
    "rent_warm",
    "street",
    "postal_code",
    "city",
    "living_area",
    "usable_area",
    "total_area",
    "plot_area",
    "rooms",
    "bathrooms",
    "floor",
    "floors_total",
    "year_built",
    "last_modernisation",
    "description",
    "location_description",
    "equipment_description",
)


async def _next_number(command: Command) -> str:
    """The next number of the agency's pattern, counted anew each year; numbers taken by hand are skipped."""
    tenant, year = await command.tenant(), now().year
    while True:
        number = format_number(tenant.property_number_format, year, await command.draw(f"property-{year}"))
        columns = table_of(models.Property).c
        taken = command.every(models.Property, columns.id, deleted=None).where(columns.external_number == number)
        if (await command.session.execute(taken)).first() is None:
            return number


async def _replace_persons(command: Command, row: models.Property, persons: list[dict[str, Any]]) -> None:
    """Make the list of contact persons what was given; those named by id keep their row."""
    if len(persons) > MAX_CONTACT_PERSONS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", "contactPersons", rule="items", max=MAX_CONTACT_PERSONS)
    present = {person.id: person for person in await _persons(command, row)}
    for ordinal, values in enumerate(persons):
        given = values.pop("given_id", None)
        if given is None:
            await command.add(
                models.ContactPerson(tenant_id=row.tenant_id, property_id=row.id, ordinal=ordinal, **values)
            )
            continue
        person = present.pop(decode_id(given, "ContactPerson") or NOBODY, None)
        if person is None:
            raise Refusal.of(ErrorCode.NOT_FOUND, "input", "contactPersons", str(ordinal), "id")
        command.assign(person, {**values, "ordinal": ordinal})
    for person in present.values():
        await command.session.delete(person)


async def _persons(command: Command, row: models.Property) -> list[models.ContactPerson]:
    persons = table_of(models.ContactPerson).c
    found = command.every(models.ContactPerson).where(persons.property_id == row.id).order_by(persons.ordinal)
    return list(await command.session.scalars(found))


NOBODY = UUID(int=0)
