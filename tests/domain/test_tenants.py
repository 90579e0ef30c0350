"""Opening hours, networks, features for some, what may be chosen."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.preferences import is_locale, is_timezone, layout_problem
from domain.tenants import BUSINESS_HOURS, admits, host, hours_problem, is_active, network, vat_id
from models.base import uuid7

WIDGET = {"id": "tasks", "x": 0, "y": 0, "w": 6, "h": 4}


@pytest.mark.parametrize(
    ("hours", "problem"),
    [
        (BUSINESS_HOURS, None),
        ({}, None),
        ({"SUNDAY": []}, None),
        ({"MONDAY": [{"from": "09:00", "to": "12:00"}, {"from": "12:00", "to": "24:00"}]}, None),
        ([], ()),
        (None, ()),
        ({"Mo": []}, ("Mo",)),
        ({"MONDAY": {"from": "09:00", "to": "18:00"}}, ("MONDAY",)),
        ({"MONDAY": [{"from": "09:00", "to": "10:00"}] * 5}, ("MONDAY",)),
        ({"MONDAY": [{"from": "9:00", "to": "18:00"}]}, ("MONDAY", "0")),
        ({"MONDAY": [{"from": "18:00", "to": "09:00"}]}, ("MONDAY", "0")),
        ({"MONDAY": [{"from": "09:00", "to": "25:00"}]}, ("MONDAY", "0")),
        ({"MONDAY": [{"from": "09:00", "to": "18:00", "who": "Eva"}]}, ("MONDAY", "0")),
        ({"MONDAY": [{"from": 9, "to": 18}]}, ("MONDAY", "0")),
        ({"MONDAY": [{"from": "09:00", "to": "12:00"}, {"from": "11:00", "to": "13:00"}]}, ("MONDAY", "1")),
    ],
)
def test_opening_hours(hours: Any, problem: tuple[str, ...] | None) -> None:
    assert hours_problem(hours) == problem


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("203.0.113.0/24", "203.0.113.0/24"),
        (" 203.0.113.7 ", "203.0.113.7/32"),
        ("203.0.113.7/24", "203.0.113.0/24"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("2001:DB8::1", "2001:db8::1/128"),
        ("203.0.113.0/33", None),
        ("203.0.113", None),
        ("office", None),
        ("", None),
    ],
)
def test_networks_are_read(text: str, found: str | None) -> None:
    assert network(text) == found


@pytest.mark.parametrize(
    ("networks", "address", "may"),
    [
        ([], "198.51.100.1", True),
        ([], "nobody", True),
        (["203.0.113.0/24"], "203.0.113.255", True),
        (["203.0.113.0/24"], "203.0.114.0", False),
        (["203.0.113.0/24"], "::ffff:203.0.113.9", True),
        (["203.0.113.0/24", "2001:db8::/32"], "2001:db8::1", True),
        (["203.0.113.0/24"], "2001:db8::1", False),
        (["203.0.113.0/24"], "unknown", False),
        (["203.0.113.0/24"], "", False),
    ],
)
def test_who_is_let_in(networks: list[str], address: str, may: bool) -> None:
    assert admits(networks, address) is may


@given(st.text(min_size=1, max_size=100), st.uuids(), st.integers(0, 100))
def test_a_share_of_nobody_is_nobody_and_of_all_is_everybody(key: str, member: UUID, percentage: int) -> None:
    assert not is_active(key, member, enabled=True, percentage=0)
    assert is_active(key, member, enabled=True, percentage=100)
    assert not is_active(key, member, enabled=False, percentage=100)
    # Who has it keeps it when more get it, and asking again answers the same.
    found = is_active(key, member, enabled=True, percentage=percentage)
    assert found == is_active(key, member, enabled=True, percentage=percentage)
    assert not found or all(is_active(key, member, enabled=True, percentage=more) for more in range(percentage, 101))


def test_the_answer_of_a_flag_is_the_same_in_every_process_and_near_the_share() -> None:
    assert [is_active("new-board", UUID(int=n), enabled=True, percentage=50) for n in range(8)] == [
        False, False, False, False, True, False, True, True,
    ]  # fmt: skip
    members = [uuid7() for _ in range(4_000)]
    share = sum(is_active("new-board", member, enabled=True, percentage=30) for member in members)
    assert 1_000 < share < 1_400


@pytest.mark.parametrize(
    ("text", "found"),
    [("DE123456789", "DE123456789"), ("de 123 456 789", "DE123456789"), ("DE12345678", None), ("AT123456789", None)],
)
def test_vat_numbers(text: str, found: str | None) -> None:
    assert vat_id(text) == found


@pytest.mark.parametrize(("name", "good"), [("smtp.example.com", True), ("a b", False), ("-x.de", False), ("", False)])
def test_hosts(name: str, good: bool) -> None:
    assert host(name) is good


@pytest.mark.parametrize(
    ("layout", "problem"),
    [
        ([], None),
        ([WIDGET], None),
        ([WIDGET, {**WIDGET, "id": "leads", "x": 18}], None),
        ({}, ()),
        ("tasks", ()),
        ([{**WIDGET, "id": str(n)} for n in range(101)], ()),
        (["tasks"], ("0",)),
        ([{"id": "tasks"}], ("0",)),
        ([{**WIDGET, "color": "red"}], ("0",)),
        ([WIDGET, WIDGET], ("1", "id")),
        ([{**WIDGET, "id": "<b>"}], ("0", "id")),
        ([{**WIDGET, "id": "x" * 65}], ("0", "id")),
        ([{**WIDGET, "x": -1}], ("0", "x")),
        ([{**WIDGET, "x": 1.5}], ("0", "x")),
        ([{**WIDGET, "y": True}], ("0", "y")),
        ([{**WIDGET, "w": 0}], ("0", "w")),
        ([{**WIDGET, "x": 20, "w": 6}], ("0", "w")),
        ([{**WIDGET, "h": 10_000}], ("0", "h")),
    ],
)
def test_dashboards(layout: Any, problem: tuple[str, ...] | None) -> None:
    assert layout_problem(layout) == problem


def test_zones_and_languages() -> None:
    assert [is_timezone(name) for name in ("Europe/Berlin", "UTC", "Berlin", "")] == [True, True, False, False]
    assert [is_locale(tag) for tag in ("de", "de-AT", "en-GB", "fr-FR", "de-at", "")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
