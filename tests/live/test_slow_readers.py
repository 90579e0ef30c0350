"""A client that does not read costs no memory and delays nobody; what it missed waits in the stream."""

import asyncio
import json
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from domain.access import Role
from graph.live import operation, protocol
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id
from settings import Settings
from storage.events import Cursor
from tests.conftest import Signed
from tests.faults.processes import Server, serve
from tests.graph.world import created
from tests.live.followers import FOLLOW, told
from tests.live.reading import until

# More than the buffers of the system take for a connection: only then is anybody waited for.
EVENTS, LENGTH = 3_000, 4_000
DOCUMENT = FOLLOW.replace("title", "title description")
Serve = Callable[..., Awaitable[Server]]


def serve_impatiently(port: int) -> None:
    operation.BEAT_SECONDS = 0.5
    serve(port)


def serve_and_cut_off(port: int) -> None:
    protocol.CUT_OFF_SECONDS = 2.0
    serve_impatiently(port)


@pytest.fixture
async def start(settings: Settings) -> AsyncIterator[Serve]:
    """Start a server process on the database of the tests."""
    async with AsyncExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="immonow-slow-"))
        stack.callback(shutil.rmtree, folder)

        async def make(serve: Callable[[int], None] = serve, **more: str) -> Server:
            server = Server(folder, settings, serve, **more)
            stack.push_async_callback(server.close)
            await server.start()
            return server

        yield make


class Reader:
    """A WebSocket that reads when it is told to, with small buffers: what is not read stays on the server's side."""

    def __init__(self, live: ClientConnection) -> None:
        self.live = live
        self.seen: list[int] = []
        self.place = ""

    @classmethod
    async def open(cls, server: Server, token: str, *, after: str | None = None, buffer: int | None = None) -> "Reader":
        plain = socket.socket()
        if buffer is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        plain.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", server.port))
        protocols = [Subprotocol("graphql-transport-ws")]
        live = await connect(server.socket_url, sock=plain, subprotocols=protocols, compression=None, max_queue=1)
        found = cls(live)
        await found.say(type="connection_init", payload={"authorization": f"Bearer {token}"})
        assert (await found.hear())["type"] == "connection_ack"
        await found.say(type="subscribe", id="1", payload={"query": DOCUMENT, "variables": {"after": after}})
        await found.say(type="ping")
        while (await found.hear())["type"] != "pong":
            pass
        return found

    async def say(self, **message: Any) -> None:
        await self.live.send(json.dumps(message))

    async def hear(self) -> Any:
        async with asyncio.timeout(20):
            message = json.loads(await self.live.recv())
        if message["type"] == "next":
            change = message["payload"]["data"]["propertyChanged"]
            self.place = change["cursor"]
            self.seen.append(Cursor.decode(change["cursor"]).seq)
        return message

    async def until(self, seq: int) -> None:
        while not self.seen or self.seen[-1] < seq:
            await self.hear()


async def property_of(signed: Signed) -> UUID:
    found = decode_id((await created(signed, description="x" * LENGTH))["id"], "Property")
    assert found is not None
    return found


async def test_who_does_not_read_costs_no_memory_and_delays_nobody(state: State, acme: Signed, start: Serve) -> None:
    server, token, entity = await start(), acme.agency.people[Role.AGENT].token, await property_of(acme)
    cursor = (await acme.agent.data("{ streamCursor }"))["streamCursor"]
    first = Cursor.decode(cursor).seq
    stalled = [await Reader.open(server, token, after=cursor, buffer=4_096) for _ in range(10)]
    quick = await Reader.open(server, token, after=cursor)
    await told(state, acme.agency.id, entity, 500)  # memory of the process has found its size
    await quick.until(first + 500)
    before = server.megabytes
    for n in range(500, EVENTS, 500):
        began = time.monotonic()
        await told(state, acme.agency.id, entity, 500)
        await quick.until(first + n + 500)
        assert time.monotonic() - began < 10
    grown = server.megabytes - before
    print(f"10 stalled readers, {EVENTS - 500} events: {grown:.1f} MB more")
    assert grown < 10
    assert quick.seen == list(range(first + 1, first + EVENTS + 1))
    # One of them reads again, as if nothing had been; another comes back with the cursor of what it has read.
    await stalled[0].until(first + EVENTS)
    assert stalled[0].seen == quick.seen
    for _ in range(5):
        await stalled[1].hear()
    stalled[1].live.transport.abort()
    again = await Reader.open(server, token, after=stalled[1].place or cursor)
    await again.until(first + EVENTS)
    assert stalled[1].seen + again.seen == quick.seen
    for reader in (*stalled, quick, again):
        reader.live.transport.abort()


async def test_who_does_not_read_for_too_long_is_closed_with_a_reason(state: State, acme: Signed, start: Serve) -> None:
    server = await start(serve_impatiently, LIMIT_UNREAD_SECONDS="1")
    token, entity = acme.agency.people[Role.AGENT].token, await property_of(acme)
    cursor = (await acme.agent.data("{ streamCursor }"))["streamCursor"]
    first = Cursor.decode(cursor).seq
    slow = await Reader.open(server, token, after=cursor, buffer=4_096)
    quick = await Reader.open(server, token, after=cursor)
    await told(state, acme.agency.id, entity, EVENTS)
    await quick.until(first + EVENTS)
    await asyncio.sleep(3)
    with pytest.raises(ConnectionClosed) as caught:
        await slow.until(first + EVENTS)
    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (4408, "Too slow")
    assert slow.seen == quick.seen[: len(slow.seen)]
    assert 0 < len(slow.seen) < EVENTS
    again = await Reader.open(server, token, after=slow.place)
    await again.until(first + EVENTS)
    assert slow.seen + again.seen == quick.seen
    await again.live.close()
    await quick.live.close()


async def test_who_never_reads_again_is_cut_off(state: State, acme: Signed, start: Serve) -> None:
    """A close frame that nobody takes keeps no connection open."""
    server = await start(serve_and_cut_off, LIMIT_UNREAD_SECONDS="1")
    token, entity = acme.agency.people[Role.AGENT].token, await property_of(acme)
    cursor = (await acme.agent.data("{ streamCursor }"))["streamCursor"]
    slow = await Reader.open(server, token, after=cursor, buffer=4_096)
    await told(state, acme.agency.id, entity, EVENTS)

    def connected() -> int:
        """Connections of the server, as its end of them is known to the kernel."""
        here, established = f":{server.port:04X}", "01"
        lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
        return sum(line[1].endswith(here) and line[3] == established for line in lines)

    assert connected() == 1
    await until(lambda: connected() == 0, seconds=30)
    slow.live.transport.abort()


async def test_a_thousand_idle_sockets_fit_into_little_memory(acme: Signed, start: Serve) -> None:
    server, token = await start(), acme.agency.people[Role.AGENT].token
    warm = [await Reader.open(server, token) for _ in range(50)]
    before = server.megabytes
    readers = list(warm)
    for _ in range(20):
        readers += await asyncio.gather(*(Reader.open(server, token) for _ in range(50)))
    grown = server.megabytes - before
    print(f"1,000 idle sockets with a subscription each: {grown:.1f} MB")
    assert len({id(reader) for reader in readers}) == 1_050
    assert grown < 60
    for reader in readers:
        reader.live.transport.abort()
