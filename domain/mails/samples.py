"""What a mail is filled with when nobody is meant: for test mails, and to look at all of them."""

from typing import Any

from domain.mails.kinds import KINDS, Language, MailTemplate

SECRET = "sample"  # noqa: S105 - opens nothing

_SAMPLES: dict[str, tuple[Any, Any]] = {
    "name": ("Käthe Kruse", "Kate Crossley"),
    "at": ("2026-11-20T18:06:15+00:00", "2026-11-20T18:06:15+00:00"),
    "expires": ("2026-11-27T18:06:15+00:00", "2026-11-27T18:06:15+00:00"),
    "ip": ("203.0.113.7", "203.0.113.7"),
    "inviter": ("Max Mustermann", "Max Miller"),
    "role": ("Makler", "Agent"),
    "device": ("Firefox auf Linux", "Firefox on Linux"),
    "minutes": (15, 15),
}


def sample(template: MailTemplate, language: Language) -> dict[str, Any]:
    """Values for every word of a mail."""
    kind = KINDS[template]
    return {name: _SAMPLES[name][language is Language.EN] for name in sorted(kind.needs | kind.knows)}
