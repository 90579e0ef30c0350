"""Properties go out as a table, with the headings by which they come in again."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import strawberry
from sqlalchemy import any_

import models
from domain.access import P
from domain.properties import BOOLEAN_FEATURES
from domain.properties.headings import HEADINGS
from loaders.base import Condition
from loaders.sql import param, type_uuids
from models.base import BasisPoints, Halves, Hundredths, Minor
from models.events import AuditAction
from resolvers.kit.commands import Command
from resolvers.kit.context import Viewer
from resolvers.kit.exports import Column, ExportFormat, chosen, filtered, listed
from resolvers.kit.filters import ordering
from resolvers.kit.inputs import Input, rules
from resolvers.kit.running import start
from resolvers.properties.filters import PropertyFilter, PropertyOrder
from resolvers.properties.inputs import PropertyCreateInput

JOB = "properties.export"
_FEATURES = {key.value.lower(): key.value for key in BOOLEAN_FEATURES}
_SCALES: dict[type[Any], int] = {Minor: 100, Hundredths: 100, BasisPoints: 100, Halves: 2}


@strawberry.input(description="Which properties become a file, of which kind.")
class PropertyExportInput(Input):
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These alone; at most 100.")
    filter: PropertyFilter | None = strawberry.field(default=None, description="Those of a list; at most 10,000.")
    order_by: list[PropertyOrder] | None = strawberry.field(default=None, description="In the order of a list.")
    format: ExportFormat = strawberry.field(description="What kind of file.")

    references = {"ids": "property"}


@dataclass(frozen=True)
class Ordered:
    """What a job is to export."""

    format: ExportFormat


async def export_properties(command: Command, input: PropertyExportInput) -> dict[str, Any]:
    """Write properties into a file: those of a list, or some. A job does it; its link leads to the file."""
    command.action = AuditAction.EXPORT
    given = command.values(input)
    found = filtered(input.filter)
    if input.ids is not None:
        ids = given["ids"]
        found = found.also(Condition("ids", lambda table: [table.c.id == any_(param("ids", type_uuids))], {"ids": ids}))
    order = ordering(input.order_by, PropertyOrder)
    rows = await chosen(command.context, models.Property, found, order)
    return {"job": await start(command, JOB, task=Ordered(input.format), source=listed(rows))}


def _columns() -> list[Column]:
    found: list[Column] = []
    kept = {name for name in HEADINGS if name != "currency"}

    def walk(kind: Any, names: tuple[str, ...]) -> None:
        for rule in rules(kind):
            here = ".".join((*names, rule.graphql_name))
            if here in kept and rule.column is not None:
                found.append(_column(here, (rule.column.name,), _shown(rule.column)))
            elif here in kept and rule.name in _FEATURES:
                found.append(_column(here, ("features", "unknown_features"), _feature(_FEATURES[rule.name])))
            elif here == "address.country":  # the input takes names of countries, the column holds codes
                found.append(_column(here, ("country",), lambda code, viewer: code))
            elif here == "address.geo":
                for name in ("latitude", "longitude"):
                    found.append(_column(f"{here}.{name}", (name, "show_address"), _place))
            elif isinstance(rule.kind, type) and issubclass(rule.kind, Input) and not rule.is_list:
                walk(rule.kind, (*names, rule.graphql_name))

    walk(PropertyCreateInput, ())
    found.append(_column("currency", ("currency",), lambda value, viewer: value))
    places = {name: index for index, name in enumerate(HEADINGS)}
    return sorted(found, key=lambda column: places[column.headings["en"]])


def _column(name: str, columns: tuple[str, ...], show: Callable[..., Any]) -> Column:
    if name in ("address.street", "address.houseNumber"):
        columns, show = (*columns, "show_address"), _hidden
    return Column({"en": name, "de": next(iter(HEADINGS[name]), name)}, columns, show)


def _shown(column: Any) -> Callable[..., Any]:
    scale = _SCALES.get(type(column.type))
    if scale is None:
        return lambda value, viewer: value
    return lambda value, viewer: None if value is None else Decimal(value) / scale


def _feature(key: str) -> Callable[..., Any]:
    return lambda present, unknown, viewer: None if key in unknown else key in present


def _exact(show_address: bool, viewer: Viewer) -> bool:
    """Everyone in the agency sees where a property is; others where it is shown."""
    return show_address or P.NOTE_CREATE in viewer.permissions


def _hidden(text: str | None, show_address: bool, viewer: Viewer) -> str | None:
    return text if _exact(show_address, viewer) else None


def _place(degrees: float | None, show_address: bool, viewer: Viewer) -> Decimal | None:
    return None if degrees is None else round(Decimal(degrees), 6 if _exact(show_address, viewer) else 2)


COLUMNS = _columns()
