"""What stands around the endpoint: probes, browsers' rules, proxies, hosts, the log."""

import re
import select
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import RFC_4122, UUID

import orjson
import pytest
from httpx2 import AsyncClient
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app import Server
from graph.engine.errors import timestamp
from graph.http import preferred_language
from graph.logs import RequestLines, new_id, request_lines
from tests.http.test_departures import until
from tests.http.test_over_http import post
from tests.http.world import World


@pytest.mark.parametrize("path", ["/live", "/healthz"])
async def test_alive_needs_no_database(client: AsyncClient, world: World, path: str) -> None:
    world.database.here = False
    response = await client.get(path)
    assert (response.status_code, response.text) == (200, "ok\n")


async def test_ready_follows_the_database(client: AsyncClient, world: World) -> None:
    for here, status in ((True, 200), (False, 503), (True, 200)):
        world.database.here = here
        assert (await client.get("/ready")).status_code == status


async def test_health_names_every_part(client: AsyncClient, world: World) -> None:
    for here, status, word in ((True, 200, "HEALTHY"), (False, 503, "UNHEALTHY")):
        world.database.here = here
        response = await client.get("/health")
        body = response.json()
        assert response.status_code == status
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body.pop("timestamp"))
        assert re.fullmatch(r"\d+\.\d+\.\d+", body.pop("version"))
        assert 0 <= body["checks"]["database"].pop("response_time_ms") <= body.pop("response_time_ms")
        assert body == {
            "status": word,
            "service": "immonow-graphql",
            "checks": {"database": {"status": word, "details": {}}},
        }


async def test_the_endpoint_with_a_slash_behind_it_is_found(client: AsyncClient) -> None:
    response = await client.get("/graphql/?query=x")
    assert (response.status_code, response.headers["location"]) == (307, "http://test/graphql?query=x")


async def test_an_unknown_path_is_told_in_the_plain_form(client: AsyncClient) -> None:
    response = await client.get("/nothing", headers={"X-Request-ID": "r-1"})
    body = response.json()
    body.pop("timestamp")
    assert response.status_code == 404
    assert body == {"detail": "Not Found", "code": "NOT_FOUND", "field": [], "requestId": "r-1"}


async def test_pages_of_configured_origins_may_read_answers(make_world: Any) -> None:
    world = make_world(cors_origins=["https://app.example"])
    async with world.app.router.lifespan_context(world.app), world.client() as client:
        asks = {
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,idempotency-key,x-tenant-id,x-request-id",
        }
        response = await client.options("/graphql", headers=asks)
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == "https://app.example"
        assert response.headers["access-control-max-age"] == "86400"
        assert (await client.options("/graphql", headers=asks | {"Origin": "https://evil.example"})).status_code == 400
        response = await post(client, {"query": "{ hello }"}, Origin="https://app.example")
        assert response.headers["access-control-allow-origin"] == "https://app.example"
        exposed = response.headers["access-control-expose-headers"].split(", ")
        assert {"X-Request-ID", "X-RateLimit-Remaining", "Retry-After", "Idempotency-Replayed"} <= set(exposed)
        response = await post(client, {"query": "{ hello }"}, Origin="https://evil.example")
        assert "access-control-allow-origin" not in response.headers


async def test_only_configured_hosts_are_served(make_world: Any) -> None:
    world = make_world(allowed_hosts=["api.example"])
    async with world.app.router.lifespan_context(world.app), world.client() as client:
        assert (await post(client, {"query": "{ hello }"})).status_code == 400
        for host, status in (("api.example", 200), ("API.example:8443", 200), ("api.example.evil", 400), ("", 400)):
            assert (await post(client, {"query": "{ hello }"}, Host=host)).status_code == status, host
            assert (await client.get("/live", headers={"Host": host})).status_code == status, host


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.9, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "nonsense", "nonsense"),
        ("10.0.0.1", "1" * 50_000, "1" * 50_000),
    ],
)
async def test_only_our_own_proxies_are_believed(
    make_world: Any, peer: str, forwarded: str | None, expected: str
) -> None:
    world = make_world(trusted_proxies=["10.0.0.0/8"])
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    async with world.app.router.lifespan_context(world.app), world.client(client=(peer, 1)) as client:
        await post(client, {"query": "{ hello }"}, **headers)
    assert world.contexts[0].request.ip == expected


async def test_a_proxy_may_add_a_line_of_its_own(make_world: Any) -> None:
    world = make_world(trusted_proxies=["10.0.0.0/8"])
    headers = [
        ("Content-Type", "application/json"),
        ("X-Forwarded-For", "6.6.6.6"),
        ("X-Forwarded-For", "198.51.100.1"),
    ]
    async with world.app.router.lifespan_context(world.app), world.client(client=("10.0.0.1", 1)) as client:
        await client.post("/graphql", content=b'{"query":"{ hello }"}', headers=headers)
    assert world.contexts[0].request.ip == "198.51.100.1"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr-FR,fr;q=0.9", "en"),
        ("en;q=0.5, de;q=0.6", "de"),
        ("de;q=0, en", "en"),
        ("DE", "de"),
        (";;q=x,,", "en"),
    ],
)
def test_language(header: str, expected: str) -> None:
    assert preferred_language(header) == expected


async def test_one_line_per_request(client: AsyncClient, world: World) -> None:
    viewer, token = world.sign_in()
    with capture_logs() as logs:
        await post(
            client,
            {"query": "query Mine($x: String) { hello(text: $x) forbidden }", "variables": {"x": "private"}},
            **{"Authorization": f"Bearer {token}", "X-Request-ID": "r-2"},
        )
    (line,) = [entry for entry in logs if entry["event"] == "request"]
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "request_id": "r-2",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "operation": "Mine",
        "codes": ["INSUFFICIENT_PERMISSIONS"],
        "ip": "127.0.0.1",
        "user": str(viewer.account_id),
        "tenant": str(viewer.tenant_id),
        "statements": 0,
    }
    assert token not in repr(logs)
    assert "private" not in repr(logs)


async def test_probes_are_not_logged(client: AsyncClient, world: World) -> None:
    with capture_logs() as logs:
        await client.get("/live")
        await client.get("/ready")
        world.database.here = False
        await client.get("/ready")
    assert [(line["path"], line["status"]) for line in logs] == [("/ready", 503)]


def test_logs_as_json_are_lines_of_json(make_world: Any, capsys: pytest.CaptureFixture[str]) -> None:
    world = make_world(log_format="json")
    with TestClient(world.app) as client:
        client.post("/graphql", json={"query": "{ bug }"})
    lines = [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [("internal error", "error"), ("request", "info")]
    assert "RuntimeError: select secret" in lines[0]["exception"]
    assert {key: type(value) for key, value in lines[1].items()} == {
        "request_id": str,
        "method": str,
        "path": str,
        "status": int,
        "ms": float,
        "operation": type(None),
        "codes": list,
        "ip": str,
        "statements": int,
        "event": str,
        "level": str,
        "timestamp": str,
    }
    assert datetime.fromisoformat(lines[1]["timestamp"]).tzinfo is UTC


@pytest.fixture
def world_in_json(make_world: Any) -> Iterator[World]:
    found: World = make_world(log_format="json")
    found.app.state.server = found.state
    yield found
    request_lines.close()


async def test_lines_of_requests_wait_a_moment(world_in_json: World, capsys: pytest.CaptureFixture[str]) -> None:
    async with world_in_json.client() as client:
        await post(client, {"query": "{ hello }"})
        assert capsys.readouterr().out == ""
        written: list[str] = []
        await until(lambda: written.append(capsys.readouterr().out) or written[-1])
    assert orjson.loads(written[-1])["status"] == 200


async def test_other_lines_stand_behind_them(world_in_json: World, capsys: pytest.CaptureFixture[str]) -> None:
    async with world_in_json.client() as client:
        await post(client, {"query": "{ hello }"})
        await post(client, {"query": "{ bug }"})
    lines = [orjson.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert lines == ["request", "internal error"]


async def test_what_failed_is_written_at_once(world_in_json: World, capsys: pytest.CaptureFixture[str]) -> None:
    world_in_json.database.here = False
    async with world_in_json.client() as client:
        await client.get("/live")
        await client.get("/nowhere")
        await client.get("/ready")
    lines = [orjson.loads(line)["status"] for line in capsys.readouterr().out.splitlines()]
    assert lines == [404, 503]


async def test_no_write_is_longer_than_a_pipe_takes(capsys: pytest.CaptureFixture[str]) -> None:
    lines = RequestLines()
    for _ in range(3):
        lines.add(b"x" * (select.PIPE_BUF // 2 - 1) + b"\n")
    assert len(capsys.readouterr().out) == select.PIPE_BUF
    lines.close()
    assert len(capsys.readouterr().out) == select.PIPE_BUF // 2


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_795_241_655_042_999_999, "2026-11-21T06:14:15.042Z"),
        (1_795_241_655_999_999_999, "2026-11-21T06:14:15.999Z"),
        (1_795_241_656_000_000_000, "2026-11-21T06:14:16.000Z"),
    ],
)
def test_moments_have_milliseconds(monkeypatch: pytest.MonkeyPatch, moment: int, expected: str) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: moment)
    assert timestamp() == expected


def test_ids_of_requests_are_random_uuids() -> None:
    ids = {new_id() for _ in range(10_000)}
    assert len(ids) == 10_000
    assert {UUID(id).version for id in ids} == {4}
    assert {UUID(id).variant for id in ids} == {RFC_4122}


def test_the_server_believes_no_proxy_by_itself(make_world: Any) -> None:
    world = make_world()
    server = Server(world.app, port=0)
    assert server.config.proxy_headers is False
    assert server.config.ws_max_size == world.settings.limits.frame_bytes
