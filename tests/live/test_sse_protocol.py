"""Server-sent events, distinct connections mode of graphql-sse: what the wire says, and when a stream ends."""

import asyncio
import hashlib
import json
import time
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from domain.errors import ApiError, ErrorCode
from graph.live import operation, sse
from resolvers.kit.context import Context
from settings import Limits
from tests.http.world import GENEROUS, settings
from tests.live.conftest import Served
from tests.live.reading import COMPLETE, Said, Stream, until

TICK = "subscription { tick { number cursor } }"


def codes(said: Said) -> list[str]:
    assert (said.event, said.data.get("data")) == ("next", None)
    return [error["extensions"]["code"] for error in said.data["errors"]]


async def ended_with(stream: Stream, *expected: str) -> dict[str, Any]:
    """The stream says these errors at last, and that it is complete."""
    last, complete = await stream.rest()
    assert (codes(last), complete, stream.whole) == (list(expected), COMPLETE, True)
    return dict(last.data["errors"][0])


async def nothing_is_left(served: Served, before: set[Any]) -> None:
    await until(lambda: not len(served.world.app.state.connections))
    await until(lambda: not served.server.server_state.tasks)
    await until(lambda: asyncio.all_tasks() <= before)


async def each_gets_one(served: Served, streams: int) -> None:
    """An event for each of so many streams: whoever has waited longest takes the next."""
    world = served.world
    await until(lambda: world.following == streams)
    for _ in range(streams):
        told = len(world.contexts)
        world.events.put_nowait({"number": 1})
        await until(lambda told=told: len(world.contexts) > told)


# Queries and mutations


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_query_is_one_answer(served: Served, method: str) -> None:
    stream = await served.ask("query ($t: String) { hello(text: $t) }", variables={"t": "ä\n\u2028"}, method=method)
    assert stream.status == 200
    assert {
        name: stream.headers.get(name)
        for name in ("content-type", "cache-control", "x-accel-buffering", "vary", "content-encoding", "etag")
    } == {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
        "vary": "Accept",
        "content-encoding": None,
        "etag": None,
    }
    said = await stream.event()
    assert (said.event, said.id, said.data["data"]) == ("next", None, {"hello": "ä\n\u2028"})
    assert said.data["extensions"]["cost"] == {"requested": 0, "maximum": 5000}
    assert said.data["extensions"]["requestId"] == stream.headers["x-request-id"]
    assert await stream.rest() == [COMPLETE]
    assert stream.whole


async def test_a_mutation_needs_post(served: Served) -> None:
    first, last = await (await served.ask("mutation { touch }")).rest()
    assert (first.data["data"], last) == ({"touch": "done"}, COMPLETE)
    refused = await served.ask("mutation { touch }", method="GET")
    assert (refused.status, refused.headers["allow"]) == (405, "POST")
    assert served.world.calls == ["touch"]


async def test_a_connection_serves_on_after_a_stream(served: Served) -> None:
    stream = await served.ask("{ hello }")
    assert len(await stream.rest()) == 2
    again = await served.ask(TICK)
    served.world.events.put_nowait(None)
    assert await again.rest() == [COMPLETE]
    assert (stream.headers.get("connection"), again.headers.get("connection")) == (None, None)


JSON = "application/json; charset=utf-8"
NEW_JSON = "application/graphql-response+json; charset=utf-8"
EVENTS = "text/event-stream; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "query", "subscription"),
    [
        ("text/event-stream", EVENTS, EVENTS),
        ("TEXT/Event-Stream", EVENTS, EVENTS),
        ("text/event-stream, application/json", EVENTS, EVENTS),
        ("application/json;q=0.5, text/event-stream", EVENTS, EVENTS),
        ("application/graphql-response+json, application/json, text/event-stream, multipart/mixed", NEW_JSON, EVENTS),
        ("application/json, text/event-stream", JSON, EVENTS),
        ("*/*, text/event-stream;q=0.1", JSON, EVENTS),
        ("text/event-stream;q=0", JSON, JSON),
        ("application/json", JSON, JSON),
        ("application/graphql-response+json", NEW_JSON, NEW_JSON),
        ("*/*", JSON, JSON),
        ("", JSON, JSON),
    ],
)
async def test_what_is_accepted_decides(served: Served, accept: str, query: str, subscription: str) -> None:
    answer = await served.ask("{ hello }", accept=accept)
    assert (answer.status, answer.headers["content-type"]) == (200, query)
    served.world.events.put_nowait(None)
    answer = await served.ask(TICK, accept=accept)
    assert (answer.status, answer.headers["content-type"]) == (200 if subscription == EVENTS else 400, subscription)
    if subscription == EVENTS:
        assert await answer.rest() == [COMPLETE]


# What is refused before it begins


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "INVALID_INPUT"),
        ("{ unknown }", "INVALID_INPUT"),
        ("subscription { unknown }", "INVALID_INPUT"),
        ("subscription { tick { number } never { number } }", "INVALID_INPUT"),
        ("query ($x: Int!) { number(value: $x) }", "INVALID_INPUT"),
        ("query a { hello } query b { hello }", "INVALID_INPUT"),
        ("subscription { never { number } }", "INSUFFICIENT_PERMISSIONS"),
        ("{ item " + "{ parent " * 11 + "{ id }" + " }" * 12, "QUERY_TOO_DEEP"),
        ("{ " + " ".join(f"a{n}: hello" for n in range(31)) + " }", "QUERY_TOO_COMPLEX"),
    ],
)
async def test_errors_before_execution_are_told_in_the_stream(served: Served, query: str, code: str) -> None:
    stream = await served.ask(query)
    assert (stream.status, stream.headers["content-type"]) == (200, EVENTS)
    error = await ended_with(stream, code)
    assert error["extensions"]["requestId"] == stream.headers["x-request-id"]
    assert served.world.calls == []


@pytest.mark.parametrize("query", ["{ hello }", TICK])
@pytest.mark.parametrize(("seconds", "code"), [(-1, "TOKEN_EXPIRED"), (None, "INVALID_TOKEN")])
async def test_a_bad_token_is_told_in_the_stream(served: Served, query: str, seconds: int | None, code: str) -> None:
    token = "nonsense" if seconds is None else served.world.sign_in(seconds=seconds)[1]
    error = await ended_with(await served.ask(query, token=token, accept_language="de"), code)
    assert (
        error["message"]
        == {
            "TOKEN_EXPIRED": "Das Token ist abgelaufen.",
            "INVALID_TOKEN": "Das Token ist ungültig.",
        }[code]
    )


async def test_a_token_in_the_address_is_none(served: Served) -> None:
    _, token = served.world.sign_in()
    query = "{ hello }"
    stream = await served.ask(query + f"#&authorization=Bearer {token}", method="GET")
    await stream.rest()
    assert [context.viewer for context in served.world.contexts] == [None]


@pytest.mark.parametrize("query", ["{ hello }", TICK])
async def test_requests_are_counted(serve: Any, query: str) -> None:
    rates = GENEROUS.model_copy(update={"anonymous": "2/minute"})
    async with serve(rate_limits=rates) as served:
        for left in (1, 0):
            served.world.events.put_nowait(None)
            stream = await served.ask(query)
            assert stream.headers["x-ratelimit-remaining"] == str(left)
            assert (await stream.rest())[-1] == COMPLETE
        stream = await served.ask(query)
        error = await ended_with(stream, "RATE_LIMIT_EXCEEDED")
        assert stream.headers["retry-after"] == str(error["extensions"]["retryAfter"])
        assert 0 < error["extensions"]["retryAfter"] <= 60


async def test_a_hash_stands_for_its_text(served: Served) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(TICK.encode()).hexdigest()}}
    only_hash = json.dumps({"extensions": extensions}).encode()
    await ended_with(await served.ask(body=only_hash), "PERSISTED_QUERY_NOT_FOUND")
    for body in (json.dumps({"query": TICK, "extensions": extensions}).encode(), only_hash):
        served.world.events.put_nowait({"number": 1})
        served.world.events.put_nowait(None)
        first, last = await (await served.ask(body=body)).rest()
        assert (first.data["data"]["tick"]["number"], last) == (1, COMPLETE)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"body": b""}, 400),
        ({"body": b"{"}, 400),
        ({"body": b"[]"}, 400),
        ({"body": b"null"}, 400),
        ({"body": b"5"}, 400),
        ({"body": b"{}"}, 400),
        ({"body": b'{"query": 5}'}, 400),
        ({"body": b'{"query": ""}'}, 400),
        ({"body": b'{"query": "\xff"}'}, 400),
        ({"body": b'{"query": "{ hello }", "variables": []}'}, 400),
        ({"body": b'{"query": "{ hello }", "operationName": 1}'}, 400),
        ({"body": b'{"query": "{ hello }", "extensions": "x"}'}, 400),
        ({"body": b'{"query": "{ hello }", "variables": ' + b"[" * 20_000}, 400),
        ({"body": b" " * (1024 * 1024 + 1)}, 413),
        ({"query": TICK, "content_type": "text/plain"}, 415),
        ({"query": TICK, "content_type": "application/json; charset=latin-1"}, 415),
        ({"query": TICK, "variables": "{", "method": "GET"}, 400),
        ({"query": TICK, "method": "PUT"}, 405),
        ({"query": TICK, "method": "DELETE"}, 405),
    ],
)
async def test_what_is_no_call_is_an_ordinary_answer(served: Served, options: dict[str, Any], status: int) -> None:
    stream = await served.ask(**options)
    assert (stream.status, stream.headers["content-type"]) == (status, JSON)
    body = await stream.body()
    assert ([error["extensions"]["code"] for error in body["errors"]], "data" in body) == (["INVALID_INPUT"], False)
    assert served.world.calls == []


@pytest.mark.parametrize("query", ["{ hello }", TICK])
async def test_without_a_database_clients_are_to_come_again(served: Served, query: str) -> None:
    _, token = served.world.sign_in()
    served.world.viewers.failure = ConnectionRefusedError(111, "secret")
    stream = await served.ask(query, token=token)
    assert (stream.status, stream.headers["content-type"]) == (503, JSON)
    assert "secret" not in json.dumps(await stream.body())


# Events


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_events_come_with_their_cursors(served: Served, method: str) -> None:
    stream = await served.ask(TICK, method=method)
    assert stream.headers["content-type"] == EVENTS, "told before there is any event"
    for number in (1, 2):
        served.world.events.put_nowait({"number": number, "cursor": f"c{number}"})
        said = await stream.event()
        assert (said.event, said.id) == ("next", f"c{number}")
        assert said.data["data"] == {"tick": {"number": number, "cursor": f"c{number}"}}
        assert said.data["extensions"]["requestId"] == stream.headers["x-request-id"]
    first, second = served.world.contexts
    assert first is not second, "renewed for each event"
    served.world.events.put_nowait({"number": 3})
    assert (await stream.event()).id is None, "without a cursor there is nothing to resume from"
    served.world.events.put_nowait(None)
    assert await stream.rest() == [COMPLETE]
    assert served.world.closed == ["tick"]


async def test_a_stream_that_keeps_no_past_begins_now(served: Served) -> None:
    for last in ("x", ""):
        stream = await served.ask(TICK, last_event_id=last)
        served.world.events.put_nowait({"number": 1})
        served.world.events.put_nowait(None)
        first, complete = await stream.rest()
        assert (first.data["data"]["tick"]["number"], complete) == (1, COMPLETE)


async def test_pages_of_other_origins_may_name_the_last_event(serve: Any) -> None:
    async with serve(cors_origins=["https://app.example"]) as served:
        asked = {"access_control_request_method": "POST", "access_control_request_headers": "last-event-id"}
        before = await served.ask(TICK, method="OPTIONS", origin="https://app.example", **asked)
        assert before.status == 200
        assert "Last-Event-ID" in before.headers["access-control-allow-headers"]
        served.world.events.put_nowait(None)
        stream = await served.ask(TICK, origin="https://app.example", last_event_id="x")
        assert stream.headers["access-control-allow-origin"] == "https://app.example"
        assert await stream.rest() == [COMPLETE]


@pytest.mark.parametrize("code", ["CURSOR_EXPIRED", "EPOCH_CHANGED", "CURSOR_AHEAD", "INSUFFICIENT_PERMISSIONS"])
async def test_a_stream_that_cannot_go_on_says_why(served: Served, code: str) -> None:
    stream = await served.ask(TICK)
    served.world.events.put_nowait({"number": 1})
    assert (await stream.event()).data["data"]["tick"]["number"] == 1
    served.world.events.put_nowait(ApiError(ErrorCode[code]))
    await ended_with(stream, code)
    assert served.world.closed == ["tick"]


async def test_a_bug_in_a_stream_is_masked(served: Served) -> None:
    stream = await served.ask(TICK)
    served.world.events.put_nowait(RuntimeError("secret"))
    assert "secret" not in json.dumps(await ended_with(stream, "INTERNAL_ERROR"))


async def test_a_stream_that_loses_its_database_is_to_be_opened_again(served: Served) -> None:
    stream = await served.ask(TICK)
    served.world.events.put_nowait(ConnectionResetError())
    assert await stream.rest() == [], "`complete` would tell clients that there is no more"
    assert (stream.whole, served.world.closed) == (True, ["tick"])


async def test_the_log_tells_who_listened_and_how_it_ended(served: Served) -> None:
    viewer, token = served.world.sign_in()
    with capture_logs() as lines:
        stream = await served.ask(f"subscription Watch {TICK[12:]}", token=token)
        served.world.events.put_nowait(ApiError(ErrorCode.CURSOR_EXPIRED))
        await ended_with(stream, "CURSOR_EXPIRED")
        await until(lambda: lines)
    (line,) = lines
    wanted = {"operation": "Watch", "status": 200, "codes": ["CURSOR_EXPIRED"], "user": viewer.account}
    assert {name: line[name] for name in wanted} == wanted


# Rights


async def test_a_stream_ends_with_its_token(served: Served) -> None:
    viewer, token = served.world.sign_in(seconds=2)
    stream = await served.ask(TICK, token=token)
    served.world.events.put_nowait({"number": 1})
    await stream.event()
    await ended_with(stream, "TOKEN_EXPIRED")
    assert viewer.expires_at <= time.time() < viewer.expires_at + 1
    assert served.world.closed == ["tick"]


async def test_a_removed_session_gets_no_further_event(served: Served) -> None:
    _, token = served.world.sign_in()
    stream = await served.ask(TICK, token=token)
    served.world.events.put_nowait({"number": 1})
    await stream.event()
    served.world.viewers.known.clear()
    served.world.events.put_nowait({"number": 2})
    await ended_with(stream, "INVALID_TOKEN")
    assert (len(served.world.contexts), served.world.closed) == (1, ["tick"])


async def test_a_quiet_stream_ends_when_its_session_is_gone(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "BEAT_SECONDS", 0.05)
    _, token = served.world.sign_in()
    stream = await served.ask(TICK, token=token)
    assert await stream.next() == ""
    served.world.viewers.known.clear()
    await ended_with(stream, "INVALID_TOKEN")


# Beats


async def test_beats_tell_how_far_the_stream_was_sent(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "BEAT_SECONDS", 0.05)
    stream = await served.ask(TICK, x_request_id="one")
    assert await stream.next() == ""
    served.world.events.put_nowait({"number": 1, "cursor": "c1"})
    while isinstance(found := await stream.next(), str):
        assert found == ""
    assert isinstance(found, Said)
    assert found.id == "c1"
    assert [await stream.next() for _ in range(2)] == ["cursor one c1"] * 2
    served.world.events.put_nowait({"number": 2})
    assert (await stream.event()).data["data"]["tick"]["number"] == 2
    assert await stream.next() == "cursor one c1", "an event without a cursor leaves the place as it was"


def test_beats_are_as_frequent_as_promised() -> None:
    assert operation.BEAT_SECONDS + sse.ASIDE_SECONDS <= 15


# Limits


async def test_streams_and_sockets_of_a_person_are_counted_together(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cursor(_context: Context) -> str:
        return "epoch.7"

    monkeypatch.setattr(Context, "stream_cursor", cursor)
    limits = settings().limits.model_copy(update={"sockets_per_user": 2})
    async with serve(limits=limits) as served:
        _, token = served.world.sign_in()
        _, other = served.world.sign_in()
        one = await served.ask(TICK, token=token)
        two = await served.ask(TICK, token=token)
        stream = await served.ask(TICK, token=token, accept_language="de")
        error = await ended_with(stream, "RATE_LIMIT_EXCEEDED")
        assert error["message"] == "Höchstens 2 gleichzeitig offene Verbindungen."
        assert error["extensions"]["retryAfter"] == 1
        assert await _socket_refused(served, token) == (4429, "Too many sockets")
        # Neither others nor short operations are concerned.
        third = await served.ask(TICK, token=other)
        assert (await (await served.ask("{ hello }", token=token)).rest())[-1] == COMPLETE
        await one.leave()
        await until(lambda: len(served.world.app.state.connections) == 2)
        four = await served.ask(TICK, token=token)
        await each_gets_one(served, 3)
        for stream in (two, third, four):
            assert (await stream.event()).data["data"]["tick"]["number"] == 1


async def _socket_refused(served: Served, token: str) -> tuple[int | None, str | None]:
    host, port = served.clients.address
    async with connect(f"ws://{host}:{port}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        payload = {"authorization": f"Bearer {token}"}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        await socket.wait_closed()
        return socket.close_code, socket.close_reason


async def test_strangers_are_counted_by_address(serve: Any) -> None:
    limits = settings().limits.model_copy(update={"sockets_per_user": 1})
    async with serve(limits=limits, trusted_proxies=["127.0.0.1"]) as served:
        await served.ask(TICK, x_forwarded_for="2001:db8::1")
        await ended_with(await served.ask(TICK, x_forwarded_for="2001:db8::2"), "RATE_LIMIT_EXCEEDED")
        served.world.events.put_nowait(None)
        assert (await served.ask(TICK, x_forwarded_for="2001:db9::1")).status == 200


# Clients that leave, or do not read


async def test_a_client_that_leaves_ends_its_source_at_once(served: Served) -> None:
    before = asyncio.all_tasks()
    streams = [await served.ask(TICK) for _ in range(3)]
    await each_gets_one(served, 3)
    for stream in streams:
        await stream.event()
    started = time.monotonic()
    for stream in streams:
        await stream.leave()
    await nothing_is_left(served, before)
    assert served.world.closed == ["tick"] * 3
    assert time.monotonic() - started < 1


async def test_a_slow_reader_slows_its_source(served: Served) -> None:
    before = asyncio.all_tasks()
    _, token = served.world.sign_in()
    stream = await served.ask(TICK, token=token)
    many, size = 400, 50_000
    for number in range(many):
        served.world.events.put_nowait({"number": number, "cursor": f"{number:0{size}}"})
    await asyncio.sleep(0.3)
    waiting = served.world.events.qsize()
    assert waiting > many // 4, "what is not read stays with the source"
    await asyncio.sleep(0.1)
    assert served.world.events.qsize() == waiting
    served.world.events.put_nowait(None)
    found = await stream.rest()
    assert [said.data["data"]["tick"]["number"] for said in found[:-1]] == list(range(many))
    await stream.leave()
    await nothing_is_left(served, before)


async def _stuffed(served: Served, token: str) -> Stream:
    """A stream whose client reads nothing, with more to be sent than any buffer takes."""
    stream = await served.ask(TICK, token=token)
    for number in range(400):
        served.world.events.put_nowait({"number": number, "cursor": f"{number:050000}"})
    await asyncio.sleep(0.3)
    return stream


async def test_a_token_ends_also_for_who_does_not_read(served: Served) -> None:
    _, token = served.world.sign_in(seconds=2)
    await _stuffed(served, token)
    assert served.world.closed == []
    await until(lambda: served.world.closed == ["tick"])
    await until(lambda: not len(served.world.app.state.connections))


async def test_who_takes_nothing_for_long_is_given_up(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(sse, "ASIDE_SECONDS", 0.05)
    async with serve(limits=Limits(unread_seconds=0.5)) as served:
        _, token = served.world.sign_in()
        quiet = await served.ask(TICK, token=token)
        await asyncio.sleep(0.6)
        assert await quiet.next() == "", "who reads may be quiet for as long as there is nothing"
        await quiet.leave()
        await until(lambda: served.world.closed == ["tick"])
        await _stuffed(served, token)
        await until(lambda: served.world.closed == ["tick", "tick"])
        await until(lambda: not len(served.world.app.state.connections))


# The end of the server


async def test_who_comes_while_the_server_stops_is_told_as_well(served: Served) -> None:
    await served.world.app.state.connections.close()
    stream = await served.ask(TICK)
    assert (await stream.rest(), stream.whole) == ([], True)
    host, port = served.clients.address
    async with connect(f"ws://{host}:{port}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        await socket.wait_closed()
        assert (socket.close_code, socket.close_reason) == (1001, "Server stops")


async def test_the_end_of_the_server_leaves_clients_to_connect_again(serve: Any) -> None:
    async with serve() as served:
        stream = await served.ask(TICK)
        served.world.events.put_nowait({"number": 1})
        await stream.event()
        started = time.monotonic()
        served.server.should_exit = True
        assert await stream.rest() == [], "no `complete`: it is not the operation that ends"
        assert stream.whole
        await until(lambda: not served.server.server_state.connections)
        assert time.monotonic() - started < 2
        assert served.world.closed == ["tick"]
