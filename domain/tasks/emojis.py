"""What counts as one emoji."""

import re

# A picture with its skin tone or style, several of them joined to one, a flag, or a key.
_PICTURE = (
    r"[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55"
    r"\u3030\u303d\u3297\u3299\U0001f004-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
    r"[\ufe0f\U0001f3fb-\U0001f3ff]?"
)
_EMOJI = re.compile(
    rf"{_PICTURE}(?:\u200d{_PICTURE}){{0,5}}"
    r"|\U0001f3f4[\U000e0061-\U000e007a]{2,7}\U000e007f"
    r"|[\U0001f1e6-\U0001f1ff]{2}"
    r"|[0-9#*]\ufe0f?\u20e3"
)


def is_emoji(text: str) -> bool:
    """Whether a text is one emoji and nothing else."""
    return _EMOJI.fullmatch(text) is not None
