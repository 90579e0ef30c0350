"""Properties: what comes in, the life cycle, the stream."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Integer,
    Text,
    any_,
    case,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import array
from strawberry.types.maybe import Maybe
from strawberry.types.unset import UNSET
from strawberry.utils.str_converters import to_camel_case

import models
from domain.access import P
from domain.address import GermanState, country_code, postal_code_ok, state_of
from domain.errors import ApiError, ErrorCode, Problem, Refusal, texts
from domain.plans import LimitResource
from domain.properties import (
    BOOLEAN_FEATURES,
    CLOSED,
    TYPE_GROUPS,
    CommissionModel,
    Condition,
    EnergyClass,
    EnergySource,
    Facts,
    FeatureKey,
    FlooringType,
    HeatingType,
    MarketingType,
    Orientation,
    ParkingType,
    PropertyStatus,
    PropertySubtype,
    PropertyType,
    PropertyTypeGroup,
    PropertyUsage,
    ahead_of_time,
    contradictions,
    format_number,
    missing_for_available,
    needed_for,
    transition,
)
from loaders.paging import OrderKey
from loaders.sql import STATEMENTS, param
from loaders.visibility import predicates, sight, table_of
from models.base import now, uuid7
from resolvers.kit.commands import Command, Ref
from resolvers.kit.context import Context
from resolvers.kit.filters import (
    DateFilter,
    DateTimeFilter,
    DecimalFilter,
    EnumFilter,
    Filter,
    IDFilter,
    IntFilter,
    Order,
    OrderDirection,
    StringFilter,
)
from resolvers.kit.ids import decode_id
from resolvers.kit.inputs import Input, MoneyInput
from resolvers.kit.scalars import URL, DecimalString, EmailAddress, Percent, PhoneNumber, PostalCode
from resolvers.kit.streams import follow
from storage.events import Stored

MAX_CONTACT_PERSONS = 20

texts(
    {
        "one_currency": (
            "All amounts of one property use one currency.",
            "Alle Beträge eines Objekts haben eine Währung.",
        ),
        "contact_person": (
            "An e-mail address or a phone number is required.",
            "E-Mail-Adresse oder Telefon ist nötig.",
        ),
        "state_abroad": ("A German state is allowed in Germany only.", "Ein Bundesland gibt es nur in Deutschland."),
        "country": ("There is no such country.", "Dieses Land gibt es nicht."),
    }
)


# What comes in


@strawberry.input(description="A place on earth, WGS 84.")
class GeoPointInput:
    latitude: DecimalString = strawberry.field(description="−90 to 90, at most 6 places.")
    longitude: DecimalString = strawberry.field(description="−180 to 180, at most 6 places.")


@strawberry.input(description="Where a property is.")
class AddressInput(Input, of=models.Property):
    street: Maybe[str | None]
    house_number: Maybe[str | None]
    postal_code: Maybe[PostalCode | None]
    city: Maybe[str | None]
    state: Maybe[GermanState | None]
    region: Maybe[str | None]
    country: Maybe[str | None] = strawberry.field(
        description="ISO 3166 alpha-2, or the name in German or English; default DE."
    )
    geo: Maybe[GeoPointInput | None] = strawberry.field(description="Exact place.")
    show_address: Maybe[bool | None]

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        _geo(values, report)
        if values.get("country"):
            code = country_code(values["country"])
            if code is None:
                report(ErrorCode.VALIDATION_ERROR, "country", rule="country")
            values["country"] = code or "DE"
        country = values.get("country") or "DE"
        postal_code = values.get("postal_code")
        if postal_code and not postal_code_ok(country, postal_code):
            report(
                ErrorCode.VALIDATION_ERROR,
                "postalCode",
                rule="format",
                format="12345" if country == "DE" else "A1B 2C3",
            )
        elif postal_code and country == "DE" and not values.get("state"):
            found = state_of(postal_code)
            values["state"] = found.value if found else None
        if values.get("state") and country != "DE":
            report(ErrorCode.VALIDATION_ERROR, "state", rule="state_abroad")


def _geo(values: dict[str, Any], report: Callable[..., None]) -> None:
    if "geo" not in values:
        return
    point = values.pop("geo")
    for name, limit in (("latitude", 90.0), ("longitude", 180.0)):
        if point is None:
            values[name] = None
            continue
        try:
            number = float(getattr(point, name))
        except ValueError:
            report(ErrorCode.INVALID_INPUT, "geo", name, rule="format", format="52.520008")
            continue
        if not -limit <= number <= limit:
            report(ErrorCode.VALIDATION_ERROR, "geo", name, rule="range", min=-limit, max=limit)
        values[name] = round(number, 6)


@strawberry.input(
    description="What a property has. A feature that is not given stays as it is, or unknown for a new property."
)
class PropertyFeaturesInput(Input, of=models.Property):
    parking_spaces: Maybe[int | None]
    parking_type: Maybe[ParkingType | None]
    balcony: Maybe[bool | None] = strawberry.field(description="Balcony.")
    garden: Maybe[bool | None] = strawberry.field(description="Garden.")
    elevator: Maybe[bool | None] = strawberry.field(description="Lift.")
    terrace: Maybe[bool | None] = strawberry.field(description="Terrace.")
    cellar: Maybe[bool | None] = strawberry.field(description="Cellar.")
    fitted_kitchen: Maybe[bool | None] = strawberry.field(description="Fitted kitchen.")
    barrier_free: Maybe[bool | None] = strawberry.field(description="Free of barriers.")
    guest_toilet: Maybe[bool | None] = strawberry.field(description="Guest toilet.")
    fireplace: Maybe[bool | None] = strawberry.field(description="Fireplace.")
    furnished: Maybe[bool | None] = strawberry.field(description="Furnished.")
    pets_allowed: Maybe[bool | None] = strawberry.field(description="Pets allowed.")
    air_conditioning: Maybe[bool | None] = strawberry.field(description="Air conditioning.")
    pool: Maybe[bool | None] = strawberry.field(description="Pool.")
    sauna: Maybe[bool | None] = strawberry.field(description="Sauna.")
    flat_share_suitable: Maybe[bool | None] = strawberry.field(description="Suitable for a shared flat.")
    monument: Maybe[bool | None] = strawberry.field(description="Listed building (Denkmal).")
    balcony_area: Maybe[DecimalString | None]
    terrace_area: Maybe[DecimalString | None]
    garden_area: Maybe[DecimalString | None]
    heating_type: Maybe[HeatingType | None]
    energy_source: Maybe[EnergySource | None]
    flooring: Maybe[list[FlooringType] | None]
    orientation: Maybe[Orientation | None]
    internet_speed_mbit: Maybe[int | None]

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        """Booleans become `stated`: feature → true, false, or null for unknown."""
        values["stated"] = {
            key.value: values.pop(key.value.lower()) for key in BOOLEAN_FEATURES if key.value.lower() in values
        }
        if "parking_spaces" in values:
            spaces = values["parking_spaces"]
            values["stated"][FeatureKey.PARKING.value] = None if spaces is None else spaces > 0


@strawberry.input(description="Who pays the commission.")
class CommissionInput(Input, of=models.Property):
    model: CommissionModel = strawberry.field(description="Who pays.")
    buyer_percent: Maybe[Percent | None] = strawberry.field(description="0 to 10, incl. VAT.")
    seller_percent: Maybe[Percent | None] = strawberry.field(description="0 to 10, incl. VAT.")
    text: Maybe[str | None] = strawberry.field(description="Printed as it is, at most 1,000 characters.")

    renames: ClassVar[dict[str, str]] = {
        "model": "commission_model",
        "buyer_percent": "commission_buyer",
        "seller_percent": "commission_seller",
        "text": "commission_text",
    }


@strawberry.input(description="A person named on the advertisement; with `id` an existing one is kept.")
class ContactPersonInput(Input, of=models.ContactPerson):
    id: Maybe[strawberry.ID | None] = strawberry.field(description="An existing contact person of this property.")
    name: str
    email: Maybe[EmailAddress | None]
    phone: Maybe[PhoneNumber | None]
    role: Maybe[str | None]
    user_id: Maybe[strawberry.ID | None]

    renames: ClassVar[dict[str, str]] = {"id": "given_id"}

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        if not values.get("email") and not values.get("phone"):
            report(ErrorCode.VALIDATION_ERROR, "email", rule="contact_person")
        if values.get("role", "") is None:
            del values["role"]


@strawberry.input
class PropertyFields(Input, of=models.Property):
    """What creating and changing have in common."""

    description: Maybe[str | None]
    location_description: Maybe[str | None]
    equipment_description: Maybe[str | None]
    other_description: Maybe[str | None]
    external_number: Maybe[str | None]
    subtype: Maybe[PropertySubtype | None]
    price: Maybe[MoneyInput | None]
    price_on_request: Maybe[bool | None]
    rent_cold: Maybe[MoneyInput | None]
    rent_warm: Maybe[MoneyInput | None]
    service_charge: Maybe[MoneyInput | None]
    heating_cost: Maybe[MoneyInput | None]
    heating_included: Maybe[bool | None]
    deposit: Maybe[MoneyInput | None]
    house_money: Maybe[MoneyInput | None]
    commission: Maybe[CommissionInput | None] = strawberry.field(description="Who pays the commission.")
    living_area: Maybe[DecimalString | None]
    usable_area: Maybe[DecimalString | None]
    total_area: Maybe[DecimalString | None]
    plot_area: Maybe[DecimalString | None]
    rooms: Maybe[DecimalString | None]
    bedrooms: Maybe[int | None]
    bathrooms: Maybe[DecimalString | None]
    floor: Maybe[int | None]
    floors_total: Maybe[int | None]
    year_built: Maybe[int | None]
    last_modernisation: Maybe[int | None]
    condition: Maybe[Condition | None]
    available_from: Maybe[date | None]
    available_from_text: Maybe[str | None]
    is_rented: Maybe[bool | None]
    rent_income_year: Maybe[MoneyInput | None]
    location: Maybe[str | None]
    address: Maybe[AddressInput | None] = strawberry.field(description="Where it is; null empties it.")
    features: Maybe[PropertyFeaturesInput | None] = strawberry.field(description="What it has.")
    amenities: Maybe[list[str] | None]
    contact_persons: Maybe[list[ContactPersonInput] | None] = strawberry.field(
        description="Replaces the list, the main one first; at most 20."
    )
    assigned_agent_id: Maybe[strawberry.ID | None]
    virtual_tour_url: Maybe[URL | None]
    video_url: Maybe[URL | None]


@strawberry.input(description="A new property.")
class PropertyCreateInput(PropertyFields):
    title: str
    type: PropertyType
    status: PropertyStatus = PropertyStatus.PREPARATION
    usage: PropertyUsage = PropertyUsage.RESIDENTIAL
    marketing_type: MarketingType = MarketingType.BUY


@strawberry.input(description="Changes of a property; what is absent stays as it is, null empties.")
class PropertyUpdateInput(PropertyFields):
    title: Maybe[str | None]
    type: Maybe[PropertyType | None]
    usage: Maybe[PropertyUsage | None]
    marketing_type: Maybe[MarketingType | None]
    expected_version: Maybe[int | None] = strawberry.field(
        description="Refuse with CONFLICT when the version is another."
    )


@strawberry.input(description="A step in the life cycle.")
class PropertyStatusInput(Input, of=models.Property):
    status: PropertyStatus
    reason: Maybe[str | None] = strawberry.field(
        description="Needed for RESERVED and for taking back a closed property."
    )
    closing_price: Maybe[MoneyInput | None]
    closed_at: Maybe[datetime | None]
    expected_version: Maybe[int | None] = strawberry.field(
        description="Refuse with CONFLICT when the version is another."
    )

    renames: ClassVar[dict[str, str]] = {"reason": "status_reason"}


# Filters and orders


def _type_group(table: Any, bind: Callable[[Any], Any]) -> ColumnElement[bool]:
    value = bind(Text)
    groups = [
        (
            value == group.value,
            table.c.type == any_(array([kind.value for kind in sorted(kinds, key=lambda k: k.value)])),
        )
        for group, kinds in TYPE_GROUPS.items()
    ]
    return case(*groups, else_=literal_column("false"))


def _features(table: Any, bind: Callable[[Any], Any]) -> ColumnElement[bool]:
    return cast(bind(ARRAY(Text)), ARRAY(Text)).op("<@")(table.c.features)


def _days_on_market(table: Any) -> ColumnElement[Any]:
    """Calendar days from the first day on the market to the closing, or to today, in UTC."""

    def day(moment: Any) -> ColumnElement[Any]:
        return cast(func.timezone(literal_column("'UTC'"), moment), Date)

    return type_coerce(day(func.coalesce(table.c.closed_at, func.now())) - day(table.c.first_available_at), Integer)


@strawberry.input(description="Conditions on properties; all given ones must hold.")
class PropertyFilter(Filter, of=models.Property):
    status: EnumFilter[PropertyStatus] | None = UNSET
    type: EnumFilter[PropertyType] | None = UNSET
    subtype: EnumFilter[PropertySubtype] | None = UNSET
    type_group: PropertyTypeGroup | None = strawberry.field(default=UNSET, description="All types of a group.")
    usage: EnumFilter[PropertyUsage] | None = UNSET
    marketing_type: EnumFilter[MarketingType] | None = UNSET
    price: DecimalFilter | None = UNSET
    rent_cold: DecimalFilter | None = UNSET
    rent_warm: DecimalFilter | None = UNSET
    living_area: DecimalFilter | None = UNSET
    usable_area: DecimalFilter | None = UNSET
    plot_area: DecimalFilter | None = UNSET
    rooms: DecimalFilter | None = UNSET
    bedrooms: IntFilter | None = UNSET
    bathrooms: DecimalFilter | None = UNSET
    floor: IntFilter | None = UNSET
    year_built: IntFilter | None = UNSET
    condition: EnumFilter[Condition] | None = UNSET
    energy_class: EnumFilter[EnergyClass] | None = UNSET
    heating_type: EnumFilter[HeatingType] | None = UNSET
    city: StringFilter | None = UNSET
    postal_code: StringFilter | None = UNSET
    state: EnumFilter[GermanState] | None = UNSET
    features: list[FeatureKey] | None = strawberry.field(default=UNSET, description="All of these must be there.")
    assigned_agent_id: IDFilter | None = UNSET
    external_number: StringFilter | None = UNSET
    available_from: DateFilter | None = UNSET
    created_at: DateTimeFilter | None = UNSET
    updated_at: DateTimeFilter | None = UNSET
    days_on_market: IntFilter | None = strawberry.field(
        default=UNSET, description="Days since it was first on the market."
    )
    search: str | None = strawberry.field(
        default=UNSET,
        description="Full text, 2 to 200 characters; German and simple stems, the last word may be a beginning.",
    )
    and_: list["PropertyFilter"] | None = strawberry.field(default=UNSET, name="and", description="All of these hold.")
    or_: list["PropertyFilter"] | None = strawberry.field(default=UNSET, name="or", description="One of these holds.")
    not_: "PropertyFilter | None" = strawberry.field(default=UNSET, name="not", description="This does not hold.")

    specials: ClassVar[dict[str, Any]] = {"type_group": _type_group, "features": _features}
    expressions: ClassVar[dict[str, Any]] = {"days_on_market": _days_on_market}


@strawberry.enum(description="What properties can be sorted by.")
class PropertyOrderField(Enum):
    CREATED_AT = strawberry.enum_value("created_at", description="When it was created.")
    UPDATED_AT = strawberry.enum_value("updated_at", description="When it or a part of it was last changed.")
    TITLE = strawberry.enum_value("title", description="Title, umlauts beside their base letters.")
    PRICE = strawberry.enum_value("price", description="Purchase price.")
    PRICE_PER_SQM = strawberry.enum_value("price_per_sqm", description="Price, or cold rent, per m².")
    LIVING_AREA = strawberry.enum_value("living_area", description="Living area.")
    ROOMS = strawberry.enum_value("rooms", description="Rooms.")
    DAYS_ON_MARKET = strawberry.enum_value("days_on_market", description="Days since it was first on the market.")
    STATUS = strawberry.enum_value("status", description="Place in the life cycle, alphabetically by key.")


def _by(column: str, *, nullable: bool = False, key: str | None = None) -> OrderKey:
    return OrderKey(key or column, lambda table: table.c[column], nullable)


@strawberry.input(description="How to sort properties.")
class PropertyOrder(Order):
    field: PropertyOrderField = strawberry.field(description="What to sort by.")
    direction: OrderDirection = strawberry.field(default=OrderDirection.DESC, description="Smallest or largest first.")

    keys: ClassVar[dict[str, OrderKey]] = {
        "created_at": _by("created_at"),
        "updated_at": _by("updated_at"),
        "title": _by("title_key", key="title"),
        "price": _by("price", nullable=True),
        "price_per_sqm": _by("price_per_sqm", nullable=True),
        "living_area": _by("living_area", nullable=True),
        "rooms": _by("rooms", nullable=True),
        "days_on_market": OrderKey("days_on_market", _days_on_market, nullable=True),
        "status": _by("status"),
    }


# What happens


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
        open_immo_id=f"{command.viewer.tenant_id.hex[:8]}-{uuid7().hex}",
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
    problems = [problem.under("input") for problem in _rules(row)]
    problems += [problem.under("input") for problem in transition(None, status, MarketingType(row.marketing_type))]
    if status is PropertyStatus.AVAILABLE:
        problems += [missing.problem().under("input") for missing in missing_for_available(_facts(row))]
        row.first_available_at = now()
    if problems:
        raise Refusal(problems)
    row.status = status.value
    if not row.external_number:
        row.external_number = await _next_number(command)
    command.count(LimitResource.PROPERTIES, 1)
    await command.add(row)
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
    problems = [problem.under("input") for problem in _rules(row)]
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
    values = command.values(input)
    present, target = PropertyStatus(row.status), PropertyStatus(values["status"])
    if present is target:
        return row
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
        row.first_available_at = now()
    if target in CLOSED:
        row.closing_price, row.closed_at = values["closing_price"], values.get("closed_at") or now()
    elif present in CLOSED:
        row.closing_price = row.closed_at = None
    return row


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
        table = table_of(models.Property)
        taken = select(table.c.id).where(table.c.tenant_id == tenant.id, table.c.external_number == number)
        if (await command.session.execute(taken)).first() is None:
            return number


async def _replace_persons(command: Command, row: models.Property, persons: list[dict[str, Any]]) -> None:
    """Make the list of contact persons what was given; those named by id keep their row."""
    if len(persons) > MAX_CONTACT_PERSONS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", "contactPersons", rule="items", max=MAX_CONTACT_PERSONS)
    persons_of = table_of(models.ContactPerson).c
    statement = select(models.ContactPerson).where(
        persons_of.tenant_id == row.tenant_id, persons_of.property_id == row.id
    )
    present = {person.id: person for person in (await command.session.execute(statement)).scalars()}
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


NOBODY = UUID(int=0)


# Live


async def changed(
    context: Context,
    ids: Annotated[
        list[strawberry.ID] | None, strawberry.argument(description="Only these properties, at most 100; default all.")
    ] = None,
    after: Annotated[
        str | None, strawberry.argument(description="Cursor to resume behind; without it the stream starts now.")
    ] = None,
) -> AsyncIterator[dict[str, Any]]:
    """Changes of properties and of their parts, in commit order, from `after` on."""
    if ids is not None and len(ids) > 100:
        raise ApiError(ErrorCode.INVALID_INPUT, field=["ids"], rule="items", max=100)
    wanted = None if ids is None else {decode_id(id, "Property") for id in ids}

    def concerns(event: Stored) -> bool:
        return event.entity == "property" and (wanted is None or event.entity_id in wanted)

    async for change in follow(context, models.Property, after, concerns):
        yield change
