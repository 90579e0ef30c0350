"""The open connections of this process, whatever they speak: counted per caller, ended together."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Protocol

from graph import metrics
from graph.engine.operations import address_key
from resolvers.kit.context import Context


class Connection(Protocol):
    """A WebSocket or an event stream."""

    caller: str | None

    async def stop(self) -> None:
        """Tell the client that this server stops."""


class Connections:
    """Who is connected at this moment."""

    def __init__(self) -> None:
        self._open: set[Connection] = set()
        self._callers: Counter[str] = Counter()
        self._closed = False

    def __len__(self) -> int:
        return len(self._open)

    async def add(self, connection: Connection) -> None:
        self._open.add(connection)
        metrics.sockets(+1)
        if self._closed:  # it was on its way when the others were told
            await connection.stop()

    def remove(self, connection: Connection) -> None:
        self._open.discard(connection)
        metrics.sockets(-1)
        if connection.caller is not None:
            self._callers[connection.caller] -= 1
            if not self._callers[connection.caller]:
                del self._callers[connection.caller]

    def admit(self, connection: Connection, context: Context) -> bool:
        """Count a connection of this caller; False for one too many."""
        viewer = context.viewer
        caller = viewer.account if viewer is not None else f"ip {address_key(context.request.ip)}"
        if self._callers[caller] >= context.state.settings.limits.sockets_per_user:
            return False
        self._callers[caller] += 1
        connection.caller = caller
        return True

    async def close(self) -> None:
        """Tell every client that this server stops; clients connect again, to another one or later."""
        self._closed = True
        await asyncio.gather(*(connection.stop() for connection in list(self._open)))
