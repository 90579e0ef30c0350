"""Persisted operations: a client names a document by its SHA-256 instead of sending its text.

Two kinds. Registered ones come from a file made when the clients were built; automatic ones are told by the clients
themselves, by the protocol of Apollo: an unknown hash is refused, the client sends it once more with the text.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from pathlib import Path
from typing import Any

import orjson

from domain.errors import ApiError, ErrorCode, texts
from graph.engine.calls import Call
from settings import Settings

MANIFEST = "apollo-persisted-query-manifest"
SHA256 = re.compile(r"[0-9a-f]{64}")
FIELD = ("extensions", "persistedQuery")

# Two of these texts are part of the protocol: clients compare them, so they are the same in every language.
texts(
    {
        "persisted.unknown": ("PersistedQueryNotFound", "PersistedQueryNotFound"),
        "persisted.off": ("PersistedQueryNotSupported", "PersistedQueryNotSupported"),
        "persisted.unregistered": (
            "This server executes registered operations only.",
            "Dieser Server führt nur registrierte Operationen aus.",
        ),
        "persisted.shape": (
            "Expected {version: 1, sha256Hash: 64 hexadecimal digits}.",
            "Erwartet wird {version: 1, sha256Hash: 64 hexadezimale Ziffern}.",
        ),
        "persisted.hash": (
            "The hash is not the SHA-256 of the query.",
            "Der Hash ist nicht der SHA-256 der Abfrage.",
        ),
    }
)


class ManifestError(Exception):
    """The file of registered operations cannot be used; the text is one sentence."""


class PersistedOperations:
    """The documents this server knows by hash."""

    MOST = 1_000
    MOST_BYTES = 4 * 1024 * 1024

    def __init__(self, settings: Settings) -> None:
        self._mode = settings.persisted_queries
        self._registered = registered(settings.persisted_operations) if settings.persisted_operations else {}
        self._automatic: OrderedDict[str, str] = OrderedDict()
        self._bytes = 0

    def resolve(self, call: Call) -> Call:
        """The call with its text; ApiError when the text is unknown, wrong or not allowed."""
        persisted = call.extensions.get("persistedQuery")
        if persisted is None:
            if self._mode == "registered_only":
                self._check_registered(call.query)
            return call
        if self._mode == "off":
            if not call.query:
                raise ApiError(ErrorCode.INVALID_INPUT, rule="persisted.off", field=FIELD)
            return call
        hash = _hash(persisted)
        if not call.query:
            return Call(self._text(hash), call.variables, call.operation_name, call.extensions)
        if sha256(call.query) != hash:
            raise ApiError(ErrorCode.INVALID_INPUT, rule="persisted.hash", field=[*FIELD, "sha256Hash"])
        if self._mode == "registered_only":
            self._check_registered(call.query)
        return call

    def keep(self, call: Call) -> None:
        """Remember the text of a resolved call that told its hash; the caller has found the document valid."""
        persisted = call.extensions.get("persistedQuery")
        if persisted is None or self._mode != "automatic":
            return
        hash = persisted["sha256Hash"]
        if hash in self._registered or hash in self._automatic:
            return
        self._automatic[hash] = call.query
        self._bytes += len(_encoded(call.query))
        while len(self._automatic) > self.MOST or self._bytes > self.MOST_BYTES:
            _, dropped = self._automatic.popitem(last=False)
            self._bytes -= len(_encoded(dropped))

    def _text(self, hash: str) -> str:
        text = self._registered.get(hash)
        if text is None and hash in self._automatic:
            self._automatic.move_to_end(hash)
            text = self._automatic[hash]
        if text is None:
            raise ApiError(ErrorCode.PERSISTED_QUERY_NOT_FOUND, rule="persisted.unknown", status=400)
        return text

    def _check_registered(self, text: str) -> None:
        if sha256(text) not in self._registered:
            raise ApiError(ErrorCode.PERSISTED_QUERY_NOT_FOUND, rule="persisted.unregistered", status=400)


def sha256(text: str) -> str:
    return hashlib.sha256(_encoded(text)).hexdigest()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _hash(persisted: Any) -> str:
    if isinstance(persisted, dict) and persisted.get("version") == 1:
        hash = persisted.get("sha256Hash")
        if isinstance(hash, str) and SHA256.fullmatch(hash):
            return hash
    raise ApiError(ErrorCode.INVALID_INPUT, rule="persisted.shape", field=FIELD)


# The file of registered operations


def registered(path: Path) -> dict[str, str]:
    """Hash to text, from a map (as Relay writes it) or from a manifest of Apollo; ManifestError names what is wrong."""
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise ManifestError(f"PERSISTED_OPERATIONS: {path} cannot be read: {error.strerror}.") from None
    except orjson.JSONDecodeError as error:
        raise ManifestError(f"PERSISTED_OPERATIONS: {path} is not valid JSON: {error}.") from None
    operations = _operations(content)
    if operations is None:
        raise ManifestError(
            f"PERSISTED_OPERATIONS: {path} must be a map from SHA-256 to document, or version 1 of {MANIFEST}."
        )
    for hash, text in operations.items():
        if sha256(text) != hash:
            raise ManifestError(f"PERSISTED_OPERATIONS: {path}: {hash!r} is not the SHA-256 of its document.")
    return operations


def _operations(content: Any) -> dict[str, str] | None:
    if not isinstance(content, dict):
        return None
    pairs: list[tuple[Any, Any]] = list(content.items())
    if "format" in content:
        operations = content.get("operations")
        if content["format"] != MANIFEST or content.get("version") != 1 or not isinstance(operations, list):
            return None
        if not all(isinstance(entry, dict) for entry in operations):
            return None
        pairs = [(entry.get("id"), entry.get("body")) for entry in operations]
    if not all(isinstance(hash, str) and isinstance(text, str) for hash, text in pairs):
        return None
    return dict(pairs)
