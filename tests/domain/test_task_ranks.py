"""Ranks: any order of cards can be kept by them, and they stay short."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.tasks import ranks


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (None, None, "a0"),
        ("a0", None, "a1"),
        ("az", None, "b00"),
        ("bzz", None, "c000"),
        (None, "a0", "Zz"),
        (None, "Z0", "Yzz"),
        ("Zz", None, "a0"),
        ("Yzz", None, "Z0"),
        (None, "a0V", "a0"),
        ("a0", "a1", "a0V"),
        ("a0", "a2", "a1"),
        ("a0V", "a1", "a0k"),
        ("a0", "a0V", "a0F"),
        ("a0", "a001", "a000V"),
        ("a0z", "a1", "a0zV"),
        ("a0zz", "a1", "a0zzV"),
        ("a0V", "a0W", "a0VV"),
        ("a0V", "a0W1", "a0W"),
    ],
)
def test_between(low: str | None, high: str | None, found: str) -> None:
    assert ranks.between(low, high) == found


@pytest.mark.parametrize(("low", "high"), [("a0", "a0"), ("a1", "a0"), ("a0V", "a0")])
def test_nothing_lies_between_what_is_not_in_order(low: str, high: str) -> None:
    with pytest.raises(ValueError, match="does not stand before"):
        ranks.between(low, high)


def test_the_last_number_has_no_next_one() -> None:
    with pytest.raises(OverflowError):
        ranks.between("z" * 27, None)
    with pytest.raises(OverflowError):
        ranks.between(None, "A" + "0" * 26)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)), max_size=120))
def test_any_moves_keep_the_order(moves: list[tuple[int, int]]) -> None:
    """A column as a list of cards and the same as ranks, sorted as bytes: after every move both say the same."""
    rank = dict(enumerate(ranks.following(None, 8)))
    column = list(rank)
    for card, place in moves:
        moved = column.pop(card % len(column))
        at = place % (len(column) + 1)
        low = rank[column[at - 1]] if at else None
        high = rank[column[at]] if at < len(column) else None
        rank[moved] = ranks.between(low, high)
        column.insert(at, moved)
        assert sorted(column, key=lambda card: rank[card].encode()) == column
        assert len(set(rank.values())) == len(rank)


def test_the_end_and_the_top_stay_short() -> None:
    last = list(ranks.following(None, 10_000))
    assert last == sorted(last)
    assert max(map(len, last)) == 4
    first: str | None = None
    for _ in range(10_000):
        first = ranks.between(None, first)
    assert len(first or "") == 4


def test_a_gap_grows_by_a_digit_for_six_cards() -> None:
    low, high = "a0", "a1"
    for _ in range(600):
        high = ranks.between(low, high)
    assert len(high) <= 2 + 600 / 5
    low, high = "a0", "a1"
    for _ in range(600):
        low = ranks.between(low, high)
    assert len(low) <= 2 + 600 / 5
