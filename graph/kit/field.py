"""Fields as declarations: which columns, which relation, which permission. The reference executor resolves them here.

Every field of a node is a `KitField` with a `Spec`. A planner reads the spec; graphql-core calls `resolve`. No field of
the house has free code unless its declaration says how to batch it.
"""

import dataclasses
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Column, ColumnElement
from sqlalchemy.orm import InstrumentedAttribute
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema_directive import Location
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from domain.access import Scope
from loaders.base import NO_FILTER, Condition, Link, Source, Way
from models.base import Deletable
from resolvers.kit.commands import Ref
from resolvers.kit.context import Context
from resolvers.kit.ids import encode_id


@strawberry.schema_directive(
    locations=[Location.OBJECT, Location.FIELD_DEFINITION],
    description="Who may see a type or call a field: the permission, and the scope the token must carry.",
)
class Needs:
    permission: str | None = strawberry.directive_field(name="permission", default=strawberry.UNSET)
    scope: str | None = strawberry.directive_field(name="scope", default=strawberry.UNSET)


# Strawberry wants an annotation; the field's own `resolve_type` knows the type once all nodes are registered.
PLACEHOLDER = str
Unless = Callable[[Any, Any], Any]


@dataclass(frozen=True, eq=False)
class Mask:
    """A field only some may see: holders of `needs`, and viewers for whom the row fulfils `unless`."""

    needs: str
    unless: Unless | None = None
    label: str = ""


@dataclass(eq=False)
class Spec:
    """What a field is made of. One subclass per kind."""

    columns: tuple[str, ...] = ()
    mask: Mask | None = None

    def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        raise NotImplementedError

    def type(self, owner: Source | None) -> Any:
        """The GraphQL type, for kinds whose annotation does not say it."""
        return None

    def arguments(self, owner: Source | None) -> list[StrawberryArgument]:
        return []

    def nullable(self, owner: Source | None) -> bool:
        return True


class KitField(StrawberryField):
    """A Strawberry field that resolves by its spec."""

    def __init__(self, spec: Spec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.owner: Source | None = None
        if spec.mask is not None:
            self.directives = [*self.directives, Needs(permission=spec.mask.needs)]

    def __copy__(self) -> "KitField":
        found = type(self)(
            self.spec,
            python_name=self.python_name,
            graphql_name=self.graphql_name,
            type_annotation=self.type_annotation,
            origin=self.origin,
            is_subscription=self.is_subscription,
            description=self.description,
            deprecation_reason=self.deprecation_reason,
        )
        found.directives, found.owner = self.directives, self.owner
        return found

    @property
    def is_basic_field(self) -> bool:
        return False

    @property
    def arguments(self) -> list[StrawberryArgument]:
        if self._arguments is None:
            self._arguments = self.spec.arguments(self.owner)
        return self._arguments

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        self._arguments = value

    def resolve_type(self, *, type_definition: Any = None) -> Any:
        late = self.spec.type(self.owner)
        if late is None:
            return super().resolve_type(type_definition=type_definition)
        return StrawberryOptional(late) if self.spec.nullable(self.owner) else late

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        context: Context = info.context
        mask = self.spec.mask
        if mask is not None and not _unmasked(mask, source, context):
            return None
        return self.spec.resolve(source, context, kwargs)


def _unmasked(mask: Mask, source: Any, context: Context) -> bool:
    viewer = context.viewer
    if viewer is None:
        return False
    return mask.needs in viewer.permissions or bool(mask.unless is not None and source[mask.label])


def argument(name: str, annotation: Any, description: str, default: Any = strawberry.UNSET) -> StrawberryArgument:
    """An argument of a field."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=to_camel_case(name),
        type_annotation=StrawberryAnnotation(annotation),
        description=description,
        default=default,
    )


@dataclass(eq=False)
class ColumnSpec(Spec):
    """A column, shown as it is or in the unit of the API."""

    write: Callable[[Any], Any] | None = None

    def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        value = source[self.columns[0]]
        return value if value is None or self.write is None else self.write(value)


@dataclass(eq=False)
class IdSpec(Spec):
    """The global id."""

    columns: tuple[str, ...] = ("id",)

    def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        return encode_id(type(source).source.name, source["id"])


@dataclass(frozen=True)
class Asking:
    """Who asks, as a statement knows it: with the rights it is made for, while the member is a bound value."""

    permissions: frozenset[str]
    scopes: frozenset[Scope]
    member: ColumnElement[UUID]


@dataclass(eq=False)
class DerivedSpec(Spec):
    """A value computed from columns of the same row, without any reading."""

    compute: Callable[..., Any] = lambda: None
    viewer: bool = False
    language: bool = False
    files: bool = False  # whether it has to do with the store of files
    # The same computed by the database, answering JSON text, or such texts by name for an object that is never null.
    # Only worth it for what lists show.
    sql: Callable[..., Any] | None = None
    # The permissions of the viewer that `sql` looks at; None stands for any.
    asks: frozenset[str] | None = None

    def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        values = [source[name] for name in self.columns]
        more: dict[str, Any] = {"viewer": context.signed_in} if self.viewer else {}
        if self.language:
            more["language"] = context.request.language
        if self.files:
            more["files"] = context.state.files
        return self.compute(*values, **more)


@dataclass(eq=False)
class MoneySpec(DerivedSpec):
    """An amount with the currency of its row: the columns `(amount, currency)`, shown as `Money`."""


@dataclass(eq=False)
class ValueSpec(Spec):
    """A value object: some columns of the same row under one name; null where the column `there` is empty."""

    there: str = ""
    inner: dict[str, str] = dataclasses.field(default_factory=dict)  # column → its name in there

    def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        return None if self.there and source[self.there] is None else source


@dataclass(eq=False)
class AggregateSpec(Spec):
    """How many visible children a row has, counted for all parents in one statement."""

    target: Column[Any] = dataclasses.field(default=None)  # type: ignore[arg-type]
    link: Link | None = None
    condition: Condition = NO_FILTER
    columns: tuple[str, ...] = ("id",)

    @property
    def counted(self) -> Source:
        """Of what rows the number is."""
        table = self.target.table.name if self.link is None else self.link.there.info["references"]
        return NODES.of_table(table).source

    @property
    def way(self) -> Way:
        """How the counted rows belong to this one."""
        return self.target.name if self.link is None else self.link

    def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Awaitable[int]:
        return context.loaders.count(self.counted, self.way, self.condition).load(source["id"])


@dataclass(eq=False)
class OneSpec(Spec):
    """The row a key of this row points to."""

    key: Column[Any] = dataclasses.field(default=None)  # type: ignore[arg-type]

    @property
    def target(self) -> "NodeInfo":
        return NODES.of_table(self.key.info["references"])

    def type(self, owner: Source | None) -> Any:
        return self.target.cls if NODES.has(self.key.info["references"]) else None

    def nullable(self, owner: Source | None) -> bool:
        # A target that needs a permission of its own, or may lie in the trash, can be missing for a viewer.
        target = self.target.source
        return bool(self.key.nullable) or target.permission is not None or issubclass(target.model, Deletable)

    def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        id = source[self.key.name]
        return None if id is None else context.loaders.one(self.target.source).load(id)


@dataclass(frozen=True, eq=False)
class NodeInfo:
    """A registered node type."""

    cls: Any
    source: Source
    fields: dict[str, KitField]


class Nodes:
    """All node types, by table and by name."""

    def __init__(self) -> None:
        self._by_table: dict[str, NodeInfo] = {}
        self.by_name: dict[str, NodeInfo] = {}

    def add(self, info: NodeInfo) -> None:
        self._by_table[info.source.table.name] = info
        self.by_name[info.source.name] = info

    def has(self, table: str) -> bool:
        return table in self._by_table

    def of_table(self, table: str) -> NodeInfo:
        return self._by_table[table]


NODES = Nodes()
# Name of a value object → the table of whose rows it shows columns.
VALUES: dict[str, str] = {}


def shown(ref: Ref, context: Context) -> Awaitable[Any]:
    """The row a resolver referred to, as it is now; invisible rows are not shown."""
    source = NODES.of_table(ref.table).source
    return context.loaders.one(source, deleted=None if ref.trash else False).load(ref.id)


def as_column(attribute: Any) -> Column[Any]:
    """The column behind `models.Task.assignee_id`."""
    if isinstance(attribute, InstrumentedAttribute):
        return attribute.property.columns[0]  # type: ignore[no-any-return]
    assert isinstance(attribute, Column)
    return attribute


def made(spec: Spec, *, description: str | None = None) -> Any:
    """A field of this spec, to be assigned to an annotated attribute."""
    return KitField(spec, description=description)


# Declarations used in node types


def field(*, needs: str, unless: Unless | None = None, description: str | None = None) -> Any:
    """A column only some may see: holders of `needs`, or viewers whose row fulfils `unless` (a SQL predicate)."""
    return KitField(ColumnSpec(mask=Mask(needs, unless)), description=description)


def one(attribute: Any, *, description: str | None = None) -> Any:
    """The row that a key of this row points to; type and nullability come from the key."""
    column = as_column(attribute)
    return KitField(OneSpec(columns=(column.name,), key=column), description=description)


def derived(
    *columns: Any,
    compute: Callable[..., Any],
    viewer: bool = False,
    language: bool = False,
    files: bool = False,
    mask: Mask | None = None,
    sql: Callable[..., Any] | None = None,
    asks: Iterable[str] | None = None,
    description: str,
) -> Any:
    """A value computed from columns of the same row; with `viewer=True` and `language=True` also from who asks.

    With `files=True` it gets the store of files, to make links.

    `sql` gets the same columns, and an `Asking` as viewer, and answers the same as JSON text, for fields that many rows
    of a list show. For an object that is never null it answers the texts of its fields by their names.
    Of the viewer's permissions it is given those that it `asks` for; lists are planned once for all who agree on them.
    """
    names = tuple(as_column(column).name for column in columns)
    spec = DerivedSpec(
        columns=names,
        compute=compute,
        viewer=viewer,
        language=language,
        files=files,
        mask=mask,
        sql=sql,
        asks=None if asks is None else frozenset(asks),
    )
    return KitField(spec, description=description)


def aggregate(attribute: Any, *, to: Any = None, where: Callable[[Any], Any] | None = None, description: str) -> Any:
    """The number of visible rows whose key `attribute` points to this row, fulfilling `where`.

    With `to`, a key of the same link table, the rows it leads to are counted.
    """
    column = as_column(attribute)
    link = None if to is None else Link(column, as_column(to))
    condition = NO_FILTER if where is None else fulfilling(column.table.name, where)
    return KitField(AggregateSpec(target=column, link=link, condition=condition), description=description)


@dataclass(frozen=True)
class Rule:
    """A condition of a declaration. Its text is the same in every process: it goes into the scope of cursors."""

    table: str
    where: Callable[[Any], Any] = dataclasses.field(repr=False)


def fulfilling(table: str, where: Callable[[Any], Any]) -> Condition:
    """A condition of the declaration itself, which has no values."""
    return Condition(Rule(table, where), lambda rows: [where(rows)])


def value(description: str, *, needs: str | None = None, when: Any = None) -> Any:
    """A value object (a class based on `Value`) over columns of the same row; null unless its column `when` is set."""
    there = "" if when is None else as_column(when).name
    return KitField(ValueSpec(mask=Mask(needs) if needs else None, there=there), description=description)


def renamed(attribute: Any) -> Any:
    """A column shown under another name."""
    return KitField(ColumnSpec(columns=(as_column(attribute).name,)))
