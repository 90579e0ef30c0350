"""A mail as it is read: subject, text, and the same as HTML in the colours of the agency."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from domain.mails.kinds import KINDS, Language, MailTemplate
from domain.mails.words import FRAMES, WORDINGS

NAME_LENGTH = 60
# What mail programs turn into links by themselves: a name must not be able to lead anywhere.
_LINKED = re.compile(r"(?<=\w)\.(?=[^\W\d])|(?<=\w):(?=//)|@(?=\w)")
_APART = "\u2060"  # word joiner: nothing is seen, nothing is broken, nothing is recognised
_DARK, _LIGHT = "#111827", "#ffffff"


@dataclass(frozen=True)
class Look:
    """Whose mail it is."""

    agency: str
    color: str
    timezone: str
    site: str


@dataclass(frozen=True)
class Rendered:
    """What goes out."""

    subject: str
    text: str
    html: str


def _environment(autoescape: bool) -> Environment:
    return Environment(
        loader=PackageLoader("domain.mails", "layouts"),
        autoescape=autoescape,  # noqa: S701 - text is not HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


_PLAIN, _HTML = _environment(False), _environment(True)


def render(
    template: MailTemplate, language: Language, look: Look, values: Mapping[str, Any], secret: str | None = None
) -> Rendered:
    """Fill a mail. `secret` is what its button carries."""
    kind, wording, frame = KINDS[template], WORDINGS[template, language], FRAMES[language]
    link = look.site.rstrip("/") + kind.page + (f"?token={secret}" if secret is not None else "")
    given = {**dict.fromkeys(kind.knows | kind.needs | {"name"}), **values, "agency": look.agency}
    known = {name: inert(value) if isinstance(value, str) else value for name, value in given.items()}
    known["name"] = _addressable(given["name"])

    def moment(value: str) -> str:
        return spoken(datetime.fromisoformat(value), language, look.timezone)

    def fill(environment: Environment, text: str) -> Any:
        filled = environment.overlay()
        filled.filters = {**environment.filters, "moment": moment}
        made = filled.from_string(text).render(known)
        # What was escaped while it was filled in must not be escaped again by the layout.
        return Markup(made) if environment is _HTML else made  # noqa: S704

    def parts(environment: Environment) -> dict[str, Any]:
        greeting = frame.greeting if known["name"] else frame.greeting_without_name
        return {
            "heading": fill(environment, wording.heading),
            "greeting": fill(environment, greeting),
            "paragraphs": [fill(environment, text) for text in wording.paragraphs],
            "button": wording.button,
            "note": wording.note,
            "closing": frame.closing,
            "instead": frame.instead,
            "footer": fill(environment, frame.footer),
            "agency": known["agency"],
            "link": link,
            "language": language.value,
        }

    subject = " ".join(fill(_PLAIN, wording.subject).split())
    colors = {"color": look.color, "ink": ink_on(look.color)}
    return Rendered(
        subject,
        _PLAIN.get_template("mail.txt").render(parts(_PLAIN)),
        _HTML.get_template("mail.html").render(parts(_HTML), subject=subject, **colors),
    )


def inert(value: str) -> str:
    """A text in which no mail program finds an address to turn into a link."""
    return _LINKED.sub(lambda found: found.group() + _APART, value)


def _addressable(name: str | None) -> str | None:
    """A name to greet with; what is no name is left out."""
    if not name or len(name) > NAME_LENGTH or _LINKED.search(name):
        return None
    return name


def spoken(at: datetime, language: Language, timezone: str) -> str:
    """A moment as people say it, by the agency's clock."""
    local = at.astimezone(ZoneInfo(timezone))
    if language is Language.DE:
        return f"{local:%d.%m.%Y} um {local:%H:%M} Uhr"
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year} at {local:%H:%M}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def ink_on(color: str) -> str:
    """The colour of letters on a coloured ground: dark or light, whichever is easier to read."""
    ground = _luminance(color)
    on_dark, on_light = _contrast(ground, _luminance(_DARK)), _contrast(ground, _luminance(_LIGHT))
    # White is expected on a button as long as it can be read well.
    return _LIGHT if on_light >= min(3.0, on_dark) else _DARK


def _luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: float, other: float) -> float:
    high, low = max(one, other), min(one, other)
    return (high + 0.05) / (low + 0.05)
