"""A real server process on a fresh database, for benchmarks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from migrations import run
from settings import RateLimits, Settings
from storage.embedded import EmbeddedPostgres

HERE = Path(__file__).parent.parent
PLENTY = "100000000/minute"
PROGRAM = """
import sys
from app import Server, create_app
from settings import Settings
Server(create_app(Settings()), host="127.0.0.1", port=int(sys.argv[1])).run()
"""


@contextlib.contextmanager
def fresh_database() -> Iterator[str]:
    """A migrated, empty database: in the server of DATABASE_URL, else in a bundled one of its own."""
    given = os.environ.get("DATABASE_URL")
    if given:
        name = f"immonow_bench_{os.getpid()}"
        asyncio.run(_execute(given, f"create database {name}"))
        url = urlsplit(given)._replace(path=f"/{name}").geturl()
        try:
            asyncio.run(run.upgrade(Settings(environment="test", database_url=url)))
            yield url
        finally:
            asyncio.run(_execute(given, f"drop database {name} with (force)"))
        return
    server = EmbeddedPostgres(Path(tempfile.mkdtemp(prefix="immonow-bench-")), throwaway=True)
    url = server.start()
    try:
        asyncio.run(run.upgrade(Settings(environment="test", database_url=url)))
        yield url
    finally:
        server.stop()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextlib.contextmanager
def served(database_url: str) -> Iterator[str]:
    """The address of a server process whose rates are raised by its environment; they are still counted."""
    port = free_port()
    rates = {f"RATE_LIMIT_{name.upper()}": PLENTY for name in RateLimits.model_fields}
    environment = os.environ | rates | {"DATABASE_URL": database_url, "LOG_FORMAT": "json", "PYTHONPATH": str(HERE)}
    command = [sys.executable, "-c", PROGRAM, str(port)]
    process = subprocess.Popen(command, cwd=HERE, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until_ready(address: str, process: subprocess.Popen[bytes], seconds: float = 30) -> float:
    """Ask until `/ready` answers; the seconds it took."""
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        if process.poll() is not None:
            raise SystemExit(f"The server ended with code {process.returncode} before it was ready.")
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(f"{address}/ready"):  # noqa: S310 - our own address
            return time.perf_counter() - started
        time.sleep(0.01)
    raise SystemExit("The server was not ready in time.")


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
