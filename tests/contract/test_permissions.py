"""Who may call what: the matrix of roles and fields, committed as text, and every cell of it really tried.

After a wanted change write the text anew with `python -m tests.contract.test_permissions` and read the difference.
"""

from pathlib import Path
from typing import Any

import asyncpg
import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull, GraphQLScalarType
from graphql import get_named_type as named

from domain.access import ADMIN_READS, CUSTOMER_WRITES, ROLE_PERMISSIONS, ROLE_SCOPES, SELF, Role, Scope
from domain.errors import ApiError
from graph.kit.field import NODES, KitField, Needs
from graph.schema import schema
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Client, Signed
from tests.contract.strangers import NODES_MADE, World, everything_of, listening

FILE = Path(__file__).with_name("permissions.txt")
BUILT = schema._schema
ROOTS = {"query": BUILT.query_type, "mutation": BUILT.mutation_type, "subscription": BUILT.subscription_type}
COLUMNS = (*(role.value for role in Role), "anonymous")
ROOT_FIELDS = [(kind, name) for kind, root in ROOTS.items() if root is not None for name in root.fields]


# --- what the schema declares ----------------------------------------------------------------------------------------


def needs(definition: Any, name: str) -> Needs | None:
    """The `@needs` printed at a field."""
    field = next(f for f in definition.fields if schema.config.name_converter.get_graphql_name(f) == name)
    return next((directive for directive in field.directives if isinstance(directive, Needs)), None)


def root_needs(kind: str, name: str) -> Needs | None:
    root = ROOTS[kind]
    assert root is not None
    return needs(root.extensions["strawberry-definition"], name)


def held(role: Role, permission: str | None) -> str:
    """How far a role holds a permission."""
    if permission == SELF:
        return "own"
    if not permission or permission in ROLE_PERMISSIONS[role]:
        return "yes"
    return "own" if permission + ".own" in ROLE_PERMISSIONS[role] else "no"


def cell(role: str, kind: str, name: str) -> str:
    """What a role gets from a root field: yes, own (its own records), no, or sign in."""
    found = root_needs(kind, name)
    if found is None:
        return "yes"
    if role == "anonymous":
        return "sign in"
    scope = Scope(found.scope)
    excepted = role == Role.CUSTOMER.value and scope is Scope.WRITE and name in CUSTOMER_WRITES
    if scope not in ROLE_SCOPES[Role(role)] and not excepted:
        return "no"
    return held(Role(role), found.permission or None)


def masked() -> list[tuple[str, str, str]]:
    """Fields of nodes that only some may see, with the permission."""
    return [
        (type_name, schema.config.name_converter.get_graphql_name(field), field.spec.mask.needs)
        for type_name, info in sorted(NODES.by_name.items())
        for field in info.cls.__strawberry_definition__.fields
        if isinstance(field, KitField) and field.spec.mask is not None
    ]


def matrix() -> str:
    """One line per root field, node type and protected field."""
    lines = [("field", "permission", "scope", *COLUMNS)]
    for kind, name in ROOT_FIELDS:
        found = root_needs(kind, name)
        permission = (found.permission or "-") if found else "-"
        scope = found.scope if found else "public"
        lines.append((f"{kind} {name}", permission, scope, *(cell(role, kind, name) for role in COLUMNS)))
    for type_name, info in sorted(NODES.by_name.items()):
        permission = info.source.permission
        scope = "ADMIN" if permission in ADMIN_READS else "READ"
        lines.append(
            (f"node {type_name}", permission or "-", scope, *(held(role, permission) for role in Role), "sign in")
        )
    for type_name, name, permission in masked():
        # A protected field asks for the whole permission; what is one's own opens by a rule of the field.
        cells = ("yes" if permission in ROLE_PERMISSIONS[role] else "no" for role in Role)
        lines.append((f"field {type_name}.{name}", permission, "READ", *cells, "sign in"))
    widths = [max(len(line[index]) for line in lines) for index in range(len(lines[0]))]
    return "".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )


def test_the_committed_matrix_is_the_one_the_schema_declares() -> None:
    assert FILE.read_text(encoding="utf-8") == matrix()


# --- trying ----------------------------------------------------------------------------------------------------------

SAMPLES: dict[str, Any] = {"String": "x", "Int": 1, "Boolean": False, "Decimal": "1", "EmailAddress": "x"}
SAMPLES["DateTime"] = "2030-01-01T00:00:00Z"


def sample(kind: Any) -> Any:
    """A value the schema takes and the kit refuses or finds nothing for."""
    if isinstance(kind, GraphQLNonNull):
        return sample(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [sample(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        required = {name: f.type for name, f in kind.fields.items() if isinstance(f.type, GraphQLNonNull)}
        return {name: sample(inner) for name, inner in required.items()}
    assert isinstance(kind, GraphQLScalarType)
    return encode_id("Property", uuid7()) if kind.name == "ID" else SAMPLES[kind.name]


def document(kind: str, name: str) -> tuple[str, dict[str, Any]]:
    """A call of a root field with its required arguments."""
    root = ROOTS[kind]
    assert root is not None
    field = root.fields[name]
    given = {key: argument for key, argument in field.args.items() if isinstance(argument.type, GraphQLNonNull)}
    declared = ", ".join(f"${key}: {argument.type}" for key, argument in given.items())
    passed = ", ".join(f"{key}: ${key}" for key in given)
    inner = "" if isinstance(named(field.type), GraphQLScalarType) else " { __typename }"
    text = f"{kind}{f'({declared})' if given else ''} {{ {name}{f'({passed})' if given else ''}{inner} }}"
    return text, {key: sample(argument.type) for key, argument in given.items()}


async def answer(kind: str, name: str, client: Client, state: State) -> str:
    """Allowed, or the code of the refusal."""
    text, variables = document(kind, name)
    if kind != "subscription":
        body = await client(text, **variables)
        return body["errors"][0]["extensions"]["code"] if "errors" in body else "allowed"
    try:
        async with listening(state, client.token, text, **variables):
            return "allowed"
    except ApiError as error:
        return error.code.value
    except Exception as error:
        # The engine wraps what the subscription's resolver raised.
        causes = [found.original_error for found in getattr(error, "errors", [])]
        return causes[0].code.value


EXPECTED = {
    "yes": "allowed",
    "own": "allowed",
    "no": "INSUFFICIENT_PERMISSIONS",
    "sign in": "UNAUTHENTICATED",
}


def takes_a_file(kind: str, name: str) -> bool:
    """Whether a field wants a file, which comes by a request of another form; who may send one is tested there."""
    arguments = ROOTS[kind].fields[name].args.values()  # type: ignore[union-attr]
    kinds = [named(argument.type) for argument in arguments]
    for kind in list(kinds):
        if isinstance(kind, GraphQLInputObjectType):
            kinds += [named(field.type) for field in kind.fields.values()]
    return any(kind.name == "Upload" for kind in kinds)


@pytest.mark.parametrize(("kind", "name"), [field for field in ROOT_FIELDS if not takes_a_file(*field)])
async def test_every_role_gets_what_the_matrix_says(
    kind: str, name: str, state: State, acme: Signed, anonymous: Client, admin: asyncpg.Connection
) -> None:
    for role in COLUMNS:
        client = anonymous if role == "anonymous" else acme.as_(Role(role))
        wanted = cell(role, kind, name)
        before = await rows_without_audit(admin, acme)
        assert (role, await answer(kind, name, client, state)) == (role, EXPECTED[wanted])
        if wanted in ("no", "sign in"):
            assert await rows_without_audit(admin, acme) == before


async def rows_without_audit(admin: asyncpg.Connection, acme: Signed) -> dict[str, Any]:
    """Everything but the trail, in which a refused mutation stands as DENIED."""
    found = await everything_of(admin, acme)
    return {table: rows for table, rows in found.items() if table not in ("audit_entry", "event_stream")}


async def test_a_denied_mutation_is_audited_and_causes_no_event(acme: Signed, admin: asyncpg.Connection) -> None:
    text, variables = document("mutation", "propertyCreate")
    assert await acme.customer.code(text, **variables) == "INSUFFICIENT_PERMISSIONS"
    entries = await admin.fetch(
        "select actor_id, operation, outcome, error_code from audit_entry where tenant_id = $1", acme.agency.id
    )
    who = acme.agency.people[Role.CUSTOMER].id
    assert [tuple(row) for row in entries] == [(who, "propertyCreate", "DENIED", "INSUFFICIENT_PERMISSIONS")]
    events = await admin.fetchval("select count(*) from event_outbox where tenant_id = $1", acme.agency.id)
    assert (events, await admin.fetchval("select last_seq from event_stream where tenant_id = $1", acme.agency.id)) == (
        0,
        0,
    )


# What makes protected fields show something, so that their absence means the lack of a right.
FILLED = """update member set department = 'Verkauf', position = 'Maklerin', phone = '+493023125000',
                   last_login_at = now(), bio = 'Gern.', website = 'https://example.com' where tenant_id = $1"""
ON_THE_MARKET = "update property set status = 'AVAILABLE', closing_price = 46500000 where tenant_id = $1"


@pytest.fixture
def world(state: State, admin: asyncpg.Connection, anonymous: Client) -> World:
    return World(state, admin, anonymous)


@pytest.mark.parametrize("type_name", sorted(NODES.by_name))
async def test_every_node_type_opens_to_whom_the_matrix_says(type_name: str, world: World, acme: Signed) -> None:
    id = await NODES_MADE[type_name](world, acme)
    permission = NODES.by_name[type_name].source.permission
    for text, empty in (
        ("query($id: ID!) { node(id: $id) { id } }", {"node": None}),
        ("query($id: ID!) { nodes(ids: [$id]) { id } }", {"nodes": [None]}),
    ):
        for role in Role:
            data = await acme.as_(role).data(text, id=id)
            if held(role, permission) == "own":
                continue  # depends on the record; tested with its domain
            assert (role, data != empty) == (role, held(role, permission) == "yes")
        assert await world.anonymous.code(text, id=id) == "UNAUTHENTICATED"


@pytest.mark.parametrize(("type_name", "name", "permission"), masked())
async def test_every_protected_field_shows_to_whom_the_matrix_says(
    type_name: str, name: str, permission: str, world: World, acme: Signed
) -> None:
    id = await NODES_MADE[type_name](world, acme)
    await world.admin.execute(FILLED, acme.agency.id)
    await world.admin.execute(ON_THE_MARKET, acme.agency.id)
    field = BUILT.type_map[type_name].fields[name]  # type: ignore[attr-defined]
    inner = "" if isinstance(named(field.type), GraphQLScalarType | GraphQLEnumType) else " { __typename }"
    text = f"query($id: ID!) {{ node(id: $id) {{ ... on {type_name} {{ shown: {name}{inner} }} }} }}"
    for role in Role:
        if type_name == "User" and id == acme.agency.people[role].gid:
            continue  # one's own, which shows to oneself
        data = await acme.as_(role).data(text, id=id)
        may = permission in ROLE_PERMISSIONS[role]
        # A role that sees only its own records may not see this one at all.
        assert (role, data["node"] is not None and data["node"]["shown"] is not None) == (role, may)


if __name__ == "__main__":
    FILE.write_text(matrix(), encoding="utf-8")
