"""Tasks that come again: which rules are taken, and when the next task is due."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ErrorCode, Problem
from domain.tasks.recurrence import Unreadable, following, problem_of, read

BERLIN = ZoneInfo("Europe/Berlin")
UNREADABLE = Problem(ErrorCode.VALIDATION_ERROR, ("recurrence",), "recurrence")
NEVER = Problem(ErrorCode.VALIDATION_ERROR, ("recurrence",), "recurrence_never")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "due", "expected"),
    [
        ("FREQ=DAILY", "2026-11-20T08:00", ("2026-11-21T08:00", "FREQ=DAILY")),
        ("rrule:freq=weekly;byday=mo,fr", "2026-11-20T08:00", ("2026-11-23T08:00", "FREQ=WEEKLY;BYDAY=MO,FR")),
        ("FREQ=WEEKLY;INTERVAL=2", "2026-11-20T08:00", ("2026-12-04T08:00", "FREQ=WEEKLY;INTERVAL=2")),
        ("FREQ=MONTHLY", "2026-01-31T08:00", ("2026-03-31T07:00", "FREQ=MONTHLY")),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31T08:00", ("2026-02-28T08:00", "FREQ=MONTHLY;BYMONTHDAY=-1")),
        ("FREQ=MONTHLY;BYDAY=2TU", "2026-11-10T08:00", ("2026-12-08T08:00", "FREQ=MONTHLY;BYDAY=2TU")),
        ("FREQ=YEARLY", "2024-02-29T08:00", ("2028-02-29T08:00", "FREQ=YEARLY")),
        # Nine o'clock stays nine o'clock when the clocks change.
        ("FREQ=DAILY", "2026-03-28T08:00", ("2026-03-29T07:00", "FREQ=DAILY")),
        ("FREQ=DAILY", "2026-10-24T07:00", ("2026-10-25T08:00", "FREQ=DAILY")),
        # Half past two does not exist on that day.
        ("FREQ=DAILY", "2026-03-28T01:30", ("2026-03-29T01:30", "FREQ=DAILY")),
        # The day is that of the agency: half past midnight of the 21st.
        ("FREQ=WEEKLY;BYDAY=SA", "2026-11-20T23:30", ("2026-11-27T23:30", "FREQ=WEEKLY;BYDAY=SA")),
        ("FREQ=DAILY;COUNT=3", "2026-11-20T08:00", ("2026-11-21T08:00", "FREQ=DAILY;COUNT=2")),
        ("FREQ=DAILY;COUNT=1", "2026-11-20T08:00", None),
        ("FREQ=DAILY;UNTIL=20261121", "2026-11-20T08:00", ("2026-11-21T08:00", "FREQ=DAILY;UNTIL=20261121")),
        ("FREQ=DAILY;UNTIL=20261120", "2026-11-20T08:00", None),
        (
            "FREQ=DAILY;UNTIL=20261121T080000Z",
            "2026-11-20T08:00",
            ("2026-11-21T08:00", "FREQ=DAILY;UNTIL=20261121T080000Z"),
        ),
        ("FREQ=DAILY;UNTIL=20261121T085959", "2026-11-20T08:00", None),
    ],
    ids=str,
)
def test_the_next_task(rule: str, due: str, expected: tuple[str, str] | None) -> None:
    found = following(rule, at(due), BERLIN)
    assert found == (None if expected is None else (at(expected[0]), expected[1]))
    assert problem_of(rule, at(due), BERLIN) is None


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "RRULE:",
        "daily",
        "FREQ=HOURLY",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "INTERVAL=2",
        "FREQ=DAILY;",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=1001",
        "FREQ=DAILY;INTERVAL=²",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=20271301",
        "FREQ=DAILY;UNTIL=morgen",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=DAILY;BYEASTER=1",
        "FREQ=DAILY;WKST=XX",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYMONTH=a",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0",
        "FREQ=DAILY\nDTSTART:20260101T000000",
        "FREQ=DAILY;BYMONTH=" + ",".join(["1"] * 300),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_rule_for_days(rule: str) -> None:
    assert problem_of(rule, at("2026-11-20T08:00"), BERLIN) == UNREADABLE


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;BYSETPOS=5", "FREQ=YEARLY;BYMONTH=13"],
)
def test_a_rule_without_any_day_is_refused_soon(rule: str) -> None:
    started = time.process_time()
    assert problem_of(rule, at("2026-11-20T08:00"), BERLIN) == NEVER
    assert time.process_time() - started < 2  # a search to the year 9999 takes ten times as long


@given(
    frequency=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    interval=st.integers(1, 40),
    days=st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])),
    start=st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2060, 1, 1)),
)
def test_the_same_day_as_the_library_finds_without_our_shift(
    frequency: str, interval: int, days: set[str], start: datetime
) -> None:
    start = start.replace(microsecond=0)
    # Every seventh day is never another weekday.
    picked = f";BYDAY={','.join(sorted(days))}" if days and frequency != "DAILY" else ""
    rule = f"FREQ={frequency};INTERVAL={interval}{picked}"
    found = following(rule, start.replace(tzinfo=UTC), ZoneInfo("UTC"))
    expected = rrulestr(rule, dtstart=start).after(start)
    assert found is not None
    assert found == (expected.replace(tzinfo=UTC), rule)
    assert found[0] - start.replace(tzinfo=UTC) >= timedelta(days=1)


@given(st.text(alphabet="FREQDAILYWKMONTHBYSP=;,0123456789-+:TZU \n", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for candidate in (text, "FREQ=MONTHLY;" + text, "FREQ=YEARLY;BYMONTH=1;BYDAY=" + text):
        try:
            parts = read(candidate)
        except Unreadable:
            continue
        assert parts["FREQ"] in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
        following(candidate, at("2026-11-20T08:00"), BERLIN)
