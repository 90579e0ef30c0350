"""Requests with files: the form's shape, its bounds, who may send it, and that nothing of it stays."""

import hashlib
import json
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from domain.access import Role
from settings import Limits, RateLimits
from tests.http.world import GENEROUS, World

BOUNDARY = "a1b2c3"
ONE = {"query": "mutation($file: Upload) { store(file: $file) }", "variables": {"file": None}}
PREFLIGHT = {"GraphQL-Require-Preflight": "1"}


def part(name: str, content: bytes, filename: str | None = None, kind: str | None = None) -> bytes:
    said = f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
    return (said + (f"\r\nContent-Type: {kind}" if kind else "")).encode() + b"\r\n\r\n" + content


def form(*parts: bytes, ended: bool = True) -> bytes:
    line = b"--" + BOUNDARY.encode()
    return b"".join(line + b"\r\n" + piece + b"\r\n" for piece in parts) + (line + b"--\r\n" if ended else b"")


def standard(operations: Any = ONE, places: Any = None, **files: bytes) -> bytes:
    files = files or {"0": b"hello world"}
    named = {name: ["variables.file"] for name in files} if places is None else places
    return form(
        part("operations", json.dumps(operations).encode()),
        part("map", json.dumps(named).encode()),
        *(part(name, content, f"{name}.txt", "text/plain") for name, content in files.items()),
    )


async def send(client: AsyncClient, body: bytes, token: str | None, **more: str) -> Response:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **PREFLIGHT, **more}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return await client.post(
        "/graphql", content=body, headers={name: value for name, value in headers.items() if value}
    )


@pytest.fixture
def token(world: World) -> str:
    return world.sign_in(Role.AGENT)[1]


async def test_a_file_reaches_the_resolver_and_is_gone_afterwards(
    client: AsyncClient, world: World, token: str
) -> None:
    response = await send(client, standard(), token)
    assert response.json()["data"] == {"store": "0.txt:text/plain:11:hello"}
    (upload,) = world.uploads
    assert (upload.size, upload.sha256) == (11, hashlib.sha256(b"hello world").hexdigest())
    assert upload.file.closed


async def test_several_files_keep_their_places(client: AsyncClient, world: World, token: str) -> None:
    operations = {
        "query": "mutation($file: Upload, $files: [Upload]) { store(file: $file, files: $files) }",
        "variables": {"file": None, "files": [None, None]},
    }
    places = {"a": ["variables.files.1"], "b": ["variables.file"], "c": ["variables.files.0"]}
    response = await send(client, standard(operations, places, a=b"AAA", b=b"BBB", c=b"CCC"), token)
    assert response.json()["data"] == {"store": "c.txt:text/plain:3:CCC a.txt:text/plain:3:AAA b.txt:text/plain:3:BBB"}
    assert all(upload.file.closed for upload in world.uploads)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("a\tb.pdf", "ab.pdf"),
        ("Größe.pdf", "Größe.pdf"),
        ("..", ".."),
        ("/", "file"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
async def test_names_of_files_are_no_paths(client: AsyncClient, world: World, token: str, sent: str, kept: str) -> None:
    pieces = [part("operations", json.dumps(ONE).encode()), part("map", b'{"0": ["variables.file"]}')]
    response = await send(client, form(*pieces, part("0", b"x", sent.replace("\\", "\\\\"), "text/plain")), token)
    assert response.status_code == 200
    assert [upload.name for upload in world.uploads] == [kept]


OPERATIONS = part("operations", json.dumps(ONE).encode())
MAP = part("map", b'{"0": ["variables.file"]}')
FILE = part("0", b"hello", "a.txt")


@pytest.mark.parametrize(
    "body",
    {
        "nothing": b"",
        "no form": b"hello",
        "cut off": form(OPERATIONS, MAP, FILE, ended=False),
        "only operations": form(OPERATIONS),
        "no map": form(OPERATIONS, FILE),
        "map first": form(MAP, OPERATIONS, FILE),
        "file first": form(FILE, OPERATIONS, MAP),
        "operations twice": form(OPERATIONS, OPERATIONS, FILE),
        "file twice": form(OPERATIONS, MAP, FILE, FILE),
        "another field": form(OPERATIONS, MAP, FILE, part("more", b"x")),
        "a part without a name": form(OPERATIONS, MAP, b"Content-Type: text/plain\r\n\r\nx"),
        "operations no JSON": form(part("operations", b"{"), MAP, FILE),
        "operations not UTF-8": form(part("operations", b'{"query": "\xff"}'), MAP, FILE),
        "several operations": standard([ONE]),
        "no query": standard({"variables": {"file": None}}),
        "map no JSON": form(OPERATIONS, part("map", b"nothing"), FILE),
        "map a list": standard(places=[["variables.file"]]),
        "map without places": standard(places={"0": []}),
        "map with a number": standard(places={"0": 5}),
        "a file nobody awaits": standard(places={}),
        "a file that is missing": standard(places={"0": ["variables.file"], "1": ["variables.other"]}),
        "the same place twice": standard(places={"0": ["variables.file", "variables.file"]}),
        "a place that is taken": standard(ONE | {"variables": {"file": "text"}}),
        "a place that is not there": standard(places={"0": ["variables.other"]}),
        "the query as place": standard(places={"0": ["query"]}),
        "all variables as place": standard(places={"0": ["variables"]}),
        "an index beyond": standard(
            {"query": "mutation($files: [Upload]) { store(files: $files) }", "variables": {"files": [None]}},
            {"0": ["variables.files.1"]},
        ),
        "a negative index": standard(
            {"query": "mutation($files: [Upload]) { store(files: $files) }", "variables": {"files": [None]}},
            {"0": ["variables.files.-1"]},
        ),
        "a place with a number": standard(places={"0": [5]}),
        "a query": standard({"query": "{ hello }", "variables": {"file": None}}),
    }.items(),
    ids=lambda item: item[0],
)
async def test_a_wrong_form_is_400_and_does_nothing(
    client: AsyncClient, world: World, token: str, body: tuple[str, bytes]
) -> None:
    response = await send(client, body[1], token)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "INVALID_INPUT")
    assert world.calls == []


@pytest.mark.parametrize("header", ["GraphQL-Require-Preflight", "Apollo-Require-Preflight", "X-Apollo-Operation-Name"])
async def test_a_form_of_another_site_is_refused(client: AsyncClient, world: World, token: str, header: str) -> None:
    response = await send(client, standard(), token, **{"GraphQL-Require-Preflight": ""})
    assert (response.status_code, world.calls) == (400, [])
    response = await send(client, standard(), token, **{"GraphQL-Require-Preflight": "", header: "store"})
    assert (response.status_code, world.calls) == (200, ["store"])


async def test_strangers_send_no_files(client: AsyncClient, world: World) -> None:
    """Nothing of the body is read: it may be endless."""
    read = 0
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **PREFLIGHT}
    request = client.build_request("POST", "/graphql", headers=headers)
    messages: list[Any] = []

    async def receive() -> Any:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def collect(message: Any) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in request.headers.raw if name.lower() != b"content-length"],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
        "state": {},
    }
    await world.app(scope, receive, collect)
    body = json.loads(messages[1]["body"])
    assert [error["extensions"]["code"] for error in body["errors"]] == ["UNAUTHENTICATED"]
    assert read == 0


@pytest.mark.parametrize("stated", [True, False])
async def test_too_large_a_form_is_413(make_world: Any, stated: bool) -> None:
    world: World = make_world(limits=Limits(upload_bytes=2_000))
    _, token = world.sign_in(Role.AGENT)
    body = standard(**{"0": b"x" * 2_001})

    async def pieces() -> Any:
        for start in range(0, len(body), 100):
            yield body[start : start + 100]

    async with world.app.router.lifespan_context(world.app), world.client() as client:
        response = await send(client, body if stated else pieces(), token)  # type: ignore[arg-type]
    assert (response.status_code, world.calls) == (413, [])


async def test_operations_have_the_bound_of_a_body(make_world: Any) -> None:
    world: World = make_world(limits=Limits(body_bytes=1_000))
    _, token = world.sign_in(Role.AGENT)
    async with world.app.router.lifespan_context(world.app), world.client() as client:
        response = await send(client, standard(ONE | {"extensions": {"x": "y" * 1_000}}), token)
        assert (response.status_code, world.calls) == (413, [])
        places = {"0": ["variables.file"], "x": ["y" * 70_000]}
        response = await send(client, standard(places=places), token)
        assert (response.status_code, world.calls) == (413, [])


async def test_too_many_files_are_413(make_world: Any) -> None:
    world: World = make_world(limits=Limits(upload_files=2))
    _, token = world.sign_in(Role.AGENT)
    operations = {
        "query": "mutation($files: [Upload]) { store(files: $files) }",
        "variables": {"files": [None, None, None]},
    }
    places = {str(index): [f"variables.files.{index}"] for index in range(3)}
    async with world.app.router.lifespan_context(world.app), world.client() as client:
        response = await send(client, standard(operations, places, **dict.fromkeys("012", b"x")), token)
    assert (response.status_code, world.calls) == (413, [])


async def test_sending_files_has_a_rate_of_its_own(make_world: Any) -> None:
    rates = RateLimits(**GENEROUS.model_dump() | {"upload": "2/minute"})
    world: World = make_world(rate_limits=rates)
    _, token = world.sign_in(Role.AGENT)
    async with world.app.router.lifespan_context(world.app), world.client() as client:
        answers = [await send(client, standard(), token, Accept="application/graphql-response+json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["errors"][0]["extensions"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert world.calls == ["store", "store"]


async def test_a_text_is_no_file(client: AsyncClient, world: World, token: str) -> None:
    response = await client.post(
        "/graphql", json=ONE | {"variables": {"file": "hello"}}, headers={"Authorization": f"Bearer {token}"}
    )
    assert "errors" in response.json()
    assert world.calls == []


async def test_files_tell_two_requests_apart(client: AsyncClient, world: World, token: str) -> None:
    for content in (b"one", b"one", b"two"):
        await send(client, standard(**{"0": content}), token)
    first, again, other = (context.body_hash for context in world.contexts)
    assert first == again != other
