"""Whether mail arrives at a person's address."""

from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

import models
from domain.credentials import EMAIL_VERIFICATION
from domain.errors import ErrorCode, Refusal
from domain.mails import Link
from models.base import now, uuid7
from resolvers.identity.memberships import home_of
from resolvers.identity.sessions import everywhere_but
from resolvers.kit.commands import Command
from resolvers.kit.context import State
from resolvers.kit.execution import consume, transaction
from resolvers.kit.mail import post
from storage import accounts

KIND = models.AccountTokenKind.EMAIL_VERIFICATION
SECRET = "email_verification"  # noqa: S105 - what the secret is for


async def ask(state: State, session: AsyncSession, member: models.Member) -> None:
    """Mail a link to verify the address; links that were sent before open nothing any more."""
    link = Link(SECRET, uuid7())
    secret = state.tokens.link_secret(link.purpose, link.id)
    await accounts.void(session, KIND, member.account_id)
    await accounts.issue(session, link.id, KIND, member.account_id, secret, EMAIL_VERIFICATION)
    await post(
        session,
        member.tenant_id,
        "verification",
        to=member.email,
        language=member.locale,
        link=link,
        name=member.first_name,
    )


async def resend(command: Command) -> dict[str, Any]:
    """Mail a new link to verify one's address, at most three times an hour; the last one is void."""
    context, viewer = command.context, command.viewer
    claims = command.own_session()
    await consume(context, "verification", viewer.account)
    account = await accounts.account(context.state.database, claims.account_id)
    member = await command.session.get_one(models.Member, (viewer.tenant_id, viewer.member_id))
    command.about(member)
    if account.email_verified_at is None:
        await ask(context.state, command.session, member)
    return {"ok": True}


async def verify(
    command: Command,
    token: Annotated[str, strawberry.argument(description="The secret of the link in the mail; good for 24 hours.")],
) -> dict[str, Any]:
    """Show that mail arrives at one's address. Doing it again is fine."""
    context = command.context
    state = context.state
    found = await accounts.find(state.database, KIND, token)
    account = await accounts.account(state.database, found.account_id) if found is not None else None
    home = await home_of(state, account) if account is not None else None
    if found is None or account is None or home is None:
        raise Refusal.of(ErrorCode.INVALID_TOKEN, "token")
    if found.used_at is not None:
        return {"ok": True}
    if found.expires_at <= now():
        raise Refusal.of(ErrorCode.TOKEN_EXPIRED, "token")
    await everywhere_but(context, command.operation, account.id, home.tenant_id, _mark)
    tenant, id = home.tenant_id, home.member_id
    async with transaction(context, command.operation, tenant, id, models.AuditAction.UPDATE) as (session, audit):
        audit.name(home.name)
        await accounts.use(session, found.id)
        await accounts.verify(session, account.id)
        await _mark(session, tenant, id)
    state.viewers.clear()
    return {"ok": True}


async def _mark(session: AsyncSession, tenant: UUID, id: UUID) -> None:
    member = await session.get_one(models.Member, (tenant, id), with_for_update={"key_share": True})
    member.email_verified = True
