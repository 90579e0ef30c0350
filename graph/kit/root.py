"""Root fields as declarations: a list, one record, a mutation, a subscription."""

import asyncio
import inspect
import typing
from collections.abc import AsyncIterable, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import ColumnElement
from strawberry.types.arguments import StrawberryArgument

from domain.access import ADMIN_READS, GUARDED, Scope
from domain.errors import ApiError, ErrorCode
from graph.kit.connection import Listed, ListSpec, connection_of
from graph.kit.field import NODES, KitField, Needs, NodeInfo, Spec, argument, fulfilling, shown
from loaders.base import NO_FILTER, Condition, Source
from loaders.paging import Page
from loaders.visibility import table_of
from models.base import TenantRow
from resolvers.kit.commands import Operation, Ref
from resolvers.kit.context import Context
from resolvers.kit.execution import run, run_each, throttle
from resolvers.kit.filters import NEWEST_FIRST, Filter, Order
from resolvers.kit.ids import split_id

_DESCRIBED = {
    "id": "Id of the record.",
    "ids": "Ids of the records, at most 100.",
    "input": "What to set.",
    "after": "Cursor to resume behind; without it the stream starts now.",
}


async def enter(context: Context, permission: str | None, *, public: bool = False) -> None:
    """What every reading root field checks: sign-in, permission, rate."""
    if public:
        return
    viewer = context.signed_in
    if (permission is not None and not viewer.may(permission)) or Scope.READ not in viewer.scopes:
        raise viewer.denied()
    if permission in GUARDED:
        context.looked_behind = True
    if context.entered:  # counted already, in the order of the root fields
        refused = context.entered.popleft()
        if refused is not None:
            raise refused
        return
    await throttle(context, "read", rate(permission))


def rate(permission: str | None) -> str:
    """What a root field counts against: the kind of record its permission is about."""
    return (permission or "other").partition(".")[0]


@dataclass(eq=False)
class RootListSpec(ListSpec):
    """All visible rows of an agency. `needs` opens the list where single rows are more widely seen."""

    table: str = ""
    needs: str | None = None

    @property
    def target(self) -> NodeInfo:
        return NODES.of_table(self.table)

    @property
    def permission(self) -> str | None:
        """What opens the list."""
        return self.needs or self.target.source.permission

    def type(self, owner: Source | None) -> Any:
        return connection_of(self.target.cls)

    def nullable(self, owner: Source | None) -> bool:
        return False

    async def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        target = self.target.source
        await enter(context, self.permission)
        asked, loaders = self.request(arguments, target.name), context.loaders
        piece = await loaders.listing(target, asked.order, asked.page, asked.condition)
        return Listed(piece, asked.scope, lambda: loaders.total(target, asked.condition))


@dataclass(eq=False)
class LookupSpec(Spec):
    """One record by its global id; null when missing, foreign, deleted or invisible.

    Without an id it is the one for which `otherwise` holds, where that is declared.
    """

    table: str = ""
    otherwise: Callable[[Any], ColumnElement[bool]] | None = None

    @property
    def target(self) -> NodeInfo:
        return NODES.of_table(self.table)

    @property
    def permission(self) -> str | None:
        """What opens the field."""
        return self.target.source.permission

    def type(self, owner: Source | None) -> Any:
        return self.target.cls

    def arguments(self, owner: Source | None) -> list[StrawberryArgument]:
        if self.otherwise is not None:
            return [argument("id", strawberry.ID | None, _DESCRIBED["id"])]
        return [argument("id", strawberry.ID, _DESCRIBED["id"])]

    async def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        target, otherwise = self.target.source, self.otherwise
        await enter(context, target.permission)
        if otherwise is not None and arguments.get("id") in (None, strawberry.UNSET):
            only = Condition(("otherwise", self.table), lambda table: [otherwise(table)])
            return next(iter((await context.loaders.listing(target, NEWEST_FIRST, Page(limit=1), only)).rows), None)
        found = readable_id(arguments["id"], "id")
        return await context.loaders.one(target).load(found[1]) if found[0] == target.name else None


def readable_id(value: str, *path: str) -> tuple[str, UUID]:
    """Type and uuid of an id argument; INVALID_INPUT when it cannot be read."""
    found = split_id(value)
    if found is None:
        raise ApiError(ErrorCode.INVALID_INPUT, field=path, rule="id")
    return found


@dataclass(eq=False)
class PlainSpec(Spec):
    """A root field with a resolver of its own: `async def resolve(context, **arguments)`."""

    function: Callable[..., Awaitable[Any]] = field(default=None)  # type: ignore[assignment]
    needs: str | None = None
    public: bool = False

    def arguments(self, owner: Source | None) -> list[StrawberryArgument]:
        return arguments_of(self.function)

    async def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        await enter(context, self.needs, public=self.public)
        found = await self.function(context, **arguments)
        if isinstance(found, list) and any(isinstance(item, Ref) for item in found):
            return await asyncio.gather(*(_shown(item, context) for item in found))
        return await _shown(found, context)


async def _shown(found: Any, context: Context) -> Any:
    return await shown(found, context) if isinstance(found, Ref) else found


@dataclass(eq=False)
class PositionSpec(PlainSpec):
    """The position of the agency's stream. It is read with the first statement of the operation, or before it."""


@dataclass(eq=False)
class MutationSpec(Spec):
    """A mutation; the kit around `function` does all that must not be forgotten."""

    function: Callable[..., Awaitable[Any]] = field(default=None)  # type: ignore[assignment]
    needs: str | None = None
    scope: Scope = Scope.WRITE
    public: bool = False
    category: str = ""
    detached: bool = False

    def arguments(self, owner: Source | None) -> list[StrawberryArgument]:
        return arguments_of(self.function)

    async def execute(self, context: Context, name: str, path: str, arguments: dict[str, Any]) -> Any:
        """Carry it out; the answer is what the payload is made from."""
        context.be_caller()
        category = self.category or ("delete" if self.scope is Scope.DELETE else "write")
        operation = Operation(name, self.function, self.needs, self.scope, self.public, category, self.detached)
        return await self._run(context, operation, path, arguments)

    async def _run(self, context: Context, operation: Operation, path: str, arguments: dict[str, Any]) -> Any:
        return await run(context, operation, path, arguments)


@dataclass(eq=False)
class BulkSpec(MutationSpec):
    """A mutation of many records: `function(command, id, …)` is carried out for each of `ids`."""

    def arguments(self, owner: Source | None) -> list[StrawberryArgument]:
        others = [found for found in arguments_of(self.function) if found.python_name != "id"]
        return [
            argument("ids", list[strawberry.ID], "Ids of the records, at most 100; each has its own result."),
            *others,
        ]

    async def _run(self, context: Context, operation: Operation, path: str, arguments: dict[str, Any]) -> Any:
        return await run_each(context, operation, path, arguments)


class MutationField(KitField):
    """Passes the field's name and path on, which the audit and the Idempotency-Key need."""

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        assert isinstance(self.spec, MutationSpec)
        path = ".".join(str(key) for key in info.path.as_list())
        done = info.context.done.get(path)
        if done is not None:
            return done.again(info.context)
        return self.spec.execute(info.context, info.field_name, path, kwargs)


@dataclass(eq=False)
class SubscriptionSpec(Spec):
    """A live stream: `function(context, **arguments)` gives a `Following`, or yields dicts for the event type."""

    function: Callable[..., AsyncIterable[dict[str, Any]]] = field(default=None)  # type: ignore[assignment]
    needs: str | None = None

    def arguments(self, owner: Source | None) -> list[StrawberryArgument]:
        return arguments_of(self.function)

    async def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> AsyncIterable[Any]:
        await enter(context, self.needs)
        return self.function(context, **arguments)


def arguments_of(function: Callable[..., Any]) -> list[StrawberryArgument]:
    """Arguments of a resolver function: everything after the command or context, with descriptions from `Annotated`."""
    hints = typing.get_type_hints(function, include_extras=True)
    found = []
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        absent = parameter.default is inspect.Parameter.empty or parameter.default is None
        default = strawberry.UNSET if absent else parameter.default
        made = argument(name, hints[name], _DESCRIBED.get(name, ""), default)
        found.append(made)
    return found


# Declarations


def listing(
    model: type[TenantRow],
    *,
    filter: type[Filter] | None = None,
    order: type[Order] | None = None,
    where: Callable[[Any], Any] | None = None,
    needs: str | None = None,
    description: str,
) -> Any:
    """All visible rows of a model that fulfil `where`, as a connection.

    The permission is the node type's, unless the list `needs` more than a single row does.
    """
    table = table_of(model).name
    only = NO_FILTER if where is None else fulfilling(table, where)
    spec = RootListSpec(filter=filter, order=order, table=table, only=only, needs=needs)
    return KitField(spec, description=description)


def lookup(model: type[TenantRow], *, otherwise: Callable[[Any], Any] | None = None, description: str) -> Any:
    """One record by its id; without an id the one for which `otherwise` holds."""
    return KitField(LookupSpec(table=table_of(model).name, otherwise=otherwise), description=description)


def plain(
    function: Callable[..., Any], *, needs: str | None = None, public: bool = False, description: str | None = None
) -> Any:
    """A root field with a resolver of its own."""
    return KitField(
        PlainSpec(function=function, needs=needs, public=public),
        description=description or summary(function),
        directives=_needs(needs, _reading(needs), public),
    )


def position(function: Callable[..., Any]) -> Any:
    """The root field that answers the position of the stream."""
    return KitField(
        PositionSpec(function=function), description=summary(function), directives=_needs(None, Scope.READ, False)
    )


def mutation(
    function: Callable[..., Any],
    *,
    needs: str | None = None,
    scope: Scope = Scope.WRITE,
    public: bool = False,
    category: str = "",
    detached: bool = False,
) -> Any:
    """A mutation carried out by `function(command, **arguments)`; its docstring is the description.

    A `detached` one opens its own transactions.
    """
    return MutationField(
        MutationSpec(function=function, needs=needs, scope=scope, public=public, category=category, detached=detached),
        description=summary(function),
        directives=_needs(needs, scope, public),
    )


def bulk(function: Callable[..., Any], *, needs: str, scope: Scope = Scope.WRITE) -> Any:
    """A mutation of many records, one after another: `function(command, id, **arguments)` is one of them.

    Each record has its own transaction, audit entry and result; what fails for one leaves the others done.
    """
    return MutationField(
        BulkSpec(function=function, needs=needs, scope=scope),
        description=summary(function),
        directives=_needs(needs, scope, False),
    )


def subscription(function: Callable[..., Any], *, needs: str | None = None) -> Any:
    """A live stream from `function(context, **arguments)`; its docstring is the description."""
    return KitField(
        SubscriptionSpec(function=function, needs=needs),
        is_subscription=True,
        description=summary(function),
        directives=_needs(needs, _reading(needs), False),
    )


def summary(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")


def _needs(permission: str | None, scope: Scope, public: bool) -> list[Any]:
    """`@needs` of a root field; signed in with that scope is the least."""
    if public:
        return []
    return [Needs(permission=permission, scope=scope.value) if permission else Needs(scope=scope.value)]


def _reading(permission: str | None) -> Scope:
    """The scope that reading takes; without the right one a viewer does not hold the permission at all."""
    return Scope.ADMIN if permission in ADMIN_READS else Scope.READ


def declare_needs(query: Any) -> None:
    """Lists and lookups open with the permission of the node they show."""
    for item in query.__strawberry_definition__.fields:
        if isinstance(item, KitField) and isinstance(item.spec, RootListSpec | LookupSpec):
            needs = item.spec.permission
            item.directives = _needs(needs, _reading(needs), False)
