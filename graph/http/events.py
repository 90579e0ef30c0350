"""Server-sent events as the wire sees them: the protocol of graphql-sse, one operation per response.

An answer is an event `next`; `complete` says that the operation has ended. A response that ends without it was cut off.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import Message

from graph.http.reading import EVENT_STREAM

# `data` has to be there: browsers drop events without it.
COMPLETE = b"event: complete\ndata:\n\n"


def opening(lines: Iterable[tuple[bytes, bytes]]) -> Message:
    """The head of a response that nobody on its way may keep or hold back."""
    headers = [
        (b"content-type", EVENT_STREAM.encode() + b"; charset=utf-8"),
        (b"cache-control", b"no-cache"),
        (b"x-accel-buffering", b"no"),
        (b"vary", b"Accept"),
        *lines,
    ]
    return {"type": "http.response.start", "status": 200, "headers": headers}


def part(content: bytes, *, last: bool = False) -> Message:
    """A piece of the body."""
    return {"type": "http.response.body", "body": content, "more_body": not last}


def told(content: str, cursor: str | None = None) -> bytes:
    """An answer, as JSON. A client that lost its connection names the last cursor in `Last-Event-ID`."""
    id = "" if cursor is None else f"id: {cursor}\n"
    return f"{id}event: next\ndata: {content}\n\n".encode()


def comment(text: str = "") -> bytes:
    """A line that clients pass over. No empty line follows: that would end an event, and some clients trip over it."""
    return f": {text}\n".encode() if text else b":\n"
