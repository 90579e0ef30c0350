"""A running subscription, whichever transport carries it: its answers, and the rights of whoever listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import NoReturn

from domain.errors import ErrorCode
from graph import metrics
from graph.engine.fanout import Delivery, SendNow
from graph.engine.operations import Accepted, Engine
from resolvers.kit.auditing import note_reading
from resolvers.kit.context import Context

# How often a quiet connection is heard of. Clients are promised 15 seconds.
BEAT_SECONDS = 14.0
BAD_TOKEN = frozenset({ErrorCode.TOKEN_EXPIRED, ErrorCode.INVALID_TOKEN})
LOST_RIGHT = frozenset({ErrorCode.INSUFFICIENT_PERMISSIONS, ErrorCode.TENANT_MISMATCH})


async def answers(
    engine: Engine, accepted: Accepted, context: Context, send_now: SendNow | None = None
) -> AsyncGenerator[Delivery, None]:
    """The answers to a subscription, each under the rights of its moment. Close it: that ends the source.

    A transport that can send without waiting gives `send_now`: answers that many others get as well, and that the
    client takes at once, go that way and are not among these.

    `stream_position` of the context tells how far the answers go that were sent: who asks for the next one has sent the
    one before.

    Raises RequestRefused when there is no stream, and ApiError when the stream cannot go on: with a code of BAD_TOKEN
    or LOST_RIGHT it is the listener who may not.
    """
    stream = await engine.subscribe(accepted, context)
    if context.read_guarded:
        await note_reading(context, ", ".join(sorted(accepted.operation.root_fields)))
    metrics.subscriptions(+1)
    try:
        async with aclosing(stream.deliveries(send_now)) as deliveries:
            async for delivery in deliveries:
                yield delivery
                if delivery.cursor is not None:
                    context.stream_position = delivery.cursor
    finally:
        metrics.subscriptions(-1)


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
