"""Every root field, mutation, subscription and node type, tried by another agency: foreign is like non-existent."""

import asyncpg
import pytest

import models
from domain.access import Role
from graph.kit.field import NODES
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from storage import directory
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
from tests.factories import Person, property_input


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


async def join(state: State, person: Person, signed: Signed, role: Role) -> None:
    """Make a person of one agency a member of another one too."""
    async with state.database.write(signed.agency.id) as session:
        member = models.Member(
            tenant_id=signed.agency.id,
            account_id=person.account_id,
            email=f"{person.id.hex}@example.com",
            first_name="Zwei",
            last_name="Agenturen",
            role=role.value,
            status="ACTIVE",
        )
        session.add(member)
        await session.flush()
        await directory.join(session, person.account_id, signed.agency.id, member.id)
        await session.commit()


async def test_a_person_of_two_agencies_sees_one_at_a_time(
    state: State, world: World, acme: Signed, rival: Signed
) -> None:
    """The header opens the other agency with the role held there; what is done there happens there."""
    await join(state, acme.agency.people[Role.OWNER], rival, Role.CUSTOMER)
    there = {"X-Tenant-ID": rival.agency.gid}
    at_home, away = await NODES_MADE["Property"](world, acme), await NODES_MADE["Property"](world, rival)
    await world.admin.execute("update property set status = 'AVAILABLE' where tenant_id = $1", rival.agency.id)

    document = "{ tenant { id } viewer { membership { role } memberships { role } } properties { nodes { id } } }"
    home = await acme.owner(document)
    assert home["data"]["tenant"] == {"id": acme.agency.gid}
    assert home["data"]["viewer"]["membership"] == {"role": "OWNER"}
    assert home["data"]["properties"] == {"nodes": [{"id": at_home}]}
    guest = await acme.owner(document, _headers=there)
    assert guest["data"]["tenant"] == {"id": rival.agency.gid}
    assert guest["data"]["viewer"]["membership"] == {"role": "CUSTOMER"}
    assert guest["data"]["properties"] == {"nodes": [{"id": away}]}

    # The rights of home do not count elsewhere, and the home's rows are foreign there.
    before = await everything_of(world.admin, acme)
    rename = 'mutation($x: ID!) { propertyUpdate(id: $x, input: { title: "Neu" }) { property { id } } }'
    refused = await acme.owner(rename, _headers=there, x=away)
    assert refused["errors"][0]["extensions"]["code"] == "INSUFFICIENT_PERMISSIONS"
    seen = await acme.owner("query($x: ID!) { node(id: $x) { id } }", _headers=there, x=at_home)
    assert seen == {"data": {"node": None}}
    assert await everything_of(world.admin, acme) == before

    denied = await world.admin.fetch(
        "select operation, outcome from audit_entry where tenant_id = $1 and outcome <> 'SUCCESS'", rival.agency.id
    )
    assert [tuple(row) for row in denied] == [("propertyUpdate", "DENIED")]


async def test_a_membership_that_ended_opens_nothing(state: State, world: World, acme: Signed, rival: Signed) -> None:
    owner = acme.agency.people[Role.OWNER]
    await join(state, owner, rival, Role.ADMIN)
    header = {"X-Tenant-ID": rival.agency.gid}
    assert "errors" not in await acme.owner("{ tenant { id } }", _headers=header)
    for table, change in (("account_tenant", "is_active = false"), ("member", "status = 'DEACTIVATED'")):
        await world.admin.execute(
            f"update {table} set {change} where account_id = $1 and tenant_id = $2", owner.account_id, rival.agency.id
        )
        state.viewers.clear()  # rights are never older than a second; the test does not wait for it
        refused = await acme.owner("{ tenant { id } }", _headers=header)
        assert refused["errors"][0]["extensions"]["code"] == "TENANT_MISMATCH"
        await world.admin.execute(
            "update account_tenant set is_active = true where account_id = $1 and tenant_id = $2",
            owner.account_id,
            rival.agency.id,
        )
    assert "errors" not in await acme.owner("{ tenant { id } }")


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
