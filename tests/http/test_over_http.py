"""GraphQL over HTTP: media types, status codes, shapes of requests."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from httpx2 import AsyncClient, Response

RESPONSE = "application/graphql-response+json"
JSON = "application/json"


async def post(client: AsyncClient, body: Any, accept: str | None = RESPONSE, **headers: str) -> Response:
    found = {"Content-Type": JSON} | ({"Accept": accept} if accept else {}) | headers
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await client.post("/graphql", content=content, headers=found)


async def get(client: AsyncClient, accept: str = RESPONSE, **parameters: str) -> Response:
    return await client.get("/graphql?" + urlencode(parameters), headers={"Accept": accept})


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (RESPONSE, RESPONSE),
        (JSON, JSON),
        ("*/*", JSON),
        (None, JSON),
        ("text/plain", JSON),
        (f"{JSON};q=0.8, {RESPONSE}", RESPONSE),
        (f"{RESPONSE};q=0.5, {JSON};q=0.9", JSON),
        (f"{RESPONSE}; charset=utf-8, {JSON}; charset=utf-8", RESPONSE),
    ],
)
async def test_media_type_follows_accept(client: AsyncClient, accept: str | None, expected: str) -> None:
    response = await client.post(
        "/graphql", json={"query": "{ hello }"}, headers={"Accept": accept} if accept else {"Accept": ""}
    )
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"
    assert response.json()["data"] == {"hello": "world"}


async def test_an_executed_operation_tells_its_cost_and_request(client: AsyncClient) -> None:
    response = await post(client, {"query": "{ item { id } hello }"}, **{"X-Request-ID": "abc-1"})
    extensions = response.json()["extensions"]
    assert extensions["cost"] == {"requested": 1, "maximum": 5000}
    assert extensions["requestId"] == response.headers["x-request-id"] == "abc-1"
    assert len(extensions["timestamp"]) == len("2026-11-20T18:06:15.000Z")


@pytest.mark.parametrize("id", ["", "a b", "x" * 129, "täst".encode("latin-1").decode("latin-1")])
async def test_an_odd_request_id_is_replaced(client: AsyncClient, id: str) -> None:
    response = await client.post(
        "/graphql", json={"query": "{ hello }"}, headers={b"X-Request-ID": id.encode("latin-1")}
    )
    assert len(response.headers["x-request-id"]) == 36


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"5",
        b"[]",
        b'"text"',
        b"{",
        b"\xff\xfe",
        b'{"query":"\xc3\x28"}',
        b'{"query":"{ hello }","variables":' + b"[" * 50_000,
        b"[" * 100_000,
        b'{"query":' + b"9" * 5_000 + b"}",
        b'[{"query":"{ hello }"}]',
        b'{"query":"\\ud800"}',
        b"{}",
        b'{"query":null}',
        b'{"query":""}',
        b'{"query":5}',
        b'{"query":{}}',
        b'{"query":[]}',
        b'{"query":true}',
        b'{"query":"{ hello }","operationName":5}',
        b'{"query":"{ hello }","operationName":{}}',
        b'{"query":"{ hello }","operationName":[]}',
        b'{"query":"{ hello }","variables":"x"}',
        b'{"query":"{ hello }","variables":0}',
        b'{"query":"{ hello }","variables":[]}',
        b'{"query":"{ hello }","variables":false}',
        b'{"query":"{ hello }","variables":{"a":' + b"[" * 101 + b"]" * 101 + b"}}",
        b'{"query":"{ hello }","variables":{"a":[' + b"{}," * 5_000 + b"{}]}}",
        b'{"query":"{ hello }","extensions":"x"}',
        b'{"query":"{ hello }","extensions":0}',
        b'{"query":"{ hello }","extensions":[]}',
        b'{"query":"{ hello }","extensions":true}',
    ],
)
@pytest.mark.parametrize("accept", [RESPONSE, JSON])
async def test_a_malformed_body_is_400(client: AsyncClient, body: bytes, accept: str) -> None:
    response = await post(client, body, accept)
    assert response.status_code == 400
    assert "data" not in response.json()
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["INVALID_INPUT"]


async def test_variables_at_the_bounds_are_read(client: AsyncClient) -> None:
    deepest = b'{"query":"{ hello }","variables":{"a":' + b"[" * 100 + b"]" * 100 + b"}}"
    most = b'{"query":"{ hello }","variables":{"a":[' + b"{}," * 4_998 + b"{}]}}"
    for body in (deepest, most):
        assert (await post(client, body, RESPONSE)).json()["data"] == {"hello": "world"}


@pytest.mark.parametrize(
    "query",
    [
        "{",
        "\ufeff{ hello",
        "{ unknown }",
        "{ hello { id } }",
        "query ($x: Int!) { number(value: $x) }",
        "{ number(value: 99999999999999999999) }",
        '{ hello(text: "\\ud800") }',
        "{" * 50_000,
        "{ hello(text: [" + "[" * 3_000,
        "fragment a on Query { hello }",
        "query a { hello } query b { hello }",
        "subscription { tick { number } }",
    ],
)
async def test_a_refused_document_is_400_only_for_the_new_media_type(client: AsyncClient, query: str) -> None:
    response = await post(client, {"query": query})
    assert response.status_code == 400
    assert "data" not in response.json()
    response = await post(client, {"query": query}, JSON)
    assert response.status_code == (400 if query.startswith("subscription") else 200)
    assert response.json()["errors"]


async def test_nothing_a_client_sends_is_a_server_error(client: AsyncClient) -> None:
    deep: Any = 1
    for _ in range(400):
        deep = {"x": deep}
    for variables in ({"x": 2**70}, {"x": 1e300}, {"x": deep}, {"x": "\x00"}, {"y" * 10_000: 1}):
        response = await post(client, {"query": "query ($x: Int!) { number(value: $x) }", "variables": variables})
        assert response.status_code == 400, variables
        response = await post(client, {"query": "mutation ($x: String) { touch(text: $x) }", "variables": variables})
        assert response.status_code in (200, 400), variables


async def test_null_and_maps_are_fine(client: AsyncClient) -> None:
    for extra in (
        {"variables": None, "operationName": None, "extensions": None},
        {"variables": {"a": 1}, "operationName": "q", "extensions": {"b": 2}},
    ):
        response = await post(client, {"query": "query q { hello }", **extra})
        assert (response.status_code, response.json()["data"]) == (200, {"hello": "world"})


async def test_an_unknown_operation_name_is_refused(client: AsyncClient) -> None:
    response = await post(client, {"query": "query q { hello }", "operationName": "other"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"] == "Unknown operation named 'other'."


async def test_get_carries_queries_only(client: AsyncClient, world: Any) -> None:
    query = "query ($text: String) { hello(text: $text) }"
    response = await get(client, query=query, variables='{"text":"hi"}')
    assert (response.status_code, response.json()["data"]) == (200, {"hello": "hi"})
    response = await get(client, query="mutation { touch }")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert world.calls == ["hello"]
    for wrong in ({}, {"query": query, "variables": "{"}, {"query": query, "variables": "[]"}):
        assert (await get(client, **wrong)).status_code == 400


async def test_other_methods_are_not_allowed(client: AsyncClient) -> None:
    for method in ("PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
        response = await client.request(method, "/graphql")
        assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
    ],
)
async def test_only_json_in_utf8_is_read(client: AsyncClient, content_type: str) -> None:
    response = await client.post("/graphql", content=b'{"query":"{ hello }"}', headers={"Content-Type": content_type})
    assert response.status_code == 415


async def test_utf8_may_be_said(client: AsyncClient) -> None:
    response = await post(client, {"query": "{ hello }"}, **{"Content-Type": 'application/json; charset="UTF-8"'})
    assert response.status_code == 200


async def test_a_large_body_is_refused_while_it_comes_in(client: AsyncClient, world: Any) -> None:
    taken = 0

    async def endless() -> Any:
        nonlocal taken
        while taken < 100:
            taken += 1
            yield b" " * 100_000

    response = await client.post("/graphql", content=endless(), headers={"Content-Type": JSON})
    assert response.status_code == 413
    assert world.calls == []


async def test_a_browser_gets_graphiql(client: AsyncClient) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    response = await client.get("/graphql", headers={"Accept": accept})
    assert response.headers["content-type"].startswith("text/")
    assert response.headers["vary"] == "Accept"


async def test_answers_are_not_kept_by_anyone(client: AsyncClient) -> None:
    response = await post(client, {"query": "{ hello }"})
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in response.headers
