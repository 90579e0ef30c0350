"""From a SQLAlchemy Core select to a statement asyncpg executes: compiled once per form, values always bound."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BindParameter, Select, Uuid, bindparam
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.sql.selectable import CompoundSelect

_DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]

type_uuids = ARRAY(Uuid)


@dataclass(frozen=True)
class Statement:
    """SQL text and the order in which named values are bound; `one_plan` when one plan is right for all values."""

    sql: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]
    one_plan: bool = True

    def args(self, values: Mapping[str, Any]) -> list[Any]:
        constants = self.constants
        return [values[name] if name in values else constants[name] for name in self.names]


def compile_statement(select: Select[Any] | CompoundSelect[Any], *, one_plan: bool = True) -> Statement:
    compiled = select.compile(dialect=_DIALECT)
    names = tuple(compiled.positiontup or ())
    return Statement(str(compiled), names, {name: compiled.params[name] for name in names}, one_plan)


def param(name: str, type_: Any = None) -> BindParameter[Any]:
    """A value given at execution."""
    return bindparam(name, type_=type_, unique=False, required=True)


class StatementCache:
    """Compiled statements by form; the least recently used go first."""

    def __init__(self, size: int = 2_000) -> None:
        self._size = size
        self._entries: OrderedDict[Hashable, Statement] = OrderedDict()

    def get(
        self, key: Hashable, build: Callable[[], Select[Any] | CompoundSelect[Any]], *, one_plan: bool = True
    ) -> Statement:
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
            return found
        found = compile_statement(build(), one_plan=one_plan)
        self._entries[key] = found
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)
        return found


STATEMENTS = StatementCache()
