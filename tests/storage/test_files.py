"""The store of files, in a folder and in a bucket: the same promises; and the links by which files are fetched."""

import io
import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID, uuid4

import boto3
import httpx2
import pytest
from moto.server import ThreadedMotoServer
from starlette.applications import Starlette
from starlette.datastructures import State as AppState

from domain.errors import ApiError, ErrorCode
from graph.http import downloads
from settings import Settings
from storage import files
from storage.files import Bucket, FileStore, Folder, MissingFile, disposition, new_key, store_of

BUCKET = "immonow-test"
LOGIN = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "eu-central-1"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """An S3 server of our own on this machine."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(Settings(environment="test", data_dir=tmp_path, site_url="http://test"))


def bucket_settings(endpoint: str, bucket: str = BUCKET) -> Settings:
    return Settings(
        environment="test",
        s3_bucket=bucket,
        s3_endpoint_url=endpoint,
        s3_region="eu-central-1",
        s3_access_key_id="test",
        s3_secret_access_key="test",
    )


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest) -> Iterator[FileStore]:
    if request.param == "folder":
        yield request.getfixturevalue("folder")
        return
    endpoint = request.getfixturevalue("s3")
    client = boto3.client("s3", endpoint_url=endpoint, **LOGIN)
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    client.close()
    made = store_of(bucket_settings(endpoint))
    assert isinstance(made, Bucket)
    yield made
    with httpx2.Client() as http:
        http.post(f"{endpoint}/moto-api/reset")


async def put(store: FileStore, tenant: UUID, content: bytes = b"hello", **more: str) -> str:
    key = new_key(tenant, "documents", "pdf")
    await store.put(key, io.BytesIO(content), **{"name": "Exposé 1.pdf", "content_type": "application/pdf"} | more)
    return key


async def content_of(store: FileStore, key: str) -> bytes:
    with await store.get(key) as found:
        return found.read()


async def test_what_is_stored_is_there_as_a_whole(store: FileStore) -> None:
    key = await put(store, uuid4(), b"x" * 3_000_000)
    assert await store.size(key) == 3_000_000
    assert await content_of(store, key) == b"x" * 3_000_000


async def test_a_file_is_stored_from_its_beginning(store: FileStore) -> None:
    key, content = new_key(uuid4(), "documents"), io.BytesIO(b"hello")
    content.seek(3)
    await store.put(key, content, name="a", content_type="text/plain")
    assert await content_of(store, key) == b"hello"
    assert not content.closed


async def test_what_is_not_there(store: FileStore) -> None:
    key = new_key(uuid4(), "documents", "pdf")
    assert await store.size(key) is None
    with pytest.raises(MissingFile):
        await store.get(key)
    await store.delete(key)


async def test_files_are_removed(store: FileStore) -> None:
    tenant = uuid4()
    first, second = await put(store, tenant), await put(store, tenant)
    await store.delete(first)
    assert (await store.size(first), await store.size(second)) == (None, 5)


async def test_files_of_an_agency_are_found(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PAGE", 2)
    tenant, other = uuid4(), uuid4()
    keys = [await put(store, tenant, b"x" * size) for size in (1, 2, 3)]
    await put(store, other)
    assert {entry.key: entry.size async for entry in store.every(tenant)} == dict(zip(keys, (1, 2, 3), strict=True))
    assert [entry async for entry in store.every(uuid4())] == []


@pytest.mark.parametrize(
    "key", ["", "a", "../x", "/etc/passwd", "{t}/../x", "{t}/documents/../../x", "{t}//x", "{t}/a\x00", "{t}/A", "{t}"]
)
async def test_only_keys_of_our_own_are_used(store: FileStore, key: str) -> None:
    wrong = key.format(t=uuid4())
    with pytest.raises(ValueError, match="no key"):
        await store.put(wrong, io.BytesIO(b"x"), name="x", content_type="text/plain")
    for attempt in (store.get, store.size, store.delete):
        with pytest.raises(ValueError, match="no key"):
            await attempt(wrong)
    with pytest.raises(ValueError, match="no key"):
        store.url(wrong, name="x", content_type="text/plain")


def test_keys_begin_with_the_agency() -> None:
    tenant = uuid4()
    assert new_key(tenant, "documents", "PDF").startswith(f"{tenant}/documents/")
    assert new_key(tenant, "documents", "PDF").endswith(".pdf")
    with pytest.raises(ValueError, match="no key"):
        new_key(tenant, "../other", "pdf")


# The folder of our own


async def test_a_write_that_fails_leaves_nothing(folder: Folder, tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise OSError(5, "broken")

    with pytest.raises(ApiError) as caught:
        await folder.put(new_key(uuid4(), "documents"), Broken(), name="x", content_type="text/plain")
    assert caught.value.code is ErrorCode.STORAGE_SERVICE_ERROR
    assert [names for _, _, names in os.walk(tmp_path) if names] == []


async def test_a_store_that_is_away_is_said_so() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        store = Bucket(bucket_settings(f"http://127.0.0.1:{nobody.getsockname()[1]}"))
        with pytest.raises(ApiError) as caught:
            await store.size(new_key(uuid4(), "documents"))
    assert caught.value.code is ErrorCode.STORAGE_SERVICE_ERROR


# Links


@pytest.fixture
async def web(folder: Folder) -> AsyncIterator[httpx2.AsyncClient]:
    """A server that hands out the folder's files."""

    class Here:
        files = folder

    app = Starlette(routes=downloads.routes())
    app.state = AppState({"server": Here()})
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        yield client


async def test_a_link_hands_out_the_file(folder: Folder, web: httpx2.AsyncClient) -> None:
    key = await put(folder, uuid4())
    response = await web.get(folder.url(key, name="Exposé 1.pdf", content_type="application/pdf"))
    assert (response.status_code, response.content) == (200, b"hello")
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"] == (
        "inline; filename=\"Expos_ 1.pdf\"; filename*=UTF-8''Expos%C3%A9%201.pdf"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_a_part_of_a_file(folder: Folder, web: httpx2.AsyncClient) -> None:
    link = folder.url(await put(folder, uuid4()), name="a.pdf", content_type="application/pdf")
    response = await web.get(link, headers={"Range": "bytes=1-2"})
    assert (response.status_code, response.content) == (206, b"el")
    assert response.headers["content-range"] == "bytes 1-2/5"
    assert (await web.get(link, headers={"Range": "bytes=9-"})).status_code == 416
    assert (await web.head(link)).headers["content-length"] == "5"


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "text/csv", "application/octet-stream"])
def test_only_pictures_and_pdf_are_shown(kind: str) -> None:
    assert disposition("a.x", kind) == "attachment; filename=\"a.x\"; filename*=UTF-8''a.x"


def test_a_name_cannot_add_headers() -> None:
    said = disposition('a"\r\nX: 1', "image/png")
    assert said == "inline; filename=\"a___X_ 1\"; filename*=UTF-8''a%22%0D%0AX%3A%201"


async def test_a_changed_link_is_no_link(folder: Folder, web: httpx2.AsyncClient) -> None:
    tenant = uuid4()
    key, other = await put(folder, tenant), await put(folder, tenant)
    parts = urlsplit(folder.url(key, name="a.pdf", content_type="application/pdf"))
    said = dict(parse_qsl(parts.query))
    good = f"{parts.path}?{urlencode(said)}"
    assert (await web.get(good)).status_code == 200
    for name, value in {"expires": "9999999999", "name": "b.exe", "type": "text/html", "signature": "x"}.items():
        assert (await web.get(f"{parts.path}?{urlencode(said | {name: value})}")).status_code == 404
        without = {key: said[key] for key in said if key != name}
        assert (await web.get(f"{parts.path}?{urlencode(without)}")).status_code == 404
    assert (await web.get(good.replace(key, other))).status_code == 404
    assert (await web.get(good.replace(key, f"{tenant}/%2e%2e/{key}"))).status_code == 404
    moved = {"name": said["name"] + said["type"][:1], "type": said["type"][1:]}
    assert (await web.get(f"{parts.path}?{urlencode(said | moved)}")).status_code == 404


async def test_a_link_expires(folder: Folder, web: httpx2.AsyncClient) -> None:
    key = await put(folder, uuid4())
    assert (await web.get(folder.url(key, name="a", content_type="image/png", seconds=-1))).status_code == 404
    assert (await web.get(folder.url(key, name="a", content_type="image/png", seconds=120))).status_code == 200


async def test_a_link_of_another_server_is_no_link(folder: Folder, web: httpx2.AsyncClient, tmp_path: Path) -> None:
    other = Folder(
        Settings(environment="test", data_dir=tmp_path, jwt_secret_key="another key " * 4, site_url="http://test")
    )
    key = await put(folder, uuid4())
    assert (await web.get(other.url(key, name="a", content_type="image/png"))).status_code == 404


async def test_a_removed_file_has_no_link(folder: Folder, web: httpx2.AsyncClient) -> None:
    key = await put(folder, uuid4())
    link = folder.url(key, name="a", content_type="image/png")
    await folder.delete(key)
    assert (await web.get(link)).status_code == 404


async def test_a_bucket_signs_its_links(s3: str) -> None:
    store = Bucket(bucket_settings(s3))
    key = new_key(uuid4(), "documents", "pdf")
    said = dict(parse_qsl(urlsplit(store.url(key, name="ä.pdf", content_type="text/html")).query))
    assert said["X-Amz-Expires"] == "900"
    assert said["response-content-type"] == "text/html"
    assert said["response-content-disposition"] == "attachment; filename=\"_.pdf\"; filename*=UTF-8''%C3%A4.pdf"
    assert len(said["X-Amz-Signature"]) == 64
