"""Sign-in with e-mail and password: log in, rotate, log out."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import strawberry

import models
from domain.errors import ErrorCode, Refusal
from models.base import now
from resolvers.identity import guard, two_factor
from resolvers.identity.memberships import memberships
from resolvers.identity.sessions import Also, access, end_sessions, enter, signed_in
from resolvers.identity.throttling import read_address, throttle_sign_in
from resolvers.kit.commands import Command
from resolvers.kit.context import State
from resolvers.kit.execution import consume, transaction
from resolvers.kit.ids import decode_id, split_id
from resolvers.kit.scalars import EmailAddress
from storage import directory
from storage.hashing import verify_password

ROTATION_GRACE = timedelta(seconds=10)


async def login(
    command: Command,
    email: Annotated[EmailAddress, strawberry.argument(description="Login.")],
    password: Annotated[str, strawberry.argument(description="Password.")],
    tenant_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="Agency to enter; default the last one used.")
    ] = None,
    totp_code: Annotated[
        str | None, strawberry.argument(description="Six digits of the authenticator app, or a recovery code.")
    ] = None,
) -> dict[str, Any]:
    """Sign in with e-mail and password; answers a pair of tokens for one agency."""
    context, address = command.context, read_address(email, "email")
    await throttle_sign_in(context, address)
    await guard.admit(context, address)
    account = await directory.account_by_email(context.state.database, address)
    try:
        return await _enter(command, address, account, password, tenant_id, totp_code)
    except Refusal as refusal:
        if refusal.problems[0].code is not ErrorCode.INVALID_CREDENTIALS:
            raise
    meant = decode_id(tenant_id, "Tenant") if tenant_id is not None else None
    await guard.fail(context, command.operation, address, account.id if account else None, agency=meant)


async def _enter(
    command: Command,
    address: str,
    account: models.Account | None,
    password: str,
    wanted: str | None,
    totp_code: str | None,
) -> dict[str, Any]:
    """Sign in an account whose password is right; INVALID_CREDENTIALS whatever else keeps it out."""
    if not await verify_password(password, account.password_hash if account else None):
        raise Refusal.of(ErrorCode.INVALID_CREDENTIALS)
    assert account is not None
    return await let_in(command, address, account, wanted, totp_code)


async def let_in(
    command: Command,
    address: str,
    account: models.Account,
    wanted: str | None,
    totp_code: str | None,
    also: Also | None = None,
) -> dict[str, Any]:
    """Sign in who has shown to be this account's person, by the second factor as well if there is one."""
    context, state = command.context, command.context.state
    tenant_id, member_id = await _choose(state, account, wanted)
    await two_factor.demand(state, account, totp_code)
    await guard.succeed(context, address)
    return await enter(context, command.operation, account.id, tenant_id, member_id, also)


async def refresh(
    command: Command,
    refresh_token: Annotated[str, strawberry.argument(description="The refresh token of the last pair.")],
) -> dict[str, Any]:
    """Exchange a refresh token for a new pair. Parallel uses within 10 s get one and the same pair."""
    context, state = command.context, command.context.state
    await consume(context, "refresh", context.request.ip)
    found = await directory.find_token(state.database, refresh_token)
    if found is None or found.revoked_at is not None:
        raise Refusal.of(ErrorCode.INVALID_TOKEN, "refreshToken")
    if found.expires_at <= now():
        raise Refusal.of(ErrorCode.TOKEN_EXPIRED, "refreshToken")
    replayed = False
    pair = ("", "")
    async with transaction(context, command.operation, found.tenant, found.member_id, models.AuditAction.LOGIN) as (
        session,
        audit,
    ):
        entry = await directory.lock_token(session, refresh_token)
        member = await session.get(models.Member, (found.tenant, found.member_id))
        tenant = await session.get(models.Tenant, (found.tenant, found.tenant))
        device = await session.get(models.Session, (found.tenant, found.session_id))
        if entry is None or entry.revoked_at is not None or member is None or tenant is None or device is None:
            raise Refusal.of(ErrorCode.INVALID_TOKEN, "refreshToken")
        if member.status != "ACTIVE" or device.revoked_at is not None or not tenant.is_active:
            raise Refusal.of(ErrorCode.INVALID_TOKEN, "refreshToken")
        audit.name(f"{member.first_name} {member.last_name}")
        if entry.rotated_at is not None and entry.rotated_at + ROTATION_GRACE < now():
            replayed = True
            audit.failed(ErrorCode.INVALID_TOKEN)
            device.revoked_at = now()
            await directory.revoke_tokens(session, found.tenant, found.session_id)
        else:
            pair = await _rotate(state, session, entry, member, tenant, device, refresh_token)
    if replayed:
        state.viewers.drop(found.session_id)
        await directory.security_event(
            state.database, "auth.refresh_replayed", account=found.account_id, ip=context.request.ip
        )
        raise Refusal.of(ErrorCode.INVALID_TOKEN, "refreshToken")
    return await signed_in(context, pair, found.account_id, found.tenant, found.member_id)


async def logout(
    command: Command,
    refresh_token: Annotated[
        str | None, strawberry.argument(description="Refresh token of another session of yours to end instead.")
    ] = None,
    everywhere: Annotated[bool | None, strawberry.argument(description="End all sessions of this agency.")] = False,
) -> dict[str, Any]:
    """End the session; its access tokens fail at once. Repeating it is fine."""
    claims, state = command.context.claims, command.context.state
    assert claims is not None, "a viewer comes from a token"
    command.action = models.AuditAction.LOGOUT
    found = await directory.read_token(command.session, refresh_token) if refresh_token is not None else None
    device = claims.session_id
    if found is not None and (found.tenant, found.member_id) == (claims.tenant_id, claims.member_id):
        device = found.session_id
    tenant, member, only = claims.tenant_id, claims.member_id, None if everywhere else device
    if command.viewer.tenant_id == tenant:
        await end_sessions(state, command.session, tenant, member, only=only)
    else:
        # The session belongs to the agency of the token, whichever one the request looks at.
        async with state.database.write(tenant) as session:
            await end_sessions(state, session, tenant, member, only=only)
            await session.commit()
    return {"ok": True}


async def _choose(state: State, account: models.Account, wanted: str | None) -> tuple[UUID, UUID]:
    """Agency and member to sign in as: as asked, else the last used, else the first that is open to the person."""
    if wanted is not None and split_id(wanted) is None:
        raise Refusal.of(ErrorCode.INVALID_INPUT, "tenantId", rule="id")
    open_ = [row for row in await memberships(state, account.id) if row["status"] == "ACTIVE"]
    if wanted is not None:
        open_ = [row for row in open_ if row["tenant_id"] == decode_id(wanted, "Tenant")]
        if not open_:
            raise Refusal.of(ErrorCode.TENANT_NOT_FOUND, "tenantId")
    if not open_:
        raise Refusal.of(ErrorCode.INVALID_CREDENTIALS)
    chosen = next((row for row in open_ if row["tenant_id"] == account.last_tenant_id), open_[0])
    return chosen["tenant_id"], chosen["id"]


async def _rotate(
    state: State, session: Any, entry: Any, member: Any, tenant: Any, device: Any, token: str
) -> tuple[str, str]:
    successor = state.tokens.successor(token)
    if entry.rotated_at is None:
        entry.rotated_at = now()
        expires_at = entry.rotated_at + timedelta(days=tenant.session_max_days)
        await directory.store_token(
            session,
            successor,
            account=entry.account_id,
            tenant=entry.tenant,
            member=entry.member_id,
            device=entry.session_id,
            expires_at=expires_at,
        )
        device.last_used_at, device.expires_at = entry.rotated_at, expires_at
    issued = int(entry.rotated_at.timestamp())
    return access(state, member, tenant.slug, device.id, successor, issued), successor
