"""Who looks at a record, over several processes: told at once, and forgotten when a process says no more."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack

import pytest

from models.base import uuid7
from settings import Settings
from storage import presence
from storage.bus import PostgresBus
from storage.presence import Place, Presence, Room

ANNA, BERT, CARA = sorted(uuid7() for _ in range(3))


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "PATIENCE", 0.6)
    monkeypatch.setattr(presence, "BEAT", 0.1)


@pytest.fixture
async def processes(settings: Settings) -> AsyncIterator[list[Presence]]:
    """Three processes that hear each other."""
    buses = [PostgresBus(settings) for _ in range(3)]
    for bus in buses:
        await bus.open()
    found = [Presence(bus) for bus in buses]
    await _hearing(found)
    yield found
    for one, bus in zip(found, buses, strict=True):
        await one.close()
        await bus.close()


async def _hearing(processes: list[Presence]) -> None:
    """Until each hears the others: a bus connects in the background."""
    place, members = Place(uuid7(), uuid7()), [uuid7() for _ in processes]
    async with asyncio.timeout(15):
        while True:
            with ExitStack() as looking:
                rooms = [
                    looking.enter_context(one.look(place, member))
                    for one, member in zip(processes, members, strict=True)
                ]
                await asyncio.sleep(0.1)
                if all(room.members() == sorted(members) for room in rooms):
                    return


async def shows(room: Room, *members: object) -> None:
    """Fails unless these are there within five seconds."""
    async with asyncio.timeout(5):
        while room.members() != list(members):
            await room.wait(5)


async def test_viewers_of_other_processes_come_and_go(processes: list[Presence]) -> None:
    one, two, three = processes
    place = Place(uuid7(), uuid7())
    with one.look(place, ANNA) as first:
        assert first.members() == [ANNA]
        with two.look(place, BERT) as second, three.look(place, CARA) as third:
            for room in (first, second, third):
                await shows(room, ANNA, BERT, CARA)
        await shows(first, ANNA)


async def test_somebody_with_two_windows_is_there_until_both_are_closed(processes: list[Presence]) -> None:
    one, two, _ = processes
    place = Place(uuid7(), uuid7())
    with two.look(place, BERT) as room:
        with one.look(place, ANNA):
            with one.look(place, ANNA), two.look(place, ANNA):
                await shows(room, ANNA, BERT)
            with one.look(place, CARA):
                await shows(room, ANNA, BERT, CARA)
            await shows(room, ANNA, BERT)
        await shows(room, BERT)


async def test_another_record_or_agency_is_another_room(processes: list[Presence]) -> None:
    one, two, _ = processes
    place = Place(uuid7(), uuid7())
    with (
        one.look(place, ANNA) as room,
        two.look(Place(place.tenant, uuid7()), BERT) as record,
        two.look(Place(uuid7(), place.record), BERT) as agency,
        two.look(place, CARA),
    ):
        await shows(room, ANNA, CARA)
        assert (record.members(), agency.members()) == ([BERT], [BERT])


async def test_a_process_that_stops_says_goodbye(processes: list[Presence]) -> None:
    one, two, _ = processes
    place = Place(uuid7(), uuid7())
    with one.look(place, ANNA) as room, two.look(place, BERT):
        await shows(room, ANNA, BERT)
        await two.close()
        await shows(room, ANNA)


async def test_a_process_that_died_is_forgotten(processes: list[Presence], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "PATIENCE", 0.5)
    one, two, _ = processes
    place = Place(uuid7(), uuid7())
    with one.look(place, ANNA) as room, two.look(place, BERT):
        await shows(room, ANNA, BERT)
        started = time.monotonic()
        while room.members() != [ANNA]:  # nothing is said: two's next beat is seconds away
            await room.wait(0.05)
            assert time.monotonic() - started < 3


@pytest.mark.usefixtures("often")  # before the processes begin to count
async def test_beats_keep_whoever_is_there_and_repair_what_was_lost(processes: list[Presence]) -> None:
    one, two, _ = processes
    place = Place(uuid7(), uuid7())
    with one.look(place, ANNA) as room, two.look(place, BERT):
        await shows(room, ANNA, BERT)
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            assert room.members() == [ANNA, BERT]
            await room.wait(0.05)
        room.hear(two._process, frozenset())  # as if the last word had been lost
        assert room.members() == [ANNA]
        await shows(room, ANNA, BERT)


async def test_a_room_is_left_empty(processes: list[Presence]) -> None:
    one, two, _ = processes
    for _ in range(1_000):
        with one.look(Place(uuid7(), uuid7()), ANNA):
            pass
    last = Place(uuid7(), uuid7())
    with two.look(last, BERT) as room, one.look(last, ANNA):
        await shows(room, ANNA, BERT)  # told after all that waited before
    assert (one._rooms, two._rooms) == ({}, {})
