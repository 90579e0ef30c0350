"""uvicorn's WebSocket with a second way to send: at once, or not at all.

Sending by ASGI may have to wait until the client reads, so everybody needs a task that can wait. Whoever tells the same
to a thousand sockets has one: it offers, and leaves to their own tasks those that cannot take it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

EXTENSION = "immonow.send_now"


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Offers the extension `immonow.send_now` of the ASGI scope: `send_now(text) -> bool`."""

    async def run_asgi(self) -> None:
        extensions: Any = self.scope["extensions"]
        extensions[EXTENSION] = self.send_now
        await super().run_asgi()

    def send_now(self, text: bytes) -> bool:
        """Send a text message; False, and nothing is sent, when the client does not read or the socket closes."""
        if not self.writable.is_set() or self.disconnected or self.close_sent:
            return False
        try:
            self.conn.send_text(text)
        except InvalidState:
            return False
        self.transport.write(b"".join(self.conn.data_to_send()))
        return True


def send_now(scope: Scope) -> Callable[[bytes], bool] | None:
    """The second way of a socket; None when the server has none."""
    found: Callable[[bytes], bool] | None = scope.get("extensions", {}).get(EXTENSION)
    return found
