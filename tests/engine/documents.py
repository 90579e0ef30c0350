"""Random documents of the schema, with variables, and the way to make a failing one small.

A document is drawn from a `random.Random`, so a seed names it. Most draws are sensible (an id that exists, a cursor of
the list it is given to), some are not; what validation would refuse is avoided as far as that is cheap.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    parse_type,
    type_from_ast,
)

from tests.engine.world import TEXTS, World

DEPTH = 7  # of fields and fragments
OFTEN = (
    *("properties", "properties", "properties", "property", "property", "node", "nodes", "trash"),
    *("task", "task", "tasks", "board", "board", "taskStatistics"),
)


class Word(str):
    """An enum value: written without quotes."""


@dataclass(frozen=True)
class Use:
    """The place of a variable in an argument."""

    name: str


@dataclass
class Variable:
    """A variable with what is sent for it."""

    name: str
    type: str
    default: Any = ...  # of the definition; `...` for none
    value: Any = ...  # `...` when nothing is sent


@dataclass
class Directive:
    name: str
    condition: Any


@dataclass
class Pick:
    """A field that is asked for."""

    name: str
    key: str
    arguments: dict[str, Any]
    optional: frozenset[str]
    directives: list[Directive]
    children: list[Any]


@dataclass
class Inline:
    """A fragment without a name."""

    on: str | None
    directives: list[Directive]
    children: list[Any]


@dataclass
class Fragment:
    name: str
    on: str
    children: list[Any]


@dataclass
class Spread:
    """A place where a named fragment is used."""

    fragment: Fragment
    directives: list[Directive]


@dataclass
class Document:
    """A query with its variables."""

    children: list[Any]
    known: dict[str, Variable] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self._written()[0]

    @property
    def variables(self) -> dict[str, Any]:
        """What is sent for the variables that still stand in the document."""
        used = self._written()[1]
        return {name: found.value for name, found in self.known.items() if name in used and found.value is not ...}

    def _written(self) -> tuple[str, set[str]]:
        fragments: dict[str, Fragment] = {}
        used: set[str] = set()
        body = _selection(self.children, fragments, used)
        parts: list[str] = []
        while len(parts) < len(fragments):
            found = list(fragments.values())[len(parts)]
            parts.append(f"fragment {found.name} on {found.on} {_selection(found.children, fragments, used)}")
        definitions = [
            f"${name}: {self.known[name].type}"
            + ("" if self.known[name].default is ... else f" = {literal(self.known[name].default)}")
            for name in sorted(used)
        ]
        head = f"query ({', '.join(definitions)}) " if definitions else ""
        return "\n".join([head + body, *parts]), used

    def edits(self) -> Iterator[Callable[[], Any]]:
        """Every single way to make this document smaller, to be done in place."""
        yield from _edits(self.children)


def literal(value: Any) -> str:
    """A value as GraphQL writes it."""
    if isinstance(value, Use):
        return "$" + value.name
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _uses(value: Any) -> Iterator[str]:
    if isinstance(value, Use):
        yield value.name
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _uses(inner)


def _directed(directives: list[Directive], used: set[str]) -> str:
    used.update(name for found in directives for name in _uses(found.condition))
    return "".join(f" @{found.name}(if: {literal(found.condition)})" for found in directives)


def _selection(children: list[Any], fragments: dict[str, Fragment], used: set[str]) -> str:
    parts = []
    for child in children:
        directives = _directed(child.directives, used)
        if isinstance(child, Spread):
            fragments.setdefault(child.fragment.name, child.fragment)
            parts.append(f"...{child.fragment.name}{directives}")
            continue
        inner = " " + _selection(child.children, fragments, used) if child.children else ""
        if isinstance(child, Inline):
            parts.append(f"...{f' on {child.on}' if child.on else ''}{directives}{inner}")
            continue
        given = ", ".join(f"{name}: {literal(value)}" for name, value in child.arguments.items())
        used.update(name for value in child.arguments.values() for name in _uses(value))
        alias = f"{child.key}: " if child.key != child.name else ""
        parts.append(f"{alias}{child.name}{f'({given})' if given else ''}{directives}{inner}")
    return "{ " + " ".join(parts) + " }"


def _edits(children: list[Any]) -> Iterator[Callable[[], Any]]:
    for index, child in enumerate(children):
        if len(children) > 1:
            yield lambda index=index: children.pop(index)
        if isinstance(child, Inline | Spread):
            inner = child.children if isinstance(child, Inline) else child.fragment.children
            yield lambda index=index, inner=inner: children.__setitem__(slice(index, index + 1), inner)
        for place in range(len(child.directives)):
            yield lambda child=child, place=place: child.directives.pop(place)
        if isinstance(child, Pick):
            for name in child.optional & child.arguments.keys():
                yield lambda child=child, name=name: child.arguments.pop(name)
        yield from _edits(child.fragment.children if isinstance(child, Spread) else child.children)


# Drawing


@dataclass
class Scope:
    """What one place of the answer holds already: the same key must mean the same."""

    keys: dict[str, tuple[tuple[str, str, str], "Scope"]] = field(default_factory=dict)


class Draw:
    """Draws one document."""

    def __init__(self, rng: random.Random, schema: GraphQLSchema, world: World) -> None:
        self.rng = rng
        self.schema = schema
        self.world = world
        self.known: dict[str, Variable] = {}
        self.fragments: list[tuple[Fragment, Scope]] = []
        self.named = 0
        self._conditions: dict[str, list[str]] = {}
        self.property: str | None = None  # the one that is being read, whose cursors notes may continue from

    def document(self) -> Document:
        root = self.schema.query_type
        assert root is not None
        return Document(self.selection(root, Scope(), 1, self.rng.choice((1, 1, 2, 3))), self.known)

    def chance(self, percent: float) -> bool:
        return self.rng.random() * 100 < percent

    def other_variables(self, document: Document) -> dict[str, Any]:
        """Other values for the same document: some of any kind, some as they were."""
        return {
            name: self.value(type_from_ast(self.schema, parse_type(self.known[name].type)), 2)
            if self.chance(30)
            else value
            for name, value in document.variables.items()
        }

    # Selections

    def selection(self, kind: Any, scope: Scope, depth: int, count: int | None = None) -> list[Any]:
        """What is asked for of a type."""
        names = [name for name, found in kind.fields.items() if depth < DEPTH or is_leaf_type(_named(found))]
        if count is None:
            count = min(len(names), int(self.rng.expovariate(0.4)) + 1)
        children: list[Any] = []
        for _ in range(count):
            if 1 < depth < DEPTH and self.chance(12):
                children.append(self.fragment(kind, scope, depth))
            elif self.chance(10) or not names:
                children.append(self.typename(scope, str(kind.name)))
            else:
                name = self.rng.choice((*names, *OFTEN) if depth == 1 else names)
                children.append(self.field(kind, name, scope, depth))
        if isinstance(kind, GraphQLInterfaceType) and depth < DEPTH:
            children += [self.fragment(kind, scope, depth) for _ in range(self.rng.choice((1, 2, 3)))]
        return children

    def typename(self, scope: Scope, kind: str) -> Pick:
        key, _ = self.key("__typename", "String!", "", scope, ("__typename", "title"))
        return Pick("__typename", key, {}, frozenset(), self.directives(), [])

    def field(self, kind: Any, name: str, scope: Scope, depth: int) -> Pick:
        definition: GraphQLField = kind.fields[name]
        before = self.property
        arguments = self.arguments(kind, name, definition)
        key, inner = self.key(name, str(definition.type), literal(arguments), scope, tuple(kind.fields))
        target = _named(definition)
        children = [] if is_leaf_type(target) else self.selection(target, inner, depth + 1)
        self.property = before
        optional = frozenset(
            argument for argument, found in definition.args.items() if not isinstance(found.type, GraphQLNonNull)
        )
        return Pick(name, key, arguments, optional, self.directives(), children)

    def key(self, name: str, output: str, arguments: str, scope: Scope, others: tuple[str, ...]) -> tuple[str, Scope]:
        """A key of the answer under which nothing else is asked for."""
        meaning = (name, output, arguments)
        wanted = [name, name, name]
        if self.chance(25):
            wanted.insert(0, self.rng.choice((*others, "a", "b")))
        for key in (*wanted, f"k{len(scope.keys)}"):
            found = scope.keys.setdefault(key, (meaning, Scope()))
            if found[0] == meaning:
                return key, found[1]
        raise AssertionError("no key is free")

    def fragment(self, kind: Any, scope: Scope, depth: int) -> Any:
        """A fragment, with or without a name, that may apply to a type."""
        fitting = [
            (made, there)
            for made, there in self.fragments
            if made.on in self.conditions(kind) and _fits(there, scope) and self.depth_fits(made.children, depth)
        ]
        if fitting and self.chance(30):
            made, there = self.rng.choice(fitting)
            _join(there, scope)
            return Spread(made, self.directives())
        on = self.rng.choice(self.conditions(kind))
        target: Any = self.schema.get_type(on)
        if self.chance(50):
            bare = on == kind.name and self.chance(50)
            return Inline(None if bare else on, self.directives(), self.selection(target, scope, depth + 1))
        there = Scope()
        self.named += 1
        made = Fragment(f"F{self.named}", on, [])
        made.children = self.selection(target, there, depth + 1)
        if not _fits(there, scope):
            return Inline(on, self.directives(), self.selection(target, scope, depth + 1))
        _join(there, scope)
        self.fragments.append((made, there))
        return Spread(made, self.directives())

    def depth_fits(self, children: list[Any], depth: int) -> bool:
        return depth + _depth(children) <= DEPTH + 1

    def conditions(self, kind: Any) -> list[str]:
        """Types a fragment may name at a place of this type."""
        if kind.name not in self._conditions:
            possible = self._possible(kind)
            self._conditions[kind.name] = [
                found.name
                for found in self.schema.type_map.values()
                if isinstance(found, GraphQLObjectType | GraphQLInterfaceType) and possible & self._possible(found)
            ]
        return self._conditions[kind.name]

    def _possible(self, kind: Any) -> set[GraphQLObjectType]:
        return set(self.schema.get_possible_types(kind)) if isinstance(kind, GraphQLInterfaceType) else {kind}

    def directives(self) -> list[Directive]:
        if not self.chance(8):
            return []
        names = self.rng.choice((("include",), ("skip",), ("include", "skip")))
        return [Directive(name, self.condition(name == "include")) for name in names]

    def condition(self, kept: bool) -> Any:
        """The condition of a directive, mostly so that the field stays."""
        value = kept if self.chance(70) else not kept
        if self.chance(40):
            return value
        if self.chance(60):
            return self.variable("Boolean!", value, default=... if self.chance(60) else not value)
        given = None if self.chance(2) else self.rng.choice((value, ...))
        return self.variable("Boolean", given, default=value)

    # Arguments

    def arguments(self, kind: Any, name: str, definition: GraphQLField) -> dict[str, Any]:
        given = self.sensible(kind.name, name, definition)
        return {argument: self.perhaps_variable(definition.args[argument], value) for argument, value in given.items()}

    def sensible(self, kind: str, name: str, definition: GraphQLField) -> dict[str, Any]:
        """Values for the arguments of a field."""
        if "first" in definition.args:
            return self.list_arguments(kind, name, definition)
        if not definition.args:
            return {}
        if name == "property":
            id = self.id("Property")
            self.property = id
            return {"id": id}
        if name in ("task", "user"):
            return {"id": self.id(name.title())}
        if name == "board":
            return {} if self.chance(40) else {"id": self.id("Board")}
        if name == "taskStatistics":
            return {"filter": self.value(definition.args["filter"].type, 1)} if self.chance(60) else {}
        if name in ("boards", "projects"):
            return {}
        if name == "node":
            return {"id": self.id(None)}
        if name == "nodes":
            ids = [self.id(None, broken=0.5) for _ in range(self.rng.choice((0, 1, 3, 8)))]
            return {"ids": ids + ids[:1]}
        if name == "propertyByExternalNumber":
            return {"externalNumber": self.rng.choice((*self.world.numbers, "", "P-9999", TEXTS[2]))}
        return {
            key: self.value(argument.type, 1)
            for key, argument in definition.args.items()
            if is_required_argument(argument) or self.chance(50)
        }

    def list_arguments(self, kind: str, name: str, definition: GraphQLField) -> dict[str, Any]:
        """Paging, filter and order of a list."""
        place = {
            ("Query", "trash"): "trash",
            ("Property", "notes"): "notes",
            ("Query", "properties"): "properties",
        }.get((kind, name))
        given: dict[str, Any] = {}
        if self.chance(5):  # whatever comes
            for argument in self.rng.sample(
                sorted(definition.args), min(len(definition.args), self.rng.choice((1, 2, 3)))
            ):
                given[argument] = self.value(definition.args[argument].type, 0)
            return given
        forms = ["none", "first", "first", "first"]
        if "page" in definition.args:
            forms.append("page")
        if place is not None:
            forms += ["cursor", "cursor"]
        form = self.rng.choice([*forms, "last"] if "last" in definition.args else forms)
        size = self.rng.choice((1, 1, 2, 3, 5, 7, 30, 100))
        if form == "first":
            given["first"] = size
        elif form == "last":
            given["last"] = size
        elif form == "page":
            given["page"] = {"number": self.rng.choice((1, 1, 2, 3, 50)), "size": self.rng.choice((1, 3, 5, 20))}
            if self.chance(20):
                del given["page"][self.rng.choice(("number", "size"))]
        if form == "cursor":
            return self.continued(str(place), definition, size)
        if "filter" in definition.args and self.chance(50):
            given["filter"] = self.value(definition.args["filter"].type, 1)
        if "orderBy" in definition.args and self.chance(50):
            given["orderBy"] = self.order(definition.args["orderBy"])
        if place == "trash" and self.chance(40):
            given["type"] = Word(self.rng.choice(("PROPERTY", "NOTE")))
        return given

    def continued(self, place: str, definition: GraphQLField, size: int) -> dict[str, Any]:
        """A page before or behind a cursor of this list."""
        known = self.world.cursors[place]
        if place == "notes":
            known = [(given, cursor) for given, cursor in known if given["id"] == self.property] or known
        there, cursor = self.rng.choice(known)
        given = {
            name: _words(definition.args[name].type, value) for name, value in there.items() if name in definition.args
        }
        if "last" not in definition.args or self.chance(60):
            given |= {"after": cursor} | ({"first": size} if self.chance(70) else {})
        else:
            given |= {"before": cursor} | ({"last": size} if self.chance(70) else {})
        return given

    def order(self, argument: GraphQLArgument) -> Any:
        kind: Any = get_named_type(argument.type)
        names = list(get_named_type(kind.fields["field"].type).values)
        fields = self.rng.sample(names, min(len(names), self.rng.choice((1, 1, 1, 2, 3))))
        found = []
        for name in fields:
            entry = {"field": Word(name)}
            if self.chance(70):
                entry["direction"] = Word(self.rng.choice(("ASC", "DESC")))
            found.append(entry)
        return found[0] if len(found) == 1 and self.chance(20) else found

    def perhaps_variable(self, argument: GraphQLArgument | GraphQLInputField, value: Any) -> Any:
        """The value, or a variable that stands for it."""
        if list(_uses(value)) or not self.chance(30):
            return value
        output = str(argument.type)
        must = output.endswith("!")
        if self.chance(30) and value is not None:
            if self.chance(50):
                return self.variable(output, ..., default=value)
            return self.variable(output.rstrip("!"), value, default=value)
        if not must and value is not None and self.chance(30):
            return self.variable(output + "!", value)
        if not must and self.chance(10):
            return self.variable(output, ...)
        return self.variable(output, value)

    def variable(self, kind: str, value: Any, *, default: Any = ...) -> Use:
        name = f"v{len(self.known)}"
        self.known[name] = Variable(name, kind, default, value)
        return Use(name)

    def id(self, kind: str | None, broken: float = 2) -> str:
        ids = self.world.ids
        roll = self.rng.random() * 100
        if roll < broken:
            return self.rng.choice(self.world.broken)
        if roll < 10:
            return self.rng.choice(self.world.foreign)
        if roll < 18:
            return self.rng.choice(self.world.nothing)
        if kind is not None and roll < 90:
            return self.rng.choice(ids[kind][:8])
        return self.rng.choice(ids[self.rng.choice(sorted(ids))])

    def value(self, kind: Any, depth: int) -> Any:
        """Any value of an input type."""
        if isinstance(kind, GraphQLNonNull):
            return self.present(kind.of_type, depth)
        return None if self.chance(4) else self.present(kind, depth)

    def present(self, kind: Any, depth: int) -> Any:
        if isinstance(kind, GraphQLList):
            found = [self.value(kind.of_type, depth) for _ in range(self.rng.choice((0, 1, 1, 2, 3)))]
            return found[0] if len(found) == 1 and found[0] is not None and self.chance(20) else found
        if isinstance(kind, GraphQLEnumType):
            return Word(self.rng.choice(list(kind.values)))
        if isinstance(kind, GraphQLInputObjectType):
            return self.input(kind, depth)
        return self.scalar(kind.name)

    def input(self, kind: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
        """An input object with its required fields and a few others."""
        names = [name for name in kind.fields if depth < 3 or name not in ("and", "or", "not")]
        chosen = self.rng.sample(names, min(len(names), self.rng.choice((1, 1, 1, 2, 3))))
        given: dict[str, Any] = {}
        for name, found in kind.fields.items():
            if name not in chosen and not is_required_input_field(found):
                continue
            value = self.value(found.type, depth + 1)
            if name == "between" and self.chance(90):
                value = sorted(str(self.scalar(get_named_type(found.type).name)) for _ in range(2))
                if get_named_type(found.type).name == "Int":
                    value = sorted(self.rng.choice((0, 1, 3, 7)) for _ in range(2))
            given[name] = self.perhaps_variable(found, value) if self.chance(30) else value
        return given

    def scalar(self, name: str) -> Any:
        rng = self.rng
        if self.chance(1.5):
            return rng.choice(("", "abc", "\x00", "2026-13-41", "9" * 20, TEXTS[3]))
        match name:
            case "Int":
                return rng.choice((0, 1, 2, 3, 5, -1, 100, 2**31 - 1))
            case "Boolean":
                return self.chance(50)
            case "ID":
                return self.id("User")
            case "Decimal":
                return rng.choice(("0", "0.00", "100.5", "465000.00", 5, "50", "1", "82.50", "-3"))
            case "Date":
                return rng.choice(("2026-10-01", "1970-01-01", "2030-12-31"))
            case "DateTime":
                return rng.choice(("2026-03-14T15:09:26.536Z", "2026-03-14T16:09:26.540+01:00", "1999-01-01T00:00Z"))
        return rng.choice(("Berlin", "be", "%", "_", "10115", "Wohnung Park", "ä", TEXTS[1], TEXTS[2], "P-0007"))


def _named(definition: GraphQLField) -> Any:
    return get_named_type(definition.type)


def _words(kind: Any, value: Any) -> Any:
    """JSON as the values of an input type, so that enums are written as such."""
    if isinstance(kind, GraphQLNonNull):
        return _words(kind.of_type, value)
    if isinstance(kind, GraphQLList):
        return [_words(kind.of_type, inner) for inner in value]
    if isinstance(kind, GraphQLInputObjectType):
        return {name: _words(kind.fields[name].type, inner) for name, inner in value.items()}
    return Word(value) if isinstance(kind, GraphQLEnumType) else value


def _fits(there: Scope, scope: Scope) -> bool:
    """Whether what a fragment asks for may stand beside what is asked for already."""
    return all(
        key not in scope.keys or (scope.keys[key][0] == meaning and _fits(inner, scope.keys[key][1]))
        for key, (meaning, inner) in there.keys.items()
    )


def _join(there: Scope, scope: Scope) -> None:
    for key, (meaning, inner) in there.keys.items():
        _join(inner, scope.keys.setdefault(key, (meaning, Scope()))[1])


def _depth(children: list[Any]) -> int:
    deepest = 0
    for child in children:
        inner = _depth(child.fragment.children if isinstance(child, Spread) else child.children)
        deepest = max(deepest, inner + 1)
    return deepest
