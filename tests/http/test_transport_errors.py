"""What an error tells a client, and what it never does."""

import json
import time
from typing import Any

import pytest
from httpx2 import AsyncClient
from structlog.testing import capture_logs

from domain.errors import ApiError
from storage import tokens
from tests.http.test_over_http import JSON, RESPONSE, post


def without_ids(entry: dict[str, Any]) -> dict[str, Any]:
    extensions = {key: value for key, value in entry["extensions"].items() if key not in ("timestamp", "requestId")}
    return {key: value for key, value in entry.items() if key not in ("extensions", "locations")} | extensions


@pytest.mark.parametrize("query", ["{ bug }", "{ color }"])
async def test_a_bug_is_masked_and_logged(client: AsyncClient, query: str) -> None:
    with capture_logs() as logs:
        response = await post(
            client, {"query": query}, **{"X-Request-ID": "req-9", "Accept-Language": "de-DE,en;q=0.5"}
        )
    assert response.status_code == 200
    entry = response.json()["errors"][0]
    assert without_ids(entry) == {
        "message": "Bei uns ist etwas schiefgegangen. Mit der Request-ID finden wir die Ursache.",
        "path": [query.strip("{} ")],
        "code": "INTERNAL_ERROR",
        "type": "INTERNAL",
        "field": [],
    }
    assert entry["extensions"]["requestId"] == "req-9"
    assert "secret" not in response.text
    assert [(line["event"], line["request_id"]) for line in logs if line["log_level"] == "error"] == [
        ("internal error", "req-9")
    ]


async def test_a_known_error_is_told_in_the_callers_language(client: AsyncClient) -> None:
    response = await post(client, {"query": "{ forbidden hello }"}, **{"Accept-Language": "fr, de;q=0.9, en;q=0.1"})
    assert response.json()["data"] == {"forbidden": None, "hello": "world"}
    assert [without_ids(entry) for entry in response.json()["errors"]] == [
        {
            "message": "Dafür fehlt Ihnen die Berechtigung.",
            "path": ["forbidden"],
            "code": "INSUFFICIENT_PERMISSIONS",
            "type": "PERMISSION",
            "field": [],
        }
    ]


async def test_a_bad_argument_is_named(client: AsyncClient) -> None:
    response = await post(client, {"query": "{ badField }"})
    assert [without_ids(entry) for entry in response.json()["errors"]] == [
        {
            "message": "Use either first/after, last/before or page.",
            "path": ["badField"],
            "code": "INVALID_INPUT",
            "type": "INPUT",
            "field": ["page", "size"],
        }
    ]


async def test_bad_variables_say_where(client: AsyncClient) -> None:
    query = "query ($x: Int!) { number(value: $x) }"
    response = await post(client, {"query": query, "variables": {"x": "a"}})
    assert response.status_code == 400
    assert [without_ids(entry) for entry in response.json()["errors"]] == [
        {
            "message": "Variable '$x' has invalid value: Int cannot represent non-integer value: 'a'",
            "code": "INVALID_INPUT",
            "type": "INPUT",
            "field": [],
        }
    ]
    assert response.json()["errors"][0]["locations"] == [{"line": 1, "column": 8}]


async def test_a_database_that_is_away_is_503(client: AsyncClient) -> None:
    for accept in (RESPONSE, JSON):
        response = await post(client, {"query": "{ away hello }"}, accept)
        assert response.status_code == 503
        assert response.json()["data"] == {"away": None, "hello": "world"}
        assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
        assert "secret" not in response.text


async def test_a_database_that_is_away_at_sign_in_is_503(client: AsyncClient, world: Any) -> None:
    _, token = world.sign_in()
    world.viewers.failure = ConnectionRefusedError(111, "secret")
    response = await post(client, {"query": "{ hello }"}, **{"Authorization": f"Bearer {token}"})
    assert response.status_code == 503
    assert "data" not in response.json()
    world.viewers.failure = None
    response = await post(client, {"query": "{ hello }"}, **{"Authorization": f"Bearer {token}"})
    assert response.status_code == 200


async def test_a_bug_outside_of_resolvers_is_masked_too(client: AsyncClient, world: Any) -> None:
    _, token = world.sign_in()
    world.viewers.failure = RuntimeError("secret")
    with capture_logs() as logs:
        response = await post(client, {"query": "{ hello }"}, **{"Authorization": f"Bearer {token}"})
    assert response.status_code == 500
    assert response.json()["code"] == "INTERNAL_ERROR"
    assert response.json()["requestId"] == response.headers["x-request-id"]
    assert "secret" not in response.text
    assert token not in json.dumps(logs, default=repr)


@pytest.mark.parametrize(
    ("headers", "code", "status"),
    [
        ({"Authorization": "Bearer nonsense"}, "INVALID_TOKEN", 401),
        ({"Authorization": "Basic abc"}, "INVALID_TOKEN", 401),
        ({"X-API-Key": "nonsense"}, "INVALID_TOKEN", 401),
        ({"Authorization": "Bearer nonsense", "X-API-Key": "key"}, "INVALID_INPUT", 400),
        ({"Idempotency-Key": "x" * 256}, "INVALID_INPUT", 400),
        ({"Idempotency-Key": ""}, "INVALID_INPUT", 400),
        ({"Idempotency-Key": "a\tb"}, "INVALID_INPUT", 400),
    ],
)
async def test_a_refused_request_executes_nothing(
    client: AsyncClient, world: Any, headers: dict[str, str], code: str, status: int
) -> None:
    response = await post(client, {"query": "{ hello }"}, **headers)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (status, code)
    response = await post(client, {"query": "{ hello }"}, JSON, **headers)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (200, code)
    assert world.calls == []


async def test_an_expired_token_is_refused(client: AsyncClient, world: Any) -> None:
    _, token = world.sign_in(seconds=-5)
    response = await post(client, {"query": "{ hello }"}, **{"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "TOKEN_EXPIRED")


async def test_a_token_that_was_valid_expires_all_the_same(
    client: AsyncClient, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer, token = world.sign_in()
    headers = {"Authorization": f"Bearer {token}"}
    assert (await post(client, {"query": "{ hello }"}, **headers)).status_code == 200
    monkeypatch.setattr(time, "time", lambda: viewer.expires_at)
    response = await post(client, {"query": "{ hello }"}, **headers)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "TOKEN_EXPIRED")


async def test_only_so_many_tokens_are_remembered(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_VERIFIED", 2)
    read = world.state.tokens
    first, second, third = (world.sign_in()[1] for _ in range(3))
    for token in (first, second, first, third):
        assert read.read(token) == read.read(token)
    assert list(read._verified) == [first, third]
    with pytest.raises(ApiError):
        read.read(first[:-4] + "AAAA")
    assert list(read._verified) == [first, third]


async def test_suggestions_and_introspection_are_for_open_servers(make_world: Any) -> None:
    production = {
        "environment": "production",
        "jwt_secret_key": "k" * 40,
        "allowed_hosts": ["test"],
        "site_url": "https://test",
    }
    closed, open_ = make_world(**production), make_world()
    for world, suggests in ((closed, False), (open_, True)):
        async with world.app.router.lifespan_context(world.app), world.client() as client:
            response = await post(client, {"query": "{ hellO }"})
            assert ("Did you mean" in response.text) is suggests
            response = await post(client, {"query": "{ __schema { queryType { name } } }"})
            assert ("data" in response.json()) is suggests
            response = await post(client, {"query": "{ __typename hello }"})
            assert response.json()["data"] == {"__typename": "Query", "hello": "world"}
            secure = response.headers.get("strict-transport-security")
            assert secure == (None if suggests else "max-age=31536000; includeSubDomains")


async def test_the_context_is_the_callers(client: AsyncClient, world: Any) -> None:
    viewer, token = world.sign_in()
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "key-1", "User-Agent": "test"}
    await post(client, {"query": "mutation { touch }"}, **headers)
    await post(client, {"query": "mutation  {\n touch, }  # the same"}, **headers)
    await post(client, {"query": 'mutation { touch(text: "other") }'}, **headers)
    first, same, other = world.contexts
    assert (first.viewer, first.request.idempotency_key, first.request.user_agent) == (viewer, "key-1", "test")
    assert len(first.body_hash) == 32
    assert first.body_hash == same.body_hash != other.body_hash


async def test_variables_belong_to_the_body_hash(client: AsyncClient, world: Any) -> None:
    query = "mutation ($a: String, $b: String) { touch(text: $a) again: touch(text: $b) }"
    for variables in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}, {"a": "1", "b": "3"}):
        await post(client, {"query": query, "variables": variables})
    hashes = [context.body_hash for context in world.contexts[::2]]
    assert hashes[0] == hashes[1] != hashes[2]
