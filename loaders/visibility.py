"""Which rows of a model a viewer may see, as a SQL predicate. Decided per model and viewer, applied in every statement.

Three answers: all rows of the agency, the viewer's own, none. The permission `x.read` gives all, `x.read.own` those the
model's `own()` describes.
"""

from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Table, Uuid, exists, false, or_

from domain.access import Audience, audience
from loaders.sql import param
from models.base import Deletable, TenantRow, metadata


class Holds(Protocol):
    """Whoever holds permissions."""

    @property
    def permissions(self) -> frozenset[str]: ...


class Sees(Holds, Protocol):
    """What visibility asks of a viewer."""

    @property
    def tenant_id(self) -> UUID: ...
    @property
    def member_id(self) -> UUID: ...


def sight(permission: str | None, viewer: Holds) -> Audience:
    """How much `viewer` sees of what `permission` protects; without a permission every member sees all."""
    return Audience.ALL if permission is None else audience(viewer.permissions, permission)


def table_of(model: type[TenantRow]) -> Table:
    return model.__table__  # type: ignore[attr-defined, no-any-return]


def predicates(
    model: type[TenantRow],
    seen: Audience,
    *,
    deleted: bool | None = False,
    nested: bool = False,
    table: FromClause | None = None,
) -> list[ColumnElement[bool]]:
    """Tenant, trash and viewer as conditions on the model's table, or on `table`, an alias of it.

    `deleted` None looks at both sides of the trash. A part of a record (a note, a contact person) is visible where the
    record is; `nested` leaves that question out when the record itself was just read.
    """
    columns: Any = (table_of(model) if table is None else table).c
    found = of_agency(param("tenant", Uuid), model, deleted=deleted, table=table)
    if seen is Audience.NONE:
        found.append(false())
    elif model.__parents__:
        if not nested:
            found += [_parent_visible(model, columns, key, seen) for key in model.__parents__]
    elif seen is Audience.OWN:
        found.append(own(model, columns))
    return found


def of_agency(
    tenant: UUID | ColumnElement[UUID],
    model: type[TenantRow],
    *,
    deleted: bool | None = False,
    table: FromClause | None = None,
) -> list[ColumnElement[bool]]:
    """Agency and trash alone as conditions: what a rule of the agency counts, whoever sees it."""
    columns: Any = (table_of(model) if table is None else table).c
    found: list[ColumnElement[bool]] = [columns.tenant_id == tenant]
    if deleted is not None and issubclass(model, Deletable):
        found.append(columns.deleted_at.is_not(None) if deleted else columns.deleted_at.is_(None))
    return found


def there(model: type[TenantRow]) -> list[ColumnElement[bool]]:
    """What must hold for a row that is to be changed or referred to, besides being seen."""
    return [] if model.__removed__ is None else [table_of(model).c[model.__removed__].is_(None)]


def own(model: type[TenantRow], columns: Any) -> ColumnElement[bool]:
    """Which rows are a viewer's own: what the model says, else those the viewer created."""
    rule = getattr(model, "own", None)
    member = param("member", Uuid)
    found: ColumnElement[bool] = rule(columns, member) if rule else columns.created_by_id == member
    return found


def _parent_visible(model: type[TenantRow], columns: Any, key: str, seen: Audience) -> ColumnElement[bool]:
    parent = metadata.tables[model.__parents__[key][0]].alias()
    conditions = [parent.c.tenant_id == columns.tenant_id, parent.c.id == columns[key]]
    # A part of a part asks the record at the top.
    conditions += predicates(_model_of(model.__parents__[key][0]), seen, table=parent)
    return or_(columns[key].is_(None), exists().where(*conditions))


def _model_of(table: str) -> type[TenantRow]:
    return next(mapper.class_ for mapper in TenantRow._sa_registry.mappers if mapper.class_.__tablename__ == table)
