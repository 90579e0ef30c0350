"""Jobs and the transaction whose consequence they are."""

from typing import Any

import pytest

from domain.access import Role, Scope
from domain.errors import ErrorCode, Refusal
from models.base import uuid7
from resolvers.kit import execution
from resolvers.kit.commands import Command, Operation
from resolvers.kit.context import State
from resolvers.kit.jobs import AgencyWork, Work, job
from storage.jobs import Order
from tests.conftest import Signed
from tests.factories import platform
from tests.graph.world import context_of, rows, untouched
from tests.jobs.world import Book, Page, enqueue_now, until


async def carry_out(state: State, signed: Signed, function: Any, key: str | None = None) -> dict[str, Any]:
    """A mutation of the agent's that exists in this test only."""
    context = await context_of(state, signed, Role.AGENT)
    context.request.idempotency_key = key
    operation = Operation("testOrder", function, None, Scope.WRITE, public=False, category="write")
    return await execution.run(context, operation, "testOrder", {})


async def orders(state: State, signed: Signed) -> list[str]:
    """Names of the agency's jobs in the queue."""
    found = await platform(
        state,
        "select entrypoint from jobs.pgqueuer"
        " where convert_from(payload, 'UTF8')::jsonb ->> 'tenant' = $1::text order by id",
        str(signed.agency.id),
    )
    return [row["entrypoint"] for row in found]


async def test_a_job_is_there_when_its_mutation_committed(state: State, acme: Signed) -> None:
    seen = []

    async def order(command: Command) -> dict[str, Any]:
        await command.enqueue("test.first")
        await command.enqueue("test.second")
        seen.append(await orders(state, acme))
        return {}

    assert await carry_out(state, acme, order) == {}
    assert seen == [[]]
    assert await orders(state, acme) == ["test.first", "test.second"]


async def test_a_mutation_that_failed_leaves_no_job(state: State, acme: Signed) -> None:
    async def refuse(command: Command) -> dict[str, Any]:
        await command.enqueue("test.refused")
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", rule="test")

    async def break_down(command: Command) -> dict[str, Any]:
        await command.enqueue("test.broken")
        raise RuntimeError("a mistake of ours")

    async with untouched(state, acme):
        result = await carry_out(state, acme, refuse)
        assert [problem.code for problem in result["user_errors"]] == [ErrorCode.VALIDATION_ERROR]
        with pytest.raises(RuntimeError, match="a mistake of ours"):
            await carry_out(state, acme, break_down)
    assert await orders(state, acme) == []


async def test_a_repeated_request_has_one_job(state: State, acme: Signed) -> None:
    async def order(command: Command) -> dict[str, Any]:
        await command.enqueue("test.once")
        return {}

    for _ in range(2):
        await carry_out(state, acme, order, key="the same")
    assert await orders(state, acme) == ["test.once"]


async def test_a_job_gets_its_agency_and_its_payload(state: State, acme: Signed) -> None:
    book, got = Book(), []
    name = f"test.render.{book.mark}"

    async def render(work: AgencyWork, page: Page) -> None:
        async with work.state.database.write(work.tenant_id) as session:
            visible = (await session.connection()).exec_driver_sql("select count(*) from tenant")
            got.append((work.tenant_id, page, (await visible).scalar_one()))

    job(name, registry=book.registry)(render)
    page = Page(7, uuid7())

    async def order(command: Command) -> dict[str, Any]:
        await command.enqueue(name, page)
        return {}

    await carry_out(state, acme, order)
    async with book.at_work(state):
        await until(lambda: got)
    assert got == [(acme.agency.id, page, 1)]
    stored = await rows(state, acme.agency.id, "audit_entry", "seq")
    assert [entry["operation"] for entry in stored] == ["testOrder"]


async def test_one_that_waits_already_may_be_enough(state: State) -> None:
    book = Book()
    name = f"test.single.{book.mark}"
    for once in (True, True, False):
        await enqueue_now(state.database, Order(name, once=once))
    assert await book.queue(state) == [("test.single", "queued", 0)] * 2


async def nothing(work: Work) -> None:
    """Do nothing."""


async def scheduled_with_payload(work: Work, page: Page) -> None:
    """Nobody could say which page."""


async def without_work(page: Page) -> None:
    """Whose is it?"""


async def test_what_cannot_be_a_job_is_refused_where_it_is_declared() -> None:
    book = Book()
    job("test.twice", registry=book.registry)(nothing)
    for name, function, cron in (
        ("test.twice", nothing, None),
        ("test.cron", scheduled_with_payload, "0 * * * *"),
        ("test.never", nothing, "every now and then"),
        ("test.nobodys", without_work, None),
    ):
        with pytest.raises(TypeError, match=f"^{name} cannot be declared"):
            job(name, cron=cron, registry=book.registry)(function)
    assert list(book.registry) == ["test.twice"]
