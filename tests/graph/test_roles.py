"""Roles: the catalogue, roles an agency makes itself, who is given them, and what that changes at once."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain.access import (
    ADMIN_READS,
    GRANTABLE,
    PERMISSIONS,
    ROLE_PERMISSIONS,
    ROLES,
    P,
    Role,
    permission_id,
    rights,
    role_id,
)
from graph.engine.operations import Call, Engine
from graph.schema import schema
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.engine.executors import answer
from tests.graph.roles_world import ASSIGN, CREATE, DELETE, UPDATE, give, new_role
from tests.graph.tasks_world import new
from tests.graph.world import context_of, created, events, problems, rows, untouched

ROLES_SHOWN = "{ roles { id name description key isSystem userCount permissions { key } } }"


async def test_every_agency_has_the_built_in_roles_highest_first(acme: Signed, rival: Signed) -> None:
    await new_role(acme.owner, "Aushilfe", P.TASK_READ)
    await new_role(acme.owner, "Controlling", P.AUDIT_READ, P.ANALYTICS_READ)
    shown = (await acme.manager.data(ROLES_SHOWN))["roles"]
    assert shown[:5] == [
        {
            "id": encode_id("Role", role_id(role)),
            "name": ROLES[role][0][1],
            "description": ROLES[role][1][1],
            "key": role.value,
            "isSystem": True,
            "userCount": 1,
            "permissions": [{"key": key} for key in sorted(ROLE_PERMISSIONS[role])],
        }
        for role in Role
    ]
    assert [(one["name"], one["key"], one["isSystem"], one["userCount"]) for one in shown[5:]] == [
        ("Aushilfe", None, False, 0),
        ("Controlling", None, False, 0),
    ]
    assert shown[6]["permissions"] == [{"key": "analytics.read"}, {"key": "audit.read"}]
    assert len((await rival.manager.data(ROLES_SHOWN))["roles"]) == 5


async def test_the_catalogue_speaks_the_language_of_the_request(acme: Signed) -> None:
    text = "{ permissions { id key description resource action } }"
    for language, at in (("de", 1), ("en", 0)):
        shown = await acme.manager(text, _headers={"Accept-Language": language})
        assert shown["data"]["permissions"] == [
            {
                "id": encode_id("Permission", permission_id(key)),
                "key": key,
                "description": texts[at],
                "resource": key.split(".")[0],
                "action": key.split(".")[1],
            }
            for key, texts in PERMISSIONS.items()
        ]
    one = "query ($id: ID!) { permission(id: $id) { key } }"
    id = encode_id("Permission", permission_id("task.read.own"))
    assert await acme.manager.data(one, id=id) == {"permission": {"key": "task.read.own"}}
    for unknown in (encode_id("Permission", uuid7()), encode_id("Role", permission_id("task.read"))):
        assert await acme.manager.data(one, id=unknown) == {"permission": None}
    assert await acme.manager.code(one, id="?") == "INVALID_INPUT"


async def test_a_role_is_made_changed_and_deleted(state: State, acme: Signed) -> None:
    owner = acme.agency.people[Role.OWNER].gid
    made = (
        await acme.owner.data(
            CREATE,
            i={"name": " Buchhaltung ", "description": "Nur Zahlen", "permissionKeys": ["invoice.read", "audit.read"]},
        )
    )["roleCreate"]
    expected = {
        "id": made["role"]["id"],
        "name": "Buchhaltung",
        "description": "Nur Zahlen",
        "key": None,
        "isSystem": False,
        "userCount": 0,
        "version": 1,
        "createdBy": {"id": owner},
        "permissions": [{"key": "audit.read"}, {"key": "invoice.read"}],
    }
    assert made == {"role": expected, "userErrors": []}
    changes = {"name": "Zahlen", "description": None, "permissionKeys": ["audit.read"], "expectedVersion": 1}
    changed = (await acme.owner.data(UPDATE, id=expected["id"], i=changes))["roleUpdate"]
    expected |= {"name": "Zahlen", "description": None, "version": 2, "permissions": [{"key": "audit.read"}]}
    assert changed == {"role": expected, "userErrors": []}
    stale = (await acme.owner.data(UPDATE, id=expected["id"], i={"name": "Neu", "expectedVersion": 1}))["roleUpdate"]
    assert (problems(stale), stale["userErrors"][0]["details"]) == (
        [("CONFLICT", "input.expectedVersion")],
        {"currentVersion": 2},
    )
    gone = (await acme.owner.data(DELETE, id=expected["id"]))["roleDelete"]
    assert gone == {"role": None, "userErrors": []}
    assert await acme.owner.data("query ($i: ID!) { role(id: $i) { id } }", i=expected["id"]) == {"role": None}
    assert await events(state, acme.agency.id) == [
        ("role.created", "CREATED", 1, []),
        ("role.updated", "UPDATED", 2, ["description", "name", "permissions"]),
        ("role.purged", "PURGED", 2, []),
    ]
    entries = await rows(state, acme.agency.id, "audit_entry", "seq")
    assert [(entry["action"], entry["operation"], entry["outcome"]) for entry in entries] == [
        ("ROLE_CHANGE", "roleCreate", "SUCCESS"),
        ("ROLE_CHANGE", "roleUpdate", "SUCCESS"),
        ("UPDATE", "roleUpdate", "FAILED"),
        ("ROLE_CHANGE", "roleDelete", "SUCCESS"),
    ]


async def test_built_in_roles_stand_fast(state: State, acme: Signed) -> None:
    agent = encode_id("Role", role_id(Role.AGENT))
    async with untouched(state, acme):
        for text, name, given in (
            (UPDATE, "roleUpdate", {"id": agent, "i": {"permissionKeys": ["audit.read"]}}),
            (DELETE, "roleDelete", {"id": agent}),
            (ASSIGN, "userRolesAssign", {"id": acme.agency.people[Role.AGENT].gid, "ids": [agent]}),
        ):
            payload = (await acme.owner.data(text, **given))[name]
            where = "roleIds.0" if name == "userRolesAssign" else "id"
            assert problems(payload) == [("BUSINESS_RULE", where)]
            assert payload["userErrors"][0]["details"] == {"rule": "SYSTEM_ROLE"}
            assert payload["userErrors"][0]["message"] == "Built-in roles are fixed."


BAD: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"name": "x" * 101, "permissionKeys": []}, [("VALIDATION_ERROR", "input.name")]),
    ({"name": " ", "permissionKeys": []}, [("MISSING_REQUIRED_FIELD", "input.name")]),
    ({"name": "A", "description": "x" * 501, "permissionKeys": []}, [("VALIDATION_ERROR", "input.description")]),
    (
        {"name": "A", "permissionKeys": ["task.read", "task.read", "task.fly", "", "Task.read"]},
        [
            ("VALIDATION_ERROR", "input.permissionKeys.2"),
            ("MISSING_REQUIRED_FIELD", "input.permissionKeys.3"),
            ("VALIDATION_ERROR", "input.permissionKeys.4"),
        ],
    ),
    ({"name": "A", "permissionKeys": ["billing.update"]}, [("VALIDATION_ERROR", "input.permissionKeys.0")]),
    ({"name": "A", "permissionKeys": ["task.read\u0000"]}, [("INVALID_INPUT", "input.permissionKeys.0")]),
    ({"name": "A", "permissionKeys": ["task.read"] * 301}, [("VALIDATION_ERROR", "input.permissionKeys")]),
    ({"name": "Makler", "permissionKeys": []}, [("ALREADY_EXISTS", "input.name")]),
]


@pytest.mark.parametrize(("given", "expected"), BAD)
async def test_a_bad_role_is_refused_with_its_path(
    state: State, acme: Signed, given: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    id = await new_role(acme.owner, "Vorhanden", P.TASK_READ)
    async with untouched(state, acme):
        assert problems((await acme.owner.data(CREATE, i=given))["roleCreate"]) == expected
        assert problems((await acme.owner.data(UPDATE, id=id, i=given))["roleUpdate"]) == expected


async def test_only_so_many_roles_are_made(state: State, acme: Signed) -> None:
    """Also by two at the same time."""
    async with state.database.write(acme.agency.id) as session:
        connection = await (await session.connection()).get_raw_connection()
        await connection.driver_connection.execute(  # type: ignore[union-attr]
            "insert into role (tenant_id, id, created_at, updated_at, name)"
            " select $1, gen_random_uuid(), now(), now(), 'Rolle ' || n from generate_series(1, 99) n",
            acme.agency.id,
        )
        await session.commit()
    payloads = await asyncio.gather(
        *(acme.owner.data(CREATE, i={"name": f"Letzte {n}", "permissionKeys": []}) for n in range(3))
    )
    found = sorted(problems(payload["roleCreate"]) for payload in payloads)
    assert found == [[], [("VALIDATION_ERROR", "input")], [("VALIDATION_ERROR", "input")]]
    assert len((await acme.owner.data("{ roles { id } }"))["roles"]) == 105


async def test_nobody_gives_what_they_do_not_hold(state: State, acme: Signed) -> None:
    """Whoever may make roles, and has no more than that, makes none that says more."""
    strong = await new_role(acme.owner, "Stark", P.AUDIT_READ, P.TASK_READ)
    weak = await new_role(acme.owner, "Schwach", P.TASK_READ)
    held = frozenset({P.ROLE_READ, P.ROLE_CREATE, P.ROLE_UPDATE, P.TASK_READ})
    agent = acme.agency.people[Role.AGENT].gid

    async def attempt(name: str, text: str, **given: Any) -> list[tuple[str, str]]:
        context = await context_of(state, acme, Role.ADMIN)
        context.viewer = context._caller = replace(context.signed_in, permissions=held)
        engine = Engine(schema._schema, state.settings)
        return problems((await answer(engine, Call(text, given, None, {}), context)).content["data"][name])

    async with untouched(state, acme):
        keys = ["task.read.own", "audit.read", "task.read", "task.create"]
        refused = [("INSUFFICIENT_PERMISSIONS", f"input.permissionKeys.{at}") for at in (1, 3)]
        assert await attempt("roleCreate", CREATE, i={"name": "Neu", "permissionKeys": keys}) == refused
        assert await attempt("roleUpdate", UPDATE, id=weak, i={"permissionKeys": keys}) == refused
        refused = [("INSUFFICIENT_PERMISSIONS", "roleIds.1")]
        assert await attempt("userRolesAssign", ASSIGN, id=agent, ids=[weak, strong]) == refused
    # What stands in a role already may stay there, and what is held may be given.
    assert await attempt("roleUpdate", UPDATE, id=strong, i={"permissionKeys": ["audit.read"]}) == []
    assert await attempt("userRolesAssign", ASSIGN, id=agent, ids=[weak]) == []


async def test_roles_are_given_and_taken(state: State, acme: Signed) -> None:
    first, second = await new_role(acme.owner, "Erste", P.USER_READ), await new_role(acme.owner, "Zweite", P.AUDIT_READ)
    agent = acme.agency.people[Role.AGENT].gid
    before = len(await events(state, acme.agency.id))
    shown = await give(acme, Role.AGENT, second, first, second)
    assert shown == {
        "id": agent,
        "role": "AGENT",
        "roles": [{"name": "Erste"}, {"name": "Zweite"}],
        "permissions": sorted(ROLE_PERMISSIONS[Role.AGENT] | {P.USER_READ, P.AUDIT_READ}),
        "scopes": ["DELETE", "READ", "WRITE"],
    }
    assert await events(state, acme.agency.id) == [
        *(await events(state, acme.agency.id))[:before],
        ("user.updated", "UPDATED", 1, ["roles"]),
    ]
    counts = (await acme.owner.data("{ roles { name userCount } }"))["roles"][5:]
    assert counts == [{"name": "Erste", "userCount": 1}, {"name": "Zweite", "userCount": 1}]
    kept = {row["role_id"]: row["id"] for row in await rows(state, acme.agency.id, "member_role")}
    assert (await give(acme, Role.AGENT, second))["roles"] == [{"name": "Zweite"}]
    (left,) = await rows(state, acme.agency.id, "member_role")
    assert kept[left["role_id"]] == left["id"]
    assert (await give(acme, Role.AGENT))["roles"] == []
    # In lists as well, and for everybody the own ones only.
    await give(acme, Role.CUSTOMER, first)
    await new(acme.agent, "A", assigneeId=acme.agency.people[Role.CUSTOMER].gid)
    text = "{ tasks { nodes { assignee { roles { name } permissions } } } }"
    union = sorted(rights(Role.CUSTOMER, "user.read"))
    assert (await acme.owner.data(text))["tasks"]["nodes"] == [
        {"assignee": {"roles": [{"name": "Erste"}], "permissions": union}}
    ]
    hidden = {"assignee": {"roles": None, "permissions": None}}
    assert (await acme.agent.data(text))["tasks"]["nodes"] == [hidden]


async def test_a_role_in_use_is_not_deleted(state: State, acme: Signed) -> None:
    id = await new_role(acme.owner, "Aushilfe", P.TASK_READ)
    await give(acme, Role.AGENT, id)
    await give(acme, Role.CUSTOMER, id)
    async with untouched(state, acme):
        payload = (await acme.owner.data(DELETE, id=id))["roleDelete"]
        assert problems(payload) == [("DELETION_BLOCKED", "id")]
        assert payload["userErrors"][0]["details"] == {"users": 2, "references": {"users": 2}}
    await give(acme, Role.AGENT)
    await give(acme, Role.CUSTOMER)
    assert problems((await acme.owner.data(DELETE, id=id))["roleDelete"]) == []


async def test_a_role_is_deleted_or_given_but_never_both(state: State, acme: Signed) -> None:
    agent = acme.agency.people[Role.AGENT].gid
    for number in range(8):
        id = await new_role(acme.owner, f"Rolle {number}", P.TASK_READ)
        given, deleted = await asyncio.gather(
            acme.owner.data(ASSIGN, id=agent, ids=[id]), acme.as_(Role.ADMIN).data(DELETE, id=id)
        )
        ends = (problems(given["userRolesAssign"]), problems(deleted["roleDelete"]))
        assert ends in (([], [("DELETION_BLOCKED", "id")]), ([("NOT_FOUND", "roleIds.0")], []))
        await give(acme, Role.AGENT)


async def test_foreign_and_unknown_roles_are_not_given(state: State, acme: Signed, rival: Signed) -> None:
    own, theirs = await new_role(acme.owner, "Eigene", P.TASK_READ), await new_role(rival.owner, "Fremde", P.TASK_READ)
    agent = acme.agency.people[Role.AGENT].gid
    async with untouched(state, acme, rival):
        for ids, expected in (
            ([own, theirs, encode_id("Role", uuid7()), agent, "?"], ["NOT_FOUND"] * 3 + ["INVALID_INPUT"]),
        ):
            payload = (await acme.owner.data(ASSIGN, id=agent, ids=ids))["userRolesAssign"]
            assert problems(payload) == [(code, f"roleIds.{at}") for at, code in enumerate(expected, 1)]
        for id in (rival.agency.people[Role.AGENT].gid, encode_id("User", uuid7()), own):
            payload = (await acme.owner.data(ASSIGN, id=id, ids=[own]))["userRolesAssign"]
            assert problems(payload) == [("NOT_FOUND", "id")]
        many = [encode_id("Role", uuid7()) for _ in range(21)]
        payload = (await acme.owner.data(ASSIGN, id=agent, ids=many))["userRolesAssign"]
        assert problems(payload) == [("VALIDATION_ERROR", "roleIds")]


# What it changes


async def test_what_is_granted_opens_fields_rows_and_mutations(state: State, acme: Signed) -> None:
    """And closes them again when it is taken away."""
    await new(acme.agent, "A")
    property = await created(acme)
    owner = acme.agency.people[Role.OWNER].gid
    fields = "query ($id: ID!) { node(id: $id) { ... on User { phone roles { id } } } }"
    hidden, shown = {"node": {"phone": None, "roles": None}}, {"node": {"phone": "+493023125000", "roles": []}}
    text = "{ tasks { totalCount nodes { title } } properties { totalCount } }"
    note = (
        """mutation ($id: ID!) { propertyNoteAdd(propertyId: $id, input: { body: "Gut" }) { userErrors { code } } }"""
    )

    async def seen() -> tuple[Any, Any]:
        state.viewers.clear()  # rights are never older than a second; the test does not wait for it
        return await acme.agent.data(fields, id=owner), await acme.customer.data(text)

    nothing = {"tasks": {"totalCount": 0, "nodes": []}, "properties": {"totalCount": 0}}
    assert await seen() == (hidden, nothing)
    people = await new_role(acme.owner, "Personal", P.USER_READ, P.ROLE_READ)
    insight = await new_role(acme.owner, "Einblick", P.TASK_READ, P.PROPERTY_READ, P.NOTE_CREATE)
    await give(acme, Role.AGENT, people)
    await give(acme, Role.CUSTOMER, insight)
    everything = {"tasks": {"totalCount": 1, "nodes": [{"title": "A"}]}, "properties": {"totalCount": 1}}
    assert await seen() == (shown, everything)
    # The token of a customer carries no WRITE, and no role adds it.
    assert await acme.customer.code(note, id=property["id"]) == "INSUFFICIENT_PERMISSIONS"
    assert await acme.agent.code(CREATE, i={"name": "X", "permissionKeys": []}) == "INSUFFICIENT_PERMISSIONS"
    viewer = await acme.agent.data("{ viewer { permissions scopes user { permissions } } roles { id } }")
    union = sorted(ROLE_PERMISSIONS[Role.AGENT] | {P.USER_READ, P.ROLE_READ})
    assert viewer["viewer"] == {
        "permissions": union,
        "scopes": ["DELETE", "READ", "WRITE"],
        "user": {"permissions": union},
    }
    assert len(viewer["roles"]) == 7
    # A change of the role is a change for all who have it.
    await acme.owner.data(UPDATE, id=insight, i={"permissionKeys": ["task.read"]})
    assert await seen() == (shown, everything | {"properties": {"totalCount": 0}})
    await give(acme, Role.AGENT)
    await give(acme, Role.CUSTOMER)
    assert await seen() == (hidden, nothing)
    assert await acme.agent.code("{ roles { id } }") == "INSUFFICIENT_PERMISSIONS"


async def test_every_key_of_the_catalogue_but_one_can_be_granted(acme: Signed) -> None:
    id = await new_role(acme.owner, "Alles", *GRANTABLE)
    await give(acme, Role.AGENT, id)
    shown = (await acme.agent.data("{ viewer { permissions } }"))["viewer"]["permissions"]
    # What opens the audit trail needs a token with ADMIN besides, which no role adds.
    assert shown == sorted(ROLE_PERMISSIONS[Role.ADMIN] - ADMIN_READS)
