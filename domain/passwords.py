"""Which passwords are good enough, without storing or comparing any."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

MIN_LENGTH = 8  # an agency may ask for more, never for less
MAX_LENGTH = 128


class PasswordClass(Enum):
    """A kind of character that a password must contain."""

    UPPER = "UPPER"
    LOWER = "LOWER"
    DIGIT = "DIGIT"
    SPECIAL = "SPECIAL"


DESCRIPTIONS: dict[type[Enum], tuple[str, dict[str, str]]] = {
    PasswordClass: (
        "A kind of character that a password must contain.",
        {
            "UPPER": "A capital letter, umlauts included.",
            "LOWER": "A small letter, umlauts included.",
            "DIGIT": "A digit.",
            "SPECIAL": "Anything that is neither letter nor digit, a blank included.",
        },
    ),
}

_TESTS = {
    PasswordClass.UPPER: str.isupper,
    PasswordClass.LOWER: str.islower,
    PasswordClass.DIGIT: str.isdecimal,
    PasswordClass.SPECIAL: lambda char: not char.isalnum(),
}


def missing_classes(
    password: str,
    email: str = "",
    min_length: int = MIN_LENGTH,
    classes: Collection[PasswordClass] = tuple(PasswordClass),
) -> list[str]:
    """Everything a password lacks, all at once: `LENGTH`, the missing classes, `EMAIL` when it is the local part.

    `TOO_LONG` stands for more than 128 characters; an empty answer means that it is acceptable.
    """
    missing = []
    if len(password) < max(min_length, MIN_LENGTH):
        missing.append("LENGTH")
    if len(password) > MAX_LENGTH:
        missing.append("TOO_LONG")
    missing += [c.value for c in PasswordClass if c in classes and not any(map(_TESTS[c], password))]
    local_part = email.strip().partition("@")[0]
    if local_part and password.casefold() == local_part.casefold():
        missing.append("EMAIL")
    return missing


@dataclass(frozen=True)
class Policy:
    """What an agency asks of passwords."""

    min_length: int = MIN_LENGTH
    classes: frozenset[PasswordClass] = frozenset(PasswordClass)

    def missing(self, password: str, email: str = "") -> list[str]:
        """Everything a password lacks."""
        return missing_classes(password, email, self.min_length, self.classes)

    def and_also(self, other: "Policy") -> "Policy":
        """Both at once."""
        return Policy(max(self.min_length, other.min_length), self.classes | other.classes)


def strength(password: str) -> int:
    """How strong a password is, 0 to 5: a point each for minimum length, both cases, digit, special, 12 characters.

    A password whose characters hardly differ gets at most one point, whatever its classes.
    """
    present = {c for c in PasswordClass if any(map(_TESTS[c], password))}
    score = sum(
        (
            len(password) >= MIN_LENGTH,
            {PasswordClass.UPPER, PasswordClass.LOWER} <= present,
            PasswordClass.DIGIT in present,
            PasswordClass.SPECIAL in present,
            len(password) >= 12,
        )
    )
    return min(score, 1) if len(set(password)) < 5 else score
