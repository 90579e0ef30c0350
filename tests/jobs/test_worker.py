"""Workers: every job is done, however many of them there are and whatever happens to them."""

import asyncio
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from structlog.testing import capture_logs

from jobs.worker import Patience
from resolvers.kit.context import State
from resolvers.kit.jobs import AgencyWork, Work, job
from settings import Settings
from storage.jobs import held, requeue, sizes
from tests.conftest import Signed
from tests.factories import connected, platform
from tests.jobs.world import HASTY, QUICK, WORKERS, Book, Page, settled, until

ROOT = Path(__file__).parents[2]
DEAF = replace(QUICK, look=timedelta(seconds=60), silence=timedelta(seconds=60))


async def cut(state: State) -> int:
    """End the connection of the only worker of this database."""
    async with connected(state.database.logins.admin) as connection:
        await settled(connection, WORKERS, 1)
        return int(await connection.fetchval(f"select count(pg_terminate_backend(pid)) {WORKERS}"))


async def test_three_workers_do_each_job_once(state: State) -> None:
    book = Book()

    async def work(work: Work) -> None:
        await asyncio.sleep(0.001)
        book.done.append((work.id,))

    name = book.add("test.many", work)
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(book.at_work(state))
        for _ in range(60):
            await book.order(state, name)
        await until(lambda: len(book.done) >= 60)
        await until(lambda: _empty(book, state))
    assert (len(book.done), set(Counter(book.done).values())) == (60, {1})
    assert Counter(book.outcomes) == {"done": 60}


async def _empty(book: Book, state: State) -> bool:
    return await book.queue(state) == []


async def test_a_new_job_wakes_a_worker_that_would_not_look(state: State) -> None:
    book = Book()

    async def work(_: Work) -> None:
        book.done.append(("done",))

    name = book.add("test.wake", work)
    async with book.at_work(state, pace=DEAF):
        for number in range(1, 4):
            await book.order(state, name)
            await until(lambda number=number: len(book.done) == number, seconds=5)


async def test_what_fails_is_tried_again(state: State) -> None:
    book = Book()

    async def work(_: Work) -> None:
        book.done.append(("tried",))
        if len(book.done) < 3:
            raise OSError("the other side is away")

    name = book.add("test.flaky", work)
    with capture_logs() as logs:
        async with book.at_work(state):
            await book.order(state, name)
            await until(lambda: "done" in book.outcomes)
            await until(lambda: _empty(book, state))
    assert book.outcomes == ["retried", "retried", "done"]
    assert [(line["event"], line["attempt"]) for line in logs if line.get("job") == name] == [
        ("job failed, to be tried again", 1),
        ("job failed, to be tried again", 2),
    ]


def test_the_pauses_grow() -> None:
    assert [delay.total_seconds() for delay in Patience().delays] == [10, 30, 90, 270, 810]


async def test_the_pause_is_kept(state: State) -> None:
    book = Book()

    async def work(_: Work) -> None:
        raise OSError

    name = book.add("test.pause", work)
    async with book.at_work(state, patience=replace(HASTY, delays=(timedelta(seconds=90),))):
        await book.order(state, name)
        await until(lambda: book.outcomes)
        await until(lambda: _in(book, state, [("test.pause", "queued", 1)]))
    (row,) = await platform(
        state, "select execute_after - now() as pause from jobs.pgqueuer where entrypoint = $1", name
    )
    assert timedelta(seconds=80) < row["pause"] <= timedelta(seconds=90)


async def _in(book: Book, state: State, wanted: list[tuple[str, str, int]]) -> bool:
    return await book.queue(state) == wanted


async def test_what_fails_for_good_is_held_until_somebody_has_looked(state: State) -> None:
    book, broken = Book(), True

    async def work(_: Work) -> None:
        if broken:
            raise ValueError("berta@example.com is a secret")
        book.done.append(("done",))

    name = book.add("test.broken", work)
    with capture_logs():
        async with book.at_work(state):
            await book.order(state, name)
            await until(lambda: _in(book, state, [("test.broken", "failed", 2)]))
    assert book.outcomes == ["retried", "retried", "held"]
    (found,) = [job for job in await held(state.database) if job.name == name]
    place = "ValueError in work (tests/jobs/test_worker.py:"
    assert (found.attempts, found.tenant, found.error[: len(place)]) == (3, None, place)
    kept = await platform(
        state,
        "select traceback::text as text from jobs.pgqueuer_log where entrypoint = $1 and traceback is not null",
        name,
    )
    assert len(kept) == 3
    assert [row for row in kept if "berta" in row["text"]] == []
    assert (await sizes(state.database)).failed >= 1

    broken = False
    assert await requeue(state.database, [found.id, 0]) == [found.id]
    assert await requeue(state.database, [found.id]) == []
    async with book.at_work(state):
        await until(lambda: book.done)
        await until(lambda: _empty(book, state))
    assert await held(state.database) == [job for job in await held(state.database) if job.name != name]


async def test_all_held_jobs_go_back_even_beside_one_of_their_kind(state: State) -> None:
    book = Book()
    for status in ("failed", "queued"):
        await platform(
            state,
            "insert into jobs.pgqueuer (priority, status, entrypoint, dedupe_key)"
            " values (0, $1::text::jobs.pgqueuer_status, 'test.all.' || $2, $2)",
            status,
            book.mark,
        )
    assert len(await requeue(state.database, None)) >= 1
    assert await book.queue(state) == [("test.all", "queued", 0)] * 2


async def test_what_no_attempt_can_do_is_held_at_once(state: State, acme: Signed) -> None:
    book = Book()

    async def work(_: AgencyWork) -> None:
        book.done.append(("done",))

    async def of_nobody(_: Work) -> None:
        book.done.append(("done",))

    async def paged(_: Work, page: Page) -> None:
        book.done.append((page,))

    names = ("test.agencys", "test.platforms", "test.paged")
    agencys, platforms = book.add_of_agency(names[0], work), book.add(names[1], of_nobody)
    job(f"{names[2]}.{book.mark}", registry=book.registry)(paged)
    with capture_logs():
        async with book.at_work(state):
            await book.order(state, agencys)
            await book.order(state, platforms, acme.agency.id)
            await book.order(state, f"{names[2]}.{book.mark}", number="seven")
            await until(lambda: _in(book, state, [(name, "failed", 0) for name in names]))
    assert (book.outcomes, book.done) == (["held"] * 3, [])


async def test_an_attempt_has_an_end(state: State) -> None:
    book = Book()

    async def work(_: Work) -> None:
        await asyncio.sleep(60)

    name = book.add("test.endless", work, patience=timedelta(milliseconds=20))
    with capture_logs():
        async with book.at_work(state):
            await book.order(state, name)
            await until(lambda: _in(book, state, [("test.endless", "failed", 2)]))
    (found,) = [job for job in await held(state.database) if job.name == name]
    assert found.error.startswith("TimeoutError")


async def test_a_worker_told_to_stop_finishes_or_gives_back(state: State) -> None:
    book = Book()

    async def short(_: Work) -> None:
        book.done.append(("short begins",))
        await book.gate.wait()
        book.done.append(("short",))

    async def long(_: Work) -> None:
        book.done.append(("long begins",))
        await asyncio.sleep(60)

    names = [book.add("test.short", short), book.add("test.long", long)]
    worker = book.worker(state, patience=replace(HASTY, stop=timedelta(milliseconds=300)))
    running = asyncio.create_task(worker.run())
    for name in names:
        await book.order(state, name)
    await until(lambda: len(book.done) == 2)
    worker.stop()
    book.gate.set()
    async with asyncio.timeout(5):
        await running
    assert book.done[2:] == [("short",)]
    assert await book.queue(state) == [("test.long", "queued", 1)]


async def test_a_cut_connection_is_made_anew(state: State) -> None:
    book = Book()

    async def work(_: Work) -> None:
        book.done.append(("done",))

    name = book.add("test.cut", work)
    with capture_logs() as logs:
        async with book.at_work(state, pace=DEAF):
            for number in range(1, 4):
                await book.order(state, name)
                await until(lambda number=number: len(book.done) == number, seconds=10)
                await until(lambda: _empty(book, state))  # what was not yet noted as done would be done again
                assert await cut(state) == 1
    assert "the queue was lost" in {line["event"] for line in logs} <= {"the queue was lost", "trouble with the queue"}


async def test_trouble_of_the_queue_is_in_the_log(state: State) -> None:
    """A worker that cannot note what it has done would do it again and again, and nobody would know."""
    book = Book()

    async def work(_: Work) -> None:
        book.done.append(("done",))

    name = book.add("test.unnoted", work)
    told = ("trouble with the queue", "Flush failed, requeuing 1 items")
    with capture_logs() as logs:
        async with connected(state.database.logins.admin) as admin, book.at_work(state):
            await admin.execute("revoke delete on jobs.pgqueuer from immonow_app")
            try:
                await book.order(state, name)
                await until(lambda: told in [(line["event"], line.get("said")) for line in logs])
            finally:
                await admin.execute("grant delete on jobs.pgqueuer to immonow_app")
            await until(lambda: _empty(book, state))
    assert book.done == [("done",)]
    assert "InsufficientPrivilegeError" in next(line["error"] for line in logs if line.get("said") == told[1])


async def test_what_a_cut_connection_interrupted_is_done_anew_at_once(state: State) -> None:
    book = Book()

    async def work(work: Work) -> None:
        book.done.append(("begins",))
        if len(book.done) == 1:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                book.done.append(("interrupted",))
                raise
        book.done.append(("done",))

    name = book.add("test.torn", work)
    with capture_logs():
        async with book.at_work(state, pace=DEAF):
            await book.order(state, name)
            await until(lambda: book.done)
            assert await cut(state) == 1
            await until(lambda: ("done",) in book.done, seconds=10)
            await until(lambda: _empty(book, state))
    assert book.done == [("begins",), ("interrupted",), ("begins",), ("done",)]


async def test_a_worker_waits_for_its_database(state: State) -> None:
    nowhere = state.settings.model_copy(update={"database_app_url": "postgresql://nobody:x@127.0.0.1:1/none"})
    lost = replace(state, settings=nowhere, database=await type(state.database).open(nowhere))
    book = Book()
    with capture_logs() as logs:
        async with book.at_work(lost):
            await until(lambda: len(logs) >= 2)
    assert {line["event"] for line in logs} == {"the queue was lost"}
    await lost.database.close()


KILLED = """
import asyncio, os, sys
from jobs.worker import JobWorker
from resolvers.kit.context import State
from resolvers.kit.jobs import Work, job
from settings import Settings
from storage.bus import Bus
from storage.database import Database
from storage.ratelimits import RateLimiter
from storage.tokens import Tokens
from tests.jobs.world import HASTY, QUICK

registry = {}

async def hang(work: Work) -> None:
    print("begun", flush=True)
    if "deadly" in sys.argv[2]:
        os._exit(1)
    await asyncio.sleep(600)

job(sys.argv[2], registry=registry)(hang)

async def main() -> None:
    settings = Settings(environment="test", database_url=sys.argv[1])
    state = State(settings, await Database.open(settings), RateLimiter(settings), Bus(settings), Tokens(settings))
    await JobWorker(state, registry, pace=QUICK, patience=HASTY).run()

asyncio.run(main())
"""


async def _elsewhere(settings: Settings, name: str) -> Process:
    """A worker in a process of its own."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, settings.database_url, name), cwd=ROOT, stdout=subprocess.PIPE
    )


async def test_the_job_of_a_killed_worker_is_taken_over(state: State, settings: Settings) -> None:
    book = Book()

    async def work(_: Work) -> None:
        book.done.append(("done",))

    name = book.add("test.orphan", work)
    await book.order(state, name)
    process = await _elsewhere(settings, name)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"begun\n"
        async with book.at_work(state):
            # While that one lives, nobody else begins, however long it takes.
            await asyncio.sleep(QUICK.silence.total_seconds() * 1.5)
            assert book.done == []
            process.send_signal(signal.SIGKILL)
            await until(lambda: book.done)
            await until(lambda: _empty(book, state))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    assert (process.returncode, book.done) == (-signal.SIGKILL, [("done",)])


async def test_a_job_that_kills_its_workers_is_held(state: State, settings: Settings) -> None:
    """It raises nothing: only who takes it over sees that it was begun before, and by how many."""
    book = Book()

    async def work(_: Work) -> None:
        book.done.append(("done",))

    name = book.add("test.deadly", work)
    await book.order(state, name)
    allowed = len(HASTY.delays) + 1
    processes = [await _elsewhere(settings, name) for _ in range(allowed)]
    try:
        async with asyncio.timeout(60):
            said = [await process.communicate() for process in processes]
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()
    assert [out for out, _ in said] == [b"begun\n"] * allowed
    with capture_logs() as logs:
        async with book.at_work(state):
            await until(lambda: _in(book, state, [("test.deadly", "failed", 0)]))
    assert (book.done, book.outcomes) == ([], ["held"])
    assert "job failed, held" in [line["event"] for line in logs]
    (found,) = [job for job in await held(state.database) if job.name == name]
    assert found.error.startswith("KillsWorkers in _attempt (jobs/worker.py:")
    assert found.attempts == allowed + 1  # the last one ended before it began

    assert await requeue(state.database, [found.id]) == [found.id]
    async with book.at_work(state):
        await until(lambda: _empty(book, state))
    assert book.done == [("done",)]
