"""What is due by itself: once, however many workers there are, by the clock of each agency."""

import ast
import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

import jobs
from jobs.worker import QUARTERS, due
from models.base import now, uuid7
from resolvers.kit.context import State
from resolvers.kit.jobs import AgencyWork, Job, Work
from storage.database import Database
from storage.jobs import Clock, enqueue_at, enqueue_due
from storage.line import Line
from tests.conftest import Signed
from tests.factories import platform
from tests.jobs.world import QUICK, Book, until

SUNDAYS = "0 3 * * sun"
EVERY_SECOND = "* * * * * *"


def job_of_agencies(cron: str) -> Job:
    async def nothing(_: AgencyWork) -> None:
        """Do nothing."""

    return Job("test", nothing, cron, of_agency=True, payload=None, patience=timedelta(minutes=1))


@pytest.mark.parametrize(
    ("zone", "at", "last"),
    [
        ("Europe/Berlin", "2026-11-22T01:59:59Z", "2026-11-15T02:00:00Z"),
        ("Europe/Berlin", "2026-11-22T02:00:00Z", "2026-11-22T02:00:00Z"),
        ("Europe/Berlin", "2026-11-25T12:00:00Z", "2026-11-22T02:00:00Z"),
        # The nights in which clocks are put forward and back.
        ("Europe/Berlin", "2026-03-29T00:59:00Z", "2026-03-22T02:00:00Z"),
        ("Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-18T01:00:00Z"),
        ("Europe/Berlin", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"),
        ("Asia/Kathmandu", "2026-11-21T21:15:00Z", "2026-11-21T21:15:00Z"),
        ("America/New_York", "2026-11-22T07:59:00Z", "2026-11-15T08:00:00Z"),
    ],
)
def test_a_job_is_due_by_the_clock_of_the_agency(zone: str, at: str, last: str) -> None:
    agency = Clock(uuid7(), zone, datetime(2026, 1, 1, tzinfo=UTC))
    found = due(job_of_agencies(SUNDAYS), [agency], datetime.fromisoformat(at))
    assert found == {agency.tenant: datetime.fromisoformat(last)}


def test_nothing_was_due_before_there_was_the_agency() -> None:
    at = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    new, old = (Clock(uuid7(), "Europe/Berlin", at - age) for age in (timedelta(minutes=29), timedelta(minutes=31)))
    assert due(job_of_agencies(SUNDAYS), [new, old], at) == {old.tenant: at - timedelta(minutes=30)}


def test_one_unknown_time_zone_stops_nobody_else() -> None:
    at = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    odd, good = (Clock(uuid7(), zone, datetime(2026, 1, 1, tzinfo=UTC)) for zone in ("Mars/Olympus", "UTC"))
    with capture_logs() as logs:
        assert due(job_of_agencies(SUNDAYS), [odd, good], at) == {good.tenant: datetime(2026, 11, 15, 3, tzinfo=UTC)}
    assert [(line["event"], line["tenant"]) for line in logs] == [("unknown time zone", str(odd.tenant))]


async def test_a_time_is_enqueued_once_whoever_asks(state: State, acme: Signed, rival: Signed) -> None:
    book = Book()
    name = f"test.weekly.{book.mark}"
    sunday = datetime(2026, 11, 22, 2, tzinfo=UTC)
    last = dict.fromkeys((acme.agency.id, rival.agency.id), sunday)
    assert sorted(await asyncio.gather(*(enqueue_due(state.database, name, last) for _ in range(5)))) == [0, 0, 0, 0, 2]
    assert await book.queue(state) == [("test.weekly", "queued", 0)] * 2
    # Done or not, that time is over; the next one comes, and an earlier one does not.
    await platform(state, "delete from jobs.pgqueuer where entrypoint = $1", name)
    assert await enqueue_due(state.database, name, last) == 0
    later = {acme.agency.id: sunday + timedelta(days=7), rival.agency.id: sunday - timedelta(days=7)}
    assert await enqueue_due(state.database, name, later) == 1
    assert await book.queue(state) == [("test.weekly", "queued", 0)]


async def test_what_was_missed_while_nobody_worked_is_made_up_for(state: State, acme: Signed) -> None:
    """The last Sunday is due on whatever day the next worker looks."""
    book, hour = Book(), timedelta(hours=1)

    async def work(work: AgencyWork) -> None:
        book.done.append((work.tenant_id,))

    name = book.add_of_agency("test.missed", work, cron="0 * * * *")
    await platform(state, "update tenant set created_at = now() - interval '1 day' where id = $1", acme.agency.id)
    past = now().replace(minute=0, second=0, microsecond=0) - 5 * hour
    await enqueue_due(state.database, name, {acme.agency.id: past})
    await platform(state, "delete from jobs.pgqueuer where entrypoint = $1", name)
    async with book.at_work(state):
        await until(lambda: _scheduled(state, name))
        # As if a quarter of an hour had passed.
        await platform(state, "update jobs.pgqueuer_schedules set next_run = now() where entrypoint = $1", name)
    async with book.at_work(state):
        await until(lambda: (acme.agency.id,) in book.done)
        await until(lambda: _empty(book, state))
    assert book.done.count((acme.agency.id,)) == 1


async def test_what_is_not_enqueued_at_its_time_is_told(state: State) -> None:
    """It is made up for at the next quarter of an hour."""
    book = Book()

    async def work(work: AgencyWork) -> None:
        book.done.append((work.tenant_id,))

    name = book.add_of_agency("test.unheard", work, cron="0 * * * *")
    settings = state.settings.model_copy(update={"database_platform_url": "postgresql://nobody:x@127.0.0.1:1/none"})
    blind = replace(state, settings=settings, database=await Database.open(settings))
    async with book.at_work(blind):
        await until(lambda: _scheduled(state, name))
    await platform(state, "update jobs.pgqueuer_schedules set next_run = now() where entrypoint = $1", name)
    with capture_logs() as logs:
        async with book.at_work(blind):
            await until(lambda: ("job not enqueued at its time", name) in [(x["event"], x.get("job")) for x in logs])
    assert (await book.queue(state), book.done) == ([], [])
    await blind.database.close()


async def _scheduled(state: State, name: str) -> bool:
    found = await platform(state, "select expression from jobs.pgqueuer_schedules where entrypoint = $1", name)
    return [row["expression"] for row in found] == [QUARTERS]


async def _empty(book: Book, state: State) -> bool:
    return await book.queue(state) == []


async def test_of_three_workers_one_acts_at_each_tick(state: State) -> None:
    acted: list[datetime] = []
    name = f"test.tick.{uuid7().hex}"

    async def tick(at: datetime) -> None:
        if await enqueue_at(state.database, name, at):
            acted.append(at)

    async with AsyncExitStack() as stack:
        lines = []
        for _ in range(3):
            connection = await state.database.queue_connection()
            stack.push_async_callback(connection.close)
            lines.append(Line(connection))
        began = now()
        for line in lines:
            line.schedule(name, EVERY_SECOND, tick)
        running = [asyncio.create_task(line.run(QUICK)) for line in lines]
        await until(lambda: len(acted) >= 3)
        for line in lines:
            line.stop()
        await asyncio.wait(running)
    assert [task.exception() for task in running] == [None] * 3
    assert acted == sorted(set(acted))
    assert began - timedelta(seconds=1) < acted[0] < acted[-1] <= now()


async def test_a_time_of_the_platform_is_enqueued_once_whoever_asks(state: State) -> None:
    name = f"test.platform.{uuid7().hex}"
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert sorted(await asyncio.gather(*(enqueue_at(state.database, name, noon) for _ in range(5)))) == [False] * 4 + [
        True
    ]
    removed = await platform(state, "delete from jobs.pgqueuer where entrypoint = $1 returning id", name)
    assert len(removed) == 1
    assert await enqueue_at(state.database, name, noon - timedelta(hours=1)) is False
    assert await enqueue_at(state.database, name, noon + timedelta(hours=1)) is True


async def test_a_job_of_the_platform_is_done_at_its_time(state: State) -> None:
    book = Book()

    async def work(_: Work) -> None:
        book.done.append(("done",))

    book.add("test.platform", work, cron=EVERY_SECOND)
    async with book.at_work(state), book.at_work(state):
        began = time.monotonic()
        await until(lambda: len(book.done) >= 2)
        assert len(book.done) <= time.monotonic() - began + 1


def test_the_jobs_that_there_are() -> None:
    assert {job.name: (job.cron, job.of_agency) for job in jobs.JOBS.values()} == {
        "trash.purge": (SUNDAYS, True),
        "stream.trim": ("5 * * * *", False),
        "idempotency.forget": ("20 * * * *", False),
        "sessions.forget": ("35 * * * *", False),
        "jobs.forget": ("50 3 * * *", False),
        "tasks.find_due": ("*/15 * * * *", False),
        "tasks.remind": (None, True),
        "invitations.find_expired": ("10 * * * *", False),
        "invitations.release": (None, True),
        "passwords.reset": (None, False),
        "registration.taken": (None, False),
        "pictures.remove": (None, True),
        "mail.send": (None, True),
        "mail.forget": ("10 4 * * *", False),
        "audit.tell_failed_sign_in": (None, False),
        "audit.archive": ("40 2 * * *", True),
        "audit.export": (None, True),
        "jobs.sweep": ("10 4 * * *", True),
        "properties.export": (None, True),
        "properties.import": (None, True),
    }


# Where the name of a job is an argument, by function; and where it is none of the program's texts, with the reason.
NAMED = {"command.enqueue": 0, "enqueue_for": 1, "Order": 0, "start": 1}
HANDED_ON = {
    ("commands.py", "Order"): "the name given to `enqueue`",
    ("running.py", "command.enqueue"): "the name given to `start`",
    ("jobs.py", "command.enqueue"): "the name the job was started with",
}


def test_every_name_that_is_enqueued_is_a_job() -> None:
    """Wherever an order is given, its name is a text, or one of its module: only so can this be known."""
    root = Path(jobs.__file__).parents[1]
    given = {}
    for path in (path for room in ("resolvers", "graph", "jobs") for path in sorted((root / room).rglob("*.py"))):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            function = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if function not in NAMED or (path.name, function) in HANDED_ON:
                continue
            name = node.args[NAMED[function]]
            known = name.value if isinstance(name, ast.Constant) else texts.get(ast.unparse(name))
            given[f"{path.name}:{node.lineno}"] = known
    assert [place for place, name in given.items() if name not in jobs.JOBS] == []
    assert {"tasks.remind", "audit.export", "passwords.reset"} <= set(given.values())
