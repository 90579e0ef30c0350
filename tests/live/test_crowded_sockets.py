"""Many sockets that are told together, on a real server: who does not read is waited for, and nobody else is."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app import Server, compose
from domain.access import Role
from graph.schema import schema
from resolvers.kit.context import State
from storage.events import Cursor
from tests.conftest import Signed
from tests.graph.world import UPDATE, created, rows
from tests.live.reading import PATIENCE, Clients, serving

QUERY = (
    "subscription ($after: String) { propertyChanged(after: $after) { cursor prevCursor property { description } } }"
)
EVENTS = 400


class Socket:
    """A client with one subscription."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            found: dict[str, Any] = json.loads(await self.connection.recv())
        return found

    async def change(self) -> dict[str, Any]:
        """The next answer, which holds everything."""
        message = await self.receive()
        assert message.keys() == {"id", "type", "payload"}
        assert (message["id"], message["type"]) == ("an id", "next")
        change: dict[str, Any] = message["payload"]["data"]["propertyChanged"]
        return change

    async def sequence(self, count: int) -> list[int]:
        changes = [await self.change() for _ in range(count)]
        cursors = [change["cursor"] for change in changes]
        assert [change["prevCursor"] for change in changes[1:]] == cursors[:-1]
        return [Cursor.decode(cursor).seq for cursor in cursors]


@asynccontextmanager
async def opened(clients: Clients, signed: Signed, after: str, room: int = 1 << 20) -> AsyncIterator[Socket]:
    """A subscribed socket, whose side of the connection holds `room` bytes that nobody has read."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, clients.address)
    protocols = [Subprotocol("graphql-transport-ws")]
    async with connect("ws://127.0.0.1/graphql", sock=plain, subprotocols=protocols, max_queue=1) as connection:
        assert connection.response is not None
        assert "Sec-WebSocket-Extensions" not in connection.response.headers
        found = Socket(connection)
        token = signed.agency.people[Role.AGENT].token
        await found.send(type="connection_init", payload={"authorization": f"Bearer {token}"})
        assert (await found.receive())["type"] == "connection_ack"
        await found.send(type="subscribe", id="an id", payload={"query": QUERY, "variables": {"after": after}})
        yield found


async def many(state: State, signed: Signed, id: Any) -> None:
    """So many events of a property in one commit."""
    values = {"tenant": signed.agency.id, "id": id, "count": EVENTS}
    async with state.database.write(signed.agency.id) as session:
        insert = """insert into event_outbox
          (tenant_id, seq, event_id, at, type, kind, entity, entity_id, version, changed, data)
          select :tenant, last_seq + n, gen_random_uuid(), now(), 'property.updated', 'UPDATED', 'property', :id, n,
                 '{}', '{}'
            from event_stream, generate_series(1, :count) n where tenant_id = :tenant"""
        await session.execute(text(insert), values)
        del values["id"]
        update = "update event_stream set last_seq = last_seq + :count where tenant_id = :tenant"
        await session.execute(text(update), values)
        await session.commit()


@pytest.fixture
async def served(state: State) -> AsyncIterator[tuple[Server, Clients]]:
    @asynccontextmanager
    async def opening() -> AsyncIterator[State]:
        yield state

    async with serving(compose(state.settings, schema._schema, opening)) as found:
        yield found


async def test_who_does_not_read_keeps_nobody_waiting_and_misses_nothing(
    state: State, acme: Signed, served: tuple[Server, Clients]
) -> None:
    server, clients = served
    made = await created(acme)
    words = "Ein Haus im Grünen. " * 500
    await acme.agent.data(UPDATE, id=made["id"], input={"description": words})
    start = str((await acme.agent.data("{ streamCursor }"))["streamCursor"])
    (row,) = await rows(state, acme.agency.id, "property")
    first = Cursor.decode(start).seq + 1
    expected = list(range(first, first + EVENTS))
    async with opened(clients, acme, start) as fast, opened(clients, acme, start, room=4096) as slow:
        await many(state, acme, row["id"])
        assert await fast.sequence(EVENTS) == expected
        held = [one.transport.get_write_buffer_size() for one in server.server_state.connections]
        assert 0 < max(held) < 100_000  # what the server keeps for the slow one, of four megabytes
        assert (await slow.change())["property"] == {"description": words.strip()}
        assert await slow.sequence(EVENTS - 1) == expected[1:]
        # Both are up to date again.
        await acme.agent.data(UPDATE, id=made["id"], input={"description": "Neu"})
        assert [await one.change() for one in (fast, slow)] == 2 * [
            {
                "cursor": (await acme.agent.data("{ streamCursor }"))["streamCursor"],
                "prevCursor": Cursor(Cursor.decode(start).epoch, expected[-1]).encode(),
                "property": {"description": "Neu"},
            }
        ]


async def test_a_client_that_vanishes_disturbs_nobody(state: State, acme: Signed, clients: Clients) -> None:
    made = await created(acme)
    start = str((await acme.agent.data("{ streamCursor }"))["streamCursor"])
    (row,) = await rows(state, acme.agency.id, "property")
    async with opened(clients, acme, start) as stays:
        async with opened(clients, acme, start) as goes:
            await many(state, acme, row["id"])
            await goes.change()
            goes.connection.transport.abort()
        first = Cursor.decode(start).seq + 1
        assert await stays.sequence(EVENTS) == list(range(first, first + EVENTS))
        await acme.agent.data(UPDATE, id=made["id"], input={"title": "Neu"})
        assert await stays.sequence(1) == [first + EVENTS]
