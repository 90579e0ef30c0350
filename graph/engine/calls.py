"""What a client sends, read from JSON: a document and what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MAX_NESTING = 100
MAX_VALUES = 5_000  # in one map of variables: reading them costs before anybody is asked who sends them


@dataclass(slots=True)  # not frozen: one is made per request, and freezing doubles what that costs
class Call:
    """What a client sends: a document and what belongs to it. The text is empty when only its hash was sent."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None
    extensions: dict[str, Any]


class MalformedCall(Exception):
    """The request is no GraphQL request at all; the text names what is wrong."""


def read_call(payload: object) -> Call:
    """Check the shape of a request body or of the payload of a `subscribe` message."""
    if not isinstance(payload, dict):
        raise MalformedCall("The request must be a JSON object.")
    query = payload.get("query")
    variables, extensions = _map(payload, "variables"), _map(payload, "extensions")
    if query is None and extensions.get("persistedQuery") is not None:
        query = ""
    elif not isinstance(query, str) or not query:
        raise MalformedCall("`query` must be a text that is not empty.")
    name = payload.get("operationName")
    if name is not None and not isinstance(name, str):
        raise MalformedCall("`operationName` must be a text or null.")
    return Call(query, variables, name, extensions)


def _map(payload: dict[str, Any], key: str) -> dict[str, Any]:
    value = payload.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MalformedCall(f"`{key}` must be a map or null.")
    _measure(value, key)
    return value


def _measure(value: dict[str, Any], key: str) -> None:
    """Refuse what is nested too deeply to be written again, or holds too many values to be read cheaply."""
    found = 0
    level: list[dict[str, Any] | list[Any]] = [value]
    for _ in range(MAX_NESTING + 1):
        entries = [entry for item in level for entry in (item.values() if isinstance(item, dict) else item)]
        found += len(entries)
        if found > MAX_VALUES:
            raise MalformedCall(f"`{key}` holds more than {MAX_VALUES} values.")
        level = [entry for entry in entries if isinstance(entry, dict | list)]
        if not level:
            return
    raise MalformedCall(f"`{key}` is nested too deeply.")
