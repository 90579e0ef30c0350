"""How a person wants to see things: what may be chosen."""

import re
from enum import Enum
from functools import cache
from typing import Any
from zoneinfo import available_timezones


class Theme(Enum):
    """Colours of the screen."""

    LIGHT = "LIGHT"
    DARK = "DARK"
    AUTO = "AUTO"


class ListDensity(Enum):
    """How close rows of lists stand."""

    COMPACT = "COMPACT"
    COMFORTABLE = "COMFORTABLE"


DESCRIPTIONS: dict[type[Enum], tuple[str, dict[str, str]]] = {
    Theme: (
        "Colours of the screen.",
        {"LIGHT": "Dark on light.", "DARK": "Light on dark.", "AUTO": "As the device is set."},
    ),
    ListDensity: (
        "How close rows of lists stand.",
        {"COMPACT": "Many rows on a screen.", "COMFORTABLE": "Room between the rows."},
    ),
}

LANGUAGES = ("de", "en")
DATE_FORMATS = ("DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "YYYY-MM-DD")
_LOCALE = re.compile(r"(de|en)(-[A-Z]{2})?")

COLUMNS, ROWS = 24, 1_000  # of the grid of a dashboard
MAX_WIDGETS = 100
_WIDGET = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_timezone(name: str) -> bool:
    """Whether this is an IANA time zone."""
    return name in _timezones()


def is_locale(tag: str) -> bool:
    """Whether this is a language tag that texts exist for: `de`, `de-AT`, `en-GB`."""
    return _LOCALE.fullmatch(tag) is not None


def layout_problem(layout: Any) -> tuple[str, ...] | None:
    """The path of what is wrong with a dashboard; None when it can be kept.

    A list of widgets `{"id", "x", "y", "w", "h"}` inside the grid, each id once. That bounds its size, too.
    """
    if not isinstance(layout, list) or len(layout) > MAX_WIDGETS:
        return ()
    seen = set()
    for index, widget in enumerate(layout):
        where = str(index)
        if not isinstance(widget, dict) or widget.keys() != {"id", "x", "y", "w", "h"}:
            return (where,)
        if not isinstance(widget["id"], str) or not _WIDGET.fullmatch(widget["id"]) or widget["id"] in seen:
            return (where, "id")
        seen.add(widget["id"])
        for name, start, most in (("x", 0, COLUMNS - 1), ("y", 0, ROWS - 1), ("w", 1, COLUMNS), ("h", 1, ROWS)):
            if type(widget[name]) is not int or not start <= widget[name] <= most:
                return (where, name)
        if widget["x"] + widget["w"] > COLUMNS:
            return (where, "w")
    return None
