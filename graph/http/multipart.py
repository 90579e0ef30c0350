"""Requests that bring files: multipart forms as the GraphQL multipart request specification has them.

The form says `operations` (the call, with null where files belong), then `map` (which part goes where), then the
files. They are written to temporary files while they come in, and are gone when the request is answered.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

import orjson
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from graph.engine.calls import Call
from graph.http.reading import Headers, Rejected, read_json
from resolvers.kit.uploads import Upload
from settings import Limits

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MULTIPART = b"multipart/form-data"
# One of these must be there: a form of another site cannot send it without asking first (CORS preflight).
PREFLIGHTED = (b"graphql-require-preflight", b"apollo-require-preflight", b"x-apollo-operation-name")
MAP_BYTES = 64 * 1024
LONGEST_NAME = 255


def is_multipart(headers: Headers) -> bool:
    """Whether a request brings files."""
    return headers.get(b"content-type", b"")[: len(MULTIPART)].lower() == MULTIPART


class Form:
    """A multipart request being read. Leaving it removes its files."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._stack = ExitStack()
        self.uploads: dict[str, Upload] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.close()

    async def read(self, receive: Receive, headers: Headers) -> Call:
        """The call with its files in the places `map` names."""
        if not any(headers.get(name) for name in PREFLIGHTED):
            raise Rejected(400, "Requests with files need the header GraphQL-Require-Preflight.")
        maximum = self._limits.upload_bytes
        if int(_digits(headers.get(b"content-length", b""))) > maximum:
            raise _too_large(maximum)
        boundary = parse_options_header(headers[b"content-type"])[1].get(b"boundary")
        if not boundary or len(boundary) > 70:
            raise Rejected(400, "The form names no boundary.")
        reading = _Reading(self._limits, self._open)
        try:
            await reading.feed(receive, MultipartParser(boundary, reading.callbacks()))
        except FormParserError:
            raise Rejected(400, "The form cannot be read.", (b"connection", b"close")) from None
        self.uploads = reading.uploads
        return _call(reading)

    def _open(self) -> BinaryIO:
        return cast(BinaryIO, self._stack.enter_context(tempfile.TemporaryFile()))


@dataclass
class _Part:
    """The part of the form that is coming in: a text, or a file."""

    name: str
    text: bytearray = field(default_factory=bytearray)
    upload: Upload | None = None
    hash: Any = field(default_factory=hashlib.sha256)


class _Reading:
    """What the parser calls back with every piece of the form."""

    def __init__(self, limits: Limits, open: Callable[[], BinaryIO]) -> None:
        self._limits = limits
        self._open = open
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._headers: Headers = {}
        self._part: _Part | None = None
        self._ended = False
        self.texts: dict[str, bytes] = {}
        self.uploads: dict[str, Upload] = {}

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_ends,
            "on_headers_finished": self._part_starts,
            "on_part_data": self._data,
            "on_part_end": self._part_ends,
            "on_end": self._end,
        }

    async def feed(self, receive: Receive, parser: MultipartParser) -> None:
        """Read the whole body, counted while it comes in: a stated length may be missing or wrong."""
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            piece: bytes = message.get("body", b"")
            size += len(piece)
            if size > self._limits.upload_bytes:
                raise _too_large(self._limits.upload_bytes)
            parser.write(piece)
            if not message.get("more_body", False):
                break
        parser.finalize()
        if not self._ended:
            raise Rejected(400, "The form ends too early.")

    def _begin(self) -> None:
        self._headers = {}

    def _header_ends(self) -> None:
        name, value = self._header
        self._headers[bytes(name).lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _part_starts(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if name in self.texts or name in self.uploads:
            raise Rejected(400, f"The part {name!r} is there twice.")
        expected = ("operations", "map")[len(self.texts)] if len(self.texts) < 2 else None
        if (expected is not None or b"filename" not in options) and name != expected:
            raise Rejected(400, "The form must have the parts `operations`, `map`, then the files, in this order.")
        self._part = _Part(name)
        if expected is None:
            if len(self.uploads) >= self._limits.upload_files:
                raise Rejected(413, f"More than {self._limits.upload_files} files.", (b"connection", b"close"))
            kind = self._headers.get(b"content-type", b"application/octet-stream").decode("latin-1")
            self._part.upload = Upload(_file_name(options[b"filename"]), kind[:LONGEST_NAME], self._open())

    def _data(self, data: bytes, start: int, end: int) -> None:
        assert self._part is not None
        part, upload = self._part, self._part.upload
        if upload is None:
            part.text += data[start:end]
            maximum = MAP_BYTES if part.name == "map" else self._limits.body_bytes
            if len(part.text) > maximum:
                raise Rejected(413, f"`{part.name}` is larger than {maximum} bytes.", (b"connection", b"close"))
            return
        piece = memoryview(data)[start:end]
        upload.file.write(piece)
        part.hash.update(piece)
        upload.size += len(piece)

    def _part_ends(self) -> None:
        assert self._part is not None
        part, upload = self._part, self._part.upload
        if upload is None:
            self.texts[part.name] = bytes(part.text)
            return
        upload.sha256 = part.hash.hexdigest()
        upload.file.seek(0)
        self.uploads[part.name] = upload

    def _end(self) -> None:
        self._ended = True


def _call(read: _Reading) -> Call:
    """The call of a form that was read, files in their places."""
    if len(read.texts) < 2:
        raise Rejected(400, "The form must have the parts `operations` and `map`.")
    operations, places = (_json(name, read.texts[name]) for name in ("operations", "map"))
    call = read_json(operations)
    good = isinstance(places, dict) and all(isinstance(paths, list) and paths for paths in places.values())
    if not good or places.keys() != read.uploads.keys():
        raise Rejected(400, "`map` must name a place for every file of the form, and no others.")
    for part, paths in places.items():
        for path in paths:
            _put(call, path, read.uploads[part])
    return call


def _put(call: Call, path: object, upload: Upload) -> None:
    """Put a file where a path like `variables.input.files.0` points; null must be there."""
    steps = path.split(".") if isinstance(path, str) else []
    target: Any = {"variables": call.variables}
    try:
        for step in steps[:-1]:
            target = target[_index(step) if isinstance(target, list) else step]
        last: Any = _index(steps[-1]) if isinstance(target, list) else steps[-1]
        if len(steps) < 2 or not isinstance(target, list | dict) or target[last] is not None:
            raise KeyError(path)
    except (KeyError, IndexError, TypeError, ValueError):
        raise Rejected(400, "`map` names a place where no file is awaited: `variables.…` with null there.") from None
    target[last] = upload


def _index(step: str) -> int:
    if not re.fullmatch(r"\d{1,4}", step):
        raise ValueError(step)
    return int(step)


def _json(name: str, text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Rejected(400, f"`{name}` is not valid JSON in UTF-8.") from None


def _file_name(sent: bytes) -> str:
    """The name of a file without folders and without what cannot be read."""
    name = re.split(r"[/\\]", sent.decode("utf-8", "replace"))[-1]
    return "".join(sign for sign in name if sign.isprintable()).strip()[-LONGEST_NAME:] or "file"


def _digits(value: bytes) -> bytes:
    return value if re.fullmatch(rb"\d{1,18}", value) else b"0"


def _too_large(maximum: int) -> Rejected:
    return Rejected(413, f"The request is larger than {maximum} bytes.", (b"connection", b"close"))
