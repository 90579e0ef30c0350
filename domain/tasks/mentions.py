"""Who is mentioned in a text: `@[id]`, the id being the global id of a member."""

import re

MOST_MENTIONS = 50

_MENTION = re.compile(r"@\[([A-Za-z0-9_-]{1,200})\]")


def mentioned(text: str) -> list[str]:
    """What stands in the brackets, each once, in the order of the text."""
    return list(dict.fromkeys(_MENTION.findall(text)))
