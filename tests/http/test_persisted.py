"""Documents named by their hash, registered beforehand or told by clients; answers that a client may keep."""

import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from pydantic import ValidationError

import dev
from graph.engine.calls import Call
from graph.engine.persisted import ManifestError, PersistedOperations, registered
from tests.http.test_over_http import JSON, RESPONSE, get, post
from tests.http.world import World, settings

HELLO = "query Hello($text: String) { hello(text: $text) }"
OTHER = "{ hello }"
TOUCH = "mutation { touch }"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def named(hash: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash}}, **more}


def refused(response: Response) -> tuple[int, str, str, list[str]]:
    body = response.json()
    assert "data" not in body
    (error,) = body["errors"]
    extensions = error["extensions"]
    return response.status_code, extensions["code"], error["message"], extensions["field"]


@asynccontextmanager
async def running(world: World) -> AsyncIterator[AsyncClient]:
    async with world.app.router.lifespan_context(world.app), world.client() as client:
        yield client


# Automatic


async def test_a_client_tells_a_text_once(client: AsyncClient, world: World) -> None:
    unknown = (400, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound", [])
    assert refused(await post(client, named(sha(HELLO)))) == unknown
    assert refused(await post(client, named(sha(HELLO)), **{"Accept-Language": "de"})) == unknown
    assert refused(await post(client, named(sha(HELLO)), JSON)) == (200, *unknown[1:])
    assert world.calls == []
    response = await post(client, named(sha(HELLO), query=HELLO))
    assert (response.status_code, response.json()["data"]) == (200, {"hello": "world"})
    response = await post(client, named(sha(HELLO), variables={"text": "hi"}, operationName="Hello"))
    assert (response.status_code, response.json()["data"]) == (200, {"hello": "hi"})
    response = await get(client, extensions=json.dumps(named(sha(HELLO))["extensions"]), variables='{"text":"hi"}')
    assert (response.status_code, response.json()["data"]) == (200, {"hello": "hi"})
    assert world.calls == ["hello"] * 3


async def test_a_text_may_be_told_by_get(client: AsyncClient) -> None:
    extensions = json.dumps(named(sha(HELLO))["extensions"])
    assert (await get(client, query=HELLO, extensions=extensions)).json()["data"] == {"hello": "world"}
    assert (await post(client, named(sha(HELLO)))).json()["data"] == {"hello": "world"}


async def test_a_mutation_by_hash_needs_post_as_well(client: AsyncClient, world: World) -> None:
    await post(client, named(sha(TOUCH), query=TOUCH))
    response = await get(client, extensions=json.dumps(named(sha(TOUCH))["extensions"]))
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert (await post(client, named(sha(TOUCH)))).json()["data"] == {"touch": "done"}
    assert world.calls == ["touch", "touch"]


async def test_a_text_under_a_wrong_hash_is_refused_and_not_kept(client: AsyncClient, world: World) -> None:
    field = ["extensions", "persistedQuery", "sha256Hash"]
    assert refused(await post(client, named(sha(OTHER), query=HELLO))) == (
        *(400, "INVALID_INPUT", "The hash is not the SHA-256 of the query.", field),
    )
    for text in (OTHER, HELLO):
        assert refused(await post(client, named(sha(text))))[1] == "PERSISTED_QUERY_NOT_FOUND"
    assert world.calls == []


async def test_what_is_no_document_is_not_kept(client: AsyncClient) -> None:
    for text in ("{", "{ unknown }", "query a { hello } query b { hello }"):
        assert (await post(client, named(sha(text), query=text))).status_code == 400
        assert refused(await post(client, named(sha(text))))[1] == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "persisted",
    [
        5,
        [],
        {},
        {"version": 1},
        {"version": 2, "sha256Hash": sha(HELLO)},
        {"version": 1, "sha256Hash": 5},
        {"version": 1, "sha256Hash": "abc"},
        {"version": 1, "sha256Hash": sha(HELLO).upper()},
        {"version": 1, "sha256Hash": sha(HELLO) + "\n"},
    ],
)
@pytest.mark.parametrize("text", [{}, {"query": HELLO}])
async def test_a_malformed_hash_is_refused(
    client: AsyncClient, world: World, persisted: Any, text: dict[str, str]
) -> None:
    response = await post(client, {"extensions": {"persistedQuery": persisted}, **text})
    message = "Expected {version: 1, sha256Hash: 64 hexadecimal digits}."
    assert refused(response) == (400, "INVALID_INPUT", message, ["extensions", "persistedQuery"])
    assert world.calls == []


async def test_null_is_no_hash(client: AsyncClient) -> None:
    assert (await post(client, {"extensions": {"persistedQuery": None}})).status_code == 400
    response = await post(client, {"extensions": {"persistedQuery": None}, "query": HELLO})
    assert response.json()["data"] == {"hello": "world"}


def keep(store: PersistedOperations, text: str) -> None:
    store.keep(store.resolve(Call(text, {}, None, named(sha(text))["extensions"])))


def kept(store: PersistedOperations) -> list[str]:
    return list(store._automatic.values())


def test_only_so_many_texts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PersistedOperations, "MOST", 3)
    monkeypatch.setattr(PersistedOperations, "MOST_BYTES", 10)
    store = PersistedOperations(settings())
    for text in ("a", "b", "a", "c"):
        keep(store, text)
    assert store.resolve(Call("", {}, None, named(sha("a"))["extensions"])).query == "a"
    keep(store, "d")
    assert (kept(store), store._bytes) == (["c", "a", "d"], 3)
    keep(store, "ä" * 4)
    assert (kept(store), store._bytes) == (["a", "d", "ä" * 4], 10)
    keep(store, "e" * 11)
    assert (kept(store), store._bytes) == ([], 0)


async def test_switched_off_clients_are_told_to_send_texts(make_world: Any) -> None:
    async with running(make_world(persisted_queries="off")) as client:
        response = await post(client, named(sha(HELLO)))
        field = ["extensions", "persistedQuery"]
        assert refused(response) == (400, "INVALID_INPUT", "PersistedQueryNotSupported", field)
        assert (await post(client, named(sha(HELLO), query=HELLO))).json()["data"] == {"hello": "world"}
        assert refused(await post(client, named(sha(HELLO))))[2] == "PersistedQueryNotSupported"
        for anything in (5, {}, {"version": 1}):
            body = {"query": HELLO, "extensions": {"persistedQuery": anything}}
            assert (await post(client, body)).json()["data"] == {"hello": "world"}


# Registered

RELAY = {sha(HELLO): HELLO, sha(TOUCH): TOUCH}
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [
        {"id": sha(HELLO), "body": HELLO, "name": "Hello", "type": "query"},
        {"id": sha(TOUCH), "body": TOUCH, "name": "Touch", "type": "mutation"},
    ],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with the registered operations, as a map."""
    found = tmp_path / "operations.json"
    found.write_text(json.dumps(RELAY))
    return found


def test_both_forms_of_the_file_are_read(file: Path) -> None:
    assert registered(file) == RELAY
    file.write_text(json.dumps(APOLLO))
    assert registered(file) == RELAY


@pytest.mark.parametrize("mode", ["automatic", "registered_only"])
async def test_registered_operations_are_known_from_the_start(make_world: Any, file: Path, mode: str) -> None:
    async with running(make_world(persisted_operations=file, persisted_queries=mode)) as client:
        response = await post(client, named(sha(HELLO), variables={"text": "hi"}))
        assert response.json()["data"] == {"hello": "hi"}
        assert (await post(client, named(sha(TOUCH)))).json()["data"] == {"touch": "done"}
        assert refused(await post(client, named(sha(OTHER))))[2] == "PersistedQueryNotFound"


async def test_registered_only_executes_nothing_else(make_world: Any, file: Path) -> None:
    world = make_world(persisted_operations=file, persisted_queries="registered_only")
    async with running(world) as client:
        for body in ({"query": OTHER}, named(sha(OTHER), query=OTHER), {"query": HELLO + " "}):
            response = await post(client, body, **{"Accept-Language": "de"})
            message = "Dieser Server führt nur registrierte Operationen aus."
            assert refused(response) == (400, "PERSISTED_QUERY_NOT_FOUND", message, [])
        assert (await get(client, query=OTHER)).status_code == 400
        assert world.calls == []
        for body in ({"query": HELLO}, named(sha(HELLO), query=HELLO)):
            assert (await post(client, body)).json()["data"] == {"hello": "world"}
        assert refused(await post(client, named(sha(OTHER))))[2] == "PersistedQueryNotFound"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file or directory."),
        ("{", "is not valid JSON: "),
        ("[]", "must be a map from SHA-256 to document, or version 1 of apollo-persisted-query-manifest."),
        ('{"a": 5}', "must be a map from SHA-256 to document"),
        ('{"format": "other", "version": 1, "operations": []}', "must be a map from SHA-256 to document"),
        (json.dumps(APOLLO | {"version": 2}), "must be a map from SHA-256 to document"),
        (json.dumps(APOLLO | {"operations": {}}), "must be a map from SHA-256 to document"),
        (json.dumps(APOLLO | {"operations": [5]}), "must be a map from SHA-256 to document"),
        (json.dumps(APOLLO | {"operations": [{"id": sha(HELLO)}]}), "must be a map from SHA-256 to document"),
        (json.dumps({sha(HELLO): OTHER}), f": '{sha(HELLO)}' is not the SHA-256 of its document."),
    ],
)
def test_a_bad_file_is_one_sentence_at_the_start(file: Path, content: str | None, sentence: str) -> None:
    file.unlink() if content is None else file.write_text(content)
    with pytest.raises(ManifestError, match=re.escape(sentence)) as error:
        registered(file)
    said = dev.explained(error.value)
    assert said is not None
    assert said.startswith(f"PERSISTED_OPERATIONS: {file}")
    assert said.endswith(".")


def test_an_empty_register_is_allowed(file: Path) -> None:
    file.write_text("{}")
    assert registered(file) == {}


def test_registered_only_needs_a_file() -> None:
    with pytest.raises(ValidationError, match="PERSISTED_OPERATIONS must name a file when"):
        settings(persisted_queries="registered_only")


# Answers to keep


async def test_the_answer_of_a_get_has_a_tag_that_follows_the_data(client: AsyncClient) -> None:
    first = await get(client, query=HELLO)
    again = await get(client, query=HELLO)
    assert (
        first.content
        == again.content
        == b'{"data":{"hello":"world"},"extensions":{"cost":{"requested":0,"maximum":5000}}}'
    )
    assert re.fullmatch(r'"[0-9a-f]{32}"', first.headers["etag"])
    assert first.headers["etag"] == again.headers["etag"]
    assert first.headers["x-request-id"] != again.headers["x-request-id"]
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"] == "Authorization, Accept, Accept-Language, X-Tenant-ID"
    other = await get(client, query=HELLO, variables='{"text":"hi"}')
    assert other.headers["etag"] != first.headers["etag"]
    assert (await get(client, JSON, query=HELLO)).headers["etag"] != first.headers["etag"]


async def test_what_a_client_has_is_not_sent_again(client: AsyncClient, world: World) -> None:
    tag = (await get(client, query=HELLO)).headers["etag"]
    url = client.base_url.join("/graphql").copy_with(params={"query": HELLO})
    for known, status in (
        (tag, 304),
        (f"W/{tag}", 304),
        (f'"other", {tag}', 304),
        ("*", 304),
        ('"other"', 200),
        (tag.strip('"'), 200),
        ("", 200),
    ):
        response = await client.get(url, headers={"Accept": RESPONSE, "If-None-Match": known})
        assert response.status_code == status, known
        assert response.headers["etag"] == tag
        assert response.headers["cache-control"] == "private, no-cache"
        assert response.headers["vary"] == "Authorization, Accept, Accept-Language, X-Tenant-ID"
        assert "x-ratelimit-remaining" in response.headers
        assert response.headers["x-content-type-options"] == "nosniff"
        assert (response.content == b"") is (status == 304)
    assert world.calls == ["hello"] * 8


@pytest.mark.parametrize("query", ["{ hello forbidden }", "{ unknown }", "{", "{ away }"])
async def test_answers_with_errors_are_not_kept(client: AsyncClient, query: str) -> None:
    response = await client.get("/graphql", params={"query": query}, headers={"If-None-Match": "*", "Accept": JSON})
    assert response.status_code in (200, 503)
    assert "etag" not in response.headers
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["errors"][0]["extensions"]["requestId"] == response.headers["x-request-id"]


async def test_answers_of_posts_have_no_tag(client: AsyncClient) -> None:
    response = await post(client, {"query": HELLO}, **{"If-None-Match": "*"})
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    assert "etag" not in response.headers
    assert set(response.json()["extensions"]) == {"cost", "requestId", "timestamp"}
