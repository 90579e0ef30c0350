"""`Node`: a GraphQL type as a list of public attributes of a table row."""

import inspect
import typing
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

import strawberry
from sqlalchemy import Column
from strawberry.utils.str_converters import to_camel_case

import models
from graph.kit.field import (
    NODES,
    PLACEHOLDER,
    VALUES,
    ColumnSpec,
    IdSpec,
    KitField,
    Mask,
    MoneySpec,
    Needs,
    NodeInfo,
    OneSpec,
    Spec,
    ValueSpec,
    made,
)
from graph.kit.figures import FigureSpec
from loaders.base import Row, Source
from loaders.visibility import table_of
from models.base import BasisPoints, Halves, Hundredths, Minor, TenantRow
from resolvers.kit.changes import INNER_NAMES, PUBLIC_NAMES
from resolvers.kit.commands import READ_PERMISSIONS
from resolvers.kit.inputs import node_names
from resolvers.kit.scalars import CurrencyCode, DecimalString, hundredths, unscaled


@strawberry.interface(description="Anything with a global id.")
class Node:
    """Base of node types: `class Task(Node, of=models.Task, needs=P.TASK_READ)`.

    Plain attributes are columns of the same name. `common=False` leaves out createdAt, updatedAt, createdBy, version.
    """

    id: strawberry.ID = made(IdSpec(), description="Global id, unique over all types; opaque.")

    def __init_subclass__(
        cls, of: type[TenantRow] | None = None, needs: str | None = None, common: bool = True, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if of is not None:
            _declare(cls, of, needs, common)


@strawberry.interface(description="A record that goes to the trash first.")
class Deletable:
    id: strawberry.ID = made(IdSpec(), description="Global id, unique over all types; opaque.")
    deleted_at: datetime | None = made(
        ColumnSpec(columns=("deleted_at",)), description="When it went to the trash; null while it is in use."
    )
    deleted_by: str = made(
        OneSpec(columns=("deleted_by_id",), key=table_of(models.Property).c.deleted_by_id),
        description="Who put it into the trash.",
    )


class Value:
    """Base of value objects: some columns of a row under one name. A payload shows one by a reference to the row."""

    def __init_subclass__(cls, of: type[TenantRow], **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        VALUES[cls.__name__] = table_of(of).name
        _fields(cls, of)


@strawberry.type(description="An amount of money.")
class Money:
    amount: DecimalString = strawberry.field(description="Exact, always with two places.")
    currency: CurrencyCode = strawberry.field(description="ISO 4217.")


def _money(amount: int | None, currency: str) -> Money | None:
    if amount is None:
        return None
    return Money(amount=DecimalString(unscaled(amount, 2)), currency=CurrencyCode(currency))


def _declare(cls: Any, model: type[TenantRow], needs: str | None, common: bool) -> None:
    """Register a node type: its fields, the columns they need, the permission that opens it."""
    name = cls.__name__
    table = table_of(model)
    assert node_names()[table.name] == name, f"{model.__name__} is shown as {node_names()[table.name]}, not as {name}"
    if common:
        _common(cls, model)
    fields = _fields(cls, model)
    every = [*_inherited(cls), *fields.values()]
    columns = dict.fromkeys(("id", *(column for field in every for column in field.spec.columns)))
    record = type(f"{name}Row", (Row,), {})
    source = Source(name, model, tuple(columns), needs, _masks(fields), record)
    record.source = source  # type: ignore[attr-defined]
    cls.is_type_of = staticmethod(lambda value, _info: type(value) is record)
    for field in fields.values():
        field.owner = source
    READ_PERMISSIONS[table.name] = needs
    NODES.add(NodeInfo(cls, source, fields))


def _inherited(cls: Any) -> list[KitField]:
    """Fields of the interfaces a node type implements: their columns are read with the type's own."""
    definitions = [base.__dict__.get("__strawberry_definition__") for base in cls.__mro__[1:]]
    return [field for found in definitions if found for field in found.fields if isinstance(field, KitField)]


def _common(cls: Any, model: type[TenantRow]) -> None:
    hints = cls.__annotations__
    hints.setdefault("created_at", datetime)
    hints.setdefault("updated_at", datetime)
    if "created_by" not in cls.__dict__:
        cls.created_by = KitField(
            OneSpec(columns=("created_by_id",), key=table_of(model).c.created_by_id),
            description="Who created it; null for the system.",
        )
    hints.setdefault("version", int)


def _fields(cls: Any, model: type[TenantRow]) -> dict[str, KitField]:
    """Turn attributes into fields: bare annotations become columns, declarations get names and descriptions."""
    hints = inspect.get_annotations(cls)
    declared = [name for name, item in cls.__dict__.items() if isinstance(item, KitField)]
    found: dict[str, KitField] = {}
    for name in dict.fromkeys([*hints, *declared]):
        item = cls.__dict__.get(name)
        if typing.get_origin(hints.get(name)) is ClassVar or not isinstance(item, KitField | None):
            continue
        if item is None:
            item = KitField(ColumnSpec())
            setattr(cls, name, item)
        hint = hints.setdefault(name, PLACEHOLDER)
        _complete(item, name, hint, model)
        found[name] = item
    for name, item in sorted(found.items(), key=lambda pair: _nearness(pair[1].spec)):
        _publish(item, name, model)
    cls.__annotations__ = hints
    cls.__kit_fields__ = found
    return found


def _complete(field: KitField, name: str, hint: Any, model: type[TenantRow]) -> None:
    """Give a field its columns, the way they are shown, and the description of the first of them."""
    spec, columns = field.spec, table_of(model).c
    if isinstance(spec, ValueSpec):
        held = _inner(hint).__kit_fields__
        spec.columns = tuple(column for inner in held.values() for column in inner.spec.columns)
        spec.inner = {column: to_camel_case(column) for column in spec.columns}
        spec.inner |= {
            inner.spec.columns[0]: to_camel_case(inner_name)
            for inner_name, inner in held.items()
            if _nearness(inner.spec) == 1
        }
        return
    if isinstance(spec, ColumnSpec):
        spec.columns = spec.columns or (name,)
        if hint in (Money, Money | None):
            field.spec = MoneySpec(columns=(*spec.columns, "currency"), compute=_money, mask=spec.mask)
        else:
            spec.write = _writer(columns[spec.columns[0]])
    if field.description is None and spec.columns:
        field.description = _description(model, spec.columns[0])


def _nearness(spec: Spec) -> int:
    """How much a field is what its columns say: a value object holds them, a plain field shows one, others use some."""
    return 2 if isinstance(spec, ValueSpec) else 1 if isinstance(spec, ColumnSpec | OneSpec) else 0


def _writer(column: Column[Any]) -> Callable[[Any], Any] | None:
    """How a stored value is shown; None when it is shown as it is."""
    kind = type(column.type)
    if kind in (Hundredths, BasisPoints, Minor):
        return hundredths
    if kind is Halves:
        return lambda value: unscaled(value * 5, 1)
    return None


def _publish(field: KitField, name: str, model: type[TenantRow]) -> None:
    """Remember under which name of the API each column changes: the nearest field's, a figure's never."""
    if isinstance(field.spec, FigureSpec):
        return
    table = table_of(model).name
    public, inner = PUBLIC_NAMES.setdefault(table, {}), INNER_NAMES.setdefault(table, {})
    for column in field.spec.columns:
        if column == "id":
            continue
        if _nearness(field.spec):
            public[column] = to_camel_case(name)
            inner.pop(column, None)
            if isinstance(field.spec, ValueSpec):
                inner[column] = field.spec.inner[column]
        else:
            public.setdefault(column, to_camel_case(name))


def _inner(hint: Any) -> Any:
    return next((arg for arg in typing.get_args(hint) if arg is not type(None)), hint)


def _description(model: type[TenantRow], column: str) -> str | None:
    info = model.model_fields.get(column)
    return (info.description or None) if info is not None else None


def _masks(fields: dict[str, KitField]) -> tuple[tuple[str, Any], ...]:
    """Predicates that open a masked field, each selected once as a boolean column of the row."""
    labels: dict[Any, str] = {}
    for field in fields.values():
        mask = field.spec.mask
        if mask is not None and mask.unless is not None:
            label = labels.setdefault(mask.unless, f"unless{len(labels)}")
            field.spec.mask = Mask(mask.needs, mask.unless, label)
    return tuple((label, unless) for unless, label in labels.items())


def node_directives(needs: str | None) -> list[Any]:
    """`@needs` of a type."""
    return [Needs(permission=needs)] if needs else []
