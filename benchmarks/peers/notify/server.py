"""The floor of live delivery: LISTEN, and every notification as it is to all who are connected. No GraphQL at all."""

from __future__ import annotations

import asyncio
import os
from http import HTTPStatus
from typing import Any

import asyncpg
import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.http11 import Request, Response

connected: set[ServerConnection] = set()


async def stay(connection: ServerConnection) -> None:
    connected.add(connection)
    try:
        await connection.wait_closed()
    finally:
        connected.discard(connection)


def tell(_: asyncpg.Connection, __: int, ___: str, payload: Any) -> None:
    broadcast(connected, payload)


def ready(connection: ServerConnection, request: Request) -> Response | None:
    return connection.respond(HTTPStatus.OK, "") if request.path == "/ready" else None


async def main() -> None:
    database = await asyncpg.connect(os.environ["DATABASE_URL"])
    await database.add_listener(os.environ["CHANNEL"], tell)
    # Compressing for every connection would only make it slower.
    async with serve(stay, "127.0.0.1", int(os.environ["PORT"]), process_request=ready, compression=None):
        await asyncio.Future()


if __name__ == "__main__":
    uvloop.run(main())
