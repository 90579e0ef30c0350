"""Who sees which field of which record: every field of every node type by role, committed as text and tried.

After a wanted change write the text anew with `python -m tests.contract.test_permissions_of_fields`.
"""

from pathlib import Path

import asyncpg
import pytest
from graphql import GraphQLEnumType, GraphQLScalarType
from graphql import get_named_type as named

from domain.access import ROLE_PERMISSIONS, Role
from graph.kit.connection import ManySpec, ThroughSpec
from graph.kit.field import NODES, KitField, OneSpec
from graph.schema import schema
from resolvers.kit.context import State
from tests.conftest import Client, Signed
from tests.contract.strangers import NODES_MADE, World
from tests.contract.test_permissions import BUILT, held

FILE = Path(__file__).with_name("permissions_of_fields.txt")


def fields(type_name: str) -> dict[str, KitField]:
    """The fields of a node type by their public names."""
    found = NODES.by_name[type_name].cls.__strawberry_definition__.fields
    return {schema.config.name_converter.get_graphql_name(one): one for one in found if isinstance(one, KitField)}


def asked(type_name: str, field: KitField) -> str | None:
    """The permission without which a field of a record that is seen is null all the same."""
    spec = field.spec
    if spec.mask is not None:
        return spec.mask.needs
    if isinstance(spec, OneSpec | ManySpec | ThroughSpec) and spec.target.source.permission is not None:
        return spec.target.source.permission
    return None


def cell(role: Role, type_name: str, field: KitField) -> str:
    """yes, own (of records that are the role's own), masked (null or empty in a record that is seen), no."""
    seen, permission = held(role, NODES.by_name[type_name].source.permission), asked(type_name, field)
    if seen == "no" or permission is None:
        return seen
    if field.spec.mask is not None:
        return seen if permission in ROLE_PERMISSIONS[role] else "masked"
    return {"yes": seen, "own": "own", "no": "masked"}[held(role, permission)]


def matrix() -> str:
    """One line per field, beginning with the type."""
    lines = [("field", *(role.value for role in Role))]
    for type_name in sorted(NODES.by_name):
        for name, field in fields(type_name).items():
            lines.append((f"{type_name}.{name}", *(cell(role, type_name, field) for role in Role)))
    widths = [max(len(line[index]) for line in lines) for index in range(len(lines[0]))]
    return "".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )


def test_the_committed_text_is_what_the_schema_declares() -> None:
    assert FILE.read_text(encoding="utf-8") == matrix()


@pytest.mark.parametrize("type_name", sorted(NODES.by_name))
async def test_what_is_masked_is_empty_and_the_rest_is_answered(
    type_name: str,
    state: State,
    acme: Signed,
    admin: asyncpg.Connection,
    anonymous: Client,
) -> None:
    id = await NODES_MADE[type_name](World(state, admin, anonymous), acme)
    kind = BUILT.type_map[type_name]
    selected = [
        f"{name}{'' if isinstance(named(field.type), GraphQLScalarType | GraphQLEnumType) else ' { __typename }'}"
        for name, field in kind.fields.items()  # type: ignore[attr-defined]
    ]
    text = f"query($id: ID!) {{ node(id: $id) {{ ... on {type_name} {{ {' '.join(selected)} }} }} }}"
    for role in Role:
        node = (await acme.as_(role).data(text, id=id))["node"]
        if node is None or id == acme.agency.people[role].gid:
            continue  # not seen at all, or one's own
        shown = {
            name: node[name] for name, field in fields(type_name).items() if cell(role, type_name, field) == "masked"
        }
        assert (role, shown) == (role, {name: [] if shown[name] == [] else None for name in shown})


if __name__ == "__main__":
    FILE.write_text(matrix(), encoding="utf-8")
