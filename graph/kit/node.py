"""`Node`: a GraphQL type as a list of public attributes of a table row."""

import inspect
import typing
from datetime import datetime
from typing import Any, ClassVar

import strawberry
from strawberry.utils.str_converters import to_camel_case

import models
from graph.kit.field import (
    NODES,
    PLACEHOLDER,
    AggregateSpec,
    ColumnSpec,
    DerivedSpec,
    IdSpec,
    KitField,
    Mask,
    Needs,
    NodeInfo,
    OneSpec,
    Spec,
    ValueSpec,
    made,
    writer,
)
from loaders.base import Row, Source
from loaders.visibility import table_of
from models.base import Owned
from resolvers.kit.changes import PUBLIC_NAMES
from resolvers.kit.commands import READ_PERMISSIONS
from resolvers.kit.inputs import node_names
from resolvers.kit.scalars import CurrencyCode, DecimalString, unscaled


@strawberry.interface(description="Anything with a global id.")
class Node:
    """Base of node types: `class Task(Node, of=models.Task, needs=P.TASK_READ)`.

    Plain attributes are columns of the same name. `common=False` leaves out createdAt, updatedAt, createdBy, version.
    """

    id: strawberry.ID = made(IdSpec(), description="Global id, unique over all types; opaque.")
    __needs__: ClassVar[str | None] = None

    def __init_subclass__(
        cls, of: type[Owned] | None = None, needs: str | None = None, common: bool = True, **kwargs: Any
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
    """Base of value objects: some columns of a row under one name. `prefix` is left out of the attribute names."""

    def __init_subclass__(cls, of: type[Owned], prefix: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _fields(cls, of, prefix)


@strawberry.type(description="An amount of money.")
class Money:
    amount: DecimalString = strawberry.field(description="Exact, always with two places.")
    currency: CurrencyCode = strawberry.field(description="ISO 4217.")


def _money(amount: int | None, currency: str) -> Money | None:
    if amount is None:
        return None
    return Money(amount=DecimalString(unscaled(amount, 2)), currency=CurrencyCode(currency))


def _declare(cls: Any, model: type[Owned], needs: str | None, common: bool) -> None:
    """Register a node type: its fields, the columns they need, the permission that opens it."""
    name = cls.__name__
    table = table_of(model)
    assert node_names()[table.name] == name, f"{model.__name__} is shown as {node_names()[table.name]}, not as {name}"
    if common:
        _common(cls, model)
    fields = _fields(cls, model, "")
    every = [*_inherited(cls), *fields.values()]
    columns = dict.fromkeys(("id", *(column for field in every for column in _columns(field, model))))
    record = type(f"{name}Row", (Row,), {})
    source = Source(name, model, tuple(columns), needs, _masks(fields), record)
    record.source = source  # type: ignore[attr-defined]
    cls.__needs__ = needs
    cls.is_type_of = staticmethod(lambda value, _info: type(value) is record)
    for field in fields.values():
        field.owner = source
    READ_PERMISSIONS[table.name] = needs
    NODES.add(NodeInfo(cls, source, fields))


def _inherited(cls: Any) -> list[KitField]:
    """Fields of the interfaces a node type implements: their columns are read with the type's own."""
    definitions = [base.__dict__.get("__strawberry_definition__") for base in cls.__mro__[1:]]
    return [field for found in definitions if found for field in found.fields if isinstance(field, KitField)]


def _common(cls: Any, model: type[Owned]) -> None:
    hints = cls.__annotations__
    hints.setdefault("created_at", datetime)
    hints.setdefault("updated_at", datetime)
    if "created_by" not in cls.__dict__:
        cls.created_by = KitField(
            OneSpec(columns=("created_by_id",), key=table_of(model).c.created_by_id),
            description="Who created it; null for the system.",
        )
    hints.setdefault("version", int)


def _fields(cls: Any, model: type[Owned], prefix: str) -> dict[str, KitField]:
    """Turn attributes into fields: bare annotations become columns, declarations get names and descriptions."""
    columns = table_of(model).c
    public = PUBLIC_NAMES.setdefault(table_of(model).name, {})
    found: dict[str, KitField] = {}
    hints = inspect.get_annotations(cls)
    for name in [
        *hints,
        *(name for name, item in list(cls.__dict__.items()) if isinstance(item, KitField) and name not in hints),
    ]:
        if typing.get_origin(hints.get(name)) is ClassVar:
            continue
        item = cls.__dict__.get(name)
        if item is None:
            item = KitField(ColumnSpec())
            setattr(cls, name, item)
        if not isinstance(item, KitField):
            continue
        if name not in hints:
            hints[name] = PLACEHOLDER
            cls.__annotations__ = hints
        spec = item.spec
        if isinstance(spec, ColumnSpec) and spec.columns and spec.write is None:
            spec.write = writer(columns[spec.columns[0]])
        if isinstance(spec, ColumnSpec) and not spec.columns:
            if hints[name] in (Money, Money | None):
                _as_money(item, prefix + name)
                item.description = item.description or _description(model, prefix + name)
            else:
                spec.columns = (prefix + name,)
                spec.write = writer(columns[prefix + name])
        described = columns.get(spec.columns[0]) if spec.columns and not isinstance(spec, AggregateSpec) else None
        if item.description is None and described is not None:
            item.description = _description(model, described.name)
        for column in spec.columns:
            if column != "id":
                public.setdefault(column, to_camel_case(name))
        if isinstance(spec, ValueSpec):
            inner = _inner(hints[name])
            spec.columns = tuple(c for field in inner.__kit_fields__.values() for c in field.spec.columns)
            public.update({column: to_camel_case(name) for column in spec.columns})
        found[name] = item
    cls.__kit_fields__ = found
    return found


def _as_money(item: KitField, column: str) -> None:
    item.spec = DerivedSpec(columns=(column, "currency"), compute=_money, mask=item.spec.mask)


def _inner(hint: Any) -> Any:
    return next((arg for arg in typing.get_args(hint) if arg is not type(None)), hint)


def _columns(field: KitField, model: type[Owned]) -> tuple[str, ...]:
    return field.spec.columns


def _description(model: type[Owned], column: str) -> str | None:
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


__all__ = ["Deletable", "Money", "Node", "Spec", "Value"]
