"""Jobs as operators meet them: a worker as a process, held jobs on the command line, a server that works too."""

import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import dev
from app import opened
from resolvers.kit.context import State
from settings import Settings
from storage.jobs import Order, requeue
from tests.conftest import Signed
from tests.factories import connected, platform
from tests.jobs.world import WORKERS, enqueue_now, settled, until

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import dev; dev.enter_environment = lambda pins: None; dev.run_and_exit()"


def start(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    """dev.py as a program on the tests' database."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": settings.database_url, "ENVIRONMENT": "test", "LOG_FORMAT": "json"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(settings: Settings, *arguments: str) -> tuple[int, str, str]:
    """What a command answered."""
    process = start(settings, *arguments)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


async def done(state: State) -> bool:
    return await platform(state, "select from jobs.pgqueuer where entrypoint = 'jobs.forget'") == []


async def test_a_worker_is_a_process_of_its_own(state: State, settings: Settings) -> None:
    async with connected(state.database.logins.admin) as connection:
        await settled(connection, WORKERS, 0)
    process = start(settings, "worker")
    try:
        for _ in range(2):
            await enqueue_now(state.database, Order("jobs.forget"))
            await until(lambda: done(state), seconds=60)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, err) == (0, "")
    assert [line.count('"event":"job notes removed"') for line in out.splitlines()].count(1) == 2
    assert '"event":"working on the queue"' in out.splitlines()[0]


async def test_a_server_works_on_the_queue_unless_told_not_to(state: State, settings: Settings) -> None:
    async with opened(settings.model_copy(update={"job_worker": False})):
        await enqueue_now(state.database, Order("jobs.forget"))
        async with connected(state.database.logins.admin) as connection:
            await settled(connection, WORKERS, 0)
        assert await done(state) is False
    async with opened(settings):
        await until(lambda: done(state))


async def test_held_jobs_are_listed_and_put_back(state: State, settings: Settings, acme: Signed) -> None:
    await requeue(state.database, None)
    assert said(settings, "jobs") == (0, "No job is held.\n", "")
    since = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
    ids = []
    for name, tenant, error in (
        ("test.agencys", acme.agency.id, "OSError in send (resolvers/mail.py:7)"),
        ("test.platforms", None, "TimeoutError"),
    ):
        (row,) = await platform(
            state,
            "insert into jobs.pgqueuer (priority, status, entrypoint, payload, updated, attempts)"
            " values (0, 'failed', $1, $2, $3, 5) returning id",
            *(name, Order(name, tenant).encode(), since),
        )
        await platform(
            state,
            "insert into jobs.pgqueuer_log (job_id, status, priority, entrypoint, traceback)"
            " values ($1, 'failed', 0, $2, jsonb_build_object('exception_message', $3::text))",
            *(row["id"], name, error),
        )
        ids.append(row["id"])
    first, second = map(str, ids)
    code, out, err = said(settings, "jobs")
    assert (code, err) == (0, "")
    when = "2026-11-21 14:05Z"
    assert [re.split(r"  +", line) for line in out.splitlines()] == [
        ["id", "job", "agency", "held since", "attempts", "error"],
        [first, "test.agencys", str(acme.agency.id), when, "6", "OSError in send (resolvers/mail.py:7)"],
        [second, "test.platforms", when, "6", "TimeoutError"],
    ]
    assert said(settings, "jobs", "requeue", first, "0") == (0, f"Back in the queue: {first}. Not held: 0.\n", "")
    assert said(settings, "jobs", "requeue", first) == (0, f"Nothing was put back. Not held: {first}.\n", "")
    assert said(settings, "jobs", "requeue", "--all") == (0, f"Back in the queue: {second}.\n", "")
    left = await platform(state, "select status::text, attempts from jobs.pgqueuer where id = any($1)", ids)
    assert left == [{"status": "queued", "attempts": 0}] * 2
    await platform(state, "delete from jobs.pgqueuer where id = any($1)", ids)


@pytest.mark.parametrize("arguments", [["requeue"], ["requeue", "1", "--all"], ["--all"]])
def test_which_jobs_to_put_back_must_be_said(arguments: list[str]) -> None:
    with pytest.raises(dev.Failure, match=r"^Say which jobs to put back: "):
        dev.jobs(dev.parse(["jobs", *arguments]))


async def test_a_database_without_the_queue_is_explained(settings: Settings) -> None:
    code, out, err = said(settings.model_copy(update={"database_url": f"{settings.database_url}_none"}), "jobs")
    assert (code, out) == (1, "")
    assert err.startswith("The database cannot be reached: ")
