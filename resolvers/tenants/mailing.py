"""Trying out how the agency sends mail."""

from typing import Annotated, Any

import strawberry

from domain.errors import ErrorCode, Problem, Refusal, texts
from domain.mails import KINDS, MailTemplate, language_of
from domain.mails.samples import SECRET, sample
from models.base import now, uuid7
from models.events import AuditAction
from resolvers.kit.commands import Command
from resolvers.kit.scalars import EmailAddress, Unreadable, read_email
from resolvers.kit.sending import filled, sender_of
from resolvers.tenants.agency import own
from storage.mail import Undelivered, deliver

texts(
    {
        "email.unconfigured": ("No mail server is configured.", "Es ist kein Mailserver eingerichtet."),
        "email.failed": ("The mail was not sent: {reason}", "Die E-Mail wurde nicht versandt: {reason}"),
        "email.template": (
            "There is no such mail. There are: {known}.",
            "Diese E-Mail gibt es nicht. Es gibt: {known}.",
        ),
    }
)


async def send_test(
    command: Command,
    to: Annotated[EmailAddress, strawberry.argument(description="Whom to send it to.")],
    template: Annotated[
        str | None, strawberry.argument(description="Which mail to send, filled with samples; default `test`.")
    ] = None,
) -> dict[str, Any]:
    """Send a test mail at once, through the agency's mail server if it has one; answers the whole dialogue."""
    kind, address = _template(template or MailTemplate.TEST.value), _address(to)
    command.action = AuditAction.SEND
    tenant, state = await command.tenant(), command.context.state
    language = language_of(tenant.language)
    values = sample(kind, language)
    letter = filled(
        state,
        tenant,
        uuid7(),
        kind,
        to=address,
        language=language,
        values=values,
        secret=SECRET if KINDS[kind].secret else None,
    )
    try:
        sender = sender_of(state, tenant)
        if not sender.host:
            raise Refusal.of(ErrorCode.EMAIL_SERVICE_ERROR, rule="email.unconfigured")
        delivery = await deliver(state.settings, sender, letter)
    except Undelivered as error:
        problem = Problem(ErrorCode.EMAIL_SERVICE_ERROR, (), "email.failed", {"reason": error.reason})
        raise Refusal([problem], {"smtp_log": error.log}) from None
    if not sender.ours:
        command.assign(await own(command), {"email_verified_at": now()})
    return {"accepted": True, "message_id": delivery.message_id, "smtp_log": delivery.log}


def _template(name: str) -> MailTemplate:
    try:
        return MailTemplate(name)
    except ValueError:
        known = ", ".join(kind.value for kind in MailTemplate)
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "template", rule="email.template", known=known) from None


def _address(raw: str) -> str:
    try:
        return read_email(raw)
    except Unreadable as unreadable:
        raise Refusal([unreadable.problem.under("to")]) from None
