"""Several workers behind one address: fair shares, one stream of events, nothing left behind."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from structlog.testing import capture_logs
from websockets.sync.client import connect
from websockets.typing import Subprotocol

import dev
from domain.access import Role
from models.base import uuid7
from resolvers.kit.context import State
from settings import RateLimits, Settings
from storage.bus import PostgresBus
from storage.database import logins
from tests.conftest import PLENTY, Signed
from tests.factories import Person, connected, property_input
from tests.jobs.world import settled

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import dev; dev.enter_environment = lambda pins: None; dev.run_and_exit()"
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for child processes in /proc")


@dataclass
class Running:
    """A server of two workers."""

    process: subprocess.Popen[bytes]
    port: int
    log: Any

    @property
    def workers(self) -> set[int]:
        pid = self.process.pid
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}

    def said(self) -> str:
        self.log.seek(0)
        return str(self.log.read())

    def until(self, what: str, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < deadline, f"{what}:\n{self.said()}"
            threading.Event().wait(0.02)


@pytest.fixture
def running(settings: Settings) -> Iterator[Running]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    plenty = {f"RATE_LIMIT_{name.upper()}": PLENTY for name in RateLimits.model_fields}
    environment = os.environ | plenty | {"DATABASE_URL": settings.database_url, "ENVIRONMENT": "test"}
    command = [sys.executable, "-c", PROGRAM, "serve", "--no-demo", "--workers", "2", "--port", str(port)]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        found = Running(process, port, log)
        try:
            found.until("not ready", lambda: process.poll() is not None or "is ready" in found.said())
            assert process.poll() is None, found.said()
            yield found
        finally:
            process.terminate()
            process.wait(30)


class Caller:
    """A connection that is kept, so it talks to one worker."""

    def __init__(self, port: int, person: Person) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {person.token}"}
        self.used = 0

    def ask(self, query: str, **variables: Any) -> Any:
        body = json.dumps({"query": query, "variables": variables})
        self._connection.request("POST", "/graphql", body, self._headers)
        response = self._connection.getresponse()
        self.used = int(response.headers["X-RateLimit-Limit"]) - int(response.headers["X-RateLimit-Remaining"])
        answer = json.loads(response.read())
        assert "errors" not in answer, answer
        return answer["data"]

    def close(self) -> None:
        self._connection.close()


def test_both_workers_serve_and_hear_each_other(running: Running, acme: Signed) -> None:
    person = acme.agency.people[Role.AGENT]
    callers = [Caller(running.port, person) for _ in range(6)]
    used = []
    for caller in callers:
        for _ in range(3):
            caller.ask("{ __typename }")
            used.append(caller.used)
    # Each process counts its callers for itself: three connections of three requests came to each.
    assert sorted(used) == sorted([*range(1, 10)] * 2)

    url = f"ws://127.0.0.1:{running.port}/graphql"
    with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as live:

        def say(**message: Any) -> None:
            live.send(json.dumps(message))

        def hear() -> Any:
            return json.loads(live.recv(10))

        say(type="connection_init", payload={"authorization": f"Bearer {person.token}"})
        assert hear()["type"] == "connection_ack"
        query = "subscription { propertyChanged { kind property { title } } }"
        say(type="subscribe", id="1", payload={"query": query})
        say(type="ping")
        assert hear()["type"] == "pong"
        create = "mutation ($input: PropertyCreateInput!) { propertyCreate(input: $input) { userErrors { code } } }"
        titles = [f"Haus {number}" for number in range(len(callers))]
        for caller, title in zip(callers, titles, strict=True):
            assert caller.ask(create, input=property_input(title=title)) == {"propertyCreate": {"userErrors": []}}
        heard = [hear()["payload"]["data"]["propertyChanged"] for _ in titles]
        assert heard == [{"kind": "CREATED", "property": {"title": title}} for title in titles]

    connection = HTTPConnection("127.0.0.1", running.port, timeout=30)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    assert 'immonow_operation_seconds_count{executor="planned",kind="query"} 18.0' in lines
    for caller in callers:
        caller.close()


@linux
def test_a_dead_worker_is_replaced_and_the_end_of_the_parent_is_the_end_of_all(running: Running, acme: Signed) -> None:
    person = acme.agency.people[Role.AGENT]
    before = running.workers
    assert len(before) == 2
    killed = min(before)
    os.kill(killed, signal.SIGKILL)
    running.until("not replaced", lambda: len(running.workers - {killed}) == 2)
    assert "ended (code -9); another takes its place." in running.said()
    after = running.workers
    assert len(after & before) == 1
    for _ in range(8):
        caller = Caller(running.port, person)
        assert caller.ask("{ __typename }") == {"__typename": "Query"}
        caller.close()
    running.process.terminate()
    assert running.process.wait(30) == 0
    assert [pid for pid in after if alive(pid)] == []


@linux
def test_workers_do_not_outlive_a_parent_that_is_killed(running: Running) -> None:
    workers = running.workers
    running.process.kill()
    running.process.wait(30)
    running.until("a worker lives on", lambda: not any(alive(pid) for pid in workers))


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be noticed by its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_workers_that_cannot_start_are_told_in_one_sentence() -> None:
    listener = dev.listen("127.0.0.1", 0)
    children = dev.Workers(2, listener, lambda channel, row: sys.exit(3), lambda: pytest.fail("greeted"))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        with pytest.raises(
            dev.Failure, match=r"^A worker ended before it served \(code 3\); its reason stands above\.$"
        ):
            children.run()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


@pytest.mark.parametrize("given", ["0", "65", "-1", "x", "1.5"])
def test_the_number_of_workers_has_bounds(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        dev.parse(["serve", "--workers", given])
    assert "must be between 1 and 64" in capsys.readouterr().err or given == "-1"


# The bus between workers


@pytest.fixture
async def buses(settings: Settings) -> AsyncIterator[tuple[PostgresBus, PostgresBus]]:
    one, two = PostgresBus(settings), PostgresBus(settings)
    await one.open()
    await two.open()
    yield one, two
    await one.close()
    await two.close()


async def hears(sender: PostgresBus, receiver: PostgresBus) -> None:
    """Fails unless a hint comes through; a lost one is repeated, as the next event would."""
    tenant = uuid7()
    with receiver.listening(tenant) as event:
        async with asyncio.timeout(15):
            while not event.is_set():
                await sender.hint(tenant)
                with_deadline = asyncio.wait_for(event.wait(), 0.2)
                await asyncio.gather(with_deadline, return_exceptions=True)


async def test_a_hint_reaches_other_processes(buses: tuple[PostgresBus, PostgresBus]) -> None:
    one, two = buses
    await hears(one, two)
    await hears(two, one)
    tenants = [uuid7() for _ in range(50)]
    waiting = [two.listening(tenant) for tenant in tenants]
    events = [entry.__enter__() for entry in waiting]
    await asyncio.gather(*(one.hint(tenant) for tenant in tenants))
    async with asyncio.timeout(10):
        await asyncio.gather(*(event.wait() for event in events))
    for entry in waiting:
        entry.__exit__(None, None, None)


async def test_a_lost_connection_is_made_anew(
    buses: tuple[PostgresBus, PostgresBus], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostgresBus, "HEARTBEAT", 0.1)  # the receiving side sends nothing that would show the loss
    one, two = buses
    await hears(one, two)
    listening = (
        "from pg_stat_activity where datname = current_database() and usename = 'immonow_app'"
        " and query ~* '^(listen|select pg_notify)'"
    )
    async with connected(logins(settings).admin) as admin:
        await settled(admin, listening, 2)
        with capture_logs() as logs:
            assert await admin.fetchval(f"select count(pg_terminate_backend(pid)) {listening}") == 2
            await hears(one, two)
            await hears(two, one)
    assert {line["event"] for line in logs} == {"bus connection lost"}


async def test_a_bus_opens_without_its_database(state: State) -> None:
    nowhere = make_url("postgresql://nobody:x@127.0.0.1:1/none").render_as_string(hide_password=False)
    bus = PostgresBus(state.settings.model_copy(update={"database_app_url": nowhere}))
    tenant = uuid7()
    with capture_logs():
        await bus.open()
        with bus.listening(tenant) as event:
            await bus.hint(tenant)
            assert event.is_set()
        await bus.close()
