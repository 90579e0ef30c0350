"""Notices what a transaction changes: for the stream, for the audit, for `version` and `updatedAt`. Nobody calls it.

The recorder listens to the session's flush, so a change cannot be forgotten. Children (a note, a contact person) are
reported as a change of their parent, whose `updatedAt` rises while its `version` stays: no false conflicts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session as SyncSession
from strawberry.utils.str_converters import to_camel_case

from domain.trail import MASK, masked
from loaders.visibility import table_of
from models.base import BasisPoints, Deletable, Halves, Hundredths, Minor, Owned, now
from models.events import ChangeKind
from resolvers.kit.ids import encode_id
from resolvers.kit.inputs import node_names
from resolvers.kit.scalars import hundredths, unscaled, write_datetime
from storage.database import TenantSession
from storage.events import Event

# Strongest first: several changes of one record in one transaction are one event.
_STRENGTH = (
    ChangeKind.PURGED,
    ChangeKind.CREATED,
    ChangeKind.DELETED,
    ChangeKind.RESTORED,
    ChangeKind.STATUS_CHANGED,
    ChangeKind.ASSIGNED,
    ChangeKind.MOVED,
    ChangeKind.UPDATED,
    ChangeKind.COMMENTED,
)
_SILENT = {"tenant_id", "id", "created_at", "updated_at", "version", "created_by_id", "deleted_at", "deleted_by_id"}

# Field names of the API per table and column, filled by the node types: `street` → `address`.
PUBLIC_NAMES: dict[str, dict[str, str]] = {}


# The same within a value object: `postal_code` → `postalCode` of `address`.
INNER_NAMES: dict[str, dict[str, str]] = {}


def public_name(table: str, column: str) -> str:
    return PUBLIC_NAMES.get(table, {}).get(column) or to_camel_case(column.removesuffix("_id"))


def public_values(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of columns as the API shows them: several that one object holds stand in it, each under its own name."""
    found: dict[str, Any] = {}
    for column, value in values.items():
        name, inner = public_name(table, column), INNER_NAMES.get(table, {}).get(column)
        if inner is None:
            found[name] = value
        else:
            found.setdefault(name, {})[inner] = value
    return found


@dataclass
class Change:
    """What happened to one record in one transaction."""

    row: Owned
    kind: ChangeKind
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)

    def merge(self, kind: ChangeKind) -> None:
        self.kind = min(self.kind, kind, key=_STRENGTH.index)


@dataclass
class Touched:
    """A parent one of whose children changed."""

    table: str
    id: UUID
    kind: ChangeKind
    fields: set[str]
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Telling:
    """What a resolver knows of a change and the columns do not say."""

    kind: ChangeKind | None = None
    verb: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


class Recorder:
    """Collects the changes of one transaction."""

    def __init__(self, actor: UUID | None) -> None:
        self.actor = actor
        self.changes: dict[tuple[str, UUID], Change] = {}
        self.touched: dict[tuple[str, UUID], Touched] = {}
        self.tellings: dict[tuple[str, UUID], Telling] = {}

    def before_flush(self, session: SyncSession) -> None:
        for row in session.new:
            if isinstance(row, Owned):
                self._created(row)
        for row in session.dirty:
            if isinstance(row, Owned) and session.is_modified(row):
                self._updated(row)
        for row in session.deleted:
            if isinstance(row, Owned):
                self._change(row, ChangeKind.PURGED).old = _told(row)
                self._touch(row)

    def _created(self, row: Owned) -> None:
        if row.created_by_id is None:
            row.created_by_id = self.actor
        change = self._change(row, ChangeKind.CREATED)
        change.new = _told(row)
        if row.__comment__:
            self._touch(row, ChangeKind.COMMENTED, {str(row.__tablename__): str(row.id)})
        else:
            self._touch(row)

    def _updated(self, row: Owned) -> None:
        old: dict[str, Any] = {}
        new: dict[str, Any] = {}
        state = inspect(row)
        for attribute in state.mapper.column_attrs:
            history = state.attrs[attribute.key].history
            if history.has_changes():
                old[attribute.key] = history.deleted[0] if history.deleted else None
                new[attribute.key] = history.added[0] if history.added else None
        if not new:
            return
        first = (row.__tablename__, row.id) not in self.changes
        change = self._change(row, _kind(row, old, new))
        if first:
            row.version += 1
        row.updated_at = now()
        for name in new.keys() - _SILENT - row.__computed__:
            change.fields.add(public_name(str(row.__tablename__), name))
            if name not in change.new and change.kind is not ChangeKind.CREATED:
                change.old[name] = _plain(row, name, old[name])
            change.new[name] = _plain(row, name, new[name])
        self._touch(row)

    def _change(self, row: Owned, kind: ChangeKind) -> Change:
        key = (str(row.__tablename__), row.id)
        if key in self.changes:
            self.changes[key].merge(kind)
        else:
            self.changes[key] = Change(row, kind)
        return self.changes[key]

    def _touch(self, row: Owned, kind: ChangeKind = ChangeKind.UPDATED, data: dict[str, Any] | None = None) -> None:
        for column, (table, name) in row.__parents__.items():
            id = getattr(row, column)
            if id is None or not name:
                continue
            changed = self.changes.get((table, id))
            if changed is None:
                self.touched.setdefault((table, id), Touched(table, id, kind, set(), data or {})).fields.add(name)
            elif changed.kind is not ChangeKind.CREATED:
                changed.fields.add(name)

    def events(self) -> list[Event]:
        """Events of the changed records; the command adds those of touched parents, whose version it knows."""
        return [self._event(key, change) for key, change in self.changes.items() if change.row.__event__]

    def _event(self, key: tuple[str, UUID], change: Change) -> Event:
        row, telling = change.row, self.tellings.get(key, Telling())
        kind = telling.kind if telling.kind is not None and change.kind in _GENERAL else change.kind
        verb = telling.verb if kind in _GENERAL else row.__born__ if kind is ChangeKind.CREATED else None
        found = event_of(key[0], row.id, row.version, kind, change.fields, verb)
        found.data = told(row.__told__, lambda column: getattr(row, column)) | telling.data
        return found


# Kinds of change that a resolver may know better than the columns do.
_GENERAL = {ChangeKind.UPDATED, ChangeKind.MOVED, ChangeKind.STATUS_CHANGED, ChangeKind.ASSIGNED}


def told(columns: dict[str, str], value: Callable[[str], Any]) -> dict[str, Any]:
    """What events of a row carry of its columns: ids as texts."""
    return {key: None if value(column) is None else str(value(column)) for column, key in columns.items()}


def event_of(table: str, id: UUID, version: int, kind: ChangeKind, fields: set[str], verb: str | None = None) -> Event:
    verb = verb or {ChangeKind.COMMENTED: "updated", ChangeKind.ASSIGNED: "updated"}.get(kind, kind.value.lower())
    name = verb if "." in verb else f"{'user' if table == 'member' else table}.{verb}"
    return Event(name, kind.value, table, id, version, sorted(fields))


def _kind(row: Owned, old: dict[str, Any], new: dict[str, Any]) -> ChangeKind:
    if isinstance(row, Deletable) and "deleted_at" in new:
        return ChangeKind.RESTORED if new["deleted_at"] is None else ChangeKind.DELETED
    if "status" in new:
        return ChangeKind.STATUS_CHANGED
    return ChangeKind.UPDATED


def _told(row: Owned) -> dict[str, Any]:
    """What a whole row says, without what is empty."""
    names = [attribute.key for attribute in inspect(row).mapper.column_attrs]
    told = {name: _plain(row, name, getattr(row, name)) for name in names if name not in _SILENT | row.__computed__}
    return {name: value for name, value in told.items() if value not in (None, [], {})}


def _plain(row: Owned, name: str, value: Any) -> Any:
    """A value as JSON for the trail, in the unit and with the ids of the API; secrets are masked."""
    if value is None:
        return None
    if name in row.__secret__:
        return MASK
    column = table_of(type(row)).c[name]
    if isinstance(value, UUID):
        return encode_id(node_names()[column.info["references"]], value) if "references" in column.info else str(value)
    if "rows" in column.info:
        return [encode_id(node_names()[column.info["rows"]], id) for id in value]
    if isinstance(value, bytes):
        return MASK  # digests and sealed values, which tell nobody anything
    if isinstance(column.type, Minor | Hundredths | BasisPoints):
        value = hundredths(value)
    elif isinstance(column.type, Halves):
        value = unscaled(value * 5, 1)
    elif isinstance(value, datetime):
        value = write_datetime(value)
    elif isinstance(value, date):
        value = value.isoformat()
    return masked(name, getattr(value, "value", value))


@event.listens_for(TenantSession, "before_flush")
def _before_flush(session: SyncSession, _context: Any, _instances: Any) -> None:
    recorder = session.info.get("recorder")
    if recorder is not None:
        recorder.before_flush(session)
