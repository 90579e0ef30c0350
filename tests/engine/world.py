"""Two agencies whose rows hold whatever a column may hold: read by the differential tests, never changed by them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

import models
from domain.access import Role
from domain.properties import FeatureKey, FlooringType, PropertyStatus
from graph.engine.operations import Call, Engine
from models.base import uuid7
from resolvers.kit.context import Context, Request, State
from resolvers.kit.ids import encode_id
from storage import directory
from tests.engine.world_tasks import add_tasks
from tests.factories import Agency, make_agency

MOMENT = datetime(2026, 3, 14, 15, 9, 26, 535000, tzinfo=UTC)
# Texts that a careless writer of JSON, SQL or Python source would stumble over.
TEXTS = (
    "Haus",
    "Das \"Schmuckstück\" am Park, 'ruhig' gelegen",
    "back\\slash %s %(x)s {x} $1 :y --",
    "🏡 Loft 👩‍👩‍👧 e\u0301 مرحبا \u202e שלום",
    "line\none\ttab\r\u2028\u0001end",
    "</script><b>&amp;</b>/",
    "".join(map(chr, (*range(1, 32), 127, 128, 159, 160, 0xAD, 0xFEFF, 0xFFFD, 0xFFFF, 0x10FFFF))),
    "ZZ",
    "Äpfel",
    "apfel",
)
MANY_NOTES = 130


def _full(people: list[UUID]) -> dict[str, Any]:
    """A property with a value in every column."""
    return {
        "external_number": 'VOLL/1 "ä"',
        "title": "Helle Wohnung am Park",
        "description": "Lang. " * 1_600,
        "location_description": TEXTS[1],
        "equipment_description": TEXTS[2],
        "other_description": TEXTS[4],
        "status": "AVAILABLE",
        "status_reason": "Notar",
        "type": "APARTMENT",
        "subtype": "PENTHOUSE",
        "usage": "INVESTMENT",
        "marketing_type": "BUY",
        "price": 46_500_000,
        "price_on_request": True,
        "rent_cold": 123_456,
        "rent_warm": 123_457,
        "service_charge": 99,
        "heating_cost": 100,
        "heating_included": True,
        "deposit": 1,
        "house_money": 10,
        "rent_income_year": 9_999_999_999,
        "closing_price": 101,
        "commission_model": "SELLER_PAYS",
        "commission_buyer": 357,
        "commission_seller": 5,
        "commission_text": "3,57 % inkl. MwSt.",
        "living_area": 8_250,
        "usable_area": 1,
        "total_area": 99,
        "plot_area": 100,
        "rooms": 7,
        "bedrooms": 2,
        "bathrooms": 3,
        "floor": 0,
        "floors_total": 5,
        "year_built": 1899,
        "last_modernisation": 2020,
        "condition": "RENOVATED",
        "available_from": date(2026, 10, 1),
        "available_from_text": "nach Absprache",
        "is_rented": True,
        "location": "Mitte",
        "street": "Goethestraße",
        "house_number": "5 b",
        "postal_code": "01067",
        "city": "Dresden",
        "state": "SN",
        "region": "Sachsen",
        "country": "DE",
        "latitude": 51.0504088,
        "longitude": 13.7372621,
        "show_address": True,
        "features": [key.value for key in FeatureKey],
        "unknown_features": ["POOL", "SAUNA"],
        "parking_spaces": 0,
        "parking_type": "DUPLEX",
        "balcony_area": 0,
        "terrace_area": 5,
        "garden_area": 100_000_000,
        "heating_type": "HEAT_PUMP",
        "energy_source": "AIR_HEAT_PUMP",
        "energy_class": "A_PLUS",
        "flooring": [kind.value for kind in FlooringType],
        "orientation": "SOUTH_WEST",
        "internet_speed_mbit": 100_000,
        "amenities": list(TEXTS),
        "assigned_agent_id": people[0],
        "created_by_id": people[1],
        "first_available_at": MOMENT - timedelta(days=40),
        "closed_at": MOMENT,
        "virtual_tour_url": "https://example.com/tour?a=1&b=2",
        "video_url": "https://example.com/video",
        "version": 2_147_483_647,
    }


def _properties(people: list[UUID]) -> list[dict[str, Any]]:
    """Full, empty and odd ones, with ties in every column that lists are sorted by."""
    full = _full(people)
    hidden = full | {"external_number": "VERBORGEN", "show_address": False, "status": "RESERVED", "price": 46_500_000}
    edge = {
        "title": TEXTS[3],
        "status": "AVAILABLE",
        "service_charge": -5,
        "heating_cost": -100,
        "deposit": -12_345,
        "house_money": -99,
        "rent_income_year": 2**63 - 1,
        "price": 0,
        "living_area": 1,
        "rooms": 1,
        "bathrooms": -1,
        "floor": -5,
        "floors_total": 1,
        "latitude": -0.0000004,
        "longitude": -179.999999,
        "commission_buyer": -1,
        "commission_seller": 0,
        "currency": "CHF",
        "country": "CH",
        "city": "",
        "amenities": [""],
        "first_available_at": datetime(1970, 1, 1, tzinfo=UTC),
        "available_from": date(9, 9, 9),
        "status_changed_at": datetime(1, 1, 1, 0, 0, 0, 1_000, tzinfo=UTC),
        "closed_at": datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
        "created_by_id": people[0],
    }
    found: list[dict[str, Any]] = [full, {}, hidden, edge]
    statuses = [status.value for status in PropertyStatus]
    for index in range(24):
        found.append(
            {
                "title": TEXTS[index % len(TEXTS)],
                "status": statuses[index % len(statuses)],
                "marketing_type": ("BUY", "RENT", "LEASEHOLD", "LEASING")[index % 4],
                "type": ("HOUSE", "APARTMENT", "LAND", "OFFICE")[index // 2 % 4],
                "price": (None, 100, 100, 25_000_000, 25_000_000)[index % 5],
                "rent_cold": (None, 0, 90_000)[index % 3],
                "living_area": (None, 5_000, 5_000, 12_345)[index % 4],
                "rooms": (None, 2, 5)[index % 3],
                "first_available_at": (None, MOMENT - timedelta(days=9), MOMENT - timedelta(days=2))[index % 3],
                "closed_at": (None, MOMENT)[index // 3 % 2],
                "city": (None, "Berlin", "Köln")[index % 3],
                "street": (None, "Weg")[index % 2],
                "postal_code": (None, "10115", "50667")[index % 3],
                "latitude": (None, 52.5, 50.94)[index % 3],
                "longitude": (None, 13.4)[index % 2],
                "show_address": index % 2 == 0,
                "closing_price": (None, 12_300)[index % 2],
                "available_from": (None, date.max, date.min, date(2026, 10, 1))[index % 4],
                "amenities": ([], ["Kamin"])[index % 2],
                "features": ([], ["POOL"], ["GARDEN", "BALCONY"])[index % 3],
                "assigned_agent_id": (None, *people)[index % (len(people) + 1)],
                "created_by_id": (*people, None)[index % (len(people) + 1)],
                "created_at": MOMENT + timedelta(milliseconds=index // 3),
                "updated_at": MOMENT + timedelta(milliseconds=999 - index // 4),
            }
        )
    return found


@dataclass
class World:
    """The agencies, and names of their rows for documents to ask for."""

    state: State
    acme: Agency
    rival: Agency
    ids: dict[str, list[str]] = field(default_factory=dict)  # by type, with `Trashed…` apart
    foreign: list[str] = field(default_factory=list)
    nothing: list[str] = field(default_factory=list)  # readable ids of what is not there
    broken: list[str] = field(default_factory=list)  # ids that cannot be read
    numbers: list[str] = field(default_factory=list)
    # Place → arguments that a cursor belongs to, and the cursor. For notes the id of the property stands before them.
    cursors: dict[str, list[tuple[dict[str, Any], str]]] = field(default_factory=dict)

    def token(self, role: Role | None) -> str | None:
        return self.acme.people[role].token if role is not None else None


async def make_world(state: State) -> World:
    """Both agencies with all that is in them."""
    acme, rival = await make_agency(state, "Acme"), await make_agency(state, "Rival")
    world = World(state, acme, rival)
    await _fill_acme(world)
    await _fill_rival(world)
    await _join(world)
    _name_nothing(world)
    await _collect_cursors(world)
    return world


def _names(kind: str, rows: list[Any]) -> list[str]:
    return [encode_id(kind, row.id) for row in rows]


async def _fill_acme(world: World) -> None:
    state, tenant = world.state, world.acme.id
    staff = [world.acme.people[role].id for role in (Role.AGENT, Role.OWNER, Role.CUSTOMER)]
    async with state.database.write(tenant) as session:
        agency = await session.get(models.Tenant, (tenant, tenant))
        assert agency is not None
        agency.company_email, agency.company_phone = "info@example.com", "+493023125000"
        agency.website, agency.current_period_end = 'https://example.com/?a="b"', MOMENT
        members = [
            models.Member(tenant_id=tenant, account_id=uuid7(), email=f"{uuid7().hex}@example.com", **given)
            for given in (
                {
                    "first_name": 'Gone "G"',
                    "last_name": "Müller-Lüdenscheidt",
                    "status": "DEACTIVATED",
                    "role": "MANAGER",
                    "phone": None,
                },
                {"first_name": "🙂", "last_name": "\\", "status": "INVITED", "created_by_id": staff[1]},
                {
                    "first_name": "Voll",
                    "last_name": "Person",
                    "status": "ACTIVE",
                    "role": "AGENT",
                    "department": "Verkauf",
                    "position": "Makler",
                    "bio": TEXTS[4],
                    "website": "https://example.com",
                    "joined_at": MOMENT,
                    "last_login_at": MOMENT + timedelta(milliseconds=1),
                    "locale": "en-GB",
                    "timezone": "UTC",
                },
            )
        ]
        session.add_all(members)
        await session.flush()
        people = [*staff, members[0].id, members[2].id]
        properties = [_property(tenant, index, given) for index, given in enumerate(_properties(people))]
        session.add_all(properties)
        await session.flush()
        trashed = [
            _property(
                tenant,
                100 + index,
                {
                    "title": TEXTS[index],
                    "status": "AVAILABLE",
                    "deleted_at": MOMENT + timedelta(milliseconds=index // 2),
                    "deleted_by_id": (None, *people)[index],
                },
            )
            for index in range(5)
        ]
        session.add_all(trashed)
        await session.flush()
        notes = _notes(tenant, properties, people)
        gone = [
            models.Note(
                tenant_id=tenant,
                property_id=subject.id,
                author_id=people[index % len(people)],
                body=TEXTS[index],
                deleted_at=MOMENT + timedelta(milliseconds=index // 2),
                deleted_by_id=(None, people[0])[index % 2],
            )
            for index, subject in enumerate([properties[0], properties[1], properties[1], trashed[0]])
        ]
        under = [
            models.Note(tenant_id=tenant, property_id=trashed[0].id, author_id=people[0], body="unter dem Papierkorb")
        ]
        persons = _persons(tenant, properties, people, trashed[0])
        session.add_all([*notes, *gone, *under, *persons])
        customer = world.acme.people[Role.CUSTOMER].id
        tasks = await add_tasks(session, tenant, people[:3], customer, TEXTS)
        await session.commit()
    world.ids = {
        "Property": _names("Property", properties),
        "TrashedProperty": _names("Property", trashed),
        "Note": _names("Note", [*notes[:3], *notes[-8:], *under]),
        "TrashedNote": _names("Note", gone),
        "ContactPerson": _names("ContactPerson", [*persons[:3], *persons[-3:]]),
        "User": [person.gid for person in world.acme.people.values()] + _names("User", members),
        "Tenant": [world.acme.gid],
        **{kind: _names(kind.removeprefix("Trashed"), rows) for kind, rows in tasks.items()},
    }
    world.numbers = [row.external_number for row in (*properties[:6], trashed[0])]


def _property(tenant: UUID, index: int, given: dict[str, Any]) -> models.Property:
    id = uuid7()
    columns = {
        "external_number": f"P-{index:04d}",
        "open_immo_id": id.hex,
        "title": "Haus",
        "type": "HOUSE",
        "status_changed_at": MOMENT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
    return models.Property(tenant_id=tenant, id=id, **columns | given)


def _notes(tenant: UUID, properties: list[models.Property], people: list[UUID]) -> list[models.Note]:
    """More than a page on the first property, a handful on the next ones, none on the rest."""
    places = [0] * MANY_NOTES + [1, 1, 1, 2, 3, 4, 4, 5]
    return [
        models.Note(
            tenant_id=tenant,
            property_id=properties[place].id,
            author_id=people[index % len(people)],
            created_by_id=(None, *people)[index % (len(people) + 1)],
            body=TEXTS[index % len(TEXTS)] + f" {index}",
            pinned=index % 7 == 0,
            created_at=MOMENT + timedelta(milliseconds=index // 3),
        )
        for index, place in enumerate(places)
    ]


def _persons(
    tenant: UUID, properties: list[models.Property], people: list[UUID], trashed: models.Property
) -> list[models.ContactPerson]:
    """More than are shown on the first property; equal places on the second."""
    places = [(properties[0], index) for index in range(23)]
    places += [(properties[1], 0), (properties[1], 0), (properties[1], 1), (properties[3], -1), (trashed, 0)]
    return [
        models.ContactPerson(
            tenant_id=tenant,
            property_id=subject.id,
            ordinal=ordinal,
            name=TEXTS[index % len(TEXTS)],
            email=(None, "eva@example.com")[index % 2],
            phone=("+493023125000", None)[index % 2],
            user_id=(None, *people)[index % (len(people) + 1)],
        )
        for index, (subject, ordinal) in enumerate(places)
    ]


async def _fill_rival(world: World) -> None:
    state, tenant = world.state, world.rival.id
    owner = world.rival.people[Role.OWNER]
    async with state.database.write(tenant) as session:
        properties = [_property(tenant, index, {"title": "Fremd", "status": "AVAILABLE"}) for index in range(3)]
        properties[2].deleted_at = MOMENT
        session.add_all(properties)
        await session.flush()
        note = models.Note(tenant_id=tenant, property_id=properties[0].id, author_id=owner.id, body="Fremd")
        person = models.ContactPerson(tenant_id=tenant, property_id=properties[0].id, ordinal=0, name="Fremd")
        session.add_all([note, person])
        await session.commit()
    world.foreign = [
        *_names("Property", properties),
        *_names("Note", [note]),
        *_names("ContactPerson", [person]),
        owner.gid,
        world.rival.gid,
    ]


async def _join(world: World) -> None:
    """The owner of the one agency is a customer of the other."""
    owner = world.acme.people[Role.OWNER]
    async with world.state.database.write(world.rival.id) as session:
        member = models.Member(
            tenant_id=world.rival.id,
            account_id=owner.account_id,
            email=f"{uuid7().hex}@example.com",
            first_name="Zwei",
            last_name="Agenturen",
            role=Role.CUSTOMER.value,
            status="ACTIVE",
        )
        session.add(member)
        await session.flush()
        await directory.join(session, owner.account_id, world.rival.id, member.id)
        await session.commit()


def _name_nothing(world: World) -> None:
    kinds = ("Property", "Note", "User", "Tenant", "ContactPerson", "Galaxy", "Session", "PropertyConnection")
    world.nothing = [encode_id(kind, uuid7()) for kind in kinds]
    world.broken = ["", "x", "ü", "UHJvcGVydHk6MTIz", "%%%", world.ids["Property"][0] + "AA", " \n", "🏡" * 50]


ORDERS = [
    {"field": name, "direction": direction}
    for name in (
        *("CREATED_AT", "UPDATED_AT", "TITLE", "PRICE", "PRICE_PER_SQM"),
        *("LIVING_AREA", "ROOMS", "DAYS_ON_MARKET", "STATUS"),
    )
    for direction in ("ASC", "DESC")
]
PROPERTIES = """query ($orderBy: [PropertyOrder!], $filter: PropertyFilter) {
  properties(first: 100, orderBy: $orderBy, filter: $filter) { edges { cursor } } }"""
NOTES = "query ($id: ID!) { property(id: $id) { notes(first: 100) { edges { cursor } } } }"
TRASH = "query ($type: NodeType) { trash(first: 100, type: $type) { edges { cursor } } }"


async def _collect_cursors(world: World) -> None:
    """Cursors of all lists, as the reference executor gives them to the owner."""
    orders: list[Any] = [None, *([order] for order in ORDERS)]
    orders.append([{"field": "STATUS", "direction": "ASC"}, {"field": "PRICE", "direction": "DESC"}])
    given: list[dict[str, Any]] = [{"orderBy": order} for order in orders]
    given.append({"filter": {"status": {"in": ["AVAILABLE", "RESERVED"]}}})
    properties, notes, trash = [], [], []
    for arguments in given:
        found = (await _ask(world, PROPERTIES, arguments))["properties"]["edges"]
        here = {name: value for name, value in arguments.items() if value is not None}
        properties += [(here, edge["cursor"]) for edge in (found[0], found[9], found[-2], found[-1])]
    for id in world.ids["Property"][:3]:
        found = (await _ask(world, NOTES, {"id": id}))["property"]["notes"]["edges"]
        notes += [({"id": id}, edge["cursor"]) for edge in (found[0], found[len(found) // 2], found[-1])]
    for kind in (None, "PROPERTY", "NOTE"):
        found = (await _ask(world, TRASH, {"type": kind}))["trash"]["edges"]
        trash += [({"type": kind} if kind else {}, edge["cursor"]) for edge in (found[0], found[1])]
    world.cursors = {"properties": properties, "notes": notes, "trash": trash}


async def _ask(world: World, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    from graph.schema import schema

    settings = world.state.settings.model_copy(update={"engine": "reference"})
    engine = Engine(schema._schema, settings)
    request = Request(request_id="test", ip="127.0.0.1", user_agent="")
    token = f"Bearer {world.token(Role.OWNER)}"
    context = await Context.open(world.state, request, authorization=token, tenant_header=None)
    answer = await engine.execute(engine.accept(Call(document, variables, None, {})), context)
    assert "errors" not in answer.body, orjson.dumps(answer.body["errors"])
    data: dict[str, Any] = answer.body["data"]
    return data
