"""Which rows of a model a viewer may see, as a SQL predicate. Decided per model and viewer, applied in every statement.

Three answers: all rows of the agency, the viewer's own, none. The permission `x.read` gives all, `x.read.own` those the
model's `own()` describes.
"""

from enum import Enum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Uuid, false

from loaders.sql import param
from models.base import Deletable, Owned


class Sight(Enum):
    """How much of a model a viewer sees."""

    ALL = "all"
    OWN = "own"
    NONE = "none"


class Sees(Protocol):
    """What visibility asks of a viewer."""

    @property
    def tenant_id(self) -> UUID: ...
    @property
    def member_id(self) -> UUID: ...
    @property
    def permissions(self) -> frozenset[str]: ...


def sight(permission: str | None, viewer: Sees) -> Sight:
    """How much `viewer` sees of what `permission` protects; without a permission every member sees all."""
    if permission is None or permission in viewer.permissions:
        return Sight.ALL
    return Sight.OWN if permission + ".own" in viewer.permissions else Sight.NONE


def table_of(model: type[Owned]) -> Table:
    return model.__table__  # type: ignore[attr-defined, no-any-return]


def predicates(
    model: type[Owned], seen: Sight, table: Any = None, *, deleted: bool | None = False
) -> list[ColumnElement[bool]]:
    """Tenant, trash and viewer as conditions; `deleted` None looks at both sides of the trash."""
    columns = (table_of(model) if table is None else table).c
    found: list[ColumnElement[bool]] = [columns.tenant_id == param("tenant", Uuid)]
    if deleted is not None and issubclass(model, Deletable):
        found.append(columns.deleted_at.is_not(None) if deleted else columns.deleted_at.is_(None))
    if seen is Sight.NONE:
        found.append(false())
    elif seen is Sight.OWN:
        own = getattr(model, "own", None)
        found.append(own(param("member", Uuid)) if own else columns.created_by_id == param("member", Uuid))
    return found
