"""What every table has: tenant, id, times, version; and the few column kinds the house uses.

Constraints are declared once, on the column, and completed by `complete()` after all models are imported: checks of
enums, composite foreign keys `(tenant_id, x_id) → (tenant_id, id)`, an index for every key. No `numeric`, no enum
types, no `timestamp` without zone: under row-level security their operators could not use an index.
"""

import copy
import json
import os
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import AutoString

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING
metadata: MetaData = SQLModel.metadata

# The newest revision of the database this code works with; a test compares it with the migrations.
REVISION = "0022"

Timestamp = TIMESTAMP(timezone=True, precision=3)


class Minor(BigInteger):
    """Money in minor units (cents); the currency stands in the row's `currency`."""


class Hundredths(BigInteger):
    """A decimal with two places stored ×100: square metres."""


class Halves(Integer):
    """A decimal in steps of 0.5 stored ×2: rooms."""


class BasisPoints(Integer):
    """Percent with two places stored ×100."""


class Choice(Text):
    """An enum as text; the check is added by `complete()`."""

    def __init__(self, enum: type[Enum]) -> None:
        super().__init__()
        self.enum = enum


def uuid7() -> UUID:
    """A time-ordered id (RFC 9562): 48 bits of milliseconds, then random."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    return UUID(int=value & ~(0xF000 << 64) & ~(0xC000 << 48) | 0x7000 << 64 | 0x8000 << 48)


def now() -> datetime:
    """The present moment in milliseconds, as the database keeps it."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def choice(enum: type[Enum], default: Any = ..., *, description: str) -> Any:
    """A column whose value is one of `enum`'s names."""
    value = default.value if isinstance(default, Enum) else default
    server = {"server_default": value} if isinstance(value, str) else {}
    return Field(default=value, sa_type=Choice(enum), sa_column_kwargs=server, description=description)


def choices(enum: type[Enum], default: Iterable[Enum] = (), *, description: str) -> Any:
    """A list of enum names; duplicates are refused on input."""
    names = [member.value for member in default]
    return Field(
        default_factory=names.copy,
        sa_type=ARRAY(Text),
        sa_column_kwargs={"info": {"choices": enum}, "server_default": f"{{{','.join(names)}}}"},
        nullable=False,
        description=description,
    )


def reference(
    table: str, default: Any = None, *, description: str = "", cascade: bool = False, loose: bool = False
) -> Any:
    """A key to a row of the same tenant. `...` as default makes it required; `cascade` deletes the child with it.

    A `loose` one is not guarded by a constraint: it goes on naming a row that is gone.
    """
    return Field(
        default=default,
        sa_type=Uuid,
        nullable=default is None,
        sa_column_kwargs={"info": {"references": table, "cascade": cascade, "loose": loose}},
        description=description,
    )


def column(sa_type: Any, default: Any = None, *, description: str, server: str | None = None, **info: Any) -> Any:
    """A column of a special type; `server` is its default in SQL, `min` and `max` are bounds in the unit of the API."""
    return Field(
        default=default,
        sa_type=sa_type,
        nullable=default is None,
        sa_column_kwargs={"info": info, **({"server_default": server} if server is not None else {})},
        description=description,
    )


def line(length: int, default: Any = ..., *, description: str) -> Any:
    """A text of one line, as names are: no breaks, nothing invisible. It may stand in the head of a mail."""
    return Field(default=default, max_length=length, sa_column_kwargs={"info": {"line": True}}, description=description)


def flag(default: bool = False, *, description: str) -> Any:
    return Field(
        default=default, sa_column_kwargs={"server_default": "true" if default else "false"}, description=description
    )


def moment(default: Any = None, *, description: str) -> Any:
    return column(Timestamp, default, description=description)


def document(default: Any = None, *, description: str) -> Any:
    """A JSON value, else an empty object; replace it as a whole, a change in place is not seen."""
    given = {} if default is None else default
    return Field(
        default_factory=lambda: copy.deepcopy(given),
        sa_type=JSONB,
        sa_column_kwargs={"server_default": json.dumps(given)},
        nullable=False,
        description=description,
    )


class TenantRow(SQLModel):
    """A row of one tenant, as far as reading it needs to know."""

    # Columns that never reach the audit in clear.
    __secret__: ClassVar[frozenset[str]] = frozenset()
    # Derived by the database; never written.
    __computed__: ClassVar[frozenset[str]] = frozenset()
    # Whether changes go into the stream.
    __event__: ClassVar[bool] = False
    # The column that says since when a row is only shown: it stays for what refers to it, and is left alone.
    __removed__: ClassVar[str | None] = None
    # The verb of the event of a new row, or its whole name.
    __born__: ClassVar[str | None] = None
    # Key column → (parent's table, the parent's field that shows this row): a change here is a change there.
    # With an empty field the row is visible where the parent is, but is no news of it.
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {}
    # Whether a new row is something said about its parent: COMMENTED instead of UPDATED.
    __comment__: ClassVar[bool] = False
    # Columns whose values every event of the row carries, under these keys of its data: what streams are told apart by.
    __told__: ClassVar[dict[str, str]] = {}
    # Name of the GraphQL type, when it is not the class's.
    __node__: ClassVar[str | None] = None

    tenant_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)


class Owned(TenantRow):
    """A record of one tenant: it is made, changed and recorded."""

    created_at: datetime = Field(default_factory=now, sa_type=Timestamp, description="When it was created.")
    updated_at: datetime = Field(
        default_factory=now, sa_type=Timestamp, description="When it or one of its parts was last changed."
    )
    created_by_id: UUID | None = reference("member", description="Who created it; null for the system.")
    version: int = Field(
        default=1,
        sa_column_kwargs={"server_default": "1"},
        description="Grows with each change; send it back as `expectedVersion`.",
    )


class Deletable(Owned):
    """A row that goes to the trash first."""

    deleted_at: datetime | None = moment(description="When it went to the trash; null while it is in use.")
    deleted_by_id: UUID | None = reference("member", description="Who put it into the trash.")


def complete(meta: MetaData) -> None:
    """Derive constraints and indexes from what the columns say of themselves."""
    for table in list(meta.tables.values()):
        if "tenant_id" in table.c and table.name != "tenant":
            table.append_constraint(ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=f"fk_{table.name}_tenant"))
        for col in table.columns:
            _complete_column(col)


def _complete_column(col: Column[Any]) -> None:
    table = col.table
    if isinstance(col.type, AutoString) and col.type.length is None:
        col.type = Text()
    if isinstance(col.type, Choice):
        allowed = ", ".join(f"'{member.value}'" for member in col.type.enum)
        table.append_constraint(CheckConstraint(f"{col.name} in ({allowed})", name=col.name))
    if enum := col.info.get("choices"):
        allowed = ", ".join(f"'{member.value}'" for member in enum)
        table.append_constraint(CheckConstraint(f"{col.name} <@ array[{allowed}]", name=col.name))
    # The agency's own row is the root of all keys: it refers to nothing.
    if (target := col.info.get("references")) and table.name != "tenant" and not col.info["loose"]:
        if col.info["cascade"]:
            ondelete: str | None = "CASCADE"
        else:
            ondelete = f"SET NULL ({col.name})" if col.nullable else None
        table.append_constraint(
            ForeignKeyConstraint(["tenant_id", col.name], [f"{target}.tenant_id", f"{target}.id"], ondelete=ondelete)
        )
        # Every key can be followed backwards; actor columns are written often and followed never.
        if col.name not in {"created_by_id", "deleted_by_id"}:
            Index(None, table.c.tenant_id, col)


def listed(name: str, *columns: Any) -> Index:
    """An index for lists: without the trash, so that pages and counts are read from it alone."""
    return Index(name, "tenant_id", *columns, postgresql_where=text("deleted_at is null"))


__all__ = [
    "ARRAY",
    "BasisPoints",
    "Choice",
    "Deletable",
    "Halves",
    "Hundredths",
    "Integer",
    "Minor",
    "Owned",
    "SmallInteger",
    "TenantRow",
    "Timestamp",
    "choice",
    "choices",
    "column",
    "complete",
    "document",
    "flag",
    "line",
    "listed",
    "metadata",
    "moment",
    "now",
    "reference",
    "uuid7",
]
