"""The check can fail: against a cursor that is naive it finds what is lost, against faked lists whatever is wrong."""

from typing import Any

import pytest

from tests.faults.campaign import Orders, campaign
from tests.faults.naive import PREPARE, serve_naively
from tests.faults.verdict import Listener, Told, unheard, unstored


async def test_a_cursor_over_a_plain_sequence_loses_events() -> None:
    report = await campaign(Orders(seed=1, seconds=3, events=200, deadly=False, serve=serve_naively, prepare=PREPARE))
    print(report)
    assert any(" lost " in sentence for sentence in report.wrong), str(report)


def listener(*told: tuple[int, int]) -> Listener:
    return Listener("L", 3, [Told(seq, previous) for seq, previous in told])


STORED = [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ([(4, 3), (5, 4), (6, 5)], []),
        ([(4, 3), (6, 5)], ["L lost 1 of 3 events: [5]", "L: event 6 says it follows 5, heard before it: 4"]),
        ([(4, 3), (5, 4)], ["L lost 1 of 3 events: [6]"]),
        (
            [(4, 3), (5, 4), (5, 4), (6, 5)],
            ["L got 1 events more than once: [5]", "L: event 5 says it follows 4, heard before it: 5"],
        ),
        (
            [(4, 3), (6, 4), (5, 4)],
            ["L got the events in another order", "L: event 5 says it follows 4, heard before it: 6"],
        ),
        ([(4, 3), (5, 4), (6, 4)], ["L: event 6 says it follows 4, heard before it: 5"]),
        ([(4, 3), (5, 4), (6, 5), (7, 6)], ["L got 1 events that are not stored: [7]"]),
    ],
)
def test_every_difference_is_told(told: list[tuple[int, int]], wrong: list[str]) -> None:
    assert unheard(listener(*told), STORED) == wrong


def test_a_place_told_while_the_stream_was_quiet_may_stand_for_the_event_before_it() -> None:
    """Who follows few records hears 4, then of the place 8, then 9."""
    assert unheard(listener((4, 3), (9, 8)), [4, 9]) == []


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, []),
        ({"effects": ["a"]}, ["1 acknowledged writes are not stored: ['b']"]),
        ({"effects": ["a", "b", "b"]}, ["1 writes were done more than once: ['b']"]),
        ({"effects": ["a", "b", "c"]}, ["1 writes were done that nobody was told of: ['c']"]),
        ({"stored": [1, 2, 4]}, ["the stored numbers have gaps before [4]"]),
        ({"stored": [1, 2, 2]}, ["the stored numbers have gaps before [2]"]),
    ],
)
def test_every_fault_of_the_store_is_told(changes: dict[str, Any], wrong: list[str]) -> None:
    assert unstored(**{"acknowledged": ["a", "b"], "effects": ["b", "a"], "stored": [1, 2, 3]} | changes) == wrong
