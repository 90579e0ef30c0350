"""What resolvers answer that is no row: payloads with `userErrors`, events, small shapes."""

import asyncio
import typing
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList

import models
from domain.errors import ErrorCode, Problem
from graph.kit.field import NODES, PLACEHOLDER, KitField, Spec, shown
from loaders.base import Source
from loaders.visibility import table_of
from models.base import TenantRow
from models.events import ChangeKind
from resolvers.kit.commands import Ref
from resolvers.kit.context import Context
from resolvers.kit.scalars import JSON


@strawberry.type(description="One problem of an input. All problems of a mutation are reported together.")
class UserError:
    code: ErrorCode = strawberry.field(description="Machine-readable reason.")
    message: str = strawberry.field(description="For a person, in the language of the request.")
    field: list[str] = strawberry.field(
        description='Path from the arguments, list items by index: `["input", "title"]`; empty when none is to blame.'
    )
    details: JSON | None = strawberry.field(
        description="Further facts of the code, e.g. `currentVersion` of a CONFLICT."
    )


def user_error(problem: Problem, language: str) -> UserError:
    details = {
        key: item.value if isinstance(item, Enum) else item for key, item in problem.details.items() if item is not None
    }
    return UserError(
        code=problem.code,
        message=problem.message(language),
        field=list(problem.field),
        details=JSON(details) if details else None,
    )


@dataclass(eq=False)
class PayloadSpec(Spec):
    """A value a resolver gave by name; a reference is read at this moment, under the viewer's rights."""

    name: str = ""
    empty: Any = None

    def value(self, source: Any, context: Context) -> Any:
        """What the resolver gave, references as they are."""
        if self.name == "user_errors":
            return [user_error(problem, context.request.language) for problem in source.get("user_errors", ())]
        found = source.get(self.name, self.empty)
        if isinstance(found, list) and found and isinstance(found[0], Problem):
            return [user_error(problem, context.request.language) for problem in found]
        return found

    def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        value = self.value(source, context)
        if isinstance(value, Ref):
            return shown(value, context)
        if isinstance(value, list) and any(isinstance(item, Ref) for item in value):
            return _load_all(value, context)
        return value

    def arguments(self, owner: Source | None) -> list[StrawberryArgument]:
        return []


async def _load_all(refs: list[Any], context: Context) -> list[Any]:
    return [row for row in await asyncio.gather(*(shown(ref, context) for ref in refs)) if row is not None]


@dataclass(eq=False)
class RowSpec(PayloadSpec):
    """A row a resolver named by reference or id; its type is looked up late: domains need not import each other."""

    table: str = ""
    may_miss: bool = True

    def type(self, owner: Source | None) -> Any:
        return NODES.of_table(self.table).cls if NODES.has(self.table) else None

    def nullable(self, owner: Source | None) -> bool:
        return self.may_miss

    def value(self, source: Any, context: Context) -> Any:
        found = source.get(self.name)
        return found if found is None or isinstance(found, Ref) else Ref(self.table, found)


def row(model: type[TenantRow], description: str, *, key: str = "", required: bool = False) -> Any:
    """A row of another domain, under the attribute's name or `key`."""
    table = table_of(model).name
    return KitField(RowSpec(name=key, table=table, may_miss=not required), description=description)


@dataclass(eq=False)
class RowsSpec(PayloadSpec):
    """Rows a resolver named by references; their type is looked up late."""

    table: str = ""

    def type(self, owner: Source | None) -> Any:
        return StrawberryList(NODES.of_table(self.table).cls) if NODES.has(self.table) else None

    def nullable(self, owner: Source | None) -> bool:
        return False


def rows(model: type[TenantRow], description: str) -> Any:
    """A list of rows of another domain."""
    return KitField(RowsSpec(table=table_of(model).name), description=description)


@dataclass(eq=False)
class AskedSpec(PayloadSpec):
    """A value that is looked for only when somebody asks for it."""

    function: Callable[[Context], Awaitable[Any]] = field(default=None)  # type: ignore[assignment]
    when: str = ""

    def value(self, source: Any, context: Context) -> Any:
        return self.function(context) if not self.when or source.get(self.when) else None

    async def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        asked = self.value(source, context)
        found = None if asked is None else await asked
        if isinstance(found, Ref):
            return await shown(found, context)
        if isinstance(found, list) and any(isinstance(item, Ref) for item in found):
            return await _load_all(found, context)
        return found


def asked(function: Callable[[Context], Awaitable[Any]], description: str, *, when: str = "") -> Any:
    """A value of the caller's that `function(context)` finds; not looked for unless it is selected.

    With `when` it is null unless the resolver gave that.
    """
    return KitField(AskedSpec(function=function, when=when), description=description)


def given(key: str, description: str) -> Any:
    """A value a resolver gave under another name than the attribute's."""
    return KitField(PayloadSpec(name=key), description=description)


class Shape:
    """Base of types made of values that a resolver gave by name: events, memberships, whatever is no row."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _shape(cls, cls.__annotations__)


class Change:
    """Base of changes that a subscription tells: what all of them say, and what a type says besides."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__annotations__ = {
            "cursor": str,
            "prev_cursor": str,
            "kind": ChangeKind,
            "at": datetime,
            "id": strawberry.ID,
            "changed_fields": list[str],
            **cls.__annotations__,
            "actor": PLACEHOLDER,
        }
        cls.actor = row(models.Member, "Who did it; null for the system.")  # type: ignore[attr-defined]
        _shape(cls, cls.__annotations__)


class Payload:
    """Base of payloads: a `Shape` with `userErrors`."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__annotations__["user_errors"] = list[UserError]
        _shape(cls, cls.__annotations__)


def _shape(cls: Any, hints: dict[str, Any]) -> None:
    for name in [name for name, item in cls.__dict__.items() if isinstance(item, KitField)]:
        hints.setdefault(name, PLACEHOLDER)
    for name, hint in list(hints.items()):
        given = cls.__dict__.get(name)
        if isinstance(given, KitField):
            if isinstance(given.spec, PayloadSpec):
                given.spec.name = given.spec.name or name
            continue
        description = given.description if given is not None else None
        empty: Any = False if hint is bool else [] if typing.get_origin(hint) is list else None
        setattr(
            cls, name, KitField(PayloadSpec(name=name, empty=empty), description=description or _DESCRIBED.get(name))
        )


_DESCRIBED = {
    "user_errors": "Why nothing was changed; empty on success.",
    "cursor": "Place of this event in the stream; pass it as `after` to resume behind it.",
    "prev_cursor": "Cursor of the event before it on this stream; another value means that one was missed.",
    "kind": "What happened.",
    "at": "When it was committed.",
    "id": "Id of the record.",
    "succeeded_count": "How many were changed.",
    "failed_count": "How many were refused.",
    "changed_fields": "Names of the fields that changed; empty for a new record.",
}


class BulkResult(Payload):
    """Base of what happened to one of many records: a payload with the id that was given."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        cls.__annotations__ = {"id": strawberry.ID} | cls.__annotations__
        cls.id = strawberry.field(description="The id that was given.")  # type: ignore[attr-defined]
        super().__init_subclass__(**kwargs)


class BulkPayload(Payload):
    """Base of what happened to many records: `results`, to be declared with its type, and how many of each kind."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        cls.__annotations__ |= {"succeeded_count": int, "failed_count": int}
        cls.results = strawberry.field(description="One result per id, in the order of the ids.")  # type: ignore[attr-defined]
        super().__init_subclass__(**kwargs)


@strawberry.type(description="Whether it was done.")
class AckPayload(Payload):
    ok: bool = strawberry.field(description="True when it was done.")


@strawberry.type(description="A key with its label and how often it occurs.")
class CountByKey(Shape):
    key: str = strawberry.field(description="The key.")
    label: str = strawberry.field(description="For a person, in the language of the request.")
    count: int = strawberry.field(description="How often.")


@strawberry.type(description="The member, or why it was refused.")
class UserPayload(Payload):
    user = row(models.Member, "The member as it is now.", key="member")


@strawberry.type(description="A field with its values before and after.")
class FieldChange:
    field: str = strawberry.field(description="Name of the field.")
    from_: JSON | None = strawberry.field(name="from", description="What it was; ids are global.")
    to: JSON | None = strawberry.field(description="What it became.")


def field_changes(found: Iterable[Mapping[str, Any]]) -> list[FieldChange]:
    """Changes as they are stored, `{field, from, to}`."""
    return [FieldChange(field=one["field"], from_=one["from"], to=one["to"]) for one in found]
