"""Ranks: text keys that order the cards of a column, with room for another one between any two.

A rank is a whole number and a fraction, both in base 62, compared byte by byte. The first letter tells how many digits
the number has, so that cards put at the end or at the top count on and stay short; between two cards the fraction
grows by a digit for about six cards that are squeezed into the same gap.
"""

from collections.abc import Iterator

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FIRST = "a0"
LONGEST = 200  # beyond it a column is numbered anew
_BASE = len(DIGITS)


def between(low: str | None, high: str | None) -> str:
    """A rank behind `low` and before `high`; None is the end of the column."""
    if low is not None and high is not None and low >= high:
        raise ValueError(f"{low!r} does not stand before {high!r}")
    if low is None and high is None:
        return FIRST
    if low is None:
        assert high is not None
        number, fraction = _parts(high)
        return number if fraction else _counted(number, -1)
    number, fraction = _parts(low)
    following = _counted(number, 1)
    if high is None or following < high:
        return following
    other, rest = _parts(high)
    return number + _middle(fraction, rest if other == number else "")


def following(low: str | None, count: int) -> Iterator[str]:
    """`count` short ranks behind `low`, one after another."""
    for _ in range(count):
        low = between(low, None)
        yield low


def _parts(rank: str) -> tuple[str, str]:
    """The number and the fraction of a rank."""
    length = _length(rank[0])
    return rank[:length], rank[length:]


def _length(head: str) -> int:
    """How long a number with this first letter is: `a0`, `b00`, …, and `Z0`, `Y00`, … for those before zero."""
    return ord(head) - ord("a") + 2 if head >= "a" else ord("Z") - ord(head) + 2


def _counted(number: str, by: int) -> str:
    """The number one further or one less."""
    head, digits = number[0], [DIGITS.index(digit) for digit in number[1:]]
    full, empty = (_BASE - 1, 0) if by > 0 else (0, _BASE - 1)
    for place in reversed(range(len(digits))):
        if digits[place] != full:
            digits[place] += by
            return head + "".join(DIGITS[digit] for digit in digits)
        digits[place] = empty
    # Every digit has turned over: the next number is longer or, on the way to zero, shorter.
    head = {("Z", 1): "a", ("a", -1): "Z"}.get((head, by), chr(ord(head) + by))
    if not head.isalpha():
        raise OverflowError("no rank is left")
    return head + DIGITS[empty] * (_length(head) - 1)


def _middle(low: str, high: str) -> str:
    """A fraction between two; an empty `high` is the next whole number. No fraction ends in a zero."""
    same = 0
    while same < len(high) and (low[same] if same < len(low) else DIGITS[0]) == high[same]:
        same += 1
    if same:
        return high[:same] + _middle(low[same:], high[same:])
    first = DIGITS.index(low[0]) if low else 0
    last = DIGITS.index(high[0]) if high else _BASE
    if last - first > 1:
        return DIGITS[(first + last) // 2]
    if len(high) > 1:
        return high[0]
    return DIGITS[first] + _middle(low[1:], "")
