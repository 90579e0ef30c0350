"""Handing mail over: a real dialogue with a server, files where there is none, nothing that slips into a header."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from settings import Settings
from storage.mail import Letter, Sender, Undelivered, compose, deliver, folder, house_sender
from tests.storage.mailbox import mailbox

SENDER = Sender("office@acme.example", "Acme Immobilien & Söhne")
LETTER = Letter("018f-1", "käthe@example.com".replace("ä", "ae"), "Grüße aus Köln", "Guten Tag", "<p>Guten Tag</p>")


def sender(port: int, **changes: str) -> Sender:
    return replace(SENDER, host="127.0.0.1", port=port, security="none", **changes)


async def test_a_message_as_the_server_gets_it(settings: Settings) -> None:
    async with mailbox() as box:
        delivery = await deliver(settings, sender(box.port), replace(LETTER, reply_to="buero@acme.example"))
    assert box.envelopes == [("office@acme.example", ["kaethe@example.com"])]
    (message,) = box.messages
    assert {name: str(message[name]) for name in message if name not in ("Date", "Content-Type", "X-Peer")} == {
        "From": "Acme Immobilien & Söhne <office@acme.example>",
        "To": "kaethe@example.com",
        "Subject": "Grüße aus Köln",
        "Message-ID": "<018f-1@acme.example>",
        "Auto-Submitted": "auto-generated",
        "Reply-To": "buero@acme.example",
        "MIME-Version": "1.0",
    }
    assert message["Date"].datetime.tzinfo is not None
    assert [(part.get_content_type(), part.get_content().strip()) for part in message.iter_parts()] == [
        ("text/plain", "Guten Tag"),
        ("text/html", "<p>Guten Tag</p>"),
    ]
    assert delivery.message_id == "<018f-1@acme.example>"
    assert delivery.log[0] == f"= 127.0.0.1:{box.port}"
    assert "> MAIL FROM:<office@acme.example>" in [line[:33] for line in delivery.log]
    assert "> RCPT TO:<kaethe@example.com>" in delivery.log
    assert delivery.log[-3:] == ["< 250 taken", "> QUIT", "< 221 Bye"]


async def test_without_a_server_it_lies_in_the_folder(settings: Settings, tmp_path: Path) -> None:
    there = settings.model_copy(update={"data_dir": tmp_path})
    for _ in range(2):  # a second attempt makes no second message
        await deliver(there, SENDER, LETTER)
    (found,) = folder(there).iterdir()
    assert found == tmp_path / "mail" / "018f-1.eml"
    message = message_from_bytes(found.read_bytes(), policy=default)
    assert (str(message["To"]), str(message["Subject"])) == ("kaethe@example.com", "Grüße aus Köln")


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hello\r\nBcc: everybody@example.com"},
        {"to": "a@example.com\r\nBcc: everybody@example.com"},
        {"to": "a@example.com, everybody@example.com"},
        {"reply_to": "a@example.com\nBcc: everybody@example.com"},
    ],
)
async def test_nothing_slips_into_a_header(settings: Settings, changes: dict[str, str]) -> None:
    async with mailbox() as box:
        with pytest.raises(Undelivered, match="cannot be written") as refused:
            await deliver(settings, sender(box.port), replace(LETTER, **changes))
    assert refused.value.permanent
    assert box.envelopes == []


async def test_nor_with_the_name_of_an_agency() -> None:
    with pytest.raises(ValueError, match="CR or LF"):
        compose(replace(SENDER, name="Acme\r\nBcc: everybody@example.com"), LETTER)


@pytest.mark.parametrize(("answer", "permanent"), [("550 no such person", True), ("451 come back later", False)])
async def test_a_refusal_is_for_good_or_for_now(settings: Settings, answer: str, permanent: bool) -> None:
    async with mailbox() as box:
        box.answer = answer
        with pytest.raises(Undelivered) as refused:
            await deliver(settings, sender(box.port), LETTER)
    assert (refused.value.reason, refused.value.permanent, refused.value.code) == (answer, permanent, int(answer[:3]))
    assert f"< {answer}" in refused.value.log
    assert box.messages == []


async def test_a_server_that_is_away(settings: Settings) -> None:
    async with mailbox() as box:
        port = box.port
    with pytest.raises(Undelivered) as refused:
        await deliver(settings, sender(port), LETTER)
    assert not refused.value.permanent
    assert refused.value.log[-1].startswith("! SMTPConnectError")


async def test_who_signs_in_is_not_written_down(settings: Settings) -> None:
    async with mailbox(auth_require_tls=False) as box:
        delivery = await deliver(settings, sender(box.port, username="agency", password="open sesame"), LETTER)
        with pytest.raises(Undelivered) as refused:
            await deliver(settings, sender(box.port, username="agency", password="wrong"), LETTER)
    assert set(box.logins) == {("agency", "open sesame"), ("agency", "wrong")}
    assert not refused.value.permanent  # the message is good, the password is not
    said = "\n".join([*delivery.log, *refused.value.log])
    assert "> AUTH" in said
    # The user's name and password as they travel, in base64.
    for secret in ("open sesame", "wrong", "b3BlbiBzZXNhbWU", "d3Jvbmc", "YWdlbmN5", "AGFnZW5jeQ"):
        assert secret not in said


async def test_a_server_that_cannot_encrypt_gets_no_password(settings: Settings) -> None:
    async with mailbox(auth_require_tls=False) as box:
        careful = replace(sender(box.port, username="agency", password="open sesame"), security="starttls")
        with pytest.raises(Undelivered, match="STARTTLS"):
            await deliver(settings, careful, LETTER)
    assert box.logins == []
    assert box.messages == []


def test_the_house_writes_in_the_name_of_the_agency(settings: Settings) -> None:
    given = settings.model_copy(
        update={"site_url": "https://app.example.com", "smtp_host": "mx.example.com", "smtp_username": "u"}
    )
    assert house_sender(given, "Acme") == Sender(
        "no-reply@app.example.com", "Acme", "mx.example.com", 587, "starttls", "u", ""
    )
    assert house_sender(given.model_copy(update={"mail_from": "a@b.example"}), "Acme").address == "a@b.example"
