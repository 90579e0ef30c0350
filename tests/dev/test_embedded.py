"""The bundled PostgreSQL: one server per folder, nothing left behind, nothing lost."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from storage.embedded import EmbeddedError, EmbeddedPostgres, binary, data_secret, running_url
from tests.factories import connected

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A deep data folder with a space in its path that the user nobody may enter; pytest's own is closed to others."""
    top = Path(tempfile.mkdtemp(prefix="immonow-test-"))
    top.chmod(0o711)
    deep = top / "a folder" / ("long" * 30) / "data"
    yield deep
    shutil.rmtree(top)


async def ask(url: str, sql: str) -> object:
    async with connected(url) as connection:
        return await connection.fetchval(sql)


async def test_data_outlives_the_server(folder: Path) -> None:
    with EmbeddedPostgres(folder) as first:
        url = running_url(folder)
        assert url is not None
        await ask(url, "create table kept as select 42 as answer")
        assert await ask(url, "show fsync") == "on"
        assert await ask(url, "select rolsuper from pg_roles where rolname = current_user") is True
        assert first.cluster.is_relative_to(folder)
    assert running_url(folder) is None
    with EmbeddedPostgres(folder):
        url = running_url(folder)
        assert url is not None
        assert await ask(url, "select answer from kept") == 42


def test_a_second_server_on_one_folder_is_refused_in_one_sentence(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        second = EmbeddedPostgres(folder)
        with pytest.raises(EmbeddedError) as refusal:
            second.start()
        assert str(refusal.value) == f"Another server already runs on the data folder {folder}."
        assert running_url(folder) is not None


async def test_kill_leaves_no_process_and_loses_nothing(folder: Path) -> None:
    child = parent_of_a_server(folder)
    assert child.stdout is not None
    with child:
        url, pid = child.stdout.readline().strip(), int(child.stdout.readline())
        await ask(url, "create table kept as select 42 as answer")
        child.kill()
    deadline = time.monotonic() + 20
    while _is_alive(pid):
        assert time.monotonic() < deadline, "PostgreSQL outlived its parent"
        os.sched_yield()
    with EmbeddedPostgres(folder):
        again = running_url(folder)
        assert again is not None
        assert await ask(again, "select answer from kept") == 42


def parent_of_a_server(folder: Path) -> subprocess.Popen[str]:
    program = (
        "import signal, sys; from pathlib import Path; from storage.embedded import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1])); print(server.start(), flush=True)\n"
        "print(server._process.pid, flush=True); signal.pause()"
    )
    return subprocess.Popen([sys.executable, "-c", program, folder], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes() if sys.platform == "linux" else True
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_a_leftover_pid_file_that_names_a_stranger_does_not_hinder(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        pid_file = server.cluster / "postmaster.pid"
        text = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *text[1:]]))
    with EmbeddedPostgres(folder):
        assert running_url(folder) is not None


async def test_a_throwaway_server_is_fast_alike_everywhere_and_gone_afterwards(folder: Path) -> None:
    server = EmbeddedPostgres(folder, throwaway=True)
    url = server.start()
    try:
        assert await ask(url, "show fsync") == "off"
        assert await ask(url, "show max_connections") == "200"
        assert await ask(url, "show listen_addresses") == "127.0.0.1"
        assert await ask(url, "show server_encoding") == "UTF8"
        assert await ask(url, "show timezone") == "UTC"
        assert await ask(url, "select lower('ÄÖÜ')") == "äöü"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(url.replace(make_url(url).password or "", "guess"), "select 1")
    finally:
        server.stop()
        server.stop()  # a second time is harmless
    assert not folder.exists()  # noqa: ASYNC240 - a look at the disk, nothing waits


def test_secrets_are_private_and_stay(folder: Path) -> None:
    secret = data_secret(folder)
    assert len(secret) >= 32
    assert data_secret(folder) == secret
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600


def test_a_folder_that_is_a_file_is_explained(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("")
    server = EmbeddedPostgres(folder)
    with pytest.raises(EmbeddedError) as refusal:
        server.start()
    assert str(refusal.value) == f"The data folder {folder} is not a folder."


@contextmanager
def without_root() -> Iterator[None]:
    """Root may write everywhere; for a moment this process is somebody who may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_written_is_explained(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o500)
    server = EmbeddedPostgres(folder)
    with without_root(), pytest.raises(EmbeddedError) as refusal:
        server.start()
    assert str(refusal.value).startswith(f"The data folder {folder} cannot be read and written:")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to the user nobody")
def test_a_folder_that_nobody_may_not_enter_is_explained(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.parent.chmod(0o700)
    server = EmbeddedPostgres(folder)
    with pytest.raises(EmbeddedError) as refusal:
        server.start()
    assert str(refusal.value).startswith("As root, PostgreSQL runs as the user nobody, who may not enter")


def test_data_of_another_version_is_refused(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        version_file = server.cluster / "PG_VERSION"
    version_file.write_text("14\n")
    server = EmbeddedPostgres(folder)
    with pytest.raises(EmbeddedError) as refusal:
        server.start()
    assert str(refusal.value).startswith(f"The data in {folder} belongs to PostgreSQL 14,")


def test_an_interrupted_first_start_leaves_no_half_made_cluster(folder: Path) -> None:
    (folder / "postgres.partial" / "base").mkdir(parents=True)
    folder.chmod(0o711)
    with EmbeddedPostgres(folder):
        assert not (folder / "postgres.partial").exists()
        assert running_url(folder) is not None


def test_the_programs_beside_the_server_are_there() -> None:
    for name in ("psql", "pg_dump"):
        done = subprocess.run([binary(name), "--version"], capture_output=True, text=True, check=True)
        assert done.stdout.startswith(f"{name} (PostgreSQL) ")
