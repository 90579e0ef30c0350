"""The schema: all domains merged, names and descriptions completed from the models."""

import warnings
from enum import Enum
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter
from strawberry.tools import merge_types
from strawberry.types.base import StrawberryObjectDefinition

import domain.access
import domain.address
import domain.passwords
import domain.people
import domain.plans
import domain.preferences
import domain.properties
import domain.providers
import domain.tasks
from domain.errors import ErrorCode, say
from graph import (
    audit,
    comments,
    identity,
    imports,
    jobs,
    notes,
    people,
    platform,
    presence,
    properties,
    property_parts,
    roles,
    task_parts,
    tasks,
    teams,
    tenants,
)
from graph.kit.field import NODES
from graph.kit.node import node_directives
from graph.kit.root import declare_needs
from loaders.visibility import table_of
from models.events import AuditAction, AuditOutcome, ChangeKind
from models.identity import UserStatus
from models.jobs import JobState
from models.teams import TeamRole
from resolvers.audit import AuditFormat
from resolvers.identity.live import ViewerChangeReason
from resolvers.kit import exports
from resolvers.kit import imports as imports_kit
from resolvers.kit.filters import EnumFilter, Filter
from resolvers.kit.inputs import Input
from resolvers.kit.scalars import SCALARS
from resolvers.platform import NodeType

DOMAINS = (
    platform,
    identity,
    people,
    roles,
    teams,
    tenants,
    properties,
    property_parts,
    notes,
    tasks,
    task_parts,
    comments,
    presence,
    jobs,
    imports,
    audit,
)

DESCRIPTIONS: dict[type[Enum], tuple[str, dict[str, str]]] = {
    **domain.access.DESCRIPTIONS,
    **domain.address.DESCRIPTIONS,
    **domain.passwords.DESCRIPTIONS,
    **domain.people.DESCRIPTIONS,
    **domain.plans.DESCRIPTIONS,
    **domain.preferences.DESCRIPTIONS,
    **domain.properties.DESCRIPTIONS,
    **domain.providers.DESCRIPTIONS,
    **domain.tasks.DESCRIPTIONS,
    ErrorCode: ("Machine-readable reason of an error.", {code.value: say(code.value) for code in ErrorCode}),
    ChangeKind: (
        "What happened to a record.",
        {
            "CREATED": "It is new.",
            "UPDATED": "A field, or a part that has no kind of its own, changed.",
            "MOVED": "Its position or parent changed.",
            "STATUS_CHANGED": "Its status changed.",
            "ASSIGNED": "Somebody else looks after it.",
            "COMMENTED": "A note, comment or message was added.",
            "DELETED": "It went to the trash.",
            "RESTORED": "It came back from the trash.",
            "PURGED": "It is gone for good.",
            "LAGGED": "Ephemeral signals were dropped, read the present state; never the kind of a durable event.",
        },
    ),
    exports.ExportFormat: (
        "What kind of file is made.",
        {"CSV": "A table as text.", "XLSX": "A spreadsheet."},
    ),
    imports_kit.Conflict: (
        "What happens to rows whose record exists.",
        {
            "SKIP": "The record stays as it is.",
            "UPDATE": "What the row says is changed; empty cells change nothing.",
            "ERROR": "The row is wrong.",
        },
    ),
    imports_kit.Outcome: (
        "What becomes of a row of a file.",
        {
            "CREATED": "A new record.",
            "UPDATED": "The record changed.",
            "SKIPPED": "The record stays as it is: nothing differs, or it was to be skipped.",
            "FAILED": "Nothing: the row is wrong.",
        },
    ),
    imports_kit.Numbers: (
        "How numbers are meant that could be read in two ways.",
        {"GERMAN": "`1.234` is a thousand and more.", "ENGLISH": "`1.234` is one and a bit."},
    ),
    imports_kit.Unit: ("Unit of the areas in a column.", {"SQUARE_FEET": "Square feet; they become m²."}),
    JobState: (
        "Where a job stands.",
        {
            "QUEUED": "It waits for a worker.",
            "RUNNING": "A worker is at it.",
            "DONE": "It is done.",
            "FAILED": "It could not be done; it may be tried again.",
            "CANCELLED": "Somebody stopped it; what it had done stays done.",
        },
    ),
    AuditAction: (
        "What somebody did.",
        {
            "CREATE": "Something new was made.",
            "READ_SENSITIVE": "The audit trail, or something else that is guarded, was looked at.",
            "UPDATE": "Something was changed.",
            "DELETE": "Something went to the trash, or was taken away.",
            "RESTORE": "Something came back from the trash.",
            "PURGE": "Something was deleted for good.",
            "LOGIN": "Somebody signed in or renewed a session.",
            "LOGIN_FAILED": "Somebody failed to sign in.",
            "LOGOUT": "Somebody signed out.",
            "EXPORT": "Data left as a file.",
            "SEND": "Something was sent to somebody.",
            "PUBLISH": "Something was made public, or taken back.",
            "ROLE_CHANGE": "Rights of somebody changed.",
            "CONSENT": "A consent was given or withdrawn.",
            "ERASE": "Personal data were made unrecognisable.",
            "MERGE": "Records were made one.",
            "IMPERSONATE": "Somebody acted in another person's name.",
            "TOOL": "The assistant did something on somebody's behalf.",
        },
    ),
    AuditFormat: (
        "How the audit trail is written into a file.",
        {
            "CSV": "A table, one entry per line, to be opened by a spreadsheet.",
            "JSON": "One JSON object per line, for programs.",
        },
    ),
    AuditOutcome: (
        "How it ended.",
        {
            "SUCCESS": "It was done.",
            "DENIED": "The right to do it was missing.",
            "FAILED": "It was refused for what was given, or failed.",
        },
    ),
    UserStatus: (
        "Whether a member may sign in.",
        {
            "INVITED": "The invitation is not yet accepted.",
            "ACTIVE": "May sign in.",
            "DEACTIVATED": "May no longer sign in.",
        },
    ),
    ViewerChangeReason: (
        "What news of the caller's own account is about.",
        {
            "PROFILE": "The profile or the preferences changed.",
            "RIGHTS": "The caller may do more, or less, than before.",
            "SESSION_REVOKED": "The session is over; the stream ends.",
            "TOKEN_EXPIRING": "The access token ends within two minutes: exchange the refresh token.",
        },
    ),
    TeamRole: (
        "What somebody is in a team.",
        {"LEAD": "Leads it; at most one does.", "MEMBER": "Belongs to it."},
    ),
    NodeType: (
        "A kind of record, in search, trash and change feeds.",
        {
            "PROPERTY": "A property.",
            "NOTE": "A note on a record.",
            "TASK": "A task.",
            "BOARD": "A board with its columns.",
            "PROJECT": "A project.",
            "TEAM": "A team.",
        },
    ),
}


# `Role` is the name of the type that will describe a role with its permissions.
ENUM_NAMES: dict[type[Enum], str] = {
    domain.access.Role: "RoleKey",
    imports_kit.Conflict: "ImportConflict",
    imports_kit.Outcome: "ImportOutcome",
    imports_kit.Numbers: "ImportNumbers",
    imports_kit.Unit: "ImportUnit",
}


class Names(NameConverter):
    """`PropertyConnection`, `PropertyEdge`, `PropertyStatusFilter`: the names clients expect."""

    def from_generic(self, generic_type: StrawberryObjectDefinition, types: list[Any]) -> str:
        if generic_type.name == EnumFilter.__name__:  # the origin of a specialised type is the specialised class
            return self.get_name_from_type(types[0]) + "Filter"
        return super().from_generic(generic_type, types)


def _publish_enums() -> None:
    for enum, (description, values) in DESCRIPTIONS.items():
        if not hasattr(enum, "__strawberry_definition__"):
            strawberry.enum(enum, description=description)
        definition = enum.__strawberry_definition__  # type: ignore[attr-defined]
        # A field that mentions an enum makes its definition first, without the words.
        definition.name, definition.description = ENUM_NAMES.get(enum, enum.__name__), description
        for value in definition.values:
            value.description = value.description or values[value.name]


def _describe_inputs(cls: type) -> None:
    """Fields of inputs and filters say what their column says."""
    subclasses: list[Any] = cls.__subclasses__()
    for found in subclasses:
        _describe_inputs(found)
        model = getattr(found, "__model__", None)
        definition = getattr(found, "__strawberry_definition__", None)
        if model is None or definition is None:
            continue
        columns = table_of(model).c
        for field in definition.fields:
            names = (getattr(found, "renames", {}).get(field.python_name, field.python_name), field.python_name + "_id")
            column = next((name for name in names if name in columns), None)
            if field.description is None and column is not None:
                field.description = model.model_fields[column].description


def _declare_needs() -> None:
    for info in NODES.by_name.values():
        info.cls.__strawberry_definition__.directives = node_directives(info.source.permission)


def _root(kind: str) -> Any:
    parts = tuple(getattr(module, kind) for module in DOMAINS if hasattr(module, kind))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # two domains with one root field are a mistake, not a warning
        return merge_types(kind, parts)


def build() -> strawberry.Schema:
    _publish_enums()
    _describe_inputs(Input)
    _describe_inputs(Filter)
    _declare_needs()
    query = _root("Query")
    declare_needs(query)
    return strawberry.Schema(
        query=query,
        mutation=_root("Mutation"),
        subscription=_root("Subscription"),
        types=[info.cls for info in NODES.by_name.values()],
        config=StrawberryConfig(name_converter=Names(), scalar_map=SCALARS),
    )


schema = build()
