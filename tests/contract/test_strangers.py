"""Every root field, mutation, subscription and node type, tried by another agency: foreign is like non-existent."""

import asyncpg
import pytest

from domain.access import Role
from graph.kit.field import NODES
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Client, Signed
from tests.contract.strangers import (
    HEAR,
    NODES_MADE,
    OF_NOBODY,
    PROBES,
    RENAME,
    WORDS,
    Probe,
    World,
    attempt,
    everything_of,
    listening,
    names_to_try,
    nothing_more,
    other_id,
    root_fields,
    sending,
    titles_until,
    without_times,
)
from tests.factories import property_input


@pytest.fixture
def world(state: State, admin: asyncpg.Connection, anonymous: Client) -> World:
    return World(state, admin, anonymous)


def test_every_name_has_a_probe() -> None:
    tried = {name for name, probe in PROBES.items() if isinstance(probe, Probe)}
    assert tried == names_to_try()


def test_every_root_field_is_tried() -> None:
    assert {name.partition("(")[0] for name in PROBES} | set(OF_NOBODY) == root_fields()
    assert {name.partition("(")[0] for name in WORDS} <= root_fields()


def test_every_node_type_has_a_maker() -> None:
    assert set(NODES_MADE) == set(NODES.by_name)


@pytest.mark.parametrize("name", PROBES)
async def test_a_stranger_learns_and_changes_nothing(name: str, world: World, acme: Signed, rival: Signed) -> None:
    await attempt(PROBES[name], world, acme, rival)


@pytest.mark.parametrize("type_name", NODES_MADE)
@pytest.mark.parametrize("document", ["{ node(id: $x) { id } }", "{ nodes(ids: [$x]) { id } }"])
async def test_no_node_of_another_agency(
    type_name: str, document: str, world: World, acme: Signed, rival: Signed
) -> None:
    probe = Probe(type_name, sending("query($x: ID!) " + document), NODES_MADE[type_name], other_id, nothing_more)
    await attempt(probe, world, acme, rival)


async def test_foreign_ids_keep_their_place_among_own_ones(world: World, acme: Signed, rival: Signed) -> None:
    foreign, own = await NODES_MADE["Property"](world, acme), await NODES_MADE["Property"](world, rival)
    data = await rival.owner.data("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[foreign, own, foreign])
    assert data == {"nodes": [None, {"id": own}, None]}


async def test_a_stranger_hears_nothing(world: World, acme: Signed, rival: Signed) -> None:
    foreign, own = await NODES_MADE["Property"](world, acme), await NODES_MADE["Property"](world, rival)
    token = rival.agency.people[Role.OWNER].token
    after = (await rival.owner.data("{ streamCursor }"))["streamCursor"]
    for wanted in ([foreign, own], None):
        async with listening(world.state, token, HEAR, ids=wanted, after=after) as answers:
            await acme.owner.data(RENAME, id=foreign, t="Geheim")
            await rival.owner.data(RENAME, id=own, t="Zaun")
            assert await titles_until(answers, "Zaun") == ["Zaun"]
        await rival.owner.data(RENAME, id=own, t="Vorher")
        after = (await rival.owner.data("{ streamCursor }"))["streamCursor"]


async def test_one_foreign_id_among_own_ones_stops_the_whole_mutation(
    world: World, acme: Signed, rival: Signed
) -> None:
    document = "mutation($ids: [ID!]!) { trashPurge(ids: $ids) { purgedIds userErrors { code field } } }"
    foreign = await NODES_MADE["Property"](world, acme)
    own = await NODES_MADE["Property"](world, rival)
    for signed, id in ((acme, foreign), (rival, own)):
        await signed.owner.data("mutation($id: ID!) { propertyDelete(id: $id) { property { id } } }", id=id)
    before = await everything_of(world.admin, acme)
    data = await rival.owner.data(document, ids=[own, foreign])
    assert data == {"trashPurge": {"purgedIds": [], "userErrors": [{"code": "NOT_FOUND", "field": ["ids", "1"]}]}}
    assert await everything_of(world.admin, acme) == before
    trash = await rival.owner.data("{ trash { nodes { id } } }")
    assert trash == {"trash": {"nodes": [{"id": own}]}}


async def test_the_tenant_header_opens_only_ones_own_agencies(acme: Signed, rival: Signed) -> None:
    document = "{ tenant { id } properties { totalCount } }"
    own = await rival.owner(document, _headers={"X-Tenant-ID": rival.agency.gid})
    assert own == {"data": {"tenant": {"id": rival.agency.gid}, "properties": {"totalCount": 0}}}
    foreign = await rival.owner(document, _headers={"X-Tenant-ID": acme.agency.gid})
    random = await rival.owner(document, _headers={"X-Tenant-ID": encode_id("Tenant", uuid7())})
    assert foreign["errors"][0]["extensions"]["code"] == "TENANT_MISMATCH"
    assert without_times(foreign) == without_times(random)


async def test_an_idempotency_key_belongs_to_its_agency(acme: Signed, rival: Signed) -> None:
    document = "mutation($i: PropertyCreateInput!) { propertyCreate(input: $i) { property { id title } } }"
    headers = {"Idempotency-Key": "the-same-key"}
    client = acme.owner
    first = await client(document, _headers=headers, i=property_input(title="Erstes"))
    assert "idempotency-replayed" not in client.last.headers
    assert await client(document, _headers=headers, i=property_input(title="Erstes")) == first
    assert client.last.headers["idempotency-replayed"] == "true"
    client = rival.owner
    other = await client(document, _headers=headers, i=property_input(title="Erstes"))
    assert "idempotency-replayed" not in client.last.headers
    assert other["data"]["propertyCreate"]["property"]["id"] != first["data"]["propertyCreate"]["property"]["id"]
    titles = await rival.owner.data("{ properties { nodes { title } } }")
    assert titles == {"properties": {"nodes": [{"title": "Erstes"}]}}


async def test_own_numbers_are_free_in_every_agency(acme: Signed, rival: Signed) -> None:
    """A unique value of another agency must not be noticed."""
    document = (
        "mutation($i: PropertyCreateInput!) { propertyCreate(input: $i)"
        " { property { externalNumber } userErrors { code field } } }"
    )
    taken = {"data": {"propertyCreate": {"property": {"externalNumber": "A-1"}, "userErrors": []}}}
    assert await acme.owner(document, i=property_input(externalNumber="A-1")) == taken
    assert await rival.owner(document, i=property_input(externalNumber="A-1")) == taken
    refused = await acme.owner(document, i=property_input(externalNumber="A-1"))
    assert refused["data"]["propertyCreate"]["userErrors"] == [
        {"code": "ALREADY_EXISTS", "field": ["input", "externalNumber"]}
    ]
