"""Fields that are an object of many figures over the rows pointing here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graph.kit.field import NODES, KitField, Spec, as_column
from loaders import summaries
from loaders.summaries import Summary
from loaders.visibility import sight, table_of
from models.base import TenantRow
from resolvers.kit.context import Context

# The figures that were read as the type shows them, in a language: rows by references, counts with their labels.
Present = Callable[[dict[str, Any], str], dict[str, Any]]


def permission_of(model: type[TenantRow]) -> str | None:
    """What opens a model's node type."""
    return NODES.of_table(table_of(model).name).source.permission


@dataclass(eq=False)
class SummarySpec(Spec):
    """The figures of `summary` over the rows whose key `way` points here; the type is a `Shape`."""

    summary: Summary = field(default=None)  # type: ignore[assignment]
    way: str = ""
    present: Present = field(default=None)  # type: ignore[assignment]
    columns: tuple[str, ...] = ("id",)

    async def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        viewer = context.signed_in
        loader = summaries.loader(
            context.loaders, self.summary, self.way, lambda model: sight(permission_of(model), viewer)
        )
        return self.present(await loader.load(source["id"]), context.request.language)


def summed(attribute: Any, summary: Summary, *, present: Present, description: str) -> Any:
    """Figures over the rows whose key `attribute` points to this row."""
    return KitField(
        SummarySpec(summary=summary, way=as_column(attribute).name, present=present), description=description
    )
