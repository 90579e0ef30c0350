"""Who is mentioned in a text."""

import pytest

from domain.tasks.mentions import mentioned


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Bitte @[VXNlcjox] ansehen", ["VXNlcjox"]),
        ("@[a] @[b]@[a]", ["a", "b"]),
        ("@[a b] @[] @a [b] @[ä] @[[c]", []),
        ("a@[x-_9].de", ["x-_9"]),
        ("@[" + "x" * 201 + "]", []),
    ],
)
def test_ids_in_brackets(text: str, expected: list[str]) -> None:
    assert mentioned(text) == expected
