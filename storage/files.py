"""Where files lie: in a folder of this machine, or in a bucket of an S3 store. Names for people live in the database.

A key begins with the agency it belongs to and is made here alone; what people call a file never becomes a path. Files
are fetched by links that are signed and soon expire: the store itself is never public.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import re
import shutil
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import quote, urlencode
from uuid import UUID

from domain.errors import ApiError, ErrorCode
from models.base import uuid7
from settings import Settings

T = TypeVar("T")

LINK_SECONDS = 15 * 60
# What a browser may show by itself; everything else it is told to save.
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "application/pdf"})
# What the extension of a key says of its file; a key has the extension of what was found in the file.
CONTENT_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/[a-z0-9_-]{1,40}){1,12}(\.[a-z0-9]{1,10})?")
_PAGE = 1_000


class MissingFile(LookupError):
    """There is no file under this key."""


@dataclass(frozen=True)
class Stored:
    """A file of the store."""

    key: str
    size: int
    modified: datetime


def new_key(tenant: UUID, area: str, extension: str = "") -> str:
    """A key for a new file of an agency: `area` says what it is for."""
    return _checked(f"{tenant}/{area}/{uuid7()}" + (f".{extension.lower()}" if extension else ""))


def content_type_of(key: str) -> str:
    """The kind of a file by its key."""
    return CONTENT_TYPES.get(key.rpartition(".")[2], "application/octet-stream")


def disposition(name: str, content_type: str) -> str:
    """Whether a browser shows a file or saves it, and under which name."""
    plain = re.sub(r"[^\w .()-]", "_", name.encode("ascii", "replace").decode())
    how = "inline" if content_type in SHOWN else "attachment"
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class FileStore(ABC):
    """A place for files. What goes wrong with the store itself is STORAGE_SERVICE_ERROR."""

    @abstractmethod
    async def put(self, key: str, file: BinaryIO, *, name: str, content_type: str) -> None:
        """Store a file from its beginning; it is there as a whole or not at all."""

    @abstractmethod
    async def get(self, key: str) -> BinaryIO:
        """The file, to be read and closed. Raises `MissingFile`."""

    @abstractmethod
    async def delete(self, *keys: str) -> None:
        """Remove files; those that are gone already do not matter."""

    @abstractmethod
    async def size(self, key: str) -> int | None:
        """How many bytes a file has; None when there is none."""

    @abstractmethod
    def url(self, key: str, *, name: str, content_type: str, seconds: int = LINK_SECONDS) -> str:
        """A link by which anybody may fetch the file for a while. Give it to nobody who may not see the file."""

    @abstractmethod
    def _entries(self, prefix: str) -> Iterator[Stored]:
        """The files whose keys begin like this, read while it goes on."""

    async def every(self, tenant: UUID, area: str = "") -> AsyncIterator[Stored]:
        """All files of an agency, or those of an area."""
        entries = self._entries(f"{tenant}/{area}/" if area else f"{tenant}/")
        while page := await _away(lambda: list(islice(entries, _PAGE))):
            for entry in page:
                yield entry


def store_of(settings: Settings) -> FileStore:
    """The store the settings name."""
    return Bucket(settings) if settings.s3_bucket else Folder(settings)


class Folder(FileStore):
    """Files in a folder of this machine; the server hands them out itself."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.data_dir.absolute() / "files"
        self._links = f"{settings.site_url.rstrip('/')}/files/"
        self._secret = hmac.new(settings.jwt_secret_key.encode(), b"files", hashlib.sha256).digest()

    async def put(self, key: str, file: BinaryIO, *, name: str, content_type: str) -> None:
        path = self._path(key)

        def write() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            file.seek(0)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as beside:
                try:
                    shutil.copyfileobj(file, beside, 1024 * 1024)
                    beside.flush()
                    os.fsync(beside.fileno())
                    os.replace(beside.name, path)
                except BaseException:
                    Path(beside.name).unlink(missing_ok=True)
                    raise

        await _away(write)

    async def get(self, key: str) -> BinaryIO:
        path = self._path(key)
        try:
            return await asyncio.to_thread(lambda: path.open("rb"))
        except FileNotFoundError:
            raise MissingFile(key) from None

    async def delete(self, *keys: str) -> None:
        paths = [self._path(key) for key in keys]

        def remove() -> None:
            for path in paths:
                path.unlink(missing_ok=True)

        await _away(remove)

    async def size(self, key: str) -> int | None:
        path = self._path(key)
        return await asyncio.to_thread(lambda: path.stat().st_size if path.is_file() else None)

    def url(self, key: str, *, name: str, content_type: str, seconds: int = LINK_SECONDS) -> str:
        # Whole minutes: what is asked for again soon has the same link, and lies in the browser's cache.
        said = {"expires": str(int(time.time()) // 60 * 60 + seconds), "name": name, "type": content_type}
        return f"{self._links}{_checked(key)}?{urlencode(said)}&signature={self._signature(key, said)}"

    def fetched(self, key: str, said: Mapping[str, str]) -> Path | None:
        """The file a link points to; None when the link is not ours, its time is up, or the file is gone."""
        named = {name: said.get(name, "") for name in ("expires", "name", "type")}
        if not hmac.compare_digest(self._signature(key, named).encode(), said.get("signature", "").encode()):
            return None
        path = self._path(key)
        return path if int(named["expires"]) > time.time() and path.is_file() else None

    def _signature(self, key: str, said: Mapping[str, str]) -> str:
        # Every part has its length before it: none can end where another begins.
        parts = [key, said["expires"], said["name"], said["type"]]
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def _path(self, key: str) -> Path:
        return self._root / _checked(key)

    def _entries(self, prefix: str) -> Iterator[Stored]:
        for folder, _, names in os.walk(self._root / prefix):
            for name in sorted(names):
                if not name.startswith("."):
                    path = Path(folder, name)
                    found = path.stat()
                    moment = datetime.fromtimestamp(found.st_mtime, UTC)
                    yield Stored(path.relative_to(self._root).as_posix(), found.st_size, moment)


class Bucket(FileStore):
    """Files in a bucket of an S3 store, by threads: the library knows no other way."""

    def __init__(self, settings: Settings) -> None:
        import boto3  # type: ignore[import-untyped]  # noqa: PLC0415 - takes a second and 30 MB, for those who use it
        from botocore.config import Config  # type: ignore[import-untyped]  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]  # noqa: PLC0415

        self._bucket = settings.s3_bucket
        self._failures = (BotoCoreError, ClientError)
        self._refused = ClientError
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=settings.s3_endpoint_url or None,
            region_name=settings.s3_region or None,
            aws_access_key_id=settings.s3_access_key_id or None,
            aws_secret_access_key=settings.s3_secret_access_key or None,
            config=Config(signature_version="s3v4", connect_timeout=5, read_timeout=30, retries={"max_attempts": 3}),
        )

    async def put(self, key: str, file: BinaryIO, *, name: str, content_type: str) -> None:
        about = {"original-name": quote(name), "tenant-id": _checked(key).partition("/")[0]}

        def send() -> None:
            file.seek(0)
            # It closes what it is given.
            with tempfile.TemporaryFile() as copy:
                shutil.copyfileobj(file, copy, 1024 * 1024)
                copy.seek(0)
                more = {"ContentType": content_type, "Metadata": about}
                self._client.upload_fileobj(copy, self._bucket, key, ExtraArgs=more)

        await self._ask(send)

    async def get(self, key: str) -> BinaryIO:
        def fetch() -> BinaryIO:
            found = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
            try:
                self._client.download_fileobj(self._bucket, _checked(key), found)
            except BaseException:
                found.close()
                raise
            found.seek(0)
            return cast(BinaryIO, found)

        try:
            return await asyncio.to_thread(fetch)
        except self._refused as error:
            if _missing(error):
                raise MissingFile(key) from None
            raise _failed() from error
        except self._failures as error:
            raise _failed() from error

    async def delete(self, *keys: str) -> None:
        def remove() -> None:
            for start in range(0, len(keys), _PAGE):
                named = [{"Key": _checked(key)} for key in keys[start : start + _PAGE]]
                self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": named, "Quiet": True})

        await self._ask(remove)

    async def size(self, key: str) -> int | None:
        try:
            found = await asyncio.to_thread(self._client.head_object, Bucket=self._bucket, Key=_checked(key))
        except self._refused as error:
            if _missing(error):
                return None
            raise _failed() from error
        except self._failures as error:
            raise _failed() from error
        return int(found["ContentLength"])

    def url(self, key: str, *, name: str, content_type: str, seconds: int = LINK_SECONDS) -> str:
        asked = {
            "Bucket": self._bucket,
            "Key": _checked(key),
            "ResponseContentDisposition": disposition(name, content_type),
            "ResponseContentType": content_type,
        }
        return str(self._client.generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds))

    def _entries(self, prefix: str) -> Iterator[Stored]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        try:
            for page in pages:
                for entry in page.get("Contents", ()):
                    yield Stored(entry["Key"], entry["Size"], entry["LastModified"])
        except self._failures as error:
            raise _failed() from error

    async def _ask(self, what: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(what)
        except self._failures as error:
            raise _failed() from error


def _checked(key: str) -> str:
    """A key as this module makes them: what is no such key never reaches the store."""
    if not _KEY.fullmatch(key):
        raise ValueError("no key of this store")
    return key


async def _away(what: Callable[[], T]) -> T:
    """Do it in a thread; a disk that fails is a store that fails."""
    try:
        return await asyncio.to_thread(what)
    except OSError as error:
        raise _failed() from error


def _failed() -> ApiError:
    return ApiError(ErrorCode.STORAGE_SERVICE_ERROR, status=502)


def _missing(error: Any) -> bool:
    return error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey", "NotFound")
