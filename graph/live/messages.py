"""Messages of the `graphql-transport-ws` protocol, and the codes it closes with."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import orjson

from domain.errors import ApiError
from graph.live.operation import BAD_TOKEN

PROTOCOL = "graphql-transport-ws"
ID_LENGTH = 128

GOING_AWAY = 1001
TOO_BIG = 1009
TRY_AGAIN = 1013
MALFORMED = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
NO_PROTOCOL = 4406
INIT_TIMEOUT = 4408
TOO_SLOW = 4408
DUPLICATE = 4409
TOO_MANY = 4429
BROKEN = 4500

Message = dict[str, Any]


class Closing(Exception):
    """Ends the socket with a code of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason

    @classmethod
    def of(cls, error: ApiError, language: str = "en") -> Closing:
        """For a caller who may not be connected any longer, or at all."""
        return cls(UNAUTHORIZED if error.code in BAD_TOKEN else FORBIDDEN, error.message(language))


def read_message(received: MutableMapping[str, Any], maximum: int) -> Message:
    """A message of the client; Closing when it is none."""
    text = received.get("text")
    if text is None:
        raise Closing(MALFORMED, "Only text messages are understood")
    try:
        if len(text.encode()) > maximum:
            raise Closing(TOO_BIG, "Message too big")
        message = orjson.loads(text)
    except ValueError:
        raise Closing(MALFORMED, "Message is not valid JSON") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Closing(MALFORMED, "Message needs a type")
    return message


def payload_of(message: Message) -> Message | None:
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise Closing(MALFORMED, "Payload must be an object")
    return payload


def id_of(message: Message) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= ID_LENGTH:
        raise Closing(MALFORMED, f"Message needs an id of 1 to {ID_LENGTH} characters")
    return id


def text_of(payload: Message, key: str) -> str | None:
    value = payload.get(key)
    if value is not None and not isinstance(value, str):
        raise Closing(MALFORMED, f"`{key}` must be a text")
    return value
