"""Tasks that come again: a rule of RFC 5545, and when the next one is due.

The rule says days. The time of day is that of the task, by the clock of the agency, so a task that is due at nine stays
due at nine when the clocks change.
"""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from domain.errors import ErrorCode, Problem

LONGEST = 500
MOST = {"INTERVAL": 1_000, "COUNT": 10_000}

_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_PARTS = {
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
}
_UNTIL = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z?)?")
# The calendar repeats itself after so many years, weekdays included.
_CYCLE = 400


class Unreadable(Exception):
    """A text that is no rule for days."""


def read(text: str) -> dict[str, str]:
    """The parts of a rule by name, in upper case; `RRULE:` in front is allowed."""
    body = text.strip().upper().removeprefix("RRULE:")
    pairs = [part.split("=") for part in body.split(";")]
    if len(body) > LONGEST or any(len(pair) != 2 for pair in pairs):
        raise Unreadable
    parts = {pair[0]: pair[1] for pair in pairs}
    if len(parts) != len(pairs) or not parts.keys() <= _PARTS or parts.get("FREQ") not in _FREQUENCIES:
        raise Unreadable
    if "COUNT" in parts and "UNTIL" in parts:
        raise Unreadable
    for name, most in MOST.items():
        if name in parts and not (re.fullmatch(r"[0-9]{1,6}", parts[name]) and 1 <= int(parts[name]) <= most):
            raise Unreadable
    if "UNTIL" in parts:
        _last(parts["UNTIL"], ZoneInfo("UTC"))
    try:
        rrulestr(_endless(parts))
    except (ValueError, TypeError, IndexError, AttributeError):  # how the library refuses a text
        raise Unreadable from None
    return parts


def written(parts: dict[str, str]) -> str:
    """The rule as text, as it is stored."""
    return ";".join(f"{name}={value}" for name, value in parts.items())


def problem_of(text: str, due: datetime, zone: ZoneInfo) -> Problem | None:
    """Why this rule cannot be that of a task due then: it is none, or no day ever follows."""
    try:
        parts = read(text)
    except Unreadable:
        return Problem(ErrorCode.VALIDATION_ERROR, ("recurrence",), "recurrence")
    if following(_endless(parts), due, zone) is None:
        return Problem(ErrorCode.VALIDATION_ERROR, ("recurrence",), "recurrence_never")
    return None


def following(text: str, due: datetime, zone: ZoneInfo) -> tuple[datetime, str] | None:
    """When the task after the one due then is due, and the rule it has; None when that was the last."""
    parts = read(text)
    count = int(parts["COUNT"]) if "COUNT" in parts else None
    if count == 1:
        return None
    local = due.astimezone(zone).replace(tzinfo=None)
    found = _search(parts, local)
    if found is None:
        return None
    moment = found.replace(tzinfo=zone).astimezone(due.tzinfo)
    if "UNTIL" in parts and moment > _last(parts["UNTIL"], zone):
        return None
    if count is not None:
        parts["COUNT"] = str(count - 1)
    return moment, written(parts)


def _endless(parts: dict[str, str]) -> str:
    """The rule without its end, of which the library sees only one task."""
    return written({name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")})


def _search(parts: dict[str, str], start: datetime) -> datetime | None:
    """The first occurrence after `start`.

    The library looks for it until the year 9999. A rule without any would keep it busy for seconds, so it starts in the
    last years that have the same calendar, and has a few centuries to look at.
    """
    ahead = (date.max.year - start.year) // _CYCLE * _CYCLE
    later = start.replace(year=start.year + ahead)
    found = rrulestr(_endless(parts), dtstart=later).after(later)
    return None if found is None else found.replace(year=found.year - ahead)


def _last(until: str, zone: ZoneInfo) -> datetime:
    """The last moment that `UNTIL` allows: a day counts to its end."""
    match = _UNTIL.fullmatch(until)
    if match is None:
        raise Unreadable
    numbers = [int(number) for number in match.groups() if number is not None]
    try:
        moment = datetime(*numbers, tzinfo=ZoneInfo("UTC") if until.endswith("Z") else zone)  # type: ignore[arg-type, misc]
        return moment if "T" in until else moment + timedelta(days=1) - timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise Unreadable from None
