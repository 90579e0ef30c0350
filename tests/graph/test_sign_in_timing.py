"""A stranger does not learn by the clock which addresses have a login: the same work is done for all of them."""

import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event

from domain.access import Role
from resolvers.kit.context import State
from storage.hashing import hash_password
from tests.conftest import Client
from tests.factories import make_agency, make_person, platform
from tests.graph.letters import work_off
from tests.graph.test_identity import LOGIN, code_of, email
from tests.graph.test_passwords import REQUEST

PAIRS = 12  # one address per try, so that no address is ever locked


@pytest_asyncio.fixture
async def known(state: State) -> AsyncIterator[list[str]]:
    """Addresses of members who have a password."""
    hashed = await hash_password("Sonne123!")
    agency = await make_agency(state, "Zeit")
    async with state.database.write(agency.id) as session:
        for _ in range(PAIRS):
            await make_person(state, session, agency.id, agency.slug, Role.AGENT)
        await session.commit()
    found = "update account set password_hash = $1 where id in (select account_id from member where tenant_id = $2)"
    rows = await platform(state, f"{found} returning email", hashed, agency.id)
    yield [row["email"] for row in rows]
    await work_off(state, "passwords.reset")


async def login(client: Client, address: str) -> None:
    answer = (await client.data(LOGIN, email=address, password="Falsch123!"))["authLogin"]
    assert code_of(answer) == [("INVALID_CREDENTIALS", [])]


async def request(client: Client, address: str) -> None:
    assert (await client.data(REQUEST, email=address))["passwordResetRequest"]["ok"] is True


@contextmanager
def statements(state: State) -> Iterator[list[str]]:
    """Texts of all statements that are run by connections for writing."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    engine = state.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("ask", [login, request])
async def test_the_same_statements_are_run(state: State, anonymous: Client, known: list[str], ask: Any) -> None:
    with statements(state) as of_known:
        await ask(anonymous, known[0])
    with statements(state) as of_unknown:
        await ask(anonymous, email())
    assert of_known == of_unknown
    assert len(of_known) >= 2


@pytest.mark.parametrize("ask", [login, request])
async def test_the_clock_tells_nothing(anonymous: Client, known: list[str], ask: Any) -> None:
    """Alternating, so that whatever else the machine does falls on both alike. A machine is never quite steady: what
    the halves of one group differ by is no sign, nor is a quarter of the time; without the hash it would be nearly all.
    """
    await ask(anonymous, email())
    took: dict[bool, list[float]] = {True: [], False: []}
    for address in known[:PAIRS]:
        for is_known, asked in ((True, address), (False, email())):
            began = time.perf_counter()
            await ask(anonymous, asked)
            took[is_known].append(time.perf_counter() - began)
    medians = {is_known: statistics.median(times) for is_known, times in took.items()}
    noise = max(abs(statistics.median(times[::2]) - statistics.median(times[1::2])) for times in took.values())
    assert abs(medians[True] - medians[False]) <= max(noise, 0.25 * max(medians.values())), took
