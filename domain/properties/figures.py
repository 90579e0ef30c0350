"""Numbers of a property: price per m², days on the market, the agency's own number."""

import re
from datetime import UTC, date, datetime, tzinfo


def price_per_sqm(price_minor: int | None, area_hundredths: int | None) -> int | None:
    """Price or cold rent per m² in minor units, rounded half up; null without price or area."""
    if price_minor is None or not area_hundredths:
        return None
    # The table computes the same column in SQL; both add half a hundredth before the whole-number division.
    return (price_minor * 100 + area_hundredths // 2) // area_hundredths


def days_on_market(
    first_available: datetime | None, closed: datetime | None, today: date, zone: tzinfo = UTC
) -> int | None:
    """Calendar days from the first day on the market to the closing, or to today; null before it was available."""
    if first_available is None:
        return None
    end = closed.astimezone(zone).date() if closed else today
    return max(0, (end - first_available.astimezone(zone).date()).days)


MOST_TITLE = 200
_COPY = {"de": " (Kopie)", "en": " (copy)"}


def copy_title(title: str, language: str) -> str:
    """What a copy is called; a title that is too long for that is cut."""
    suffix = _COPY.get(language, _COPY["en"])
    return title[: MOST_TITLE - len(suffix)] + suffix


_FIELD = re.compile(r"\{([^{}]*)\}")


def pattern_ok(pattern: str) -> bool:
    """Whether a number pattern can be used: one run of zeros for the number, else only {YYYY} and {YY}."""
    fields: list[str] = _FIELD.findall(pattern)
    counters = [field for field in fields if field and not field.strip("0")]
    braces = pattern.count("{") == pattern.count("}") == len(fields)
    return braces and len(counters) == 1 and all(f in {"YYYY", "YY"} or f in counters for f in fields)


def format_number(pattern: str, year: int, n: int) -> str:
    """A number from its pattern: `OBJ-{YYYY}-{0000}`, 2026, 7 → `OBJ-2026-0007`; a longer number is never cut."""
    if not pattern_ok(pattern):
        raise ValueError(f"not a number pattern: {pattern!r}")

    def fill(match: re.Match[str]) -> str:
        field = match[1]
        if field == "YYYY":
            return f"{year:04d}"
        return f"{year % 100:02d}" if field == "YY" else f"{n:0{len(field)}d}"

    return _FIELD.sub(fill, pattern)
