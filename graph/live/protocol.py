"""uvicorn's WebSocket with a second way to send, at once or not at all, and with an end that waits for nobody.

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
CUT_OFF_SECONDS = 10.0  # how long a client has to read why it was closed


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Offers the extension `immonow.send_now` of the ASGI scope: `send_now(text) -> bool`."""

    async def run_asgi(self) -> None:
        extensions: Any = self.scope["extensions"]
        extensions[EXTENSION] = self.send_now
        await super().run_asgi()

    async def send(self, message: Any) -> None:
        """Send; closing does not wait until the client reads, or who reads nothing could never be let go."""
        closes = message["type"] == "websocket.close"
        if closes:
            self.writable.set()
        await super().send(message)
        if closes and self.close_timer is not None:
            self.close_timer.cancel()
            self._cut_off()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._cut_off()

    def _cut_off(self) -> None:
        # Closing the transport would first write what nobody takes.
        self.close_timer = self.loop.call_later(CUT_OFF_SECONDS, self.transport.abort)

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
