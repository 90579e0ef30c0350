"""Clients that go away: nobody reads for them any longer, but what they asked to change is changed."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from app import Server, compose
from domain.access import Role
from graph.http.departures import Departure
from graph.schema import schema
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from storage.database import logins
from tests.conftest import Signed
from tests.factories import connected, make_properties

LIST = "{ properties { nodes { title } } }"
RENAME = 'mutation ($id: ID!) { propertyUpdate(id: $id, input: { title: "Neu" }) { userErrors { code } } }'


async def until(holds: Callable[[], Any]) -> None:
    """Wait for something that tells nobody."""
    async with asyncio.timeout(5):
        while True:
            found = holds()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0)


class Lock:
    """Holds the table of properties, so that whoever reads it waits."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def take(self) -> None:
        await self._connection.execute("begin; lock table property in access exclusive mode")

    async def awaited(self) -> bool:
        return bool(
            await self._connection.fetchval(
                "select count(*) from pg_locks where not granted and relation = 'property'::regclass"
                " and database = (select oid from pg_database where datname = current_database())"
            )
        )

    async def release(self) -> None:
        await self._connection.execute("rollback")


@pytest.fixture
async def lock(state: State) -> AsyncIterator[Lock]:
    async with connected(logins(state.settings).admin) as connection:
        found = Lock(connection)
        await found.take()
        yield found


@pytest.fixture
def application(state: State) -> ASGIApp:
    """The whole application around the state of these tests."""

    @asynccontextmanager
    async def opening() -> AsyncIterator[State]:
        yield state

    return compose(state.settings, schema._schema, opening)


@pytest.fixture
async def server(application: Any) -> AsyncIterator[Server]:
    """A real server of this process."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(application)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        await until(lambda: server.started)
        yield server
        server.should_exit = True
        await running


async def reaching(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*server.servers[0].sockets[0].getsockname())


def message(signed: Signed, query: str, **variables: Any) -> bytes:
    body = json.dumps({"query": query, "variables": variables}).encode()
    lines = [
        "POST /graphql HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Authorization: Bearer {signed.agency.people[Role.AGENT].token}",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def test_nothing_is_read_for_a_client_that_went_away(
    state: State, acme: Signed, lock: Lock, server: Server
) -> None:
    with capture_logs() as logs:
        _, writer = await reaching(server)
        writer.write(message(acme, LIST))
        await until(lock.awaited)
        assert state.database.reads.in_use == 1
        writer.close()
        await until(lambda: state.database.reads.in_use == 0)
        await until(lambda: logs)
    assert [(line["event"], line["status"]) for line in logs] == [("request", 499)]
    assert "data" in await acme.agent("{ tenant { name } }")


async def test_what_was_asked_to_change_is_changed(
    state: State, acme: Signed, server: Server, lock: Lock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Departure, "AFTER_SECONDS", 0.0)
    await lock.release()
    (row,) = await make_properties(state, acme.agency, [{}])
    await lock.take()
    with capture_logs() as logs:
        _, writer = await reaching(server)
        writer.write(message(acme, RENAME, id=encode_id("Property", row.id)))
        await until(lock.awaited)
        writer.close()
        await until(lambda: not server.server_state.connections)
        await lock.release()
        await until(lambda: logs)
    assert [line.get("codes") for line in logs] == [None]
    assert await acme.agent.data(LIST) == {"properties": {"nodes": [{"title": "Neu"}]}}


async def test_a_slow_answer_reaches_a_client_that_waits(
    state: State, acme: Signed, lock: Lock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Departure, "AFTER_SECONDS", 0.0)
    reader, writer = await reaching(server)
    for _ in range(2):  # twice over one connection: the next request is none of the watcher's business
        writer.write(message(acme, LIST))
        await until(lock.awaited)
        await lock.release()
        async with asyncio.timeout(5):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            assert json.loads(await reader.readexactly(length))["data"] == {"properties": {"nodes": []}}
        await lock.take()
    writer.close()
    await writer.wait_closed()
    assert [task for task in asyncio.all_tasks() if "Departure" in repr(task)] == []


def started(application: Any, signed: Signed, answers: list[Any]) -> asyncio.Task[None]:
    """A request of a client that neither leaves nor says more."""
    body = json.dumps({"query": LIST}).encode()
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "headers": [
            (b"content-type", b"application/json"),
            (b"authorization", f"Bearer {signed.agency.people[Role.AGENT].token}".encode()),
        ],
    }

    async def receive() -> Any:
        found = next(messages, None)
        if found is None:
            await asyncio.Event().wait()
        return found

    async def send(message: Any) -> None:
        answers.append(message["type"])

    return asyncio.create_task(application(scope, receive, send))


async def test_nobody_watches_after_the_answer(
    application: Any, acme: Signed, lock: Lock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Departure, "AFTER_SECONDS", 0.0)
    answers: list[Any] = []
    async with application.router.lifespan_context(application):
        before = asyncio.all_tasks()
        running = started(application, acme, answers)
        await until(lock.awaited)
        assert len(asyncio.all_tasks() - before) == 2
        await lock.release()
        await running
        assert answers == ["http.response.start", "http.response.body"]
        await asyncio.sleep(0)
        assert asyncio.all_tasks() - before == set()


async def test_the_end_of_the_server_is_no_departure(application: Any, acme: Signed, lock: Lock) -> None:
    answers: list[Any] = []
    async with application.router.lifespan_context(application):
        running = started(application, acme, answers)
        await until(lock.awaited)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert answers == []
