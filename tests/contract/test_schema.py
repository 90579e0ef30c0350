"""The public contract: the committed schema, its words and names, and no list without an end."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_specified_directive,
    is_specified_scalar_type,
)

from domain.errors import ApiError
from graph.engine.reference import RequestRefused
from graph.schema import schema
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.contract.strangers import listening
from tests.factories import property_input

ROOT = Path(__file__).parents[2]
BUILT = schema._schema

# Lists outside connections, and what keeps them small.
SMALL_LISTS = {
    "Query.featureFlags": "at most 200",
    "TenantSettings.featureFlags": "at most 200",
    "TenantSettings.ipAllowList": "at most 50",
    "TenantSettings.passwordClasses": "values of an enum",
    "TenantChange.changedFields": "fields of one type",
    "AuditEntry.changes": "fields of one type and its parts",
    "AuditEntryChange.changedFields": "fields of one type",
    "ImportReport.columns": "at most 500",
    "ImportReport.rows": "at most 100",
    "ImportRow.messages": "problems of one row",
    "Board.columns": "at most one for each status",
    "Board.labels": "at most 200",
    "BoardChange.changedFields": "fields of one type",
    "BoardColumn.allowFrom": "values of an enum",
    "PasswordStrength.missing": "the kinds there are",
    "ApiKey.scopes": "values of an enum",
    "TestEmailPayload.smtpLog": "the lines of one dialogue with a mail server",
    "Viewer.apiKeys": "at most 100",
    "Viewer.linkedAccounts": "at most one of each provider's accounts with the address",
    "Project.boards": "at most 100",
    "TotpSetupPayload.recoveryCodes": "ten",
    "Viewer.sessions": "at most 20",
    "Query.boards": "at most 100",
    "Query.employees": "at most 100",
    "Query.invitations": "at most 200",
    "Query.projects": "at most 100",
    "Comment.mentions": "at most 50",
    "Comment.reactions": "at most 20 emojis",
    "Comment.replies": "at most 100",
    "Reaction.users": "at most 500 reactions to a comment",
    "Query.taskLabels": "at most 200",
    "Task.dependencies": "at most 100",
    "Task.labels": "at most 100",
    "Task.subtasks": "at most 100",
    "Task.watchers": "at most 100",
    "TaskLog.changes": "fields of one type",
    "TaskStatistics.recentActivity": "at most 50",
    "TaskStatistics.tasksByAssignee": "at most 100",
    "TaskStatistics.tasksByPriority": "values of an enum",
    "TaskStatistics.tasksByStatus": "values of an enum",
    "TaskStatistics.upcomingDeadlines": "at most 10",
    "PropertyBulkPayload.results": "at most 100 ids are taken",
    "TaskBulkPayload.results": "at most 100 ids are taken",
    "TaskChange.changedFields": "fields of one type",
    "TaskMovePayload.warnings": "one for each rule",
    "AuthPayload.memberships": "agencies of one person",
    "Property.amenities": "at most 50",
    "Property.contactPersons": "at most 20",
    "PropertyChange.changedFields": "fields of one type",
    "PropertyFeatures.flooring": "values of an enum",
    "PropertyFeatures.unknown": "values of an enum",
    "PropertyRights.allowedStatuses": "values of an enum",
    "Query.errorCodes": "values of an enum",
    "Query.nodes": "at most 100 ids are taken",
    "Query.permissions": "keys of the code",
    "Query.roles": "at most 105",
    "Role.permissions": "keys of the code",
    "Query.teams": "at most 200",
    "Team.members": "at most 100",
    "TeamChange.changedFields": "fields of one type",
    "Tenant.teams": "at most 200",
    "User.teams": "at most 200",
    "TrashPayload.purgedIds": "at most 100 ids are taken",
    "TrashPayload.restored": "at most 100 ids are taken",
    "User.permissions": "keys of the code",
    "User.roles": "at most 20",
    "User.scopes": "values of an enum",
    "UserError.field": "a path inside the arguments",
    "Viewer.memberships": "agencies of one person",
    "Viewer.permissions": "keys of the code",
    "Viewer.scopes": "values of an enum",
    "ViewersChange.users": "people who look at one record",
}
PAGED = {"nodes", "edges"}
# Lists that come in with more than 100 entries.
LONGER = {"permissionKeys": 300}

# Root types carry no sentence of their own: every field of theirs does. Strawberry hands on none for arguments of
# schema directives; the directive's own sentence names both.
UNDESCRIBED = {"Query", "Mutation", "Subscription", "@needs(permission)", "@needs(scope)"}


def types() -> Iterator[GraphQLNamedType]:
    for name, found in BUILT.type_map.items():
        if not name.startswith("__") and not is_specified_scalar_type(found):
            yield found


def members() -> Iterator[tuple[str, Any]]:
    """Everything with a name: types, fields, arguments, input fields, values, directives."""
    for found in types():
        yield found.name, found
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in found.fields.items():
                yield f"{found.name}.{name}", field
                for argument_name, argument in field.args.items():
                    yield f"{found.name}.{name}({argument_name})", argument
        elif isinstance(found, GraphQLInputObjectType):
            for name, field in found.fields.items():
                yield f"{found.name}.{name}", field
        elif isinstance(found, GraphQLEnumType):
            for name, value in found.values.items():
                yield f"{found.name}.{name}", value
    for directive in BUILT.directives:
        if not is_specified_directive(directive):
            yield f"@{directive.name}", directive
            for name, argument in directive.args.items():
                yield f"@{directive.name}({name})", argument


def is_list(kind: Any) -> bool:
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)


def test_the_committed_schema_is_the_one_the_code_makes() -> None:
    assert (ROOT / "schema.graphql").read_text(encoding="utf-8") == schema.as_str().rstrip() + "\n"


def test_everything_is_described() -> None:
    bare = [name for name, found in members() if name not in UNDESCRIBED and not (found.description or "").strip()]
    assert bare == []


def test_descriptions_are_sentences() -> None:
    """A capital letter or a code word first, an end at the end: they are shown to people as they are."""
    odd = [
        f"{name}: {found.description}"
        for name, found in members()
        if found.description and not re.fullmatch(r"[A-ZÄÖÜ0-9−`\"&].*[.!?`]", found.description, re.DOTALL)
    ]
    assert odd == []


def test_names_follow_the_house() -> None:
    wrong = []
    for name, found in members():
        last = re.split(r"[.(]", name.rstrip(")"))[-1].lstrip("@")
        if isinstance(found, GraphQLNamedType):
            fits = re.fullmatch(r"[A-Z][A-Za-z0-9]*", last) or last == "URL"
        elif "." in name and isinstance(BUILT.type_map.get(name.partition(".")[0]), GraphQLEnumType):
            fits = re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", last)
        else:
            fits = re.fullmatch(r"[a-z][A-Za-z0-9]*", last)
        if not fits:
            wrong.append(name)
    assert wrong == []


def _plural_of(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def test_mutations_begin_with_their_object() -> None:
    """`propertyCreate`, not `createProperty`: the object's other operations stand beside it."""
    assert BUILT.mutation_type is not None
    objects = {name[0].lower() + name[1:] for name in BUILT.type_map}
    objects |= {"audit", "auth", "avatar", "email", "password", "profile", "properties", "testEmail", "totp", "trash"}
    wrong = [
        name
        for name in BUILT.mutation_type.fields
        if not any(re.match(rf"({word}|{_plural_of(word)})[A-Z]", name) for word in objects if word[0] != "_")
    ]
    assert wrong == []


def test_inputs_and_payloads_are_named_after_what_they_are() -> None:
    assert BUILT.mutation_type is not None
    payloads = {str(get_named_type(field.type)) for field in BUILT.mutation_type.fields.values()}
    assert [name for name in payloads if not name.endswith("Payload")] == []
    for name in payloads:
        field = BUILT.type_map[name].fields["userErrors"]  # type: ignore[attr-defined]
        assert str(field.type) == "[UserError!]!"
    inputs = [found.name for found in types() if isinstance(found, GraphQLInputObjectType)]
    assert [name for name in inputs if not re.search(r"(Input|Filter|Order)$", name)] == []


def test_objects_out_ids_in() -> None:
    """No `assigneeId` on an output type: a client follows the object."""
    ids = [
        f"{found.name}.{name}"
        for found in types()
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType)
        for name, field in found.fields.items()
        if name != "id" and get_named_type(field.type).name == "ID"
    ]
    # What is gone has nothing but its id; what is looked at may be of any kind, and the client named it itself.
    assert ids == [
        "AuditEntry.resourceId",
        "AuditVerification.firstBrokenId",
        "TrashPayload.purgedIds",
        "ViewersChange.nodeId",
    ]


# Moments that are not called `…At`: they are when something is to be, or an end.
MOMENTS = {"at", "timestamp", "since", "currentPeriodEnd", "dueDate", "startDate"}


def test_moments_days_and_flags_are_named_alike() -> None:
    wrong = []
    for found in types():
        if isinstance(found, GraphQLObjectType):
            for name, field in found.fields.items():
                kind = get_named_type(field.type).name
                if (kind == "DateTime") != (name.endswith("At") or name in MOMENTS):
                    wrong.append(f"{found.name}.{name}: {kind}")
    assert wrong == []


def test_every_list_has_an_end() -> None:
    lists = {
        f"{found.name}.{name}"
        for found in types()
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType)
        for name, field in found.fields.items()
        if is_list(field.type) and not (name in PAGED and found.name.endswith("Connection")) and name != "userErrors"
    }
    assert lists == set(SMALL_LISTS)


# Lists inside a screen that are only read on.
HISTORIES = {f"{name}.history" for name in ("Board", "Project", "Property", "Task", "Tenant", "User")}
FORWARD = {"BoardColumn.tasks", "Task.comments", "Task.activityLog", "Query.jobs"} | HISTORIES


def connections() -> dict[str, set[str]]:
    """Fields that answer a connection, with their arguments."""
    return {
        f"{found.name}.{name}": set(field.args)
        for found in types()
        if isinstance(found, GraphQLObjectType)
        for name, field in found.fields.items()
        if get_named_type(field.type).name.endswith("Connection")
    }


def test_every_connection_has_the_same_shape() -> None:
    for name in {found.name for found in types() if found.name.endswith("Connection")}:
        node = name.removesuffix("Connection")
        fields = BUILT.type_map[name].fields  # type: ignore[attr-defined]
        assert {field: str(kind.type) for field, kind in fields.items()} == {
            "edges": f"[{node}Edge!]!",
            "nodes": f"[{node}!]!",
            "pageInfo": "PageInfo!",
            "totalCount": "Int!",
            "pageMeta": "PageMeta",
        }
    backwards = {"first", "after", "last", "before", "page"}
    assert {name for name, given in connections().items() if not given >= backwards} == {"Query.trash", *FORWARD}
    assert connections()["Query.trash"] >= {"first", "after", "page"}
    for name in FORWARD:
        assert connections()[name] & backwards == {"first", "after"}


# How to reach each connection: the document around the field, which gets the arguments.
PLACES = {
    "Query.auditEntries": "query { auditEntries%s { totalCount } }",
    "Board.history": "query { board { history%s { totalCount } } }",
    "Project.history": 'mutation { projectCreate(input: { name: "Turm" }) { project { history%s { totalCount } } } }',
    "Property.history": "query { properties(first: 1) { nodes { history%s { totalCount } } } }",
    "Task.history": "query { tasks(first: 1) { nodes { history%s { totalCount } } } }",
    "Tenant.history": "query { tenant { history%s { totalCount } } }",
    "User.history": "query { viewer { user { history%s { totalCount } } } }",
    "Query.properties": "query { properties%s { totalCount } }",
    "Query.users": "query { users%s { totalCount } }",
    "Query.trash": "query { trash%s { totalCount } }",
    "Query.jobs": "query { jobs%s { totalCount } }",
    "Query.tasks": "query { tasks%s { totalCount } }",
    "Board.tasks": "query { board { tasks%s { totalCount } } }",
    "BoardColumn.tasks": "query { board { columns { tasks%s { totalCount } } } }",
    "Task.comments": "query { tasks(first: 1) { nodes { comments%s { totalCount } } } }",
    "Task.activityLog": "query { tasks(first: 1) { nodes { activityLog%s { totalCount } } } }",
    "Property.tasks": "query { properties(first: 1) { nodes { tasks%s { totalCount } } } }",
    "User.tasks": "query { viewer { user { tasks%s { totalCount } } } }",
    "Property.valuations": "query { properties(first: 1) { nodes { valuations%s { totalCount } } } }",
    "Property.notes": "query { properties(first: 1) { nodes { notes%s { totalCount } } } }",
}


def test_every_connection_is_tried() -> None:
    assert set(PLACES) == set(connections())


NO_PAGE = {
    "(first: 101)": ["first"],
    "(first: 0)": ["first"],
    "(first: 2147483647)": ["first"],
    "(page: { size: 101 })": ["page", "size"],
    "(page: { number: 0 })": ["page", "number"],
    "(page: { number: 1 }, first: 5)": ["first"],
    '(after: "nothing")': ["after"],
}


@pytest.mark.parametrize(
    ("place", "arguments", "path"),
    [
        (place, arguments, path)
        for place in PLACES
        for arguments, path in NO_PAGE.items()
        if "page" not in arguments or place not in FORWARD
    ],
)
async def test_no_page_is_larger_than_a_hundred(place: str, arguments: str, path: list[str], acme: Signed) -> None:
    document = "mutation($i: PropertyCreateInput!) { propertyCreate(input: $i) { property { id } } }"
    await acme.owner.data(document, i=property_input())
    document = "mutation($i: TaskCreateInput!) { taskCreate(input: $i) { task { id } } }"
    await acme.owner.data(document, i={"title": "Anrufen", "dueDate": "2030-01-01T00:00:00Z"})
    body = await acme.owner(PLACES[place] % arguments)
    codes = [(error["extensions"]["code"], error["extensions"]["field"]) for error in body["errors"]]
    assert codes == [("INVALID_INPUT", path)] or codes[0][0] == "QUERY_TOO_COMPLEX", body


@pytest.mark.parametrize("place", PLACES)
async def test_a_page_of_a_hundred_is_allowed(place: str, acme: Signed) -> None:
    assert "errors" not in await acme.owner(PLACES[place] % "(first: 100)")


# --- lists that come in ----------------------------------------------------------------------------------------------

SAMPLES = {
    "String": "x",
    "Int": 1,
    "Boolean": True,
    "ID": encode_id("Property", uuid7()),
    "EmailAddress": "a@example.com",
    "DateTime": "2030-01-01T00:00:00Z",
}


def sample(kind: Any) -> Any:
    """A value the schema takes."""
    if isinstance(kind, GraphQLNonNull):
        return sample(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [sample(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        required = {name: f.type for name, f in kind.fields.items() if isinstance(f.type, GraphQLNonNull)}
        return {name: sample(inner) for name, inner in required.items()}
    return SAMPLES.get(kind.name, "1")


BY_FORM = {"propertiesImport": "is sent as a form; its lists are tried with the import"}


def lists_in() -> list[tuple[str, str, tuple[str, ...]]]:
    """Every list that a root field takes, with the path to it."""
    roots = {"query": BUILT.query_type, "mutation": BUILT.mutation_type, "subscription": BUILT.subscription_type}
    return [
        (kind, name, path)
        for kind, root in roots.items()
        if root is not None
        for name, field in root.fields.items()
        for argument_name, argument in field.args.items()
        for path in _lists((argument_name,), argument.type, ())
    ]


def _lists(path: tuple[str, ...], kind: Any, seen: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if is_list(kind):
        yield path
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType) and named.name not in seen:
        for name, field in named.fields.items():
            # Lists inside the members of a list have the same rules; one level is enough to see them kept.
            if not is_list(kind):
                yield from _lists((*path, name), field.type, (*seen, named.name))


def holding(kind: Any, path: tuple[str, ...], many: int) -> Any:
    """A value of a type with `many` members in the list at `path`."""
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if not path:
        return [sample(kind.of_type)] * many
    return sample(kind) | {path[0]: holding(kind.fields[path[0]].type, path[1:], many)}


@pytest.mark.parametrize(
    ("kind", "name", "path"),
    [pytest.param(*found, id=f"{found[1]}({'.'.join(found[2])})") for found in lists_in() if found[1] not in BY_FORM],
)
async def test_no_list_comes_in_without_a_limit(
    kind: str, name: str, path: tuple[str, ...], acme: Signed, state: State
) -> None:
    root = {"query": BUILT.query_type, "mutation": BUILT.mutation_type, "subscription": BUILT.subscription_type}[kind]
    assert root is not None
    field = root.fields[name]
    given = {key: a for key, a in field.args.items() if isinstance(a.type, GraphQLNonNull) or key == path[0]}
    declared = ", ".join(f"${key}: {argument.type}" for key, argument in given.items())
    passed = ", ".join(f"{key}: ${key}" for key in given)
    text = f"{kind}({declared}) {{ {name}({passed}) {{ __typename %s }} }}"
    text %= "userErrors { code field }" if kind == "mutation" else ""
    variables = {
        key: holding(argument.type, path[1:], LONGER.get(path[-1], 100) + 1)
        if key == path[0]
        else sample(argument.type)
        for key, argument in given.items()
    }
    if kind == "subscription":
        with pytest.raises(RequestRefused) as refused:
            async with listening(state, acme.owner.token, text, **variables):
                pass
        (error,) = refused.value.errors
        assert isinstance(error.original_error, ApiError)
        assert (error.original_error.code.value, list(error.original_error.field)) == ("INVALID_INPUT", list(path))
        return
    body = await acme.owner(text, **variables)
    if kind == "mutation":
        assert {"code": "VALIDATION_ERROR", "field": list(path)} in body["data"][name]["userErrors"]
    else:
        error = body["errors"][0]["extensions"]
        assert (error["code"], error["field"]) == ("INVALID_INPUT", list(path))


async def test_null_for_an_input_with_a_default_means_the_default(acme: Signed) -> None:
    document = (
        "mutation($i: PropertyCreateInput!) { propertyCreate(input: $i)"
        " { property { status usage price { amount currency } } userErrors { code field } } }"
    )
    price = {"amount": "1.00", "currency": None}
    data = await acme.owner.data(document, i=property_input(status=None, usage=None, price=price))
    assert data["propertyCreate"] == {
        "property": {
            "status": "PREPARATION",
            "usage": "RESIDENTIAL",
            "price": {"amount": "1.00", "currency": "EUR"},
        },
        "userErrors": [],
    }
