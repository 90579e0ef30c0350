"""What may stand under a comment."""

import pytest

from domain.tasks.emojis import is_emoji


@pytest.mark.parametrize(
    "text",
    [
        "👍",
        "👍🏽",
        "❤️",
        "❤",
        "👩‍💻",
        "👨‍👩‍👧‍👦",
        "🇩🇪",
        "1️⃣",
        "✅",
        "🏳️‍🌈",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "⭐",
    ],
)
def test_one_emoji(text: str) -> None:
    assert is_emoji(text)
    assert len(text) <= 32  # what the column holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "1",
        "👍👍",
        "👍 ",
        "ok👍",
        "\u200d",
        "\ufe0f",
        "🇩",
        "<b>",
        "👍\u200d",
        "🏽",
        "ä",
        "\x00",
        "👩‍" * 7 + "👩",
    ],
)
def test_everything_else(text: str) -> None:
    assert not is_emoji(text)
