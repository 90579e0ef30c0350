"""What can die: PostgreSQL, Redis and server processes, each of which comes back at its old address."""

import asyncio
import multiprocessing
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import httpx2

from app import Server as Application
from app import create_app
from settings import RateLimits, Settings
from storage.embedded import EmbeddedPostgres

PLENTY = "100000000/minute"
# Below the ports a system gives to clients: nobody takes one while its owner is dead.
PORTS = range(20_000, 32_000)


def serve(port: int) -> None:
    """Serve with the settings of the environment."""
    Application(create_app(Settings()), host="127.0.0.1", port=port).run()


def own_port() -> int:
    """A port that stays free while nobody listens on it."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


class Mortal(Protocol):
    """Something that can be killed and started again."""

    async def start(self) -> None: ...
    async def kill(self) -> None: ...
    async def close(self) -> None: ...


class _SamePort(EmbeddedPostgres):
    """Whoever was connected finds it again: every start uses the port of the first."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(folder)
        self._port = port

    def _launch(self, folder: Path, port: int) -> str | None:
        return super()._launch(folder, self._port)

    def crash(self) -> None:
        """What `pg_ctl stop -m immediate` does: no goodbye, recovery at the next start."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()


class Postgres:
    """The bundled PostgreSQL, writing through to the disk as in production: what it acknowledged must survive."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="immonow-faults-"))
        self._folder.chmod(0o711)
        self._port = own_port()
        self._server = _SamePort(self._folder / "data", self._port)
        # The kernel takes the end of the thread that started it for the end of its parent: it gets one of its own.
        self._thread = ThreadPoolExecutor(1)
        self.url = ""

    async def start(self) -> None:
        given = await self._run(self._server.start)
        self.url = f"{given.rpartition('@')[0]}@127.0.0.1:{self._port}/immonow"

    async def kill(self) -> None:
        await self._run(self._server.crash)
        await self._run(self._server.stop)

    async def close(self) -> None:
        await self._run(self._server.stop)
        self._thread.shutdown()
        shutil.rmtree(self._folder)

    async def _run(self, step: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, step)


class Redis:
    """A Redis that keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self._port = own_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self._port}/0"

    async def start(self) -> None:
        place = ["--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        self._process = subprocess.Popen(  # noqa: ASYNC220 - forking is all it does
            ["redis-server", *place, "--save", ""], stdout=subprocess.DEVNULL
        )
        await until("Redis did not start", self._answers)

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        writer.close()
        return True

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)

    async def close(self) -> None:
        await self.kill()


class Server:
    """One server process. It may be started while its database is away: it serves as soon as that is back.

    It is forked from a process that has imported all there is, so that it is back soon and dies often.
    """

    def __init__(self, folder: Path, settings: Settings, serve: Callable[[int], None] = serve, **more: str) -> None:
        self.port = own_port()
        plenty = {f"RATE_LIMIT_{name.upper()}": PLENTY for name in RateLimits.model_fields}
        told = {
            "ENVIRONMENT": "test",
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "WORKERS": str(settings.workers),
            "JOB_WORKER": "false",
            "LIMIT_SOCKETS_PER_USER": "100000",
        }
        self._environment = plenty | told | more
        self._serve = serve
        self._log = folder / f"server-{self.port}.log"
        self._process: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/graphql"

    @property
    def pid(self) -> int:
        return int(self._process.pid)

    @property
    def megabytes(self) -> float:
        """What the process holds in memory."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("the kernel does not tell")

    def words(self) -> str:
        """The last of what it said."""
        return self._log.read_text(errors="replace")[-20_000:] if self._log.exists() else ""

    async def start(self) -> None:
        forking = multiprocessing.get_context("forkserver")
        forking.set_forkserver_preload(["app", __name__])
        arguments = (self._environment, str(self._log), self._serve, self.port)
        self._process = forking.Process(target=_begin, args=arguments, daemon=True)
        self._process.start()
        await until("the server did not start", self.answers)

    async def answers(self) -> bool:
        if not self._process.is_alive():
            raise RuntimeError(f"the server ended:\n{self.words()}")
        try:
            async with httpx2.AsyncClient() as client:
                return (await client.get(f"{self.url}/live", timeout=2)).status_code == 200
        except httpx2.HTTPError:
            return False

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.join)
            self._process.close()
            self._process = None

    async def close(self) -> None:
        await self.kill()


def _begin(environment: dict[str, str], log: str, serve: Callable[[int], None], port: int) -> None:
    """The life of a server process."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    # Whoever ends the tests by force shall not have to look for servers.
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
    os.environ.update(environment)
    with open(log, "ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    serve(port)


async def until(otherwise: str, holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + 60
    while not await holds():
        if time.monotonic() > deadline:
            raise RuntimeError(otherwise)
        await asyncio.sleep(0.03)
