"""Pens: who writes the fields of a row as JSON, the database or the server.

Rows of lists are written by the database, which for many rows is cheaper than to take them apart in Python. A row that
is looked up alone is written by the server: the database would prepare every expression of a statement for it, which
costs more than the row. Both write the same bytes; what the database cannot write, the server writes in lists as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from graphql import GraphQLNonNull, GraphQLObjectType
from sqlalchemy import ColumnElement, Uuid, and_, case, or_

from graph.engine.shapes import Part, Python
from graph.engine.writers import Writers, in_database
from graph.kit.field import Asking, ColumnSpec, DerivedSpec
from graph.kit.figures import FigureSpec
from loaders import jsontext, trees
from loaders.sql import param
from loaders.trees import Item, Scope
from resolvers.kit.ids import encode_id
from resolvers.kit.scalars import hundredths

if TYPE_CHECKING:
    from graph.engine.planner import Place
    from graph.engine.rights import Rights
    from graph.engine.selections import Selected


def _quoted_id(type_name: str) -> Callable[[Any], str]:
    return lambda id: f'"{encode_id(type_name, id)}"'


def _quoted_hundredths(value: int) -> str:
    return f'"{hundredths(value)}"'


class ServerPen:
    """Writes expressions over the values of a record."""

    def __init__(self, writers: Writers, rights: Rights) -> None:
        self.writers = writers
        self.rights = rights

    def value(self, place: Place, name: str) -> str:
        """The expression of a column's value."""
        return f"{place.row}[{place.rows.column(place.table, name)}]"

    def column(self, selected: Selected, spec: ColumnSpec, place: Place) -> Part:
        column = place.table.source.table.c[spec.columns[0]]
        return Python(self.writers.column_text(selected.output, self.value(place, column.name), column, spec.write))

    def id(self, place: Place) -> Part:
        encode = self.writers.code.name(_quoted_id(place.table.source.name), "id")
        return Python(f"{encode}({self.value(place, 'id')})")

    def derived(self, selected: Selected, spec: DerivedSpec, place: Place) -> Part:
        values = [self.value(place, name) for name in spec.columns]
        if spec.viewer:
            values.append("viewer=x.viewer")
        if spec.language:
            values.append("language=x.language")
        if spec.files:
            values.append("files=x.files")
        call = f"{self.writers.code.name(spec.compute, 'compute')}({', '.join(values)})"
        return Python(self.writers.text(selected.output, call, selected.nodes))

    def figure(self, spec: FigureSpec, place: Place, item: Item) -> Part:
        """A number that the database computes with the row."""
        value = f"{place.row}[{place.rows.computed(place.table, spec.figure, item)}]"
        shown = f"str({value}).lower()"  # a number, or a truth value
        if spec.write is not None:
            shown = f"{self.writers.code.name(_quoted_hundredths, 'unit')}({value})"
        return Python(f"({shown} if {value} is not None else 'null')")

    def members(self, selected: Selected, spec: DerivedSpec, place: Place) -> Callable[[str], Part] | None:
        """The fields of a derived object by name, when each can be written by itself."""
        return None

    def amount(self, place: Place, name: str) -> Part:
        value, write = self.value(place, name), self.writers.code.name(_quoted_hundredths, "hundredths")
        return Python(f"{write}({value})")

    def text(self, place: Place, name: str) -> Part:
        """A column of text that is never null."""
        return Python(f"quote({self.value(place, name)})")

    def if_there(self, parts: list[Part], inner: Place, place: Place, name: str, *, must: bool) -> list[Part]:
        """Parts of `inner` where its column has a value, else null; where null is not allowed, the plan is given up."""
        absent = "required(None)" if must else "'null'"
        whole = self.joined(parts, inner)
        return [Python(f"({whole} if {self.value(inner, name)} is not None else {absent})")]

    def joined(self, parts: Sequence[Part], place: Place) -> str:
        """The expression of a text. What the database can write of it comes as one text per unbroken run of parts."""
        found: list[str] = []
        run: list[str | Item] = []

        def close() -> None:
            if all(isinstance(part, str) for part in run):
                found.extend([repr("".join(map(str, run)))] if run else [])
            else:
                text = f"{place.row}[{place.rows.text(_merged(run), place.musts)}]"
                found.append(f"required({text})" if place.musts else text)
            run.clear()

        for part in parts:
            if isinstance(part, Python):
                close()
                found.append(part.expression)
            else:
                run.append(part)
        close()
        return found[0] if len(found) == 1 else f'"".join(({", ".join(found)}))'


class DatabasePen(ServerPen):
    """Writes SQL over the columns of a select, as far as SQL can say it."""

    def item(self, place: Place, name: str, write: jsontext.Write) -> Item:
        """A column as the database writes it."""
        table = place.table
        place.rows.need(table, name)
        return lambda scope: write(scope.tables[table].c[name])

    def column(self, selected: Selected, spec: ColumnSpec, place: Place) -> Part:
        column = place.table.source.table.c[spec.columns[0]]
        write = in_database(selected.output, column, spec.write)
        if write is None:
            return super().column(selected, spec, place)
        if column.nullable and isinstance(selected.output, GraphQLNonNull):
            table = place.table
            place.musts.append(lambda scope: scope.tables[table].c[column.name].is_not(None))
        elif column.nullable:
            return self.item(place, column.name, lambda value: jsontext.or_null(write(value)))
        return self.item(place, column.name, write)

    def id(self, place: Place) -> Part:
        name = place.table.source.name
        return self.item(place, "id", lambda value: jsontext.global_id(name, value))

    def derived(self, selected: Selected, spec: DerivedSpec, place: Place) -> Part:
        if spec.sql is None:
            return super().derived(selected, spec, place)
        return self._computed(spec, place)

    def figure(self, spec: FigureSpec, place: Place, item: Item) -> Part:
        write = jsontext.plain if spec.write is None else jsontext.hundredths
        return lambda scope: jsontext.or_null(write(item(scope)))

    def members(self, selected: Selected, spec: DerivedSpec, place: Place) -> Callable[[str], Part] | None:
        kind = selected.output.of_type if isinstance(selected.output, GraphQLNonNull) else None
        if spec.sql is None or not isinstance(kind, GraphQLObjectType):
            return None
        whole = self._computed(spec, place)
        return lambda name: lambda scope: whole(scope)[name]

    def _computed(self, spec: DerivedSpec, place: Place) -> Callable[[Scope], Any]:
        table, write = place.table, spec.sql
        assert write is not None
        for name in spec.columns:
            place.rows.need(table, name)
        more: dict[str, Any] = {}
        if spec.viewer:
            more["viewer"] = Asking(self.rights.among(spec.asks), self.rights.scopes, param("member", Uuid))
        return lambda scope: write(*(scope.tables[table].c[name] for name in spec.columns), **more)

    def amount(self, place: Place, name: str) -> Part:
        return self.item(place, name, jsontext.hundredths)

    def text(self, place: Place, name: str) -> Part:
        return self.item(place, name, jsontext.string)

    def if_there(self, parts: list[Part], inner: Place, place: Place, name: str, *, must: bool) -> list[Part]:
        if any(isinstance(part, Python) for part in parts):
            return super().if_there(parts, inner, place, name, must=must)
        table, musts = inner.table, list(inner.musts)
        place.rows.need(table, name)
        items = _merged([part for part in parts if not isinstance(part, Python)])

        def there(scope: Scope) -> ColumnElement[bool]:
            return scope.tables[table].c[name].is_not(None)

        if must:
            place.musts += [there, *musts]
            return list(parts)
        if musts:
            place.musts.append(lambda scope: or_(~there(scope), and_(*(condition(scope) for condition in musts))))
        return [lambda scope: case((there(scope), trees.text_of(items, scope)), else_=jsontext.Fixed(jsontext.NULL))]


def _merged(parts: Sequence[str | Item]) -> list[str | Item]:
    """Parts with fixed pieces that stand side by side made one."""
    found: list[str | Item] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return found
