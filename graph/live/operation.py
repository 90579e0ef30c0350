"""A running subscription, whichever transport carries it: its answers, and the rights of whoever listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson
from graphql import ExecutionResult

from domain.errors import ErrorCode
from graph import metrics
from graph.engine.errors import api_error
from graph.engine.operations import Accepted, Engine
from resolvers.kit.context import Context

# How often a quiet connection is heard of. Clients are promised 15 seconds.
BEAT_SECONDS = 14.0
BAD_TOKEN = frozenset({ErrorCode.TOKEN_EXPIRED, ErrorCode.INVALID_TOKEN})
LOST_RIGHT = frozenset({ErrorCode.INSUFFICIENT_PERMISSIONS, ErrorCode.TENANT_MISMATCH})


@dataclass(slots=True)
class Told:
    """The answer to one event as the client reads it; the cursor when the stream is a durable one."""

    content: bytes
    cursor: str | None


async def answers(engine: Engine, accepted: Accepted, context: Context) -> AsyncGenerator[Told, None]:
    """The answers to a subscription, each under the rights of its moment. Close it: that ends the source.

    `context` is renewed for every event. Its own `stream_position` tells how far the answers go that were sent: who
    asks for the next one has sent the one before.

    Raises RequestRefused when there is no stream, and ApiError when the stream cannot go on: with a code of BAD_TOKEN
    or LOST_RIGHT it is the listener who may not.
    """
    stream = await engine.subscribe(accepted, context)
    metrics.subscriptions(+1)
    try:
        async for event in stream.source:
            result = await stream.answer(event, await context.renewed())
            _raise_lost_right(result)
            cursor = _cursor_of(event)
            yield Told(orjson.dumps(engine.answer(accepted, result, context.request).body), cursor)
            if cursor is not None:
                context.stream_position = cursor
    finally:
        metrics.subscriptions(-1)
        await stream.close()


def _raise_lost_right(result: ExecutionResult) -> None:
    """An event that may not be read at all ends the stream, instead of being an answer without data."""
    for error in map(api_error, result.errors or ()):
        if error is not None and error.code is ErrorCode.INSUFFICIENT_PERMISSIONS and result.data is None:
            raise error


def _cursor_of(event: Any) -> str | None:
    cursor = event.get("cursor") if isinstance(event, dict) else getattr(event, "cursor", None)
    return cursor if isinstance(cursor, str) else None


async def keep(context: Context, beat: Callable[[], Awaitable[None]]) -> NoReturn:
    """Let a connection be heard of; ApiError as soon as its token has expired, or when its session is found gone."""
    viewer = context.viewer
    while True:
        wait = BEAT_SECONDS
        if viewer is not None:
            wait = min(wait, max(0.0, viewer.expires_at - time.time()))
        await asyncio.sleep(wait)
        await context.renewed()
        await beat()
