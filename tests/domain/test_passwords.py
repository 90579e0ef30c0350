"""Which passwords pass."""

import pytest

from domain.passwords import DESCRIPTIONS, PasswordClass, missing_classes, strength


@pytest.mark.parametrize(
    ("password", "missing"),
    [
        ("Passw0rd!", []),
        ("password", ["UPPER", "DIGIT", "SPECIAL"]),
        ("", ["LENGTH", "UPPER", "LOWER", "DIGIT", "SPECIAL"]),
        ("Ab1!", ["LENGTH"]),
        ("Abcdef1!", []),
        ("Abcde1!", ["LENGTH"]),
        ("ÄÖÜäöü1ß", ["SPECIAL"]),
        ("Über Zug 7", []),  # a blank counts as special
        ("Aa1!" * 32, []),
        ("Aa1!" * 32 + "x", ["TOO_LONG"]),
        ("ABCDEFG1!", ["LOWER"]),
    ],
)
def test_missing_classes(password: str, missing: list[str]) -> None:
    assert missing_classes(password, "mike@example.com") == missing


@pytest.mark.parametrize("email", ["Mike.Agent7@example.com", " mike.agent7@example.com "])
def test_not_the_local_part_of_the_address(email: str) -> None:
    assert missing_classes("Mike.Agent7", email) == ["EMAIL"]
    assert missing_classes("Mike.Agent7x", email) == []


def test_an_agency_may_ask_for_more_length_and_fewer_classes() -> None:
    assert missing_classes("Passw0rd!", min_length=12) == ["LENGTH"]
    assert missing_classes("passwort-ohne", classes=[PasswordClass.LOWER]) == []
    assert missing_classes("Ab1!", min_length=4) == ["LENGTH"]


@pytest.mark.parametrize(
    ("password", "score"),
    [
        ("", 0),
        ("abc", 0),
        ("password", 1),
        ("Password", 2),
        ("Passw0rd", 3),
        ("Passw0rd!", 4),
        ("Passw0rd!Passw0rd!", 5),
        ("aA1!aA1!aA1!", 1),
    ],
)
def test_strength(password: str, score: int) -> None:
    assert strength(password) == score


def test_every_value_is_described() -> None:
    assert {enum: list(values) for enum, (_, values) in DESCRIPTIONS.items()} == {
        PasswordClass: ["UPPER", "LOWER", "DIGIT", "SPECIAL"]
    }
