"""Mail as the consequence of a mutation: written with it, sent afterwards, once, and forgotten."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import jobs
from domain.errors import ErrorCode, Refusal
from domain.mails import Link
from models.base import now, uuid7
from resolvers.kit.commands import Command
from resolvers.kit.context import State
from resolvers.kit.jobs import AgencyWork, Hopeless, Work
from resolvers.kit.mail import Posted, post
from storage.mail import Undelivered, folder
from storage.tokens import token_hash
from tests.conftest import Signed
from tests.factories import platform
from tests.graph.world import rows
from tests.jobs.test_enqueue import carry_out, orders
from tests.storage.mailbox import Mailbox, mailbox

AT = datetime(2026, 11, 20, 18, 6, 15, tzinfo=UTC)
TO = "käthe@example.com".replace("ä", "ae")


def with_settings(state: State, **changes: Any) -> State:
    return State(
        state.settings.model_copy(update=changes), state.database, state.limiter, state.bus, state.tokens, state.viewers
    )


def through(state: State, box: Mailbox) -> State:
    return with_settings(state, smtp_host="127.0.0.1", smtp_port=box.port, smtp_security="none")


async def write(state: State, signed: Signed, template: str = "test", **values: Any) -> UUID:
    """A mail to Käthe that nothing else is the cause of."""
    async with state.database.write(signed.agency.id) as session:
        id = await post(session, signed.agency.id, template, to=TO, language="de-DE", name="Käthe", **values)
        await session.commit()
    return id


async def send(state: State, signed: Signed, id: UUID) -> None:
    await jobs.JOBS["mail.send"].function(AgencyWork(state, "mail.send", 1, signed.agency.id), Posted(id))


async def mails(state: State, signed: Signed) -> list[dict[str, Any]]:
    names = ("template", "recipient", "language", "content", "attempts", "error")
    found = await rows(state, signed.agency.id, "mail", "created_at")
    return [{**{name: row[name] for name in names}, "sent": row["sent_at"] is not None} for row in found]


async def test_a_mutation_writes_it_with_everything_else(state: State, acme: Signed) -> None:
    async def invite(command: Command) -> dict[str, Any]:
        link = Link("invitation", uuid7(), 2)
        await command.mail("invitation", to=TO, language="en", link=link, inviter="Max", expires=AT, role=None)
        return {}

    assert await carry_out(state, acme, invite) == {}
    (mail,) = await mails(state, acme)
    link = mail["content"].pop("link")
    assert mail == {
        "template": "invitation",
        "recipient": TO,
        "language": "en",
        "content": {"inviter": "Max", "expires": "2026-11-20T18:06:15+00:00"},
        "attempts": 0,
        "error": None,
        "sent": False,
    }
    secret = state.tokens.link_secret("invitation", UUID(link["id"]), 2)
    assert (len(secret), link["purpose"], link["version"]) == (43, "invitation", 2)
    assert secret not in str(await rows(state, acme.agency.id, "mail"))
    assert await orders(state, acme) == ["mail.send"]


async def test_what_is_refused_writes_nobody(state: State, acme: Signed) -> None:
    async def refuse(command: Command) -> dict[str, Any]:
        await command.mail("test", to=TO, language="de", name="Käthe")
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input")

    await carry_out(state, acme, refuse)
    assert await mails(state, acme) == []
    assert await orders(state, acme) == []


@pytest.mark.parametrize(
    ("template", "link", "values"),
    [
        ("test", None, {}),
        ("test", None, {"name": "A", "nickname": "B"}),
        ("test", Link("test", uuid7()), {"name": "A"}),
        ("password_reset", None, {"name": "A"}),
    ],
)
async def test_what_a_mail_cannot_be_filled_with(
    state: State, acme: Signed, template: str, link: Link | None, values: dict[str, Any]
) -> None:
    async with state.database.write(acme.agency.id) as session:
        with pytest.raises(TypeError, match=f"^the mail {template} needs"):
            await post(session, acme.agency.id, template, to=TO, language="de", link=link, **values)


@pytest.mark.parametrize("changes", [{"to": "a@b.example\r\nBcc: c@d.example"}, {"name": "A\nB"}, {"name": "A\x00"}])
async def test_line_breaks_are_refused(state: State, acme: Signed, changes: dict[str, str]) -> None:
    async with state.database.write(acme.agency.id) as session:
        with pytest.raises(Refusal) as refused:
            await post(session, acme.agency.id, "test", **{"to": TO, "language": "de", "name": "A", **changes})
        await session.commit()
    (problem,) = refused.value.problems
    assert (problem.code, problem.rule) == (ErrorCode.INVALID_INPUT, "characters")
    assert await mails(state, acme) == []


async def test_it_is_sent_once(state: State, acme: Signed) -> None:
    link = Link("password_reset", uuid7())
    id = await write(state, acme, "password_reset", link=link)
    async with mailbox() as box:
        for _ in range(2):  # a job may run twice
            await send(through(state, box), acme, id)
    assert box.envelopes == [("no-reply@127.0.0.1", [TO])]
    (message,) = box.messages
    assert str(message["From"]) == "Acme <no-reply@127.0.0.1>"
    assert str(message["Subject"]) == "Passwort zurücksetzen"
    secret = state.tokens.link_secret("password_reset", link.id)
    body = message.get_body(("plain",))
    assert body is not None
    assert f"http://127.0.0.1:8000/reset-password?token={secret}" in body.get_content()
    (mail,) = await mails(state, acme)
    assert (mail["sent"], mail["attempts"], mail["error"]) == (True, 1, None)
    assert secret not in str(await rows(state, acme.agency.id, "mail"))


async def test_links_lead_to_the_front_end(state: State, acme: Signed, tmp_path: Path) -> None:
    id = await write(state, acme)
    await send(with_settings(state, frontend_url="https://front.example", data_dir=tmp_path), acme, id)
    message = message_from_bytes((tmp_path / "mail" / f"{id}.eml").read_bytes(), policy=default)
    body = message.get_body(("plain",))
    assert body is not None
    assert "https://front.example/" in body.get_content().split()


async def test_a_server_that_is_busy_is_asked_again(state: State, acme: Signed) -> None:
    id = await write(state, acme)
    async with mailbox() as box:
        box.answer = "451 come back later"
        with pytest.raises(Undelivered):
            await send(through(state, box), acme, id)
        (mail,) = await mails(state, acme)
        assert (mail["sent"], mail["attempts"], mail["error"]) == (False, 1, "451 come back later")
        box.answer = None
        await send(through(state, box), acme, id)
    (mail,) = await mails(state, acme)
    assert (mail["sent"], mail["attempts"], mail["error"]) == (True, 2, None)


async def test_a_refusal_for_good_is_held_and_quotes_nobody(state: State, acme: Signed) -> None:
    id = await write(state, acme)
    async with mailbox() as box:
        box.answer = f"550 {TO} is unknown here"
        with pytest.raises(Hopeless, match=r"^the mail was refused for good \(550\)$"):
            await send(through(state, box), acme, id)
    (mail,) = await mails(state, acme)
    assert (mail["sent"], mail["attempts"], mail["error"]) == (False, 1, f"550 {TO} is unknown here")


async def test_nobody_elses_mail_is_sent(state: State, acme: Signed, rival: Signed) -> None:
    id = await write(state, acme)
    async with mailbox() as box:
        await send(through(state, box), rival, id)
    assert box.messages == []
    (mail,) = await mails(state, acme)
    assert (mail["sent"], mail["attempts"]) == (False, 0)


async def test_after_thirty_days_it_is_forgotten(state: State, acme: Signed, tmp_path: Path) -> None:
    old, young = await write(state, acme), await write(state, acme)
    for id, days in ((old, 30), (young, 29)):
        long_ago = now() - timedelta(days=days, minutes=1)
        await platform(state, "update mail set created_at = $1 where id = $2", long_ago, id)
    await jobs.JOBS["mail.forget"].function(Work(state, "mail.forget", 1))
    found = await mails(state, acme)
    assert [(mail["recipient"], mail["content"]) for mail in found] == [(None, {}), (TO, {"name": "Käthe"})]
    there = with_settings(state, data_dir=tmp_path)
    await send(there, acme, old)
    assert not folder(there.settings).exists()


def test_a_link_has_a_secret_of_its_own(state: State) -> None:
    id, other = uuid7(), uuid7()
    secrets = [
        state.tokens.link_secret("reset", id),
        state.tokens.link_secret("reset", id, 1),
        state.tokens.link_secret("reset", other),
        state.tokens.link_secret("verify", id),
    ]
    assert len(set(secrets)) == 4
    assert secrets[0] == state.tokens.link_secret("reset", id, 0)
    assert len(token_hash(secrets[0])) == 32
