"""The test mail: a real dialogue with a real server, through the platform's or the agency's own."""

from typing import Any

import pytest

from domain.access import Role
from domain.mails import MailTemplate
from resolvers.kit.context import State
from storage.mail import Sender, Undelivered, deliver
from tests.conftest import Client, Signed
from tests.factories import platform
from tests.graph.world import ERRORS, rows, untouched
from tests.storage.mailbox import mailbox
from tests.storage.test_mail import LETTER

SEND = f"""
mutation ($to: EmailAddress!, $template: String) {{
  testEmailSend(to: $to, template: $template) {{ accepted messageId smtpLog {ERRORS} }}
}}"""


async def own_server(state: State, signed: Signed, port: int) -> None:
    password = state.secrets.seal("open sesame", f"email:{signed.agency.id}")
    await platform(
        state,
        "update tenant set email_from_name = 'Büro', email_from_address = 'office@acme.example', email_port = $2,"
        " email_host = '127.0.0.1', email_use_tls = false, email_username = 'agency', email_password = $3"
        " where id = $1",
        signed.agency.id,
        port,
        password,
    )


async def test_through_the_agencys_own_server(state: State, acme: Signed) -> None:
    async with mailbox(auth_require_tls=False) as box:
        await own_server(state, acme, box.port)
        answer = (await acme.owner.data(SEND, to="Käthe@Example.com".replace("ä", "ae")))["testEmailSend"]
    assert (answer["accepted"], answer["userErrors"]) == (True, [])
    assert box.logins == [("agency", "open sesame")]
    assert box.envelopes == [("office@acme.example", ["kaethe@example.com"])]
    (message,) = box.messages
    assert (str(message["From"]), str(message["Subject"])) == ("Büro <office@acme.example>", "Testnachricht von Acme")
    assert answer["messageId"] == str(message["Message-ID"])
    log = answer["smtpLog"]
    assert (log[0], log[-1]) == (f"= 127.0.0.1:{box.port}", "< 221 Bye")
    assert "> RCPT TO:<kaethe@example.com>" in log
    assert "open sesame" not in str(answer)
    (tenant,) = await rows(state, acme.agency.id, "tenant")
    assert tenant["email_verified_at"] is not None
    (entry,) = await rows(state, acme.agency.id, "audit_entry", "seq")
    assert (entry["operation"], entry["action"], entry["outcome"]) == ("testEmailSend", "SEND", "SUCCESS")
    assert await rows(state, acme.agency.id, "mail") == []


@pytest.mark.parametrize("template", list(MailTemplate))
async def test_each_mail_can_be_tried(state: State, acme: Signed, template: MailTemplate) -> None:
    async with mailbox(auth_require_tls=False) as box:
        await own_server(state, acme, box.port)
        answer = (await acme.owner.data(SEND, to="a@example.com", template=template.value))["testEmailSend"]
    assert (answer["accepted"], len(box.messages)) == (True, 1)


async def test_what_the_server_refuses(state: State, acme: Signed) -> None:
    async with mailbox(auth_require_tls=False) as box:
        box.answer = "550 no such person"
        await own_server(state, acme, box.port)
        async with untouched(state, acme):
            answer = (await acme.owner.data(SEND, to="a@example.com"))["testEmailSend"]
    (error,) = answer["userErrors"]
    assert (error["code"], error["field"], error["details"]) == (
        "EMAIL_SERVICE_ERROR",
        [],
        {"reason": "550 no such person"},
    )
    assert (answer["accepted"], answer["messageId"]) == (False, None)
    assert "< 550 no such person" in answer["smtpLog"]


async def test_without_a_server_nothing_is_made_up(state: State, acme: Signed) -> None:
    async with untouched(state, acme):
        answer = (await acme.owner.data(SEND, to="a@example.com"))["testEmailSend"]
    assert answer == {
        "accepted": False,
        "messageId": None,
        "smtpLog": [],
        "userErrors": [
            {"code": "EMAIL_SERVICE_ERROR", "message": "No mail server is configured.", "field": [], "details": None}
        ],
    }


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"to": "nobody"}, ("INVALID_INPUT", ["to"])),
        ({"to": "a@example.com\r\nBcc: b@example.com"}, ("INVALID_INPUT", ["to"])),
        ({"to": "a@example.com", "template": "spam"}, ("VALIDATION_ERROR", ["template"])),
    ],
)
async def test_what_cannot_be_sent(acme: Signed, given: dict[str, Any], wrong: Any) -> None:
    answer = (await acme.owner.data(SEND, **given))["testEmailSend"]
    (error,) = answer["userErrors"]
    assert (error["code"], error["field"]) == wrong


async def test_only_who_rules_the_agency(acme: Signed, anonymous: Client) -> None:
    for role in (Role.MANAGER, Role.AGENT, Role.CUSTOMER):
        assert await acme.as_(role).code(SEND, to="a@example.com") == "INSUFFICIENT_PERMISSIONS"
    assert await anonymous.code(SEND, to="a@example.com") == "UNAUTHENTICATED"


async def test_an_agency_cannot_reach_into_our_network(state: State) -> None:
    production = state.settings.model_copy(update={"environment": "production"})
    for host in ("127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "::1"):
        sender = Sender("a@b.example", "A", host, 25, "none", ours=False)
        with pytest.raises(Undelivered, match=r"is not a public mail server|cannot be reached"):
            await deliver(production, sender, LETTER)
