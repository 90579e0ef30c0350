"""Node types against tables: what is public is a column, what is a column is public or kept back for a reason."""

from typing import Any

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type
from sqlalchemy import Column
from strawberry.utils.str_converters import to_camel_case

import models
from graph.kit.connection import ChildrenSpec, ManySpec
from graph.kit.field import NODES, AggregateSpec, ColumnSpec, KitField, NodeInfo, OneSpec, ValueSpec
from graph.kit.figures import FigureSpec
from graph.kit.node import Value
from graph.schema import schema
from models.base import Deletable, TenantRow
from resolvers.kit.inputs import model_of_table

# Columns that no client sees, with the reason.
EVERYWHERE = {"tenant_id": "the caller's own, told by `viewer.tenant`"}
KEPT_BACK: dict[str, dict[str, str]] = {
    "AuditEntry": {"seq": "the place in the chain, inside the cursors of its stream"},
    "Property": {
        "currency": "inside every amount",
        "status_reason": "in the audit trail",
        "title_key": "sort key, derived",
        "search": "search document, derived",
    },
    "Team": {},
    "TeamMember": {
        "team_id": "reached from the team",
        "created_at": "told by joinedAt",
        "updated_at": "part of the team",
        "created_by_id": "part of the team",
        "version": "part of the team",
    },
    "Role": {"permission_keys": "shown as its permissions, each with its description"},
    "User": {
        "avatar_key": "a place in the store of files; shown as an address that ends",
        "account_id": "the login over all agencies",
        "search": "search document, derived",
    },
    "Tenant": {
        "plan": "shown with the domain of billing; the limits in force are fields",
        "billing_cycle": "shown with the domain of billing",
        "email_password": "a secret; whether there is one is told",
        "logo_key": "a place in the store of files; shown as an address that ends",
    },
    "FeatureFlag": {},
    "ContactPerson": {
        "property_id": "reached from the property",
        "ordinal": "the order of the list",
        "created_at": "part of the property",
        "updated_at": "part of the property",
        "created_by_id": "part of the property",
        "version": "part of the property",
    },
    "Job": {
        "message": "in what is told of its progress",
        "task": "for whoever carries it out",
        "cancelling": "for whoever carries it out",
        "source_key": "of the file that came with it",
        "updated_at": "rises with its progress",
        "version": "its state is the server's",
    },
    "ApiKey": {"member_id": "shown as createdBy: keys are made for oneself"},
    "Note": {"property_id": "reached from the property"},
    "Session": {
        "member_id": "whose it is: the caller's",
        "updated_at": "said by lastUsedAt and revokedAt",
        "created_by_id": "nobody makes a session for somebody else",
        "version": "nobody edits a session",
    },
    "Board": {},
    "BoardColumn": {
        "board_id": "reached from the board",
        "created_at": "part of the board",
        "updated_at": "part of the board",
        "created_by_id": "part of the board",
        "version": "part of the board",
    },
    "Project": {},
    "Task": {
        "currency": "inside the amount of the financing",
        "title_key": "sort key, derived",
        "search": "search document, derived",
        "due_reminded_at": "what the reminders remember",
        "overdue_reminded_at": "what the reminders remember",
    },
    "Subtask": {
        "task_id": "reached from the task",
        "created_at": "part of the task",
        "updated_at": "part of the task",
        "created_by_id": "part of the task",
        "version": "part of the task",
    },
    "TaskLabel": {
        "created_at": "a word of the agency, not a record",
        "updated_at": "a word of the agency, not a record",
        "created_by_id": "a word of the agency, not a record",
        "version": "a word of the agency, not a record",
    },
    "TaskLog": {
        "task_id": "reached from the task",
        "created_by_id": "shown as the user",
        "updated_at": "a line is never changed",
        "version": "a line is never changed",
    },
    "Invitation": {
        "phone": "goes to the member who accepts",
        "member_id": "found among the members by the address",
        "holds_seat": "told by the status",
        "role_ids": "go to the member who accepts",
        "team_ids": "go to the member who accepts",
        "token_version": "which secret is the valid one",
        "mail_id": "shown as sentAt and sendError",
    },
    "Comment": {"task_id": "reached from the task"},
    "PropertyValuation": {"property_id": "reached from the property"},
}
# Tables of an agency that are no node, with the reason.
NOT_NODES = {
    "mail": "what is sent is shown by what it is about",
    "member_role": "shown as the roles of a member",
    "preferences": "shown as the preferences of the viewer",
    "task_label_link": "shown as the labels of a task",
    "task_watcher": "shown as the watchers of a task",
    "task_dependency": "shown as the dependencies of a task",
    "comment_mention": "shown as the mentions of a comment",
    "property_favorite": "counted, and shown to whom it belongs",
    "comment_reaction": "counted in the reactions of a comment",
}


def node_fields(info: NodeInfo) -> dict[str, KitField]:
    """The fields of a node by their public names, those of its interfaces included."""
    definition = info.cls.__strawberry_definition__
    return {schema.config.name_converter.get_graphql_name(field): field for field in definition.fields}


def columns_of(field: KitField, found: set[str]) -> set[str]:
    spec = field.spec
    if isinstance(spec, AggregateSpec | ManySpec | ChildrenSpec | FigureSpec):
        return found
    return found | set(spec.columns)


@pytest.fixture(params=sorted(NODES.by_name))
def info(request: pytest.FixtureRequest) -> NodeInfo:
    return NODES.by_name[request.param]


def test_every_model_of_an_agency_is_a_node_or_has_a_reason() -> None:
    owned = {
        str(model.__tablename__)
        for model in (getattr(models, name) for name in models.__all__)
        if isinstance(model, type) and issubclass(model, TenantRow)
    }
    nodes = {info.source.table.name for info in NODES.by_name.values()}
    assert owned == nodes | set(NOT_NODES)
    assert nodes & set(NOT_NODES) == set()


def test_lists_of_reasons_name_what_exists() -> None:
    assert set(KEPT_BACK) == set(NODES.by_name)
    for name, reasons in KEPT_BACK.items():
        assert set(reasons) <= set(NODES.by_name[name].source.table.c.keys()), name


def test_every_column_is_public_or_kept_back(info: NodeInfo) -> None:
    shown: set[str] = set()
    for field in node_fields(info).values():
        shown = columns_of(field, shown)
    kept = set(KEPT_BACK[info.source.name]) | set(EVERYWHERE)
    columns = set(info.source.table.c.keys())
    assert columns - shown - kept == set(), "neither public nor kept back"
    # What is kept back is not public under its own name; derived fields may look at it.
    plain = {
        name
        for field in node_fields(info).values()
        if isinstance(field.spec, ColumnSpec | OneSpec)
        for name in field.spec.columns
    }
    assert plain & kept == set()


def test_what_is_read_is_what_fields_need(info: NodeInfo) -> None:
    """The statement of a node selects the columns of its fields, and no other."""
    needed = {"id"}
    for field in node_fields(info).values():
        needed |= set(field.spec.columns)
    assert set(info.source.columns) == needed


def test_plain_attributes_agree_with_their_columns(info: NodeInfo) -> None:
    wrong = []
    for name, shown, field in plain(info):
        columns = info.source.table.c
        if field.spec.columns[0] not in columns:
            wrong.append(f"{name}: no column {field.spec.columns[0]}")
            continue
        column: Column[Any] = columns[field.spec.columns[0]]
        # A value that only some may see is nullable whatever the column says; one that is shown only when it is there
        # is none of the columns'.
        if name.partition(".")[0] in PRESENT:
            continue
        if isinstance(shown, GraphQLNonNull) != (not column.nullable and field.spec.mask is None):
            wrong.append(f"{name}: {shown}, column {'nullable' if column.nullable else 'required'}")
    assert wrong == []


def plain(info: NodeInfo) -> list[tuple[str, Any, KitField]]:
    """Fields that show one column, as it is or as an amount, of the node and of its value objects; with their types."""
    found = []
    for name, field in node_fields(info).items():
        if isinstance(field.spec, ValueSpec):
            inner = get_named_type(fields_of(info.source.name)[name].type).name
            for inner_name, part in VALUES[inner].__kit_fields__.items():
                found.append((f"{inner}.{inner_name}", fields_of(inner)[to_camel_case(inner_name)].type, part))
        else:
            found.append((f"{info.source.name}.{name}", fields_of(info.source.name)[name].type, field))
    return [item for item in found if isinstance(item[2].spec, ColumnSpec) or item[2].spec.columns[1:] == ("currency",)]


def fields_of(name: str) -> dict[str, Any]:
    kind = schema._schema.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return dict(kind.fields)


# Value objects that are null as a whole; what they show then is told by checks of the table.
PRESENT = {"BlockedInfo", "TaskFinancing"}
VALUES = {found.__name__: found for found in Value.__subclasses__()}


def test_fields_of_value_objects_are_columns(info: NodeInfo) -> None:
    for field in node_fields(info).values():
        if isinstance(field.spec, ValueSpec):
            assert set(field.spec.columns) <= set(info.source.table.c.keys())


def test_relations_come_from_keys(info: NodeInfo) -> None:
    """`one` is nullable when the key is, or when its target may be hidden from a viewer who sees the row."""
    kind = schema._schema.type_map[info.source.name]
    assert isinstance(kind, GraphQLObjectType)
    for name, field in node_fields(info).items():
        if isinstance(field.spec, OneSpec):
            target = NODES.of_table(field.spec.key.info["references"])
            nullable = bool(field.spec.key.nullable) or target.source.permission is not None
            expected = target.source.name + ("" if nullable else "!")
            assert (name, str(kind.fields[name].type)) == (name, expected)


def test_what_goes_to_the_trash_says_so(info: NodeInfo) -> None:
    kind = schema._schema.type_map[info.source.name]
    assert isinstance(kind, GraphQLObjectType)
    interfaces = {interface.name for interface in kind.interfaces}
    discarded = issubclass(model_of_table(info.source.table.name), Deletable)
    assert interfaces == ({"Node", "Deletable"} if discarded else {"Node"})


def test_types_of_columns_and_fields_agree(info: NodeInfo) -> None:
    """One scalar per kind of column, so that a moment is never a text and an amount never a float."""
    expected = {
        "Minor": {"Money"},
        "Hundredths": {"Decimal"},
        "Halves": {"Decimal"},
        "BasisPoints": {"Percent"},
        "TIMESTAMP": {"DateTime"},
        "Boolean": {"Boolean"},
        "Date": {"Date"},
        "SmallInteger": {"Int"},
        "Integer": {"Int"},
        "Uuid": {"ID"},
    }
    wrong = []
    for name, shown, field in plain(info):
        stored = type(info.source.table.c[field.spec.columns[0]].type).__name__
        if stored in expected and get_named_type(shown).name not in expected[stored]:
            wrong.append(f"{name}: {stored} shown as {shown}")
    assert wrong == []
