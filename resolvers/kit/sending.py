"""A mail on its way out: filled in, in the look of its agency, handed to the agency's sender."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.mails import Language, Link, MailTemplate
from domain.mails.rendering import Look, render
from models import Tenant
from resolvers.kit.context import State
from storage.mail import Letter, Security, Sender, Undelivered, house_sender
from storage.secrets import Unopened

IMPLICIT_TLS = 465


def sender_of(state: State, tenant: Tenant) -> Sender:
    """Through whom an agency's mail goes out: its own mail server, or the platform's in the agency's name."""
    name = tenant.email_from_name or tenant.name
    if tenant.email_host is None or tenant.email_from_address is None:
        return house_sender(state.settings, name)
    password = ""
    if tenant.email_password is not None:
        try:
            password = state.secrets.open(tenant.email_password, f"email:{tenant.id}")
        except Unopened:
            reason = "the password of the agency's mail server cannot be read any more: it must be entered again"
            raise Undelivered(reason, permanent=False, log=[]) from None
    encrypted: Security = "tls" if tenant.email_port == IMPLICIT_TLS else "starttls"
    return Sender(
        tenant.email_from_address,
        name,
        tenant.email_host,
        tenant.email_port,
        encrypted if tenant.email_use_tls else "none",
        tenant.email_username or "",
        password,
        ours=False,
    )


def letter(
    state: State,
    tenant: Tenant,
    id: UUID,
    template: MailTemplate,
    *,
    to: str,
    language: Language,
    content: Mapping[str, Any],
) -> Letter:
    """A mail filled in; here, and nowhere before, the secret of its link comes to be."""
    values = {name: value for name, value in content.items() if name != "link"}
    link = content.get("link")
    secret = None
    if link is not None:
        found = Link(link["purpose"], UUID(link["id"]), link["version"])
        secret = state.tokens.link_secret(found.purpose, found.id, found.version)
    return filled(state, tenant, id, template, to=to, language=language, values=values, secret=secret)


def filled(
    state: State,
    tenant: Tenant,
    id: UUID,
    template: MailTemplate,
    *,
    to: str,
    language: Language,
    values: Mapping[str, Any],
    secret: str | None,
) -> Letter:
    """A mail in the look of its agency."""
    look = Look(tenant.name, tenant.primary_color, tenant.timezone, state.settings.links_url)
    made = render(template, language, look, values, secret)
    return Letter(str(id), to, made.subject, made.text, made.html, tenant.company_email)
