"""The second factor: codes of an authenticator app, and recovery codes for who has lost it."""

from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

import models
from domain import totp
from domain.errors import ErrorCode, Refusal
from models.base import now
from resolvers.identity import guard
from resolvers.identity.sessions import everywhere_but
from resolvers.kit.commands import Command, Secret
from resolvers.kit.context import State
from storage import accounts
from storage.hashing import verify_password

Code = Annotated[str, strawberry.argument(description="Six digits of the app, or a recovery code.")]


async def start(command: Command) -> dict[str, Any]:
    """Get a key for an authenticator app and ten recovery codes, shown this once; enabling asks for them."""
    claims, state = command.own_session(), command.context.state
    account = await accounts.account(state.database, claims.account_id)
    secret, codes = totp.new_secret(), totp.new_recovery_codes()
    sealed = state.secrets.seal(secret, _purpose(account.id))
    if not await accounts.start_totp(command.session, account.id, sealed, codes):
        raise Refusal.of(ErrorCode.BUSINESS_RULE, rule="TOTP_ENABLED")
    command.about(await _member(command))
    return {
        "secret": Secret(secret),
        "otpauth_url": Secret(totp.address(secret, account.email)),
        "recovery_codes": [Secret(code) for code in codes],
    }


async def enable(
    command: Command, code: Annotated[str, strawberry.argument(description="Six digits the app shows now.")]
) -> dict[str, Any]:
    """Ask for a code at every sign-in from now on, in every agency; the code shows that the app has the key."""
    claims, context = command.own_session(), command.context
    account = await accounts.account(context.state.database, claims.account_id)
    if account.totp_enabled_at is not None:
        raise Refusal.of(ErrorCode.BUSINESS_RULE, rule="TOTP_ENABLED")
    await guard.admit(context, account.email)
    step = totp.step_of(_secret(context.state, account), code, now()) if account.totp_secret is not None else None
    if step is None:
        await guard.fail(context, command.operation, account.email, account.id, "code", wait=False)
    await _show(command, account.id, enabled=True)
    if not await accounts.enable_totp(command.session, account.id, step):
        raise Refusal.of(ErrorCode.BUSINESS_RULE, rule="TOTP_ENABLED")
    return {"ok": True}


async def disable(
    command: Command,
    password: Annotated[str, strawberry.argument(description="The password.")],
    code: Code,
) -> dict[str, Any]:
    """Ask for no code any more; the key and the recovery codes are forgotten."""
    claims, context = command.own_session(), command.context
    account = await accounts.account(context.state.database, claims.account_id)
    if account.totp_enabled_at is None:
        raise Refusal.of(ErrorCode.BUSINESS_RULE, rule="TOTP_DISABLED")
    await guard.admit(context, account.email)
    right = await verify_password(password, account.password_hash)
    if not right or not await accept(context.state, account, code):
        blamed = "code" if right else "password"
        await guard.fail(context, command.operation, account.email, account.id, blamed, wait=False)
    await guard.succeed(context, account.email)
    await _show(command, account.id, enabled=False)
    await accounts.disable_totp(command.session, account.id)
    return {"ok": True}


async def demand(state: State, account: models.Account, code: str | None) -> None:
    """At a sign-in with the right password: TOTP_REQUIRED without a code, INVALID_CREDENTIALS with a wrong one."""
    if account.totp_enabled_at is None:
        return
    if code is None:
        raise Refusal.of(ErrorCode.TOTP_REQUIRED, "totpCode")
    if not await accept(state, account, code):
        raise Refusal.of(ErrorCode.INVALID_CREDENTIALS)


async def accept(state: State, account: models.Account, code: str) -> bool:
    """Whether a code is right, and was not used before. It is used up by that."""
    step = totp.step_of(_secret(state, account), code, now())
    if step is not None:
        return await accounts.use_step(state.database, account.id, step)
    recovery = totp.readable_recovery_code(code)
    return recovery is not None and await accounts.use_recovery_code(state.database, account.id, recovery)


async def _show(command: Command, account: UUID, *, enabled: bool) -> None:
    """Let members be shown with or without a second factor, in every agency."""

    async def mark(session: AsyncSession, tenant: UUID, id: UUID) -> None:
        row = await session.get_one(models.Member, (tenant, id), with_for_update={"key_share": True})
        row.totp_enabled = enabled

    await everywhere_but(command.context, command.operation, account, command.viewer.tenant_id, mark)
    await mark(command.session, command.viewer.tenant_id, command.viewer.member_id)
    command.about(await _member(command))


async def _member(command: Command) -> models.Member:
    return await command.session.get_one(models.Member, (command.viewer.tenant_id, command.viewer.member_id))


def _secret(state: State, account: models.Account) -> str:
    assert account.totp_secret is not None, "who has enabled it has a key"
    return state.secrets.open(account.totp_secret, _purpose(account.id))


def _purpose(account: UUID) -> str:
    return f"totp:{account}"
