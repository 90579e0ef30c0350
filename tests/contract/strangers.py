"""How a stranger tries everything: for each way to name a record, the call, the record, and a name of nothing.

A probe counts only with its positive control: the owner's own call succeeds, and answers something else than for a name
that exists nowhere. Then the stranger's call with the foreign name must answer exactly what it answers for nothing, and
not one row of the owner's agency may differ.
"""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type

import models
from domain.access import Role
from domain.errors import ApiError
from graph.engine.calls import Call
from graph.engine.operations import Engine
from graph.schema import schema
from models.base import now, uuid7
from resolvers.kit.context import Context, Request, State
from resolvers.kit.ids import encode_id, split_id
from storage import directory
from storage.events import Cursor
from storage.hashing import hash_password
from tests.conftest import Client, Signed
from tests.factories import property_input

PASSWORD = "Stranger123!"

# Arguments that are text but name no record; everything else of type ID or String needs a probe.
WORDS = {
    "Mutation.authLogin(email)": "the name of a person, not of a record; wrong ones answer INVALID_CREDENTIALS",
    "Mutation.authLogin(password)": "a secret",
    "Mutation.authRefresh(refreshToken)": "a secret of 256 bits: who has it is its owner",
}


class Leak(AssertionError):
    """A stranger's answer differed, or something of the victim changed."""


@dataclass(frozen=True)
class World:
    """What a probe may use besides the two agencies."""

    state: State
    admin: asyncpg.Connection
    anonymous: Client


@dataclass(frozen=True)
class Probe:
    """One way to name a record of another agency."""

    name: str
    call: Callable[[World, Signed, str, dict[str, Any]], Awaitable[Any]]
    make: Callable[[World, Signed], Awaitable[str]]
    other: Callable[[str], str]
    more: Callable[[World, Signed], Awaitable[dict[str, Any]]]
    # Why no call with an own name succeeds either.
    never: str | None = None


@dataclass(frozen=True)
class Mirror:
    """A field without a name to send: it shows the caller's own things, here recognised by `mark`."""

    name: str
    call: Callable[[World, Signed, dict[str, Any]], Awaitable[Any]]
    mark: Callable[[World, Signed], Awaitable[str]]
    more: Callable[[World, Signed], Awaitable[dict[str, Any]]]


PROBES: dict[str, Probe | Mirror] = {}


# --- trying ----------------------------------------------------------------------------------------------------------


async def attempt(probe: Probe | Mirror, world: World, owner: Signed, stranger: Signed) -> None:
    """The control, then the stranger. Raises Leak when the stranger notices or touches anything."""
    if isinstance(probe, Probe):
        await check_control(probe, world, owner)
    await intrude(probe, world, owner, stranger)


async def check_control(probe: Probe, world: World, owner: Signed) -> None:
    """The owner's own call succeeds, and shows something else than a name of nothing."""
    own = await probe.make(world, owner)
    control = await probe.call(world, owner, own, await probe.more(world, owner))
    nothing = await probe.call(world, owner, probe.other(own), await probe.more(world, owner))
    if probe.never is None:
        assert succeeded(control), f"{probe.name}: the own call failed: {control}"
        assert without_times(control) != without_times(nothing), f"{probe.name}: the control shows no difference"


async def intrude(probe: Probe | Mirror, world: World, owner: Signed, stranger: Signed) -> None:
    """The stranger alone."""
    if isinstance(probe, Mirror):
        await _mirror(probe, world, owner, stranger)
        return
    victim = await probe.make(world, owner)
    before = await everything_of(world.admin, owner)
    foreign = await probe.call(world, stranger, victim, await probe.more(world, stranger))
    after = await everything_of(world.admin, owner)
    random = await probe.call(world, stranger, probe.other(victim), await probe.more(world, stranger))
    if before != after:
        changed = sorted(table for table in before if before[table] != after[table])
        raise Leak(f"{probe.name}: rows of the owner changed in {changed}")
    if without_times(foreign) != without_times(random):
        raise Leak(f"{probe.name}: {foreign} is not {random}")


async def _mirror(probe: Mirror, world: World, owner: Signed, stranger: Signed) -> None:
    mark = await probe.mark(world, owner)
    control = await probe.call(world, owner, await probe.more(world, owner))
    assert succeeded(control), f"{probe.name}: the own call failed: {control}"
    assert mark in json.dumps(control), f"{probe.name}: the own call does not show {mark}: {control}"
    before = await everything_of(world.admin, owner)
    seen = await probe.call(world, stranger, await probe.more(world, stranger))
    assert succeeded(seen), f"{probe.name}: the stranger's own call failed: {seen}"
    if await everything_of(world.admin, owner) != before:
        raise Leak(f"{probe.name}: rows of the owner changed")
    if mark in json.dumps(seen):
        raise Leak(f"{probe.name}: {seen} shows {mark}")


def succeeded(body: Any) -> bool:
    """No error of either family, and something in every root field."""
    if not isinstance(body, dict) or "data" not in body:
        return bool(body)
    roots = (body["data"] or {}).values()
    return (
        "errors" not in body
        and all(root is not None for root in roots)
        and not any(root.get("userErrors") for root in roots if isinstance(root, dict))
    )


def without_times(body: Any) -> Any:
    """The answer without what differs between two equal requests."""
    if isinstance(body, dict):
        return {key: without_times(value) for key, value in body.items() if key not in ("requestId", "timestamp")}
    return [without_times(item) for item in body] if isinstance(body, list) else body


async def everything_of(admin: asyncpg.Connection, signed: Signed) -> dict[str, tuple[int, str]]:
    """Number and digest of all rows of an agency, per table: rows, events, audit entries, counters, tokens."""
    tables = await admin.fetch(
        """select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
            where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.atttypid = 'uuid'::regtype
              and a.attname in ('tenant_id', 'tenant')"""
    )
    parts = [
        f"""select '{table}' as name, count(*) as rows,
                   coalesce(md5(string_agg(t::text, '' order by t::text)), '') as sum
              from {table} t where {column} = $1"""
        for table, column in tables
    ]
    found = await admin.fetch(" union all ".join(parts), signed.agency.id)
    return {row["name"]: (row["rows"], row["sum"]) for row in found}


# --- names -----------------------------------------------------------------------------------------------------------


def other_id(name: str) -> str:
    """An id of the same type that exists nowhere."""
    found = split_id(name)
    assert found is not None
    return encode_id(found[0], uuid7())


def other_cursor(name: str) -> str:
    """A cursor of the same list at the same place, of a row that exists nowhere."""
    payload = json.loads(base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)))
    payload[-1] = uuid7().hex
    return base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")


def other_position(name: str) -> str:
    """A place in the stream of no agency."""
    return Cursor(uuid7(), Cursor.decode(name).seq).encode()


async def nothing_more(_world: World, _signed: Signed) -> dict[str, Any]:
    return {}


async def new_property(_world: World, signed: Signed, **changes: Any) -> str:
    """A property of the agency's own."""
    document = (
        "mutation($i: PropertyCreateInput!) { propertyCreate(input: $i) { property { id } userErrors { code } } }"
    )
    data = await signed.owner.data(document, i=property_input(**changes))
    return str(data["propertyCreate"]["property"]["id"])


async def property_in_trash(world: World, signed: Signed) -> str:
    id = await new_property(world, signed)
    await signed.owner.data("mutation($id: ID!) { propertyDelete(id: $id) { property { id } } }", id=id)
    return id


async def number_of_property(world: World, signed: Signed) -> str:
    data = await signed.owner.data(
        "query($id: ID!) { property(id: $id) { externalNumber } }",
        id=await new_property(world, signed, externalNumber=f"N-{secrets.token_hex(8)}"),
    )
    return str(data["property"]["externalNumber"])


async def new_person(world: World, signed: Signed, keep: dict[str, str] | None = None) -> str:
    """A contact person of a new property; `keep` receives that property's id."""
    id = await new_property(world, signed, contactPersons=[{"name": "Eva Kern", "email": "eva@example.com"}])
    if keep is not None:
        keep["property"] = id
    data = await signed.owner.data("query($id: ID!) { property(id: $id) { contactPersons { id } } }", id=id)
    return str(data["property"]["contactPersons"][0]["id"])


async def new_note(world: World, signed: Signed) -> str:
    document = 'mutation($p: ID!) { propertyNoteAdd(propertyId: $p, input: { body: "Ruft an" }) { note { id } } }'
    data = await signed.owner.data(document, p=await new_property(world, signed))
    return str(data["propertyNoteAdd"]["note"]["id"])


async def agent_of(_world: World, signed: Signed) -> str:
    return signed.agency.people[Role.AGENT].gid


async def agency_of(_world: World, signed: Signed) -> str:
    return signed.agency.gid


async def position_of(_world: World, signed: Signed) -> str:
    return str((await signed.owner.data("{ streamCursor }"))["streamCursor"])


# Type → how an agency gets one. A node type without an entry fails the test of node and nodes.
NODES_MADE: dict[str, Callable[[World, Signed], Awaitable[str]]] = {
    "Tenant": agency_of,
    "User": agent_of,
    "Property": new_property,
    "ContactPerson": new_person,
    "Note": new_note,
}


# --- calls -----------------------------------------------------------------------------------------------------------


def sending(document: str, **variables: Any) -> Callable[[World, Signed, str, dict[str, Any]], Awaitable[Any]]:
    """The owner of the calling agency sends a document with the name as `$x`."""

    async def call(_world: World, signed: Signed, name: str, more: dict[str, Any]) -> Any:
        client = more.pop("client", signed.owner)
        return await client(document, x=name, **variables, **more)

    return call


def probe(
    name: str,
    document: str,
    make: Callable[..., Awaitable[str]],
    *,
    other: Callable[[str], str] = other_id,
    more: Callable[[World, Signed], Awaitable[dict[str, Any]]] = nothing_more,
    never: str | None = None,
) -> None:
    PROBES[name] = Probe(name, sending(document), make, other, more, never)


def mirror(
    name: str,
    document: str,
    mark: Callable[[World, Signed], Awaitable[str]],
    more: Callable[[World, Signed], Awaitable[dict[str, Any]]] = nothing_more,
) -> None:
    async def call(_world: World, signed: Signed, given: dict[str, Any]) -> Any:
        return await given.pop("client", signed.owner)(document, **given)

    PROBES[name] = Mirror(name, call, mark, more)


@asynccontextmanager
async def listening(
    state: State, token: str | None, document: str, **variables: Any
) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """A subscription without a socket: each event's answer, under the rights of its moment."""
    engine = Engine(schema._schema, state.settings)
    request = Request(request_id=uuid7().hex, ip="127.0.0.1", user_agent="", transport="ws")
    context = await Context.open(state, request, authorization=f"Bearer {token}" if token else None, tenant_header=None)
    accepted = engine.accept(Call(document, variables, None, {}))
    stream = await engine.subscribe(accepted, context)
    async with aclosing(stream.deliveries()) as deliveries:
        yield (json.loads(delivery.content) async for delivery in deliveries)


# --- properties ------------------------------------------------------------------------------------------------------

_READ = "id __typename"


async def two_properties_cursor(world: World, signed: Signed) -> str:
    """The cursor of the newer of two properties: behind it lies the older one."""
    await new_property(world, signed)
    await new_property(world, signed)
    data = await signed.owner.data("{ properties(first: 1) { edges { cursor } } }")
    return str(data["properties"]["edges"][0]["cursor"])


async def oldest_cursor(world: World, signed: Signed) -> str:
    """In ascending order, the cursor of a property behind which a name of nothing would lie."""
    await new_property(world, signed)
    data = await signed.owner.data(
        "{ properties(last: 1, orderBy: [{ field: CREATED_AT, direction: ASC }]) { edges { cursor } } }"
    )
    return str(data["properties"]["edges"][0]["cursor"])


async def assigned_agent(world: World, signed: Signed) -> str:
    """A member who looks after one property, beside which there is another one."""
    agent = signed.agency.people[Role.AGENT].gid
    await new_property(world, signed, assignedAgentId=agent)
    await new_property(world, signed)
    return agent


async def property_more(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await new_property(world, signed)}


probe("Query.property(id)", f"query($x: ID!) {{ property(id: $x) {{ {_READ} title }} }}", new_property)
probe(
    "Query.propertyByExternalNumber(externalNumber)",
    f"query($x: String!) {{ propertyByExternalNumber(externalNumber: $x) {{ {_READ} title }} }}",
    number_of_property,
    other=lambda name: f"N-{secrets.token_hex(8)}",
)
probe(
    "Query.properties(after)",
    "query($x: String!) { properties(after: $x) { nodes { id } totalCount pageInfo { hasNextPage } } }",
    two_properties_cursor,
    other=other_cursor,
)
probe(
    "Query.properties(before)",
    "query($x: String!) { properties(before: $x, orderBy: [{ field: CREATED_AT, direction: ASC }], last: 2)"
    " { nodes { id } pageInfo { hasNextPage } } }",
    oldest_cursor,
    other=other_cursor,
)
for operator, value in (("eq", "$x"), ("ne", "$x"), ("in", "[$x]"), ("notIn", "[$x]")):
    probe(
        f"Query.properties(filter.assignedAgentId.{operator})",
        f"query($x: ID!) {{ properties(filter: {{ assignedAgentId: {{ {operator}: {value} }} }})"
        " { totalCount nodes { id } } }",
        assigned_agent,
    )

_CREATE = 'mutation($x: ID!) { propertyCreate(input: { title: "Haus", type: APARTMENT, %s })'
_SHOWN = (
    " { property { title assignedAgent { id } contactPersons { name user { id } } }"
    " userErrors { code field details } } }"
)
probe(
    "Mutation.propertyCreate(input.assignedAgentId)",
    _CREATE % "assignedAgentId: $x" + _SHOWN,
    agent_of,
)
probe(
    "Mutation.propertyCreate(input.contactPersons.userId)",
    _CREATE % 'contactPersons: [{ name: "Eva", email: "eva@example.com", userId: $x }]' + _SHOWN,
    agent_of,
)
probe(
    "Mutation.propertyCreate(input.contactPersons.id)",
    _CREATE % 'contactPersons: [{ id: $x, name: "Eva", email: "eva@example.com" }]' + _SHOWN,
    new_person,
    never="a new property has no contact persons yet",
)
probe(
    "Mutation.propertyUpdate(id)",
    'mutation($x: ID!) { propertyUpdate(id: $x, input: { title: "Neu" })' + _SHOWN,
    new_property,
)
_UPDATE = "mutation($x: ID!, $own: ID!) { propertyUpdate(id: $own, input: { %s })"
probe(
    "Mutation.propertyUpdate(input.assignedAgentId)",
    _UPDATE % "assignedAgentId: $x" + _SHOWN,
    agent_of,
    more=property_more,
)
probe(
    "Mutation.propertyUpdate(input.contactPersons.userId)",
    _UPDATE % 'contactPersons: [{ name: "Eva", email: "eva@example.com", userId: $x }]' + _SHOWN,
    agent_of,
    more=property_more,
)


def _person_update() -> Probe:
    """The own call needs the property of the person; a stranger sends an own property with the foreign person."""
    keep: dict[str, str] = {}
    document = _UPDATE % 'contactPersons: [{ id: $x, name: "Neu", email: "eva@example.com" }]' + _SHOWN

    async def make(world: World, signed: Signed) -> str:
        keep["agency"] = signed.agency.gid
        return await new_person(world, signed, keep)

    async def more(world: World, signed: Signed) -> dict[str, Any]:
        mine = signed.agency.gid == keep["agency"]
        return {"own": keep["property"] if mine else await new_property(world, signed)}

    return Probe("Mutation.propertyUpdate(input.contactPersons.id)", sending(document), make, other_id, more)


PROBES["Mutation.propertyUpdate(input.contactPersons.id)"] = _person_update()
probe(
    "Mutation.propertyStatusSet(id)",
    "mutation($x: ID!) { propertyStatusSet(id: $x, input: { status: AVAILABLE })"
    " { property { status } userErrors { code field details } } }",
    new_property,
)
probe(
    "Mutation.propertyDelete(id)",
    "mutation($x: ID!) { propertyDelete(id: $x) { property { deletedAt } userErrors { code field details } } }",
    new_property,
)


RENAME = "mutation($id: ID!, $t: String!) { propertyUpdate(id: $id, input: { title: $t }) { property { id } } }"
HEAR = (
    "subscription($ids: [ID!], $after: String) { propertyChanged(ids: $ids, after: $after)"
    " { kind changedFields property { title } } }"
)


async def titles_until(answers: AsyncIterator[dict[str, Any]], last: str) -> list[str]:
    """Titles heard, up to the one known to come last."""
    heard: list[str] = []
    async with asyncio.timeout(10):
        async for answer in answers:
            heard.append(answer["data"]["propertyChanged"]["property"]["title"])
            if heard[-1] == last:
                break
    return heard


def _subscribed() -> Probe:
    """Listening to a record and to an own one, which is changed last and so ends the wait."""
    keep: dict[str, Signed] = {}

    async def make(world: World, signed: Signed) -> str:
        keep["owner"] = signed
        return await new_property(world, signed)

    async def call(world: World, signed: Signed, name: str, more: dict[str, Any]) -> Any:
        after = await position_of(world, signed)
        if signed is keep["owner"]:
            await signed.owner(RENAME, id=name, t="Geheim")
        await signed.owner.data(RENAME, id=more["own"], t="Zaun")
        token = signed.agency.people[Role.OWNER].token
        async with listening(world.state, token, HEAR, ids=[name, more["own"]], after=after) as answers:
            return await titles_until(answers, "Zaun")

    return Probe("Subscription.propertyChanged(ids)", call, make, other_id, property_more)


PROBES["Subscription.propertyChanged(ids)"] = _subscribed()


async def _resumed(world: World, signed: Signed, name: str, more: dict[str, Any]) -> Any:
    """What is heard from a place in the stream on: kinds, or the code of the refusal."""
    await new_property(world, signed)
    document = "subscription($after: String) { propertyChanged(after: $after) { kind } }"
    token = signed.agency.people[Role.OWNER].token
    async with listening(world.state, token, document, after=name) as answers:
        try:
            async with asyncio.timeout(10):
                return {"data": (await anext(answers))["data"]}
        except ApiError as error:
            return {"errors": [error.code.value]}


PROBES["Subscription.propertyChanged(after)"] = Probe(
    "Subscription.propertyChanged(after)", _resumed, position_of, other_position, nothing_more
)


async def _looked_at(world: World, signed: Signed, name: str, more: dict[str, Any]) -> Any:
    """Who looks at a record, by the names of their kind, or the code of the refusal."""
    document = "subscription($x: ID!) { viewersChanged(nodeId: $x) { users { __typename } } }"
    token = signed.agency.people[Role.OWNER].token
    async with listening(world.state, token, document, x=name) as answers:
        try:
            async with asyncio.timeout(10):
                return {"data": (await anext(answers))["data"]}
        except ApiError as error:
            return {"errors": [error.code.value]}


PROBES["Subscription.viewersChanged(nodeId)"] = Probe(
    "Subscription.viewersChanged(nodeId)", _looked_at, new_property, other_id, nothing_more
)

# --- notes -----------------------------------------------------------------------------------------------------------

_NOTE = " { note { body } userErrors { code field details } } }"
probe(
    "Mutation.propertyNoteAdd(propertyId)",
    'mutation($x: ID!) { propertyNoteAdd(propertyId: $x, input: { body: "Hallo" })' + _NOTE,
    new_property,
)
probe("Mutation.noteUpdate(id)", 'mutation($x: ID!) { noteUpdate(id: $x, input: { body: "Neu" })' + _NOTE, new_note)
probe("Mutation.noteDelete(id)", "mutation($x: ID!) { noteDelete(id: $x)" + _NOTE, new_note)

# --- platform --------------------------------------------------------------------------------------------------------

probe("Query.node(id)", f"query($x: ID!) {{ node(id: $x) {{ {_READ} }} }}", new_property)
probe("Query.nodes(ids)", f"query($x: ID!) {{ nodes(ids: [$x]) {{ {_READ} }} }}", new_property)
_TRASH = " { restored { id } purgedIds userErrors { code field details } } }"
probe("Mutation.trashRestore(ids)", "mutation($x: ID!) { trashRestore(ids: [$x])" + _TRASH, property_in_trash)
probe("Mutation.trashPurge(ids)", "mutation($x: ID!) { trashPurge(ids: [$x])" + _TRASH, property_in_trash)


async def trash_cursor(world: World, signed: Signed) -> str:
    await property_in_trash(world, signed)
    await property_in_trash(world, signed)
    data = await signed.owner.data("{ trash(first: 1) { edges { cursor } } }")
    return str(data["trash"]["edges"][0]["cursor"])


probe(
    "Query.trash(after)",
    "query($x: String!) { trash(after: $x) { nodes { id title } totalCount pageInfo { hasNextPage } } }",
    trash_cursor,
    other=other_cursor,
)
mirror("Query.trash", "{ trash { nodes { id title } totalCount } }", property_in_trash)
mirror("Query.properties", "{ properties { nodes { id title } totalCount } }", new_property)
mirror("Query.streamCursor", "{ streamCursor }", position_of)
mirror("Query.tenant", "{ tenant { id name usage { propertiesCount activeUsers } } }", agency_of)

# --- identity --------------------------------------------------------------------------------------------------------

mirror(
    "Query.viewer",
    "{ viewer { user { id } tenant { id } membership { id } memberships { tenant { id } } } }",
    agency_of,
)


_HASHES: list[str] = []


async def with_password(world: World, signed: Signed) -> dict[str, Any]:
    """The login of the agency's agent."""
    if not _HASHES:
        _HASHES.append(await hash_password(PASSWORD))  # 130 ms of work, once
    account = signed.agency.people[Role.AGENT].account_id
    email = await world.admin.fetchval(
        "update account set password_hash = $2 where id = $1 returning email", account, _HASHES[0]
    )
    return {"client": world.anonymous, "email": email, "password": PASSWORD}


probe(
    "Mutation.authLogin(tenantId)",
    "mutation($x: ID!, $email: EmailAddress!, $password: String!)"
    " { authLogin(email: $email, password: $password, tenantId: $x)"
    " { tenant { id } user { id } memberships { tenant { id } } userErrors { code field details } } }",
    agency_of,
    more=with_password,
)


async def second_device(world: World, signed: Signed) -> str:
    """The refresh token of a further session of the owner, stored as a sign-in stores it."""
    owner, token = signed.agency.people[Role.OWNER], secrets.token_urlsafe(32)
    async with world.state.database.write(signed.agency.id) as session:
        device = models.Session(tenant_id=signed.agency.id, member_id=owner.id, expires_at=now() + timedelta(days=7))
        session.add(device)
        await session.flush()
        await directory.store_token(
            session,
            token,
            account=owner.account_id,
            tenant=signed.agency.id,
            member=owner.id,
            device=device.id,
            expires_at=device.expires_at,
        )
        await session.commit()
    return token


def _logout() -> Probe:
    """Ending a session by its token. Any other token ends the caller's own session, so each call has a new one."""
    document = "mutation($x: String!) { authLogout(refreshToken: $x) { ok userErrors { code } } }"

    async def call(world: World, signed: Signed, name: str, _more: dict[str, Any]) -> Any:
        fresh = await second_device(world, signed)
        pair = await world.anonymous.data(
            "mutation($t: String!) { authRefresh(refreshToken: $t) { accessToken } }", t=fresh
        )
        client = Client(world.anonymous.http, pair["authRefresh"]["accessToken"])
        answer = await client(document, x=name)
        return {**answer, "own session goes on": "errors" not in await client("{ tenant { id } }")}

    return Probe(
        "Mutation.authLogout(refreshToken)", call, second_device, lambda _: secrets.token_urlsafe(32), nothing_more
    )


PROBES["Mutation.authLogout(refreshToken)"] = _logout()


async def own_refresh(world: World, signed: Signed) -> dict[str, Any]:
    return {"client": world.anonymous, "token": await second_device(world, signed)}


mirror(
    "Mutation.authRefresh",
    "mutation($token: String!) { authRefresh(refreshToken: $token) { tenant { id } userErrors { code } } }",
    agency_of,
    own_refresh,
)


# --- what there is to try --------------------------------------------------------------------------------------------

# Root fields that show nothing of any agency, or make a new one.
OF_NOBODY = {
    "Query.errorCodes": "the catalogue of codes",
    "Mutation.authRegister": "makes a new agency; joins none, see tests of identity",
    "Mutation.taskLabelCreate": "makes a label and names no record",
}


def names_to_try() -> set[str]:
    """Every argument of a root field that can name a record, as `Mutation.propertyUpdate(input.contactPersons.id)`."""
    found = set()
    for root in (schema._schema.query_type, schema._schema.mutation_type, schema._schema.subscription_type):
        assert isinstance(root, GraphQLObjectType)
        for field_name, field in root.fields.items():
            for name, argument in field.args.items():
                for path in _names(name, argument.type, ()):
                    found.add(f"{root.name}.{field_name}({path})")
    return found - set(WORDS)


def _names(path: str, kind: Any, seen: tuple[str, ...]) -> list[str]:
    named = get_named_type(kind)
    if named.name == "ID" or (named.name in ("String", "EmailAddress") and "." not in path):
        return [path]
    if not isinstance(named, GraphQLInputObjectType) or named.name in seen:
        return []
    return [
        found
        for name, field in named.fields.items()
        for found in _names(f"{path}.{name}", field.type, (*seen, named.name))
    ]


def root_fields() -> set[str]:
    roots = (schema._schema.query_type, schema._schema.mutation_type, schema._schema.subscription_type)
    return {f"{root.name}.{name}" for root in roots if root is not None for name in root.fields}
