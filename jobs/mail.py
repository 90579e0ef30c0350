"""Jobs of mail: sending it, and forgetting whom it went to. Neither changes an agency's data: nothing is audited."""

from datetime import timedelta
from uuid import UUID

import structlog

import models
from domain.mails import Language, MailTemplate
from models.base import now
from resolvers.kit.jobs import AgencyWork, Hopeless, Work, job
from resolvers.kit.mail import OUTCOMES, SEND, Posted
from resolvers.kit.sending import letter, sender_of
from storage import upkeep
from storage.mail import Undelivered, deliver

REMEMBERED = timedelta(days=30)
ERROR_LENGTH = 500

log = structlog.get_logger(__name__)


@job(SEND, patience=timedelta(minutes=3))
async def send(work: AgencyWork, posted: Posted) -> None:
    """Send a mail, unless that was done."""
    state, tenant_id = work.state, work.tenant_id
    async with state.database.write(tenant_id) as session:
        mail = await session.get(models.Mail, (tenant_id, posted.mail_id))
        tenant = await session.get(models.Tenant, (tenant_id, tenant_id))
    if mail is None or tenant is None or mail.sent_at is not None or mail.recipient is None:
        return
    template, language = MailTemplate(mail.template), Language(mail.language)
    ready = letter(state, tenant, mail.id, template, to=mail.recipient, language=language, content=mail.content)
    try:
        # No connection to the database is kept meanwhile: the other side may be slow.
        await deliver(state.settings, sender_of(state, tenant), ready)
    except Undelivered as error:
        await _note(work, mail.id, error.reason)
        if error.permanent:
            raise Hopeless(f"the mail was refused for good ({error.code or 'it cannot be written'})") from None
        raise
    await _note(work, mail.id, None)


async def _note(work: AgencyWork, id: UUID, error: str | None) -> None:
    """Write down how an attempt ended."""
    async with work.state.database.write(work.tenant_id) as session:
        mail = await session.get(models.Mail, (work.tenant_id, id), with_for_update=True)
        assert mail is not None, "mails are emptied, never removed"
        mail.attempts += 1
        mail.error = error[:ERROR_LENGTH] if error else None
        mail.sent_at = mail.sent_at or (None if error else now())
        mail.updated_at = now()
        if (told := OUTCOMES.get(MailTemplate(mail.template))) is not None:
            await told(session, mail)
        await session.commit()


@job("mail.forget", cron="10 4 * * *")
async def forget_mail(work: Work) -> None:
    """Forget whom mails of long ago went to and what they said."""
    removed = await upkeep.forget_mail(work.state.database, now() - REMEMBERED)
    log.info("mails emptied", count=removed)
