"""Mail is written with the transaction whose consequence it is, as a row and a job, and sent afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from unicodedata import category
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import ErrorCode, Refusal
from domain.mails import KINDS, Link, MailTemplate, language_of
from models import Mail
from models.base import metadata, now, uuid7
from resolvers.kit.jobs import encoded
from storage.jobs import Order, enqueue

SEND = "mail.send"

_BREAKING = {"Cc", "Zl", "Zp"}  # categories of characters that end a line or are none

_MAIL = metadata.tables["mail"]

# Template → who wants to know how sending it went, in the transaction in which that is noted; filled by domains.
OUTCOMES: dict[MailTemplate, Callable[[AsyncSession, Mail], Awaitable[None]]] = {}


@dataclass(frozen=True)
class Posted:
    """Payload of the job that sends a mail."""

    mail_id: UUID


async def post(
    session: AsyncSession,
    tenant: UUID,
    template: str,
    *,
    to: str,
    language: str,
    link: Link | None = None,
    **values: Any,
) -> UUID:
    """Have a mail sent once the session's transaction has committed, and only then; answers the id of its row.

    `language` is a tag such as `de-DE`. `link` names the secret the button carries, which is derived when the mail is
    sent: `Tokens.link_secret` gives the same one to whoever must know its hash. Values are texts, numbers and moments.
    """
    kind = KINDS[MailTemplate(template)]
    if not kind.needs <= values.keys() <= kind.needs | kind.knows or kind.secret != (link is not None):
        raise TypeError(f"the mail {template} needs {sorted(kind.needs)}, knows {sorted(kind.knows)}: {sorted(values)}")
    for text in (to, *(value for value in values.values() if isinstance(value, str))):
        if any(category(character) in _BREAKING for character in text):
            raise Refusal.of(ErrorCode.INVALID_INPUT, rule="characters")
    content: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
        if value is not None
    }
    if link is not None:
        content["link"] = {**asdict(link), "id": str(link.id)}
    id, at = uuid7(), now()
    # Not through a row of the session: that somebody is written to is no change of the agency's data.
    await session.execute(
        insert(_MAIL).values(
            tenant_id=tenant,
            id=id,
            created_at=at,
            updated_at=at,
            template=template,
            recipient=to,
            language=language_of(language).value,
            content=content,
        )
    )
    await enqueue(session, Order(SEND, tenant, encoded(Posted(id))))
    return id


async def posted_since(session: AsyncSession, tenant: UUID, template: str, to: str, since: datetime) -> bool:
    """Whether the same person was written to for the same reason since then."""
    of = _MAIL.c
    same = (of.tenant_id == tenant, of.template == template, of.recipient == to, of.created_at > since)
    return (await session.execute(select(of.id).where(*same).limit(1))).first() is not None
