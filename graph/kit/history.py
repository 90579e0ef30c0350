"""`history(model)`: what the audit trail tells of one record, as a list of that record.

A record's own history may also be read by those whose record it is, who may not read the trail at large.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

import models
from domain.access import P
from graph.kit.connection import ManySpec
from graph.kit.field import NODES, KitField, Mask, NodeInfo, Unless, as_column, fulfilling
from loaders.base import Source
from loaders.paging import DEFAULT_PAGE, OrderKey
from loaders.visibility import table_of
from models.base import Owned
from models.events import AuditOutcome
from resolvers.kit.inputs import node_names

NEWEST_FIRST = (OrderKey("timestamp", lambda table: table.c.timestamp, descending=True),)


@dataclass(eq=False)
class HistorySpec(ManySpec):
    """Entries of the trail about a row; the field's mask says who sees them, not the permission of the trail."""

    @cached_property
    def target(self) -> NodeInfo:
        found = NODES.of_table("audit_entry")
        return NodeInfo(found.cls, replace(found.source, permission=None), found.fields)

    def nullable(self, owner: Source | None) -> bool:
        return True


def history(model: type[Owned], *, own: Unless | None = None) -> Any:
    """What was done to a record, newest first: for holders of `audit.read`, and for those whose row fulfils `own`."""
    name = node_names()[table_of(model).name]

    def about(table: Any) -> ColumnElement[bool]:
        return and_(table.c.resource_type == name, table.c.outcome == AuditOutcome.SUCCESS.value)

    spec = HistorySpec(
        columns=("id",),
        mask=Mask(P.AUDIT_READ, own),
        key=as_column(models.AuditEntry.resource_id),
        default=NEWEST_FIRST,
        only=fulfilling("audit_entry", about),
        size=DEFAULT_PAGE,
    )
    return KitField(spec, description="What was done to it, newest first: its changes, field by field.")


def by_any(*attributes: Any) -> Unless:
    """Rows that one of these keys makes the viewer's own."""
    names = [as_column(attribute).name for attribute in attributes]
    return lambda table, member: or_(*(table.c[name] == member for name in names))
