"""A client of event streams that knows nothing but HTTP/1.1 and the format, and a server to connect it to."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from app import Server

PATIENCE = 5.0


@dataclass(frozen=True)
class Said:
    """One event as it was dispatched."""

    event: str
    data: Any
    id: str | None = None


COMPLETE = Said("complete", None)


@dataclass
class Stream:
    """The answer to one request."""

    status: int
    headers: dict[str, str]
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    whole: bool = False  # the body was ended by the server, not by the loss of the connection
    _lines: list[str] = field(default_factory=list)
    _rest: bytes = b""

    async def next(self) -> Said | str | None:
        """An event, a comment, or None at the end; fails when nothing comes within five seconds."""
        async with asyncio.timeout(PATIENCE):
            fields: dict[str, str] = {}
            while (line := await self._line()) is not None:
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if not line:
                    if "data" in fields:
                        data = json.loads(fields["data"]) if fields["data"] else None
                        return Said(fields.get("event", "message"), data, fields.get("id"))
                    assert not fields, f"an event that browsers drop: {fields}"
                elif not name:
                    assert not fields, "a comment within an event"
                    return value
                else:
                    assert name not in fields, f"{name} twice"
                    fields[name] = value
            assert not fields, f"the stream ends within an event: {fields}"
            return None

    async def event(self) -> Said:
        """The next event; comments are passed over."""
        while isinstance(found := await self.next(), str):
            pass
        assert found is not None, "the stream has ended"
        return found

    async def rest(self) -> list[Said]:
        """All events until the end."""
        found = []
        while (one := await self.next()) is not None:
            if isinstance(one, Said):
                found.append(one)
        return found

    async def body(self) -> Any:
        """The body of an ordinary answer."""
        length = self.headers.get("content-length")
        assert length is not None, self.headers
        async with asyncio.timeout(PATIENCE):
            return json.loads(await self._reader.readexactly(int(length)))

    async def _line(self) -> str | None:
        while b"\n" not in self._rest:
            piece = await self._chunk()
            if piece is None:
                assert self._rest == b"", f"half a line: {self._rest!r}"
                return None
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    async def _chunk(self) -> bytes | None:
        if self.whole:
            return None
        try:
            size = int(await self._reader.readuntil(b"\r\n"), 16)
            piece = await self._reader.readexactly(size)
            await self._reader.readexactly(2)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        self.whole = size == 0
        return piece or None

    async def leave(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


Address = tuple[str, int]


def request(
    query: str | None = None,
    *,
    variables: dict[str, Any] | None = None,
    token: str | None = None,
    accept: str = "text/event-stream",
    method: str = "POST",
    body: bytes | None = None,
    **headers: str,
) -> bytes:
    """The bytes of a request; `body` instead of a query for what is none."""
    call: dict[str, Any] = {"query": query} | ({"variables": variables} if variables is not None else {})
    path = "/graphql"
    if method == "GET":
        path += "?" + urlencode({k: v if isinstance(v, str) else json.dumps(v) for k, v in call.items()})
        body = b""
    elif body is None:
        body = json.dumps(call).encode()
    lines = {"host": "127.0.0.1", "accept": accept, "content-length": str(len(body))}
    if method == "POST":
        lines["content-type"] = "application/json"
    if token is not None:
        lines["authorization"] = f"Bearer {token}"
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items())]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


@dataclass
class Clients:
    """Clients of one server, each with a connection of its own."""

    address: Address
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def ask(self, *arguments: Any, **options: Any) -> Stream:
        """Send a request; the answer once its head is there."""
        reader, writer = await asyncio.open_connection(*self.address)
        self._writers.append(writer)
        writer.write(request(*arguments, **options))
        async with asyncio.timeout(PATIENCE):
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        return Stream(int(first.split()[1]), headers, reader, writer)

    async def leave(self) -> None:
        """All of them, those that read no more as well."""
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in self._writers), return_exceptions=True)


async def until(holds: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Wait for something that tells nobody."""
    async with asyncio.timeout(seconds):
        while True:
            found = holds()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.005)


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[tuple[Server, Clients]]:
    """A real server of this process, and its clients."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(app)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        await until(lambda: server.started)
        clients = Clients(listener.getsockname())
        try:
            yield server, clients
        finally:
            await clients.leave()
            server.should_exit = True
            await running
