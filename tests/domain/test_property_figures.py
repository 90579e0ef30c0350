"""Price per m², days on the market, numbers."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.properties import days_on_market, format_number, pattern_ok, price_per_sqm


@pytest.mark.parametrize(
    ("price", "area", "expected"),
    [
        (465_000_00, 82_00, 5670_73),
        (100, 300, 33),
        (200, 300, 67),
        (1, 200, 1),  # exactly half a cent goes up
        (0, 8200, 0),
        (None, 8200, None),
        (100, None, None),
        (100, 0, None),
    ],
)
def test_price_per_sqm(price: int | None, area: int | None, expected: int | None) -> None:
    assert price_per_sqm(price, area) == expected


@given(st.integers(0, 10**13), st.integers(1, 10**7))
def test_price_per_sqm_is_rounded_half_up(price: int, area: int) -> None:
    exact = Decimal(price) / Decimal(100) / (Decimal(area) / Decimal(100))
    assert price_per_sqm(price, area) == int(exact.quantize(Decimal("0.01"), ROUND_HALF_UP) * 100)


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("first", "closed", "today", "expected"),
    [
        (None, None, date(2026, 1, 1), None),
        (datetime(2025, 10, 1, 18, tzinfo=UTC), datetime(2025, 11, 15, 9, tzinfo=UTC), date(2026, 1, 1), 45),
        (datetime(2025, 10, 1, 9, tzinfo=UTC), None, date(2025, 10, 1), 0),
        (datetime(2025, 10, 1, 9, tzinfo=UTC), None, date(2025, 11, 15), 45),
        # 23:30 UTC is the next day in Berlin.
        (datetime(2025, 9, 30, 23, 30, tzinfo=UTC), None, date(2025, 10, 2), 1),
        (datetime(2025, 10, 1, 9, tzinfo=UTC), None, date(2025, 9, 1), 0),
    ],
)
def test_days_on_market(first: datetime | None, closed: datetime | None, today: date, expected: int | None) -> None:
    assert days_on_market(first, closed, today, BERLIN) == expected


@pytest.mark.parametrize(
    ("pattern", "number", "expected"),
    [
        ("OBJ-{YYYY}-{0000}", 7, "OBJ-2026-0007"),
        ("OBJ-{YYYY}-{0000}", 12345, "OBJ-2026-12345"),
        ("RE-{YY}/{00000}", 42, "RE-26/00042"),
        ("{0}", 3, "3"),
    ],
)
def test_format_number(pattern: str, number: int, expected: str) -> None:
    assert pattern_ok(pattern)
    assert format_number(pattern, 2026, number) == expected


@pytest.mark.parametrize(
    "pattern", ["", "OBJ", "OBJ-{YYYY}", "{0000}-{0000}", "{MM}-{000}", "{}-{000}", "{000", "{{000}}", "{000}}"]
)
def test_patterns_that_cannot_be_used(pattern: str) -> None:
    assert not pattern_ok(pattern)
    with pytest.raises(ValueError, match="not a number pattern"):
        format_number(pattern, 2026, 1)
