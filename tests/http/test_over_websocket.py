"""The `graphql-transport-ws` protocol: its messages, its close codes, and what a socket survives."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from domain.access import Role
from domain.errors import ApiError, ErrorCode
from graph.live import operation, socket
from tests.http.world import GENEROUS, World, settings

PROTOCOL = "graphql-transport-ws"
TICK = "subscription { tick { number cursor } }"


class Live:
    """One socket of a world."""

    def __init__(self, world: World, client: Any, session: WebSocketTestSession) -> None:
        self.world = world
        self.session = session
        self._client = client

    def send(self, **message: Any) -> None:
        self.session.send_text(json.dumps(message))

    def receive(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.session.receive_text())
        return found

    def init(self, token: str | None = None) -> dict[str, Any]:
        payload = {"authorization": f"Bearer {token}"} if token else {}
        self.send(type="connection_init", payload=payload)
        return self.receive()

    def subscribe(self, query: str, id: str = "1", **more: Any) -> None:
        self.send(type="subscribe", id=id, payload={"query": query, **more})

    def closed(self) -> tuple[int, str]:
        while True:
            try:
                self.session.receive_text()
            except WebSocketDisconnect as closing:
                return closing.code, closing.reason

    def event(self, event: Any) -> None:
        """Publish an event, from within the application's loop."""
        self._client.portal.call(self.world.events.put, event)


@pytest.fixture
def connect(sockets: Any) -> Callable[..., Any]:
    def make(world_and_client: Any = None, subprotocols: tuple[str, ...] = (PROTOCOL,), **headers: str) -> Any:
        world, client = world_and_client or sockets()
        return _Connected(world, client, client.websocket_connect("/graphql", list(subprotocols), headers=headers))

    return make


class _Connected:
    def __init__(self, world: World, client: Any, session: WebSocketTestSession) -> None:
        self.live = Live(world, client, session)
        self._client = client
        self._others = 0

    def __enter__(self) -> Live:
        self._others = len(self.live.world.app.state.connections)
        self.live.session.__enter__()
        return self.live

    def __exit__(self, *exception: Any) -> None:
        # The test session would cancel the application; a real client only goes away.
        self.live.session.close()
        self._client.portal.call(self._ended)
        self.live.session.__exit__(*exception)

    async def _ended(self) -> None:
        async with asyncio.timeout(5):
            while len(self.live.world.app.state.connections) > self._others:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0)


def codes(message: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in message["payload"]]


def test_query_and_mutation_over_the_socket(connect: Any) -> None:
    with connect() as live:
        assert live.session.accepted_subprotocol == PROTOCOL
        assert live.init() == {"type": "connection_ack"}
        live.subscribe("query ($t: String) { hello(text: $t) }", variables={"t": "hi"})
        answer = live.receive()
        assert (answer["type"], answer["id"], answer["payload"]["data"]) == ("next", "1", {"hello": "hi"})
        assert answer["payload"]["extensions"]["cost"] == {"requested": 0, "maximum": 5000}
        assert live.receive() == {"type": "complete", "id": "1"}
        live.subscribe("mutation { touch }")  # the id is free again
        assert live.receive()["payload"]["data"] == {"touch": "done"}
        assert live.receive() == {"type": "complete", "id": "1"}
        assert live.world.calls == ["hello", "touch"]
        assert len({context.request.request_id for context in live.world.contexts}) == 2
        assert {context.request.transport for context in live.world.contexts} == {"ws"}


def test_a_hash_stands_for_its_text(connect: Any) -> None:
    text = "{ hello }"
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(text.encode()).hexdigest()}}
    with connect() as live:
        live.init()
        live.send(type="subscribe", id="1", payload={"extensions": extensions})
        message = live.receive()
        assert (message["type"], codes(message)) == ("error", ["PERSISTED_QUERY_NOT_FOUND"])
        for payload in ({"query": text, "extensions": extensions}, {"extensions": extensions}):
            live.send(type="subscribe", id="1", payload=payload)
            assert live.receive()["payload"]["data"] == {"hello": "world"}
            assert live.receive() == {"type": "complete", "id": "1"}


@pytest.mark.parametrize("offered", [(), ("graphql-ws",), ("other", "chat")])
def test_another_protocol_is_4406(connect: Any, offered: tuple[str, ...]) -> None:
    with connect(subprotocols=offered) as live:
        assert live.closed() == (4406, "Subprotocol not acceptable")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "5",
        '"text"',
        "{}",
        '{"type": 5}',
        '{"type": "unknown"}',
        '{"type": "connection_init", "payload": []}',
        '{"type": "connection_init", "payload": {"authorization": 5}}',
        '{"type": "ping", "payload": "x"}',
        '{"type": "pong", "payload": 1}',
        '{"type": "complete"}',
        '{"type": "complete", "id": 5}',
        "[" * 50_000,
        '{"type": "ping", "payload": {"a": "\\ud800"}}',
    ],
)
def test_a_malformed_message_is_4400(connect: Any, text: str) -> None:
    with connect() as live:
        live.session.send_text(text)
        code, reason = live.closed()
        assert (code, bool(reason)) == (4400, True)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"id": 5, "payload": {"query": "{ hello }"}},
        {"id": "", "payload": {"query": "{ hello }"}},
        {"id": None, "payload": {"query": "{ hello }"}},
        {"id": "x" * 129, "payload": {"query": "{ hello }"}},
        {"id": "1"},
        {"id": "1", "payload": None},
        {"id": "1", "payload": []},
        {"id": "1", "payload": {}},
        {"id": "1", "payload": {"query": 5}},
        {"id": "1", "payload": {"query": "{ hello }", "variables": []}},
        {"id": "1", "payload": {"query": "{ hello }", "operationName": 1}},
        {"id": "1", "payload": {"query": "{ hello }", "extensions": "x"}},
    ],
)
def test_a_malformed_subscribe_is_4400(connect: Any, message: dict[str, Any]) -> None:
    with connect() as live:
        live.init()
        live.send(type="subscribe", **message)
        assert live.closed()[0] == 4400


def test_binary_messages_are_4400(connect: Any) -> None:
    with connect() as live:
        live.session.send_bytes(b'{"type":"connection_init"}')
        assert live.closed() == (4400, "Only text messages are understood")


def test_a_large_message_is_1009(connect: Any) -> None:
    with connect() as live:
        live.session.send_text(" " * (128 * 1024 + 1))
        assert live.closed()[0] == 1009


def test_without_init_nothing_goes(connect: Any) -> None:
    with connect() as live:
        live.subscribe("{ hello }")
        assert live.closed() == (4401, "Unauthorized")
        assert live.world.calls == []


def test_a_second_init_is_4429(connect: Any) -> None:
    with connect() as live:
        live.init()
        live.send(type="connection_init")
        assert live.closed() == (4429, "Too many initialisation requests")


def test_init_must_come_in_time(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "INIT_SECONDS", 0.05)
    with connect() as live:
        assert live.closed() == (4408, "Connection initialisation timeout")
    monkeypatch.setattr(socket, "INIT_SECONDS", 0.5)
    with connect() as live:
        live.init()
        live.subscribe(TICK)
        time.sleep(0.6)
        live.event({"number": 1})
        assert live.receive()["payload"]["data"]["tick"]["number"] == 1


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
def test_a_bad_token_is_4401(connect: Any, token: str) -> None:
    with connect() as live:
        live.send(type="connection_init", payload={"authorization": f"Bearer {token}"})
        assert live.closed() == (4401, "The token is not valid.")


def test_an_expired_token_is_4401(connect: Any, sockets: Any) -> None:
    world, client = sockets()
    _, token = world.sign_in(seconds=-1)
    with connect((world, client)) as live:
        live.send(type="connection_init", payload={"authorization": f"Bearer {token}"})
        assert live.closed() == (4401, "The token has expired.")


def test_an_id_in_use_is_4409(connect: Any) -> None:
    with connect() as live:
        live.init()
        live.subscribe(TICK)
        live.subscribe(TICK)
        assert live.closed() == (4409, "Subscriber for 1 already exists")


def test_errors_of_an_operation_leave_the_socket_open(connect: Any) -> None:
    with connect() as live:
        live.init()
        for query, code in (
            ("{", "INVALID_INPUT"),
            ("{ unknown }", "INVALID_INPUT"),
            ("query ($x: Int!) { number(value: $x) }", "INVALID_INPUT"),
            ("query a { hello } query b { hello }", "INVALID_INPUT"),
            ("subscription { never { number } }", "INSUFFICIENT_PERMISSIONS"),
            ("{ item " + "{ parent " * 11 + "{ id }" + " }" * 12, "QUERY_TOO_DEEP"),
        ):
            live.subscribe(query)
            message = live.receive()
            assert (message["type"], message["id"], codes(message)) == ("error", "1", [code])
        live.subscribe("{ bug hello }")
        answer = live.receive()["payload"]
        assert answer["data"] == {"bug": None, "hello": "world"}
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["INTERNAL_ERROR"]
        assert "secret" not in json.dumps(answer)


def test_events_flow_until_the_client_completes(connect: Any) -> None:
    with connect() as live:
        live.init()
        live.subscribe(TICK, id="a")
        for number in (1, 2):
            live.event({"number": number, "cursor": f"c{number}"})
            message = live.receive()
            assert (message["type"], message["id"]) == ("next", "a")
            assert message["payload"]["data"] == {"tick": {"number": number, "cursor": f"c{number}"}}
        first, second = live.world.contexts
        assert first is not second  # renewed for each event
        live.send(type="complete", id="a")
        live.send(type="ping")
        assert live.receive() == {"type": "pong"}
        assert live.world.closed == ["tick"]
        live.send(type="complete", id="unknown")
        live.subscribe(TICK, id="a")
        live.event({"number": 3})
        assert live.receive()["payload"]["data"]["tick"]["number"] == 3


def test_a_stream_that_ends_completes(connect: Any) -> None:
    with connect() as live:
        live.init()
        live.subscribe(TICK)
        live.event(None)
        assert live.receive() == {"type": "complete", "id": "1"}
        live.subscribe("{ hello }")
        assert live.receive()["payload"]["data"] == {"hello": "world"}


@pytest.mark.parametrize("code", ["CURSOR_EXPIRED", "EPOCH_CHANGED", "CURSOR_AHEAD"])
def test_a_cursor_that_does_not_hold_ends_the_operation_only(connect: Any, code: str) -> None:
    with connect() as live:
        live.init()
        live.subscribe(TICK)
        live.event(ApiError(ErrorCode[code], status=410))
        message = live.receive()
        assert (message["type"], codes(message)) == ("error", [code])
        live.subscribe("{ hello }")
        assert live.receive()["payload"]["data"] == {"hello": "world"}


def test_a_bug_in_a_stream_is_masked(connect: Any) -> None:
    with connect() as live:
        live.init()
        live.subscribe(TICK)
        live.event(RuntimeError("secret"))
        message = live.receive()
        assert (message["type"], codes(message)) == ("error", ["INTERNAL_ERROR"])
        assert "secret" not in json.dumps(message)


def test_a_lost_right_is_4403(connect: Any) -> None:
    with connect() as live:
        live.init()
        live.subscribe(TICK)
        live.event({"number": 1})
        live.receive()
        live.event(ApiError(ErrorCode.INSUFFICIENT_PERMISSIONS))
        assert live.closed() == (4403, "You may not do this.")


@pytest.fixture
def signed_in(sockets: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    async def cursor(_context: Any) -> str:
        return "epoch.7"

    monkeypatch.setattr(socket.Context, "stream_cursor", cursor)

    def make(seconds: int | None = None, **changes: Any) -> tuple[Any, Any, str]:
        world, client = sockets(**changes)
        viewer, token = world.sign_in(Role.MANAGER, seconds)
        return (world, client), viewer, token

    return make


def test_the_acknowledgement_tells_the_position_of_the_stream(connect: Any, signed_in: Any) -> None:
    running, viewer, token = signed_in()
    with connect(running) as live:
        assert live.init(token) == {"type": "connection_ack", "payload": {"cursor": "epoch.7"}}
        live.subscribe("{ hello }")
        live.receive()
        assert live.world.contexts[0].viewer == viewer


def test_the_socket_ends_with_its_token(connect: Any, signed_in: Any) -> None:
    running, _, token = signed_in(seconds=2)
    with connect(running) as live:
        live.init(token)
        live.subscribe(TICK)
        assert live.closed() == (4401, "The token has expired.")
    assert running[0].closed == ["tick"]


def test_a_session_that_is_gone_ends_the_socket(connect: Any, signed_in: Any) -> None:
    for ask in ("event", "query"):
        running, _, token = signed_in()
        with connect(running) as live:
            live.init(token)
            live.subscribe(TICK, id="t")
            running[0].viewers.known.clear()
            if ask == "event":
                live.event({"number": 1})
            else:
                live.subscribe("{ hello }")
            assert live.closed() == (4401, "The token is not valid.")
            assert running[0].calls == []


def test_pings_tell_the_cursors_of_running_operations(
    connect: Any, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operation, "BEAT_SECONDS", 0.1)
    running, _, token = signed_in()
    with connect(running) as live:
        live.init(token)
        assert live.receive() == {"type": "ping", "payload": {"cursors": {}}}
        live.subscribe("subscription { tick { number } }", id="a")
        live.event({"number": 1, "cursor": "epoch.8"})
        message = live.receive()
        while message["type"] == "ping":
            message = live.receive()
        assert message["payload"]["data"] == {"tick": {"number": 1}}
        assert live.receive() == {"type": "ping", "payload": {"cursors": {"a": "epoch.8"}}}
        live.send(type="pong")
        live.send(type="complete", id="a")
        message = live.receive()
        while message != {"type": "ping", "payload": {"cursors": {}}}:
            message = live.receive()


def test_a_quiet_socket_ends_when_its_session_is_gone(
    connect: Any, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operation, "BEAT_SECONDS", 0.05)
    running, _, token = signed_in()
    with connect(running) as live:
        live.init(token)
        running[0].viewers.known.clear()
        assert live.closed()[0] == 4401


def test_sockets_per_user_are_counted(connect: Any, signed_in: Any) -> None:
    limits = settings().limits.model_copy(update={"sockets_per_user": 2})
    running, _, token = signed_in(limits=limits)
    with connect(running) as one, connect(running) as two:
        one.init(token)
        two.init(token)
        with connect(running) as three:
            three.send(type="connection_init", payload={"authorization": f"Bearer {token}"})
            assert three.closed() == (4429, "Too many sockets")
        with connect(running) as anonymous:
            assert anonymous.init() == {"type": "connection_ack"}
    with connect(running) as again:
        assert again.init(token)["type"] == "connection_ack"


def test_operations_per_socket_are_counted(connect: Any, sockets: Any) -> None:
    limits = settings().limits.model_copy(update={"operations_per_socket": 2})
    with connect(sockets(limits=limits)) as live:
        live.init()
        for number in range(3):
            live.subscribe(TICK, id=str(number))
        message = live.receive()
        assert (message["type"], message["id"], codes(message)) == ("error", "2", ["RATE_LIMIT_EXCEEDED"])
        live.event({"number": 1})
        assert live.receive()["type"] == "next"


def test_frames_are_counted(connect: Any, sockets: Any) -> None:
    rates = GENEROUS.model_copy(update={"socket_frames": "3/minute"})
    with connect(sockets(rate_limits=rates)) as live:
        live.init()
        for _ in range(2):
            live.send(type="ping", payload={"n": 1})
            assert live.receive() == {"type": "pong", "payload": {"n": 1}}
        live.send(type="ping")
        assert live.closed() == (4429, "Too many requests")


def test_operations_count_as_requests(connect: Any, sockets: Any) -> None:
    rates = GENEROUS.model_copy(update={"anonymous": "2/minute"})
    with connect(sockets(rate_limits=rates)) as live:
        live.init()
        for _ in range(2):
            live.subscribe("{ hello }")
            assert (live.receive()["type"], live.receive()["type"]) == ("next", "complete")
        live.subscribe("{ hello }")
        message = live.receive()
        assert (message["type"], codes(message)) == ("error", ["RATE_LIMIT_EXCEEDED"])
        assert 0 < message["payload"][0]["extensions"]["retryAfter"] <= 60


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://testserver", True),
        ("https://app.example", True),
        ("http://127.0.0.1:8000", True),
        ("https://evil.example", False),
        ("http://testserver.evil.example", False),
        ("null", False),
    ],
)
def test_only_known_pages_may_connect(connect: Any, sockets: Any, origin: str | None, allowed: bool) -> None:
    running = sockets(cors_origins=["https://app.example"])
    headers = {"origin": origin} if origin else {}
    if allowed:
        with connect(running, **headers) as live:
            assert live.init() == {"type": "connection_ack"}
    else:
        with pytest.raises(WebSocketDisconnect), connect(running, **headers):
            pass


def test_a_client_that_vanishes_leaves_nothing_behind(connect: Any, sockets: Any) -> None:
    world, client = sockets()
    with connect((world, client)) as live:
        live.init()
        live.subscribe(TICK, id="a")
        live.event({"number": 1})
        live.receive()
    assert world.closed == ["tick"]
    assert len(world.app.state.connections) == 0


def test_the_end_of_the_server_is_told(connect: Any, sockets: Any) -> None:
    world, client = sockets()
    with connect((world, client)) as live:
        live.init()
        live.subscribe(TICK)
        live.event({"number": 1})
        live.receive()
        client.portal.call(world.app.state.connections.close)
        assert live.closed() == (1001, "Server stops")
    assert world.closed == ["tick"]
