"""Documents, read once: text to parsed, measured and validated operations, kept while they are used."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    print_ast,
    specified_rules,
    validate,
)
from graphql.validation.rules.max_introspection_depth_rule import MaxIntrospectionDepthRule

from graph.engine.limits import Cost, check_shape, fragments_of, root_names, too_complex, too_deep
from graph.engine.rights import Asked
from graph.engine.selections import content_variables, count_steps, deciding_variables
from settings import Settings

MAX_ERRORS = 20


class InvalidDocument(Exception):
    """The text is no document of this schema; carries what graphql-core says about it."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


@dataclass(eq=False)
class Operation:
    """One operation of a document."""

    name: str | None
    kind: OperationType
    definition: OperationDefinitionNode
    root_fields: frozenset[str]
    cost: Cost
    deciding: tuple[str, ...]  # names of the variables that `@skip` and `@include` depend on
    content: tuple[str, ...]  # names of the variables that decide what an answer holds
    # What the planned executor remembers: how to read the variables, and a plan for each set of rights that matters.
    variables: Any = None
    asked: Asked = field(default_factory=Asked)
    plans: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)


@dataclass(eq=False)
class Prepared:
    """A valid document within the limits."""

    document: DocumentNode
    operations: dict[str | None, Operation] = field(default_factory=dict)
    noted: bool = False  # whether the log says already why it was not planned

    def operation(self, name: str | None) -> Operation:
        """The operation to execute; InvalidDocument when the name does not tell."""
        if name is not None:
            if name not in self.operations:
                raise InvalidDocument([GraphQLError(f"Unknown operation named '{name}'.")])
            return self.operations[name]
        if len(self.operations) != 1:
            message = "Must provide operation name if query contains multiple operations."
            raise InvalidDocument([GraphQLError(message if self.operations else "Must provide an operation.")])
        return next(iter(self.operations.values()))

    @cached_property
    def digest(self) -> bytes:
        """The same for every spelling of the same document: blanks, commas and comments do not count."""
        return hashlib.sha256(print_ast(self.document).encode()).digest()


class Documents:
    """The documents this server has seen lately. Only valid ones are kept: refusing one again costs little."""

    MOST_DOCUMENTS = 1_000
    MOST_TOKENS = 200_000  # a token with what is parsed from it takes about half a kilobyte

    def __init__(self, schema: GraphQLSchema, settings: Settings) -> None:
        self._schema = schema
        self._limits = settings.limits
        self._hide_suggestions = not settings.is_open
        self._rules = [*specified_rules, MaxIntrospectionDepthRule]
        if not settings.introspection_enabled:
            self._rules.append(NoSchemaIntrospectionCustomRule)
        self._kept: OrderedDict[str, Prepared] = OrderedDict()
        self._tokens = 0

    def prepare(self, text: str) -> Prepared:
        """Parse, measure and validate, or raise: ApiError beyond the limits, InvalidDocument when it is none."""
        prepared = self._kept.get(text)
        if prepared is not None:
            self._kept.move_to_end(text)
            return prepared
        prepared = self._read(text)
        self._keep(text, prepared)
        return prepared

    def _read(self, text: str) -> Prepared:
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > self._limits.document_bytes:
            raise too_complex("bytes", size, self._limits.document_bytes)
        document = self._parse(text)
        check_shape(document, self._limits)
        errors = validate(
            self._schema, document, self._rules, max_errors=MAX_ERRORS, hide_suggestions=self._hide_suggestions
        )
        if errors:
            raise InvalidDocument(errors)
        fragments = fragments_of(document)
        prepared = Prepared(document)
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                name = definition.name.value if definition.name else None
                steps = count_steps(self._schema, document, definition)
                if steps > self._limits.steps:
                    raise too_complex("steps", steps, self._limits.steps)
                prepared.operations[name] = Operation(
                    name,
                    definition.operation,
                    definition,
                    frozenset(root_names(definition, fragments)),
                    Cost(self._schema, document, definition),
                    deciding_variables(document, definition),
                    content_variables(document, definition),
                )
        return prepared

    def _parse(self, text: str) -> DocumentNode:
        maximum = self._limits.tokens
        try:
            return parse(text, max_tokens=maximum)
        except GraphQLSyntaxError as error:
            # The parser tells its own limits from bad syntax by their text alone.
            if f"more than {maximum} tokens" in error.message:
                raise too_complex("tokens", maximum + 1, maximum) from None
            if "nested too deeply" in error.message:
                raise too_deep(self._limits.depth + 1, self._limits.depth) from None
            raise InvalidDocument([error]) from None

    def _keep(self, text: str, prepared: Prepared) -> None:
        self._kept[text] = prepared
        self._tokens += prepared.document.token_count
        while len(self._kept) > self.MOST_DOCUMENTS or self._tokens > self.MOST_TOKENS:
            _, dropped = self._kept.popitem(last=False)
            self._tokens -= dropped.document.token_count
