"""Passwords: how good one is, a new one for who knows the old one, and one for who has forgotten it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

import models
from domain import credentials
from domain.errors import ErrorCode, Refusal
from domain.mails import Link
from domain.passwords import Policy, strength
from models.base import now, uuid7
from resolvers.identity import guard
from resolvers.identity.memberships import home_of
from resolvers.identity.policy import DEFAULT, policy_of
from resolvers.identity.sessions import end_sessions, everywhere_but
from resolvers.identity.throttling import read_address, throttle_sign_in
from resolvers.kit.commands import Command
from resolvers.kit.context import Context, State
from resolvers.kit.execution import transaction
from resolvers.kit.jobs import encoded
from resolvers.kit.mail import post
from resolvers.kit.scalars import EmailAddress
from storage import accounts, directory
from storage.hashing import hash_password, verify_password
from storage.jobs import Order, enqueue_now

RESET = "passwords.reset"
RESET_SECRET = "password_reset"  # noqa: S105 - what the secret is for
MAILS_PER_HOUR = 3

NewPassword = Annotated[
    str, strawberry.argument(description="At most 128 characters; as long and mixed as the agency asks for.")
]


@dataclass(frozen=True)
class ResetWanted:
    """Payload of the job that answers a forgotten password. Nobody may have this id: addresses are not told apart."""

    account_id: UUID
    token_id: UUID


async def rate(
    context: Context,
    password: Annotated[str, strawberry.argument(description="A password to rate; it is neither kept nor logged.")],
) -> dict[str, Any]:
    """How strong a password is and what it lacks; nothing is stored."""
    policy = DEFAULT if context.viewer is None else await policy_of(context.state, context.viewer.account_id)
    missing = policy.missing(password)
    return {"score": strength(password), "is_acceptable": not missing, "missing": missing}


async def change(
    command: Command,
    current_password: Annotated[str, strawberry.argument(description="The password until now.")],
    new_password: NewPassword,
) -> dict[str, Any]:
    """Set a new password. All other sessions end, in every agency."""
    context, claims = command.context, command.own_session()
    state, viewer = context.state, command.viewer
    account = await accounts.account(state.database, claims.account_id)
    _demand(new_password, account.email, await policy_of(state, account.id))
    await guard.admit(context, account.email)
    if not await verify_password(current_password, account.password_hash):
        await guard.fail(context, command.operation, account.email, account.id, "currentPassword", wait=False)
    await guard.succeed(context, account.email)
    password_hash = await hash_password(new_password)

    async def end(session: AsyncSession, tenant: UUID, member: UUID) -> None:
        await end_sessions(state, session, tenant, member, but=claims.session_id)

    await everywhere_but(context, command.operation, account.id, viewer.tenant_id, end)
    await accounts.set_password(command.session, account.id, password_hash)
    await end(command.session, viewer.tenant_id, viewer.member_id)
    await accounts.void(command.session, models.AccountTokenKind.PASSWORD_RESET, account.id)
    member = await command.session.get_one(models.Member, (viewer.tenant_id, viewer.member_id))
    command.about(member)
    await _tell(command.session, context, member)
    return {"ok": True}


async def request_reset(
    command: Command, email: Annotated[EmailAddress, strawberry.argument(description="Login that lost its password.")]
) -> dict[str, Any]:
    """Have a link to a new password sent to the address, if there is such a login. Answers the same if there is not."""
    context = command.context
    address = read_address(email, "email")
    await throttle_sign_in(context, address)
    account = await directory.account_by_email(context.state.database, address)
    wanted = ResetWanted(account.id if account else uuid7(), uuid7())
    await enqueue_now(context.state.database, Order(RESET, None, encoded(wanted)))
    return {"ok": True}


async def send_reset(state: State, wanted: ResetWanted) -> None:
    """Mail the link, unless nobody wanted it or there were too many of them lately."""
    account = await accounts.find_account(state.database, wanted.account_id)
    home = await home_of(state, account) if account is not None else None
    if account is None or home is None:
        return
    kind = models.AccountTokenKind.PASSWORD_RESET
    async with state.database.write(home.tenant_id) as session:
        if await accounts.issued(session, kind, account.id, now() - timedelta(hours=1)) >= MAILS_PER_HOUR:
            return
        link = Link(RESET_SECRET, wanted.token_id)
        secret = state.tokens.link_secret(link.purpose, link.id)
        if await accounts.issue(session, link.id, kind, account.id, secret, credentials.PASSWORD_RESET):
            await post(
                session,
                home.tenant_id,
                "password_reset",
                to=account.email,
                language=home.locale,
                link=link,
                name=home.first_name,
            )
        await session.commit()


async def confirm_reset(
    command: Command,
    token: Annotated[str, strawberry.argument(description="The secret of the mail's link; good once, for an hour.")],
    new_password: NewPassword,
) -> dict[str, Any]:
    """Set a new password by the secret from the mail. All sessions end, in every agency."""
    context, kind = command.context, models.AccountTokenKind.PASSWORD_RESET
    state = context.state
    found = await accounts.find(state.database, kind, token)
    account = await accounts.account(state.database, found.account_id) if found is not None else None
    home = await home_of(state, account) if account is not None else None
    if found is None or account is None or home is None or found.used_at is not None:
        raise Refusal.of(ErrorCode.INVALID_TOKEN, "token")
    if found.expires_at <= now():
        raise Refusal.of(ErrorCode.TOKEN_EXPIRED, "token")
    _demand(new_password, account.email, await policy_of(state, account.id))
    password_hash = await hash_password(new_password)

    async def end(session: AsyncSession, tenant: UUID, member: UUID) -> None:
        await end_sessions(state, session, tenant, member)

    await everywhere_but(context, command.operation, account.id, home.tenant_id, end)
    tenant, id = home.tenant_id, home.member_id
    async with transaction(context, command.operation, tenant, id, models.AuditAction.UPDATE) as (session, audit):
        audit.name(home.name)
        if not await accounts.use(session, found.id):
            raise Refusal.of(ErrorCode.INVALID_TOKEN, "token")
        await accounts.set_password(session, account.id, password_hash)
        await accounts.void(session, kind, account.id)
        await end(session, tenant, id)
        await _tell(session, context, await session.get_one(models.Member, (tenant, id)))
    return {"ok": True}


def _demand(password: str, email: str, policy: Policy) -> None:
    missing = policy.missing(password, email)
    if missing:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "newPassword", rule="password", missing=missing)


async def _tell(session: AsyncSession, context: Context, member: models.Member) -> None:
    """Tell a person that the password is another one now: who did not do that must hear of it."""
    await post(
        session,
        member.tenant_id,
        "password_changed",
        to=member.email,
        language=member.locale,
        name=member.first_name,
        at=now(),
        ip=context.request.ip,
    )
