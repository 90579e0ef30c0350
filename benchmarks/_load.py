"""A light load driver and exact measures of what processes spend.

The client speaks just enough HTTP/1.1 over kept connections: whole requests are bytes made beforehand, and of a
response only status, length and end are looked at. CPU time is read from the clocks the kernel keeps per process, in
nanoseconds; threads and, for PostgreSQL, processes that ended are in it. Linux only.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import os
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import asyncpg
import psutil
from _server import free_port, percentile, wait_until_ready

# Requests


def post(address: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A whole POST request to /graphql."""
    lines = [
        "POST /graphql HTTP/1.1",
        f"Host: {urlsplit(address).netloc}",
        "Content-Type: application/json",
        "Accept: application/json",
        *(f"{name}: {value}" for name, value in headers.items()),
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Broken(Exception):
    """A server gave no answer, or not the one that was asked for."""


class Connection(asyncio.Protocol):
    """One kept connection; answers one request after the other."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[bytes] | None = None
        self._buffer = bytearray()
        self._ends: int | None = None
        self._begins = 0
        self._chunked = False

    @classmethod
    async def open(cls, address: str) -> Connection:
        place = urlsplit(address)
        _, made = await asyncio.get_running_loop().create_connection(cls, place.hostname, place.port)
        return made

    def ask(self, request: bytes) -> asyncio.Future[bytes]:
        """The body of the answer, still in chunks when the server sent chunks; see `unchunked`."""
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiting

    @property
    def port(self) -> int:
        """Our end of it."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(Broken(f"the connection was closed: {error}"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._begins == 0 and not self._read_head():
            return
        complete = self._buffer.endswith(b"\r\n0\r\n\r\n") if self._chunked else len(self._buffer) == self._ends
        if complete and self._waiting is not None:
            status, body = bytes(self._buffer[9:12]), bytes(self._buffer[self._begins :])
            chunked, self._begins = self._chunked, 0
            self._buffer.clear()
            if status != b"200":
                self._waiting.set_exception(Broken(f"status {status.decode()}: {body[:500].decode()}"))
            else:
                self._waiting.set_result(unchunked(body) if chunked else body)

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        self._begins = end + 4
        head = bytes(self._buffer[:end]).lower()
        place = head.find(b"\r\ncontent-length:")
        self._chunked = place < 0
        if not self._chunked:
            self._ends = self._begins + int(head[place + 17 :].split(b"\r\n", 1)[0])
        elif b"chunked" not in head:
            raise Broken("an answer without length and without chunks")
        return True


def unchunked(body: bytes) -> bytes:
    """The content of a chunked body."""
    found, place = bytearray(), 0
    while True:
        line = body.index(b"\r\n", place)
        size = int(body[place:line].split(b";")[0], 16)
        if size == 0:
            return bytes(found)
        found += body[line + 2 : line + 2 + size]
        place = line + 2 + size + 2


# Load


@dataclass
class Load:
    """What a client saw."""

    seconds: float
    latencies: list[float]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def milliseconds(self, share: float) -> float:
        return percentile(self.latencies, share) * 1000


Between = Callable[[int], None]


async def load(address: str, requests: Iterable[bytes], connections: int, *, after: Between | None = None) -> Load:
    """Send all requests over `connections` connections, each as soon as one is free.

    `after` hears the number of every answer. Any answer with errors ends it: a server must not win by refusing.
    """
    opened = [await Connection.open(address) for _ in range(connections)]
    waiting = iter(requests)
    latencies: list[float] = []
    clock = time.perf_counter

    async def drive(connection: Connection) -> None:
        for request in waiting:
            started = clock()
            body = await connection.ask(request)
            latencies.append(clock() - started)
            if b'"errors":' in body:
                raise Broken(f"errors in an answer: {body[:1000].decode()}")
            if after is not None:
                after(len(latencies))

    gc.collect()
    gc.disable()
    started = clock()
    try:
        await asyncio.gather(*(drive(connection) for connection in opened))
        return Load(clock() - started, latencies)
    finally:
        gc.enable()
        for connection in opened:
            connection.close()


def cycled(requests: Sequence[bytes], count: int, start: int = 0) -> Iterator[bytes]:
    """`count` of these requests, from the one at `start` on, from the beginning again when they are used up."""
    return itertools.islice(itertools.cycle(requests), start % len(requests), start % len(requests) + count)


# What processes spend


def cpu(pid: int) -> int:
    """Nanoseconds a process has spent on CPUs, its threads included."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def resident(pid: int) -> float:
    """Megabytes of memory a process holds."""
    return float(psutil.Process(pid).memory_info().rss) / 1_000_000


class Cluster:
    """The CPU time of a whole PostgreSQL server on this machine."""

    def __init__(self, postmaster: int) -> None:
        self._postmaster = psutil.Process(postmaster)
        # Backends that serve the benchmark itself.
        self.ignored: set[int] = set()

    @classmethod
    async def of(cls, connection: asyncpg.Connection) -> Cluster:
        """The server behind a connection; it must run on this machine."""
        backend = psutil.Process(connection.get_server_pid())
        parent = backend.parent()
        if parent is None or "postgres" not in backend.name():
            raise SystemExit("PostgreSQL must run on this machine: its CPU time is part of what is measured.")
        return cls(parent.pid)

    def cpu(self) -> int:
        """Nanoseconds of all its processes; of those that ended in whole ticks."""
        ended = self._postmaster.cpu_times()
        total = int((ended.children_user + ended.children_system) * 1e9) + cpu(self._postmaster.pid)
        for process in self._postmaster.children():
            if process.pid not in self.ignored:
                with contextlib.suppress(OSError):
                    total += cpu(process.pid)
        return total

    def backends(self) -> set[int]:
        return {process.pid for process in self._postmaster.children()}


@dataclass
class Cost:
    """What a number of requests cost, in CPU milliseconds."""

    requests: int
    server: float
    database: float

    @property
    def per_request(self) -> tuple[float, float]:
        return self.server / self.requests, self.database / self.requests


async def measured(
    pids: Sequence[int], cluster: Cluster, count: int, run: Callable[[], Awaitable[Load]]
) -> tuple[Cost, Load]:
    """Run a load of `count` requests and take what the processes and the database spent meanwhile."""
    database, server = cluster.cpu(), sum(map(cpu, pids))
    found = await run()
    server, database = sum(map(cpu, pids)) - server, cluster.cpu() - database
    return Cost(count, server / 1e6, database / 1e6), found


# Programs under test


@dataclass
class Program:
    """A server process that answers."""

    address: str
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def pid(self) -> int:
        return self.process.pid


@contextlib.contextmanager
def started(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], seconds: float = 60
) -> Iterator[Program]:
    """A server on a free port, which `{port}` in the command and PORT in the environment name; ended at the end."""
    port = free_port()
    command = [part.replace("{port}", str(port)) for part in command]
    with tempfile.NamedTemporaryFile(prefix="bench-", suffix=".log") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **environment, "PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            try:
                wait_until_ready(address, process, seconds)
            except SystemExit as error:
                raise Broken(f"{error}\n{Path(output.name).read_text()[-3000:]}") from None
            yield Program(address, process, Path(output.name))
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
