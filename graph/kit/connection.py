"""Lists: keyset connections with `nodes`, `edges`, `pageInfo`, `totalCount`, and the page form."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import strawberry
from graphql import FieldNode
from sqlalchemy import Column
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList
from strawberry.types.unset import UNSET

from domain.errors import ApiError, ErrorCode
from graph.kit.field import NODES, KitField, Mask, NodeInfo, Spec, argument, as_column, fulfilling
from loaders.base import EVERYWHERE, NO_FILTER, Condition, Link, Source, Way
from loaders.paging import DEFAULT_PAGE, MAX_PAGE, OrderKey, Page, Slice, decode_cursor, encode_cursor
from loaders.visibility import table_of
from models.base import TenantRow
from resolvers.kit.context import Context
from resolvers.kit.filters import Filter, Order, condition, ordering

T = TypeVar("T")


@strawberry.type(description="What lies around a page of a list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there is something before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first row; null when the page is empty.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last row; null when the page is empty.")


@strawberry.type(description="Filled only when `page` was given.")
class PageMeta:
    page: int = strawberry.field(description="Number of this page, from 1.")
    size: int = strawberry.field(description="Rows per page.")
    pages: int = strawberry.field(description="Number of pages; 0 when there are no rows.")
    total: int = strawberry.field(description="Number of all rows.")


@strawberry.input(description="A page by number, for lists with page buttons. Cannot be combined with cursors.")
class PageInput:
    number: int = strawberry.field(default=1, description="From 1.")
    size: int = strawberry.field(default=20, description="1 to 100.")


@strawberry.type(description="A row of a list with its cursor.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Place of this row, for `after` and `before`.")
    node: T = strawberry.field(description="The row.")


@strawberry.type(description="A list in pages. Inserting rows neither repeats nor skips one.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="Rows with their cursors.")
    nodes: list[T] = strawberry.field(description="The rows.")
    page_info: PageInfo = strawberry.field(description="What lies around this page.")
    total_count: int = strawberry.field(description="Number of all rows of the list; counted only when selected.")
    page_meta: PageMeta | None = strawberry.field(description="Numbers of the page form; null with cursors.")


def connection_of(cls: Any) -> Any:
    """The connection type of a node type, resolved so that Strawberry can take it from a field."""
    return StrawberryAnnotation(Connection[cls]).resolve()


@dataclass
class EdgeValue:
    cursor: str
    node: Any


class Listed:
    """The value behind a connection; counts only when asked."""

    def __init__(
        self, found: Slice, scope: str, count: Callable[[], Awaitable[int]], nodes: list[Any] | None = None
    ) -> None:
        self._found = found
        self._scope = scope
        self._count = count
        self.nodes = found.rows if nodes is None else nodes

    def _cursor(self, row: Any) -> str:
        order = self._found.order
        return encode_cursor(self._scope, order, [row[f"order{i}"] for i in range(len(order))], row["id"])

    @property
    def edges(self) -> list[EdgeValue]:
        return [EdgeValue(self._cursor(row), node) for row, node in zip(self._found.rows, self.nodes, strict=True)]

    @property
    def page_info(self) -> PageInfo:
        return PageInfo(
            has_next_page=self._found.has_next,
            has_previous_page=self._found.has_previous,
            start_cursor=self._cursor(self._found.rows[0]) if self.nodes else None,
            end_cursor=self._cursor(self._found.rows[-1]) if self.nodes else None,
        )

    @property
    def total_count(self) -> Awaitable[int]:
        return self._count()

    @property
    async def page_meta(self) -> PageMeta | None:
        page = self._found.page
        if page.number is None:
            return None
        total = await self._count()
        return PageMeta(page=page.number, size=page.limit, pages=-(-total // page.limit), total=total)


def list_arguments(
    filter: type[Filter] | None, order: type[Order] | None, size: int | None = None
) -> list[StrawberryArgument]:
    """The arguments every list has; with `size` only those for reading forward."""
    first = "Rows from the start or after `after`: 1 to 100, {} when nothing is given."
    found = [
        argument("first", int | None, first.format(size or DEFAULT_PAGE), strawberry.UNSET if size is None else size),
        argument("after", str | None, "Cursor of the row before the page."),
    ]
    if size is None:
        found += [
            argument("last", int | None, "Rows from the end or before `before`: 1 to 100."),
            argument("before", str | None, "Cursor of the row behind the page."),
            argument("page", PageInput | None, "A page by number instead of cursors."),
        ]
    if filter is not None:
        found.append(argument("filter", filter | None, "Conditions; all must hold."))
    if order is not None:
        found.append(argument("order_by", list[order] | None, "Order; the id decides between equals."))  # type: ignore[valid-type]
    return found


def _refuse(*path: str, rule: str = "paging", **details: Any) -> ApiError:
    return ApiError(ErrorCode.INVALID_INPUT, field=path, rule=rule, **details)


def read_page(given: dict[str, Any], scope: str, order: tuple[OrderKey, ...], size: int = DEFAULT_PAGE) -> Page:
    """Validate paging arguments; bad ones are INVALID_INPUT with their path. `size` rows when nothing is said."""
    first, after, last, before, page = (
        None if given.get(name) is UNSET else given.get(name) for name in ("first", "after", "last", "before", "page")
    )
    if page is not None:
        for name, other in (("first", first), ("after", after), ("last", last), ("before", before)):
            if other is not None:
                raise _refuse(name)
        if not 1 <= page.size <= MAX_PAGE:
            raise _refuse("page", "size", rule="range", min=1, max=MAX_PAGE)
        if not 1 <= page.number <= 10_000_000:
            raise _refuse("page", "number", rule="range", min=1, max=10_000_000)
        return Page(limit=page.size, offset=(page.number - 1) * page.size, number=page.number)
    if first is not None and last is not None:
        raise _refuse("last")
    if after is not None and before is not None:
        raise _refuse("before")
    if last is not None and after is not None:
        raise _refuse("after")
    if first is not None and before is not None:
        raise _refuse("before")
    for name, count in (("first", first), ("last", last)):
        if count is not None and not 1 <= count <= MAX_PAGE:
            raise _refuse(name, rule="range", min=1, max=MAX_PAGE)
    backward = last is not None or before is not None
    cursor = after if after is not None else before
    limit = first if first is not None else last
    return Page(
        limit=limit if limit is not None else size,
        backward=backward,
        cursor=None if cursor is None else decode_cursor(scope, order, cursor, "before" if backward else "after"),
    )


def scope_of(place: str, found: Condition) -> str:
    """Names a list and its filter inside cursors."""
    digest = hashlib.sha256(repr((found.form, sorted(found.values.items()))).encode()).hexdigest()[:12]
    return f"{place}:{digest}"


@dataclass(frozen=True)
class Requested:
    """What the arguments of one list ask for."""

    order: tuple[OrderKey, ...]
    page: Page
    condition: Condition
    place: str

    @property
    def scope(self) -> str:
        """Names the list and its filter inside cursors."""
        return scope_of(self.place, self.condition)


@dataclass(eq=False)
class ListSpec(Spec):
    """A list of nodes: of the whole agency, or the children of a row."""

    filter: type[Filter] | None = None
    order: type[Order] | None = None
    key: Column[Any] | None = field(default=None)
    default: tuple[OrderKey, ...] | None = None
    only: Condition = NO_FILTER  # what every row of the list fulfils
    size: int | None = None  # rows when nothing is said; such a list is only read forward
    columns: tuple[str, ...] = ()

    def request(self, arguments: dict[str, Any], place: str) -> "Requested":
        """What the arguments ask for, checked; `place` names the list inside cursors."""
        given = arguments.get("order_by")
        order = self.default
        if given or order is None:
            order = ordering(None if given is UNSET else given, self.order)
        found = self.only.also(condition(arguments.get("filter") or None, self.filter))
        # The name of the list is dear, and most requests have no cursor to compare it with.
        scope = scope_of(place, found) if arguments.get("after") or arguments.get("before") else ""
        return Requested(order, read_page(arguments, scope, order, self.size or DEFAULT_PAGE), found, place)

    def asks_for_own(self, nodes: Sequence[FieldNode]) -> bool:
        """Whether a selection may filter by what is the viewer's own."""
        given = {argument.name.value for node in nodes for argument in node.arguments or ()}
        return self.filter is not None and self.filter.personal and "filter" in given

    def arguments(self, owner: Source | None) -> list[StrawberryArgument]:
        return list_arguments(self.filter, self.order, self.size)


@dataclass(eq=False)
class ManySpec(ListSpec):
    """Children of a row, for all parents in one statement."""

    @property
    def target(self) -> NodeInfo:
        assert self.key is not None
        return NODES.of_table(self.key.table.name)

    @property
    def place(self) -> str:
        """Names the relation inside cursors; the id of the parent follows."""
        assert self.key is not None
        return f"{self.target.source.name}.{self.key.name}"

    def type(self, owner: Source | None) -> Any:
        assert self.key is not None
        return connection_of(self.target.cls) if NODES.has(self.key.table.name) else None

    def nullable(self, owner: Source | None) -> bool:
        return owner is None or self.target.source.permission != owner.permission

    async def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        assert self.key is not None
        target = self.target.source
        if target.permission is not None and not context.signed_in.may(target.permission):
            return None
        loaders, parent, column = context.loaders, source["id"], self.key.name
        asked = self.request(arguments, f"{self.place}:{parent}")
        piece = await loaders.page(target, column, asked.order, asked.page, asked.condition).load(parent)
        return Listed(piece, asked.scope, lambda: loaders.count(target, column, asked.condition).load(parent))


@dataclass(eq=False)
class ChildrenSpec(Spec):
    """A small list with a stated cap, loaded in one batch."""

    key: Column[Any] = field(default=None)  # type: ignore[arg-type]
    order: tuple[OrderKey, ...] = ()
    cap: int = MAX_PAGE
    columns: tuple[str, ...] = ("id",)

    @property
    def target(self) -> NodeInfo:
        return NODES.of_table(self.key.table.name)

    @property
    def way(self) -> Way:
        """How the rows of the list belong to this one."""
        return self.key.name

    async def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        page = Page(limit=self.cap)
        piece = await context.loaders.page(self.target.source, self.way, self.order, page).load(source["id"])
        return piece.rows


@dataclass(eq=False)
class ThroughSpec(ChildrenSpec):
    """A small list of rows that a link leads to; `key` is the link's key to them."""

    link: Link = field(default=None)  # type: ignore[assignment]

    @property
    def target(self) -> NodeInfo:
        return NODES.of_table(self.key.info["references"])

    @property
    def way(self) -> Way:
        return self.link

    def type(self, owner: Source | None) -> Any:
        return StrawberryList(self.target.cls) if NODES.has(self.key.info["references"]) else None

    def nullable(self, owner: Source | None) -> bool:
        return self.mask is not None


@dataclass(eq=False)
class EverySpec(ChildrenSpec):
    """A small list of all rows of a kind, shown where they are needed."""

    table: str = ""

    @property
    def target(self) -> NodeInfo:
        return NODES.of_table(self.table)

    @property
    def way(self) -> Way:
        return EVERYWHERE

    def type(self, owner: Source | None) -> Any:
        return StrawberryList(self.target.cls) if NODES.has(self.table) else None

    def nullable(self, owner: Source | None) -> bool:
        return False


def many(
    attribute: Any,
    *,
    filter: type[Filter] | None = None,
    order: type[Order] | None = None,
    default: tuple[OrderKey, ...] | None = None,
    where: Callable[[Any], Any] | None = None,
    size: int | None = None,
    description: str | None = None,
) -> Any:
    """The rows whose key `attribute` points to this row and that fulfil `where`, as a connection.

    With `size` it is read forward only, that many rows at a time unless said otherwise.
    """
    key = as_column(attribute)
    only = NO_FILTER if where is None else fulfilling(key.table.name, where)
    spec = ManySpec(columns=("id",), filter=filter, order=order, key=key, default=default, only=only, size=size)
    return KitField(spec, description=description)


def children(attribute: Any, *, order: tuple[OrderKey, ...], cap: int, description: str) -> Any:
    """The few rows whose key `attribute` points to this row, as a plain list of at most `cap`."""
    return KitField(ChildrenSpec(key=as_column(attribute), order=order, cap=cap), description=description)


def every(model: type[TenantRow], *, order: tuple[OrderKey, ...], cap: int, description: str) -> Any:
    """The rows of a kind that the agency has, as a plain list of at most `cap`."""
    return KitField(EverySpec(table=table_of(model).name, order=order, cap=cap), description=description)


def through(
    attribute: Any, to: Any, *, order: tuple[OrderKey, ...], cap: int, needs: str | None = None, description: str
) -> Any:
    """The few rows that a link table leads to: `attribute` is its key to this row, `to` its key to them.

    With `needs` it is null for those who do not hold that permission.
    """
    here, there = as_column(attribute), as_column(to)
    mask = None if needs is None else Mask(needs)
    spec = ThroughSpec(key=there, link=Link(here, there), order=order, cap=cap, mask=mask)
    return KitField(spec, description=description)
