"""Every mail in both languages, and what may not get into one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.mails import KINDS, Language, MailTemplate, language_of
from domain.mails.rendering import Look, inert, ink_on, render, spoken

LOOK = Look("Acme & Co", "#3B82F6", "Europe/Berlin", "https://app.example.com/")
VALUES: dict[str, Any] = {
    "name": "Käthe Kruse",
    "at": "2026-11-20T18:06:15+00:00",
    "ip": "203.0.113.7",
    "inviter": "Max Muster",
    "expires": "2026-11-27T18:06:15+00:00",
    "role": "Makler",
    "device": "Firefox auf Linux",
    "minutes": 15,
}


def values_of(template: MailTemplate, *, all_of_them: bool = True) -> dict[str, Any]:
    kind = KINDS[template]
    return {name: VALUES[name] for name in (kind.needs | kind.knows if all_of_them else kind.needs)}


@pytest.mark.parametrize("all_of_them", [True, False])
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("template", list(MailTemplate))
def test_every_mail_is_complete(template: MailTemplate, language: Language, all_of_them: bool) -> None:
    secret = "s3cr3t" if KINDS[template].secret else None
    given = values_of(template, all_of_them=all_of_them)
    made = render(template, language, LOOK, given, secret)
    link = "https://app.example.com" + KINDS[template].page + ("?token=s3cr3t" if secret else "")
    assert made.subject
    assert "\n" not in made.subject
    assert link in made.text.split()
    assert made.html.count(f'href="{link}"') == 2
    assert f'<html lang="{language.value}">' in made.html
    assert "Acme & Co" in made.text
    assert "Acme &amp; Co" in made.html
    for word in ("None", "{{", "}}", "{%", "&amp;amp;", "Acme & Co"):
        assert word not in made.html
    assert "None" not in made.text
    said = {name: value for name, value in given.items() if name not in ("at", "expires")}
    assert [name for name, value in said.items() if str(value) not in made.text] == []


def test_one_as_a_whole() -> None:
    made = render(MailTemplate.INVITATION, Language.DE, LOOK, values_of(MailTemplate.INVITATION), "s3cr3t")
    assert made.subject == "Max Muster lädt Sie zu Acme & Co ein"
    assert made.text == (
        "Einladung zu Acme & Co\n\nGuten Tag Käthe Kruse,\n\n"
        "Max Muster hat Sie eingeladen, bei Acme & Co mitzuarbeiten, in der Rolle „Makler“.\n\n"
        "Die Einladung gilt bis zum 27.11.2026 um 19:06 Uhr.\n\n"
        "Einladung annehmen: https://app.example.com/accept-invitation?token=s3cr3t\n\n"
        "Sie erwarten keine Einladung? Dann brauchen Sie nichts zu tun.\n\n"
        "Freundliche Grüße\nAcme & Co\n\n--\n"
        "Diese Nachricht wurde automatisch für Acme & Co versandt, weil sie Ihr Benutzerkonto betrifft."
    )


def test_names_are_text_and_nothing_else() -> None:
    name = "<img src=x onerror=alert(1)>{{ link }}{% for"
    made = render(MailTemplate.TEST, Language.DE, LOOK, {"name": name})
    assert f"Guten Tag {name}," in made.text
    assert "Guten Tag &lt;img src=x onerror=alert(1)&gt;{{ link }}{% for," in made.html
    agency = Look("<b>Acme</b>", "#3B82F6", "Europe/Berlin", "https://app.example.com")
    assert "<b>Acme" not in render(MailTemplate.TEST, Language.DE, agency, {"name": "A"}).html


@pytest.mark.parametrize(
    "name", ["you won at evil.com", "see https://evil.com", "mail me@evil.com", "a" * 61, "www.evil.com"]
)
def test_a_name_that_leads_somewhere_is_not_greeted(name: str) -> None:
    made = render(MailTemplate.VERIFICATION, Language.EN, LOOK, {"name": name}, "s3cr3t")
    assert "Hello,\n" in made.text
    assert name not in made.text + made.html


def test_names_of_others_are_told_but_lead_nowhere() -> None:
    given = {**values_of(MailTemplate.INVITATION), "inviter": "Visit evil.com or https://evil.com"}
    made = render(MailTemplate.INVITATION, Language.EN, LOOK, given, "s3cr3t")
    assert "evil.com" not in made.subject + made.text + made.html
    assert "evil.\u2060com" in made.text
    assert inert("Dr. Müller, 3.5 Zimmer, 203.0.113.7") == "Dr. Müller, 3.5 Zimmer, 203.0.113.7"
    assert inert("https://a.b c@d") == "https:\u2060//a.\u2060b c@\u2060d"


def test_moments_by_the_clock_of_the_agency() -> None:
    at = datetime(2026, 7, 5, 22, 6, tzinfo=UTC)
    assert spoken(at, Language.DE, "Europe/Berlin") == "06.07.2026 um 00:06 Uhr"
    assert spoken(at, Language.EN, "Europe/London") == "5 July 2026 at 23:06"


@pytest.mark.parametrize(
    ("color", "ink"),
    [("#3B82F6", "#ffffff"), ("#000000", "#ffffff"), ("#FFFFFF", "#111827"), ("#FACC15", "#111827")],
)
def test_letters_on_any_colour_can_be_read(color: str, ink: str) -> None:
    assert ink_on(color) == ink


@pytest.mark.parametrize(
    ("tag", "language"), [("de-DE", "de"), ("en", "en"), ("EN-us", "en"), ("fr", "de"), ("", "de")]
)
def test_the_language_to_write_in(tag: str, language: str) -> None:
    assert language_of(tag).value == language
