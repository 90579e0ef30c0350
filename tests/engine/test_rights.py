"""Rights: a document is planned once for each set of rights, and nobody is answered with the plan of others."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from domain.access import KEYS, Audience, P, Role, Scope, own
from graph.engine.operations import Answer, Call, Engine
from graph.engine.planned import PLANS_PER_OPERATION
from graph.kit.field import NODES
from loaders import trees
from loaders.sql import compile_statement
from loaders.trees import Joined, Rows
from resolvers.kit.context import Viewer
from resolvers.kit.ids import decode_id
from tests.engine.executors import Executors, answer, context_for, must_be_equal
from tests.engine.world import World

TEXT = """query ($id: ID!) { property(id: $id) { id viewerCan { update delete publish } closingPrice { amount }
  notes(first: 1) { totalCount } createdBy { id email phone } assignedAgent { role status } }
  properties(first: 5) { totalCount nodes { id closingPrice { amount } viewerCan { update delete allowedStatuses }
    notes(first: 1) { totalCount nodes { id } } createdBy { email phone lastLoginAt } } } }"""


def with_rights(viewer: Viewer) -> list[Viewer]:
    """One person with rights that differ in one respect each, as no two roles do."""
    permissions, scopes = viewer.permissions, viewer.scopes
    return [
        viewer,
        replace(viewer, scopes=scopes - {Scope.WRITE}),
        replace(viewer, scopes=scopes - {Scope.DELETE}),
        replace(viewer, scopes=scopes - {Scope.READ}),
        replace(viewer, scopes=frozenset()),
        replace(viewer, permissions=permissions - {P.NOTE_CREATE}),
        replace(viewer, permissions=permissions - {P.TENANT_READ}),
        replace(viewer, permissions=permissions - {P.USER_READ}),
        replace(viewer, permissions=permissions - {P.PROPERTY_UPDATE}),
        replace(viewer, permissions=permissions - {P.PROPERTY_READ}),
        replace(viewer, permissions=permissions - {P.PROPERTY_READ} | {P.PROPERTY_READ + ".own"}),
        replace(viewer, permissions=frozenset()),
        viewer,
    ]


async def asked(engine: Engine, world: World, viewer: Viewer, variables: dict[str, Any]) -> Answer:
    context = await context_for(world.state, world.token(Role.OWNER))
    context.viewer = viewer
    return await answer(engine, Call(TEXT, variables, None, {}), context)


async def test_nobody_is_answered_with_the_plan_of_others(world: World) -> None:
    both = Executors.of(world)
    owner = (await context_for(world.state, world.token(Role.OWNER))).signed_in
    variables = {"id": world.ids["Property"][0]}
    seen = []
    for viewer in with_rights(owner):
        first = await asked(both.planned, world, viewer, variables)
        second = await asked(both.reference, world, viewer, variables)
        must_be_equal(first, second)
        # A root field that may not be opened is an error, which the reference tells.
        opened = Scope.READ in viewer.scopes and bool({P.PROPERTY_READ, P.PROPERTY_READ + ".own"} & viewer.permissions)
        assert (first.planned, "errors" in first.body) == (opened, not opened)
        seen.append(orjson.dumps(first.body["data"]))
    # The rights make a difference, and the first is answered again as before.
    assert seen[0] == seen[-1]
    assert [place for place, data in enumerate(seen) if data == seen[0]] == [0, len(seen) - 1]
    assert [place for place, data in enumerate(seen) if data == b"null"] == [3, 4, 9, 11]


async def test_whatever_right_is_missing_the_answer_is_the_right_one(world: World) -> None:
    """Plans are kept by what they ask of rights: each right is taken away once, and once only the part is left."""
    both = Executors.of(world)
    owner = (await context_for(world.state, world.token(Role.OWNER))).signed_in
    variables = {"id": world.ids["Property"][0]}
    first = orjson.dumps((await asked(both.planned, world, owner, variables)).body["data"])
    for key in KEYS:
        for left in (frozenset(), frozenset({own(key)})):
            viewer = replace(owner, permissions=owner.permissions - {key} | left)
            planned, reference = [
                await asked(engine, world, viewer, variables) for engine in (both.planned, both.reference)
            ]
            must_be_equal(planned, reference)
    again = await asked(both.planned, world, owner, variables)
    assert (again.planned, orjson.dumps(again.body["data"])) == (True, first)


async def test_custom_roles_that_make_no_difference_share_a_plan(world: World) -> None:
    engine = Executors.of(world).planned
    operation = engine.documents.prepare(TEXT).operation(None)
    agent = (await context_for(world.state, world.token(Role.AGENT))).signed_in
    variables = {"id": world.ids["Property"][0]}
    others = [key for key in KEYS if key.partition(".")[0] in ("invoice", "payroll", "webhook", "report", "deal")]
    answers = set()
    for number in range(100):
        more = frozenset(key for place, key in enumerate(others) if number >> place % 7 & 1)
        found = await asked(engine, world, replace(agent, permissions=agent.permissions | more), variables)
        answers.add((found.planned, orjson.dumps(found.body["data"])))
    assert (len(answers), len(operation.plans)) == (1, 1)
    # A right that matters makes another plan, and so many are kept.
    asked_for = sorted(operation.asked.keys or ())
    assert {P.PROPERTY_READ, P.PROPERTY_UPDATE, P.USER_READ} < set(asked_for)
    for number in range(2 * PLANS_PER_OPERATION):
        held = frozenset(key for place, key in enumerate(asked_for) if number >> place & 1) | {P.PROPERTY_READ}
        await asked(engine, world, replace(agent, permissions=held), variables)
    assert len(operation.plans) == PLANS_PER_OPERATION


async def test_what_shows_any_kind_of_row_is_planned_for_all_that_is_held(world: World) -> None:
    """Which rows will come, and what they ask for, is not known when it is planned."""
    both = Executors.of(world)
    text = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on User { phone permissions } ... on Task { title } } }"
    ids = [world.ids["User"][0], world.ids["Task"][0]]
    owner = (await context_for(world.state, world.token(Role.OWNER))).signed_in
    for lacking in (frozenset(), {P.USER_READ}, {P.TASK_READ}, {P.USER_READ, P.TASK_READ}, frozenset()):
        answers = []
        for engine in (both.planned, both.reference):
            context = await context_for(world.state, world.token(Role.OWNER))
            context.viewer = replace(owner, permissions=owner.permissions - lacking)
            answers.append(await answer(engine, Call(text, {"ids": ids}, None, {}), context))
        must_be_equal(*answers)
        assert answers[0].planned
    assert both.planned.documents.prepare(text).operation(None).asked.keys is None


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets a permission be needed to see people. No key leads to anything that takes one today."""

    def needs(permission: str) -> None:
        member = NODES.of_table("member")
        guarded = replace(member, source=replace(member.source, permission=permission))
        monkeypatch.setitem(NODES._by_table, "member", guarded)
        monkeypatch.setitem(NODES.by_name, "User", guarded)

    return needs


@pytest.mark.parametrize("role", Role)
async def test_whom_a_key_names_is_shown_to_those_who_may_see_them(
    world: World, guard: Callable[[str], None], role: Role
) -> None:
    guard(P.PROPERTY_READ)  # a customer has it for what is their own
    text = """query ($id: ID!) {
      property(id: $id) { createdBy { id } assignedAgent { id name } contactPersons { user { id } } }
      properties(first: 30) { nodes { createdBy { id createdBy { id } } assignedAgent { email } } } }"""
    shown = await Executors.of(world).compare(text, {"id": world.ids["Property"][0]}, role)
    nodes = shown.body["data"]["properties"]["nodes"]
    # A customer has made nobody: all are hidden, while others see at least those their agency shows to all.
    assert any(node["assignedAgent"] for node in nodes) is (role is not Role.CUSTOMER)


@pytest.mark.parametrize(
    "selection",
    [
        "notes(first: 2) { nodes { id author { id name } } }",
        "notes(first: 2) { nodes { id author { createdBy { id } } } totalCount }",
        "notes(first: 2) { edges { cursor node { body author { name } } } }",
        "notes(first: 2) { nodes { author { viewerPermissions: permissions } } }",
    ],
)
async def test_a_row_without_what_it_must_have_is_no_row(
    world: World, guard: Callable[[str], None], selection: str
) -> None:
    """The author of a note is never null: where nobody may be seen, the error is told as the reference tells it."""
    text = f"query ($id: ID!) {{ property(id: $id) {{ id {selection} }} }}"
    variables = {"id": world.ids["Property"][0]}
    assert "errors" not in (await Executors.of(world).compare(text, variables, Role.AGENT)).body
    guard(P.TENANT_UPDATE)
    hidden = await Executors.of(world).compare(text, variables, Role.AGENT, planned=False)
    assert hidden.body["data"] == {"property": {"id": variables["id"], "notes": None}}
    assert {error["path"][-1] for error in hidden.body["errors"]} == {"author"}
    assert "errors" not in (await Executors.of(world).compare(text, variables, Role.OWNER)).body


async def test_a_key_leads_to_nothing_that_lies_in_the_trash(world: World) -> None:
    """No key leads to anything that has a trash today; here a property points to itself."""
    source = NODES.by_name["Property"].source
    rows = Rows(Joined(source, Audience.ALL))
    target = rows.one(rows.root, "id", source, Audience.ALL)
    place = rows.column(target, "id")
    statement = compile_statement(trees.by_ids(rows, (), deleted=None))
    context = await context_for(world.state, world.token(Role.OWNER))
    shown, trashed = (decode_id(world.ids[name][0], "Property") for name in ("Property", "TrashedProperty"))
    found = await context.loaders.fetch(statement, {"ids": [shown, trashed]})
    assert {row[0]: row[place] for row in found} == {shown: shown, trashed: None}
