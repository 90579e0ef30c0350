"""Agencies with people, properties, contact persons and notes, written straight into a migrated database.

The API would need hours for a million rows. Values are drawn from fixed seeds, so every run has the same data except
for its times, which lie in the two years before now. The login must be a superuser: row-level security is forced.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from domain.access import ROLE_SCOPES, Role
from domain.properties import BOOLEAN_FEATURES
from models.base import uuid7
from settings import Settings
from storage.tokens import Tokens

AGENTS = 6  # of an agency, besides one member of every other role
TOKEN_MINUTES = 24 * 60
NAMES = ("Jürgen Groß", "Anna Müller", "Łukasz Nowak", "Zoë D'Arcy", "Uğur Yılmaz", "Sören Höß", "Bärbel Köhler")


@dataclass(frozen=True)
class Person:
    """A member with a session."""

    id: UUID
    role: Role
    token: str


@dataclass(frozen=True)
class Agency:
    """An agency and those of its members who look at screens."""

    id: UUID
    number: int
    people: tuple[Person, ...]


async def make_agency(connection: asyncpg.Connection, number: int) -> Agency:
    """An active agency with members of all roles, signed in."""
    tenant, slug = uuid7(), f"agency-{number}"
    tokens = Tokens(Settings(access_token_expire_minutes=TOKEN_MINUTES))
    await connection.execute("insert into tenant_slug (slug, tenant) values ($1, $2)", slug, tenant)
    await connection.execute(
        """
        insert into tenant (tenant_id, id, created_at, updated_at, name, slug, primary_color, secondary_color, plan,
                            subscription_status, currency, timezone, language, property_number_format)
        values ($1, $1, now(), now(), $2, $3, '#3B82F6', '#1E40AF', 'ENTERPRISE', 'ACTIVE', 'EUR', 'Europe/Berlin',
                'de', 'OBJ-{YYYY}-{0000}')
        """,
        tenant,
        f"Agency {number}",
        slug,
    )
    await connection.execute(
        "insert into event_stream (tenant_id, epoch, last_seq, min_seq, audit_seq, audit_head)"
        " values ($1, $2, $3, 1, 0, '')",
        tenant,
        uuid7(),
        number * 1000,
    )
    roles = [*(role for role in Role if role is not Role.AGENT), *[Role.AGENT] * AGENTS]
    people = [await _make_person(connection, tokens, tenant, slug, role, index) for index, role in enumerate(roles)]
    return Agency(tenant, number, tuple(person for person in people if person.role is not Role.CUSTOMER))


async def _make_person(
    connection: asyncpg.Connection, tokens: Tokens, tenant: UUID, slug: str, role: Role, index: int
) -> Person:
    member, account, session = uuid7(), uuid7(), uuid7()
    email = f"{role.value.lower()}-{index}@{slug}.example"
    first, _, last = NAMES[index % len(NAMES)].partition(" ")
    await connection.execute("insert into account (id, email, created_at) values ($1, $2, now())", account, email)
    await connection.execute(
        """
        insert into member (tenant_id, id, created_at, updated_at, account_id, email, first_name, last_name, phone,
                            role, status, locale, timezone, joined_at)
        values ($1, $2, now(), now(), $3, $4, $5, $6, '+493023125000', $7, 'ACTIVE', 'de-DE', 'Europe/Berlin', now())
        """,
        tenant,
        member,
        account,
        email,
        first,
        last,
        role.value,
    )
    await connection.execute(
        "insert into account_tenant (account_id, tenant_id, member_id, is_active) values ($1, $2, $3, true)",
        account,
        tenant,
        member,
    )
    await connection.execute(
        """
        insert into session (tenant_id, id, created_at, updated_at, member_id, last_used_at, expires_at)
        values ($1, $2, now(), now(), $3, now(), now() + interval '7 days')
        """,
        tenant,
        session,
        member,
    )
    token = tokens.access(
        account=account,
        tenant=tenant,
        slug=slug,
        member=member,
        session=session,
        role=role.value,
        scopes=sorted(scope.value for scope in ROLE_SCOPES[role]),
        refresh=session.hex,
        issued=int(time.time()),
    )
    return Person(member, role, token)


# SQL of drawn values. Each name drawn is a random number of its own, from 0 to 1, in the row `r`.


class Draws:
    """Names of random numbers, in the order they are first asked for."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def number(self) -> str:
        self._names.append(f"x{len(self._names)}")
        return f"r.{self._names[-1]}"

    def pick(self, values: Sequence[str | None], of: str | None = None) -> str:
        """One of these texts; each as likely as it is often among them."""
        listed = ", ".join("null" if value is None else "'" + value.replace("'", "''") + "'" for value in values)
        return f"(array[{listed}]::text[])[1 + floor({of or self.number()} * {len(values)})::int]"

    def whole(self, low: int, high: int, empty: float = 0.0) -> str:
        """A whole number of a range; nothing in a share `empty` of the rows."""
        drawn = f"({low} + floor({self.number()} * {high - low + 1}))::bigint"
        return f"case when {self.number()} >= {empty} then {drawn} end" if empty else drawn

    def some(self, values: Sequence[str], share: float) -> str:
        """Each of these texts with this likelihood."""
        cases = ", ".join(f"case when {self.number()} < {share} then '{value}' end" for value in values)
        return f"array_remove(array[{cases}]::text[], null)"

    def row(self) -> str:
        """The numbers; drawn anew per row because it depends on `g.n`."""
        return ", ".join(f"random() + 0 * g.n as {name}" for name in self._names)


CITIES = (
    # city, postal code, state, latitude, longitude
    ("Berlin", "10115", "BE", "52.532", "13.384"),
    ("Berlin", "12043", "BE", "52.480", "13.434"),
    ("Hamburg", "20095", "HH", "53.551", "10.001"),
    ("München", "80331", "BY", "48.135", "11.571"),
    ("Köln", "50667", "NW", "50.938", "6.957"),
    ("Düsseldorf", "40213", "NW", "51.226", "6.774"),
    ("Frankfurt am Main", "60311", "HE", "50.111", "8.682"),
    ("Stuttgart", "70173", "BW", "48.777", "9.181"),
    ("Leipzig", "04109", "SN", "51.340", "12.375"),
    ("Dresden", "01067", "SN", "51.051", "13.734"),
    ("Nürnberg", "90402", "BY", "49.450", "11.079"),
    ("Würzburg", "97070", "BY", "49.793", "9.932"),
    ("Görlitz", "02826", "SN", "51.154", "14.987"),
    ("Rügen", "18528", "MV", "54.450", "13.432"),
    ("Bad Tölz", "83646", "BY", "47.760", "11.558"),
    (None, None, None, None, None),
)
STREETS = ("Goethestraße", "Am Weiher", "Schillerplatz", "Straße des 17. Juni", "Königsallee", None)
ADJECTIVES = ("Helle", "Großzügige", "Ruhige", "Sanierte", "Außergewöhnliche", "Ältere", "Möblierte", "Charmante")
NOUNS = ("Wohnung am Park", "Villa mit Garten", "Doppelhaushälfte", "Büroetage", "Remise „Alte Mühle“", "Maisonette")
TEXT = (
    "Diese Immobilie liegt in ruhiger Lage mit Blick ins Grüne. Das Bad wurde 2019 erneuert, die Küche ist „offen“ "
    'gestaltet; der Preis versteht sich zzgl. Stellplatz (15.000 €).\nBesichtigung nach Absprache — "gern" abends \\ '
    "am Wochenende. Die Nähe zu Schule, Bäckerei und S-Bahn macht sie für Familien interessant. "
)
FEATURES = [key.value for key in BOOLEAN_FEATURES]


def _columns(draws: Draws, texts: bool) -> dict[str, str]:
    """Column → SQL. `r` are drawn numbers, `t.created` a moment, `k` what other columns hang on, `g.n` the number."""
    city = draws.number()
    place = {
        name: draws.pick([row[index] for row in CITIES], city)
        for index, name in enumerate(("city", "code", "state", "latitude", "longitude"))
    }
    text = "'" + TEXT.replace("'", "''") + "'"

    def prose(most: int, empty: float) -> str:
        if not texts:
            return "null"
        return f"case when {draws.number()} >= {empty} then repeat({text}, {draws.whole(1, most)}::int) || g.n end"

    sale = "k.marketing in ('BUY', 'LEASEHOLD')"
    built = draws.whole(1890, 2025, 0.1)
    floors = draws.whole(1, 8, 0.2)
    street = draws.pick(STREETS)
    rent = f"({draws.whole(400, 4000)} * 100)"
    costs = draws.whole(5_000, 40_000)
    return {
        "tenant_id": "$1::uuid",
        # Version 7: the moment, then what is drawn.
        "id": (
            "(lpad(to_hex((extract(epoch from t.created) * 1000)::bigint), 12, '0') || '7'"
            " || substr(md5($1::uuid::text || g.n), 1, 3) || 'a' || substr(md5($1::uuid::text || g.n), 5, 15))::uuid"
        ),
        "created_at": "t.created",
        "updated_at": f"t.created + {draws.number()} * (now() - t.created)",
        "created_by_id": f"($2::uuid[])[1 + floor({draws.number()} * cardinality($2::uuid[]))::int]",
        "version": draws.whole(1, 40),
        "deleted_at": f"case when {draws.number()} < 0.03 then now() end",
        "external_number": "'OBJ-' || to_char(t.created, 'YYYY') || '-' || lpad(g.n::text, 6, '0')",
        "open_immo_id": "md5('o' || $1::uuid::text || g.n)",
        "title": (
            f"{draws.pick(ADJECTIVES)} || ' ' || {draws.pick(NOUNS)} || coalesce(' in ' || k.city, '')"
            f" || case when {draws.number()} < 0.7 then ' ' || g.n else '' end"
        ),
        "description": prose(4, 0.2),
        "location_description": prose(2, 0.5),
        "equipment_description": prose(2, 0.5),
        "other_description": prose(1, 0.8),
        "status": "k.status",
        "status_changed_at": "t.created + interval '1 hour'",
        "type": draws.pick(["APARTMENT"] * 9 + ["HOUSE"] * 6 + ["OFFICE", "RETAIL", "LAND", "MULTI_FAMILY", "PARKING"]),
        "subtype": draws.pick(["PENTHOUSE", "VILLA", "BUNGALOW", "UNSPECIFIED", None, None]),
        "usage": draws.pick(["RESIDENTIAL"] * 5 + ["COMMERCIAL", "INVESTMENT"]),
        "marketing_type": "k.marketing",
        "price": f"case when {sale} then {draws.whole(40, 1900, 0.05)} * 100000 + {draws.whole(0, 99)} end",
        "price_on_request": f"{draws.number()} < 0.05",
        "rent_cold": f"case when not {sale} then {rent} end",
        "rent_warm": f"case when not {sale} and {draws.number()} < 0.8 then {rent} + {costs} end",
        "service_charge": f"case when not {sale} then {costs} end",
        "heating_cost": draws.whole(4_000, 20_000, 0.7),
        "deposit": f"case when not {sale} then {rent} * 3 end",
        "house_money": f"case when {sale} then {draws.whole(10_000, 60_000, 0.5)} end",
        "commission_model": draws.pick(["DOUBLE", "SELLER_PAYS", "BUYER_PAYS", "NONE"]),
        "commission_buyer": draws.whole(100, 357, 0.3),
        "commission_seller": draws.whole(0, 357, 0.5),
        "commission_text": draws.pick(["3,57 % inkl. MwSt.", None, None]),
        "living_area": draws.whole(1_500, 35_000, 0.08),
        "usable_area": draws.whole(500, 50_000, 0.7),
        "total_area": draws.whole(5_000, 90_000, 0.8),
        "plot_area": draws.whole(10_000, 500_000, 0.6),
        "rooms": draws.whole(2, 20, 0.1),
        "bedrooms": draws.whole(0, 8, 0.2),
        "bathrooms": draws.whole(0, 8, 0.2),
        "floor": f"case when {draws.number()} < 0.6 then least({draws.whole(-1, 7)}, ({floors})) end",
        "floors_total": floors,
        "year_built": built,
        "last_modernisation": draws.whole(1990, 2025, 0.6),
        "condition": draws.pick(["NEW", "RENOVATED", "GOOD", "NEEDS_RENOVATION", None]),
        "available_from": f"case when {draws.number()} < 0.3 then current_date + {draws.whole(0, 400)}::int end",
        "available_from_text": draws.pick(["nach Absprache", "sofort", None, None]),
        "is_rented": f"{draws.number()} < 0.2",
        "location": f"case when {draws.number()} < 0.9 then k.city end",
        "street": street,
        "house_number": f"case when {draws.number()} < 0.9 then {draws.whole(1, 200)}::text || 'a' end",
        "postal_code": place["code"],
        "city": "k.city",
        "state": place["state"],
        "latitude": f"round(({place['latitude']})::numeric + ({draws.number()} / 20)::numeric, 6)",
        "longitude": f"round(({place['longitude']})::numeric + ({draws.number()} / 20)::numeric, 6)",
        "show_address": f"{draws.number()} < 0.5",
        "features": draws.some(FEATURES[:10], 0.35),
        "unknown_features": draws.some(FEATURES[10:], 0.3),
        "parking_spaces": draws.whole(0, 4, 0.4),
        "parking_type": draws.pick(["GARAGE", "CARPORT", "OUTDOOR", None, None]),
        "heating_type": draws.pick(["CENTRAL", "DISTRICT", "HEAT_PUMP", None]),
        "energy_source": draws.pick(["GAS", "OIL", "DISTRICT", None]),
        "energy_class": draws.pick(["A_PLUS", "A", "B", "D", "F", None, None]),
        "flooring": draws.some(["PARQUET", "TILES", "LAMINATE"], 0.4),
        "orientation": draws.pick(["SOUTH", "SOUTH_WEST", "EAST", None]),
        "amenities": draws.some(["Smart Home", "Glasfaser", "Wallbox", "Wäscheraum"], 0.3),
        "assigned_agent_id": (
            f"case when {draws.number()} < 0.8"
            f" then ($2::uuid[])[1 + floor({draws.number()} * cardinality($2::uuid[]))::int] end"
        ),
        "first_available_at": (
            "case when k.status not in ('ACQUISITION', 'PREPARATION') then t.created + interval '1 day' end"
        ),
        "closed_at": (
            "case when k.status in ('SOLD', 'RENTED')"
            f" then t.created + interval '1 day' + {draws.number()} * (now() - t.created) end"
        ),
        "k.city": place["city"],
    }


def _insert(texts: bool) -> str:
    """The statement that makes properties `$4` to `$5` of `$3` in tenant `$1` with the members `$2`."""
    draws = Draws()
    columns = _columns(draws, texts)
    city = columns.pop("k.city")
    marketing = draws.pick(["BUY"] * 6 + ["RENT"] * 3 + ["LEASEHOLD"])
    status = draws.pick(
        ["AVAILABLE"] * 9
        + ["PREPARATION"] * 4
        + ["RESERVED"] * 2
        + ["SOLD", "SOLD", "RENTED", "ACQUISITION", "WITHDRAWN"]
    )
    when = draws.number()
    return f"""
        insert into property ({", ".join(columns)})
        select {", ".join(columns.values())}
          from generate_series($4::int, $5::int) as g (n)
         cross join lateral (select {draws.row()}) as r
         cross join lateral (
           -- in equal steps, with some that came at the same moment
           select date_trunc(
                    case when {when} < 0.05 then 'week' else 'milliseconds' end,
                    now() - interval '730 days' * (1 - (g.n - {when}) / $3::int)
                  ) as created
         ) as t
         cross join lateral (select {city} as city, {marketing} as marketing, {status} as status) as k
    """


CONTACT_PERSONS = """
    insert into contact_person (tenant_id, id, created_at, updated_at, property_id, ordinal, name, email, phone, role)
    select p.tenant_id, md5('c' || p.id || i)::uuid, p.created_at, p.created_at, p.id, i,
           ($2::text[])[1 + (d.x + i) % cardinality($2::text[])],
           case when (d.x + i) % 3 > 0 then 'kontakt' || i || '@example.com' end,
           case when (d.x + i) % 4 > 0 then '+4930231251' || lpad((d.x % 100)::text, 2, '0') end,
           case i when 0 then 'Ansprechpartner' else 'Hausmeister' end
      from property p
     cross join lateral (select ('x' || substr(md5(p.id::text), 1, 7))::bit(28)::int as x) as d
     cross join lateral generate_series(0, d.x % 4 - 1) as i
     where p.tenant_id = $1
"""
NOTES = """
    insert into note (tenant_id, id, created_at, updated_at, created_by_id, deleted_at, body, pinned, author_id,
                      property_id)
    select p.tenant_id, md5('n' || p.id || i)::uuid, p.created_at + i * interval '7 hours', p.created_at, a.id,
           case when (d.x + i) % 19 = 0 then now() end,
           'Notiz ' || i || ': ' || repeat('Rückruf wegen "Finanzierung" vereinbart. ', 1 + (d.x + i) % 6),
           (d.x + i) % 10 = 0, a.id, p.id
      from property p
     cross join lateral (select ('x' || substr(md5(p.id::text), 8, 7))::bit(28)::int as x) as d
     cross join lateral generate_series(1, d.x % 13) as i
     cross join lateral (select ($2::uuid[])[1 + (d.x + i) % cardinality($2::uuid[])] as id) as a
     where p.tenant_id = $1
"""


async def add_properties(
    connection: asyncpg.Connection, agency: Agency, count: int, *, texts: bool = True, part: tuple[int, int] = (1, 1)
) -> None:
    """`count` properties of an agency, or of them the part (1, 2) …; `texts` False leaves their long texts out."""
    members = [person.id for person in agency.people]
    number, parts = part
    # Who exists is known here: keys need not be looked up a million times.
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute("select setseed($1)", 1 / (agency.number + 2 + number))
        first, last = count * (number - 1) // parts + 1, count * number // parts
        await connection.execute(_insert(texts), agency.id, members, count, first, last)


async def add_many_properties(url: str, agency: Agency, count: int, parts: int = 2) -> None:
    """A million in about a minute: several connections, and indexes that are made when all rows are there."""
    connections = [await asyncpg.connect(url) for _ in range(parts)]
    try:
        indexes = await connections[0].fetch(INDEXES)
        for index in indexes:
            await connections[0].execute(f"drop index {index['name']}")
        await asyncio.gather(
            *(
                add_properties(connection, agency, count, texts=False, part=(number, parts))
                for number, connection in enumerate(connections, 1)
            )
        )
        await asyncio.gather(*(_create(connection, indexes[i::parts]) for i, connection in enumerate(connections)))
    finally:
        for connection in connections:
            await connection.close()


# Those that no constraint needs.
INDEXES = """
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid = 'property'::regclass and not exists (select from pg_constraint where conindid = indexrelid)
     order by 1
"""


async def _create(connection: asyncpg.Connection, indexes: list[asyncpg.Record]) -> None:
    await connection.execute("set maintenance_work_mem = '512MB'")
    for index in indexes:
        await connection.execute(index["definition"])


async def add_parts(connection: asyncpg.Connection, agency: Agency) -> None:
    """Up to 3 contact persons and up to 12 notes of every property of an agency."""
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(CONTACT_PERSONS, agency.id, list(NAMES))
        await connection.execute(NOTES, agency.id, [person.id for person in agency.people])


async def settle(connection: asyncpg.Connection) -> None:
    """Statistics and visibility maps as a database in use has them; nothing of it happens while somebody measures."""
    for table in ("property", "note", "contact_person", "member", "event_stream"):
        await connection.execute(f"alter table {table} set (autovacuum_enabled = false)")
        await connection.execute(f"vacuum (analyze) {table}")
    await connection.execute("checkpoint")


async def fill(url: str, agencies: int, properties: int) -> list[Agency]:
    """`agencies` agencies with `properties` properties each, with all their parts."""
    connection = await asyncpg.connect(url)
    try:
        made = []
        for number in range(agencies):
            agency = await make_agency(connection, number)
            await add_properties(connection, agency, properties)
            await add_parts(connection, agency)
            made.append(agency)
        await settle(connection)
        return made
    finally:
        await connection.close()
