"""Subscriptions as server-sent events: one stream per response, for as long as somebody listens.

A stream that ends without `complete` was cut off (the server stops, the database is away): clients connect again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from domain.errors import ApiError, ErrorCode, texts
from graph import metrics
from graph.engine.errors import database_away
from graph.engine.operations import Accepted, Engine, refusal
from graph.http import events
from graph.live.connections import Connections
from graph.live.operation import answers, keep
from graph.live.resumption import begins_now, resume
from resolvers.kit.context import Context

# What is said besides answers waits no longer for a client that does not read.
ASIDE_SECONDS = 1.0

texts(
    {
        "connections": (
            "At most {max} open connections at once.",
            "Höchstens {max} gleichzeitig offene Verbindungen.",
        ),
    }
)


class Stalled(Exception):
    """The client is there and takes nothing."""


class EventStreams:
    """Answers subscriptions over HTTP. The application state holds the `connections`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def __call__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        accepted: Accepted,
        context: Context,
        lines: list[tuple[bytes, bytes]],
    ) -> None:
        noted = scope["state"]
        connections: Connections = scope["app"].state.connections
        stream = EventStream(self.engine, accepted, context, send)
        try:
            await connections.add(stream)
            await send(events.opening(lines))
            codes = await stream.run(receive, connections, noted["headers"].get(b"last-event-id", b""))
        finally:
            connections.remove(stream)
        if codes:
            noted["line"]["codes"] = codes


class EventStream:
    """One subscription."""

    def __init__(self, engine: Engine, accepted: Accepted, context: Context, send: Send) -> None:
        self.engine = engine
        self.accepted = accepted
        self.context = context
        self.caller: str | None = None
        self._send = send
        self._taken = time.monotonic()
        self._stopping = asyncio.Event()

    async def stop(self) -> None:
        """The server stops."""
        self._stopping.set()

    async def run(self, receive: Receive, connections: Connections, last_event: bytes) -> list[str]:
        """Serve until one side ends it; the codes of the errors that ended it. Leaves no task behind."""
        codes: list[str] = []
        try:
            self._admit(connections)
            if last_event:
                resume(self.engine.schema, self.accepted, last_event.decode("latin-1"))
            words = await _first(self._tell(), self._keep(), self._stop(), _departure(receive))
        except Stalled:
            words = None
        except Exception as error:
            words, codes = self._refused(error)
        if words is not None:
            # Whoever does not read them finds the connection closed instead.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ASIDE_SECONDS):
                    await self._send(events.part(words, last=True))
        return codes

    def _admit(self, connections: Connections) -> None:
        if not connections.admit(self, self.context):
            maximum = self.context.state.settings.limits.sockets_per_user
            raise ApiError(ErrorCode.RATE_LIMIT_EXCEEDED, rule="connections", status=429, retryAfter=1, max=maximum)

    # What may end a stream; each says the last words, None when nobody is there to hear them.

    async def _tell(self) -> bytes:
        """Send an answer per event."""
        context = self.context
        if context.viewer is not None and begins_now(self.engine.schema, self.accepted):
            # Read before the stream begins, so that it is never ahead of it.
            context.stream_position = await context.stream_cursor()
            await self._beat()
        async with aclosing(answers(self.engine, self.accepted, context)) as deliveries:
            async for delivery in deliveries:
                await self._say(events.told(delivery.content, delivery.cursor))
        return events.COMPLETE

    async def _keep(self) -> None:
        await keep(self.context, self._beat)

    async def _stop(self) -> bytes:
        await self._stopping.wait()
        return b""

    def _refused(self, error: Exception) -> tuple[bytes, list[str]]:
        if database_away(error):
            return b"", []
        answer = refusal(error, self.context.request)
        metrics.errors(answer.codes)
        return events.told(orjson.dumps(answer.body).decode()) + events.COMPLETE, answer.codes

    # What is said

    async def _say(self, content: bytes) -> None:
        # Waits while the client does not read: nothing piles up here.
        await self._send(events.part(content))
        self._taken = time.monotonic()

    async def _beat(self) -> None:
        """Tell where the stream stands: behind what was sent, or further when its source has passed events over."""
        position = self.context.stream_position
        text = f"cursor {self.context.request.request_id} {position}" if position is not None else ""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ASIDE_SECONDS):
                await self._say(events.comment(text))
        # What it missed waits in the stream.
        if time.monotonic() - self._taken > self.context.state.settings.limits.unread_seconds:
            raise Stalled


async def _departure(receive: Receive) -> None:
    # The body was read to its end: what comes now is the client's departure.
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first(*parts: Coroutine[Any, Any, bytes | None]) -> bytes | None:
    """Run side by side until one of them ends, as the earliest named of those does; the others are cancelled."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return next(task for task in tasks if task in done).result()
