"""The floor: bare ASGI and one statement per screen; Python passes on what PostgreSQL built.

Only for the two documents of the benchmark: it knows them by their names. Agency, member and role come in headers.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import statements
import uvicorn

COLUMNS = {"status": "status", "type": "type", "city": "city"}
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}


class Pool:
    """Connections that keep their prepared statements; giving one back costs no round trip."""

    def __init__(self) -> None:
        self._idle: asyncio.LifoQueue[asyncpg.Connection] = asyncio.LifoQueue()

    async def open(self) -> None:
        for _ in range(int(os.environ["POOL_SIZE"])):
            # Planning such a statement costs as much as running it; the plan is right for all values.
            settings = {"jit": "off", "plan_cache_mode": "force_generic_plan", "application_name": "single_sql"}
            self._idle.put_nowait(await asyncpg.connect(os.environ["DATABASE_URL"], server_settings=settings))

    async def value(self, statement: str, arguments: list[Any]) -> str:
        connection = await self._idle.get()
        try:
            return await connection.fetchval(statement, *arguments)
        finally:
            self._idle.put_nowait(connection)


def property_list(variables: dict[str, Any]) -> tuple[str, list[Any]]:
    page = variables["page"]
    arguments = [page["number"], (page["number"] - 1) * page["size"], page["size"]]
    conditions = []

    def bound(value: Any) -> str:
        arguments.append(value)
        return f"${len(arguments) + 3}"  # behind agency, member and right

    for name, operators in (variables.get("filter") or {}).items():
        if name == "price":
            low, high = (round(float(amount) * 100) for amount in operators["between"])
            conditions.append(f"price between {bound(low)} and {bound(high)}")
        else:
            conditions.append(f"{COLUMNS[name]} = {bound(operators['eq'])}")
    order = "".join(f"{entry['field']} {entry['direction']}" for entry in variables.get("orderBy") or ())
    return text_of(order, tuple(conditions)), arguments


TEXTS: dict[tuple[str, tuple[str, ...]], str] = {}


def text_of(order: str, conditions: tuple[str, ...]) -> str:
    if (order, conditions) not in TEXTS:
        TEXTS[order, conditions] = statements.property_list(order, list(conditions))
    return TEXTS[order, conditions]


def property_detail(variables: dict[str, Any]) -> tuple[str, list[Any]]:
    id = variables["id"]
    _, _, plain = base64.urlsafe_b64decode(id + "=" * (-len(id) % 4)).decode().partition(":")
    return statements.PROPERTY_DETAIL, [UUID(plain)]


SCREENS: dict[str, Callable[[dict[str, Any]], tuple[str, list[Any]]]] = {
    "PropertyList": property_list,
    "PropertyDetail": property_detail,
}
pool = Pool()


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await pool.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["path"] == "/ready":
        await send(START)
        await send({"type": "http.response.body", "body": b"{}"})
        return
    headers = dict(scope["headers"])
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    call = orjson.loads(body)
    statement, arguments = SCREENS[call["operationName"]](call["variables"])
    viewer = [
        UUID(headers[b"x-tenant-id"].decode()),
        UUID(headers[b"x-member-id"].decode()),
        headers[b"x-role"] != b"AGENT",
    ]
    found = (await pool.value(statement, viewer + arguments)).encode()
    await send({**START, "headers": [*START["headers"], (b"content-length", str(len(found)).encode())]})
    await send({"type": "http.response.body", "body": found})


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_level="warning",
    )
