"""A mail on its way out: filled in, in the look of its agency, handed to the agency's sender."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.mails import Language, Link, MailTemplate
from domain.mails.rendering import Look, render
from models import Tenant
from resolvers.kit.context import State
from storage.mail import Letter, Sender, house_sender


def sender_of(state: State, tenant: Tenant) -> Sender:
    """Through whom an agency's mail goes out."""
    return house_sender(state.settings, tenant.name)


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
    look = Look(tenant.name, tenant.primary_color, tenant.timezone, state.settings.links_url)
    made = render(template, language, look, values, secret)
    return Letter(str(id), to, made.subject, made.text, made.html, tenant.company_email)
