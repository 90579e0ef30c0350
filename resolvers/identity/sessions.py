"""Sessions and the tokens that belong to them."""

import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

import models
from domain.access import ROLE_SCOPES, Role
from domain.devices import device
from domain.errors import ErrorCode, Refusal
from models.base import metadata, now
from resolvers.identity.memberships import agencies
from resolvers.kit.commands import Ref
from resolvers.kit.context import Context, State
from resolvers.kit.execution import transaction
from resolvers.kit.mail import post
from storage import directory

Also = Callable[[AsyncSession], Awaitable[None]]
SESSIONS_PER_MEMBER = 20


async def open_session(context: Context, session: Any, member: models.Member, tenant: models.Tenant) -> tuple[str, str]:
    """A new session with its first pair of tokens; of too many sessions the oldest ends."""
    state, at = context.state, now()
    expires_at = at + timedelta(days=tenant.session_max_days)
    opened = models.Session(
        tenant_id=member.tenant_id,
        member_id=member.id,
        user_agent=context.request.user_agent[:500] or None,
        ip_address=context.request.ip,
        expires_at=expires_at,
    )
    session.add(opened)
    await session.flush()
    sessions = metadata.tables["session"]
    surplus = (
        select(sessions.c.id)
        .where(
            sessions.c.tenant_id == member.tenant_id, sessions.c.member_id == member.id, sessions.c.revoked_at.is_(None)
        )
        .order_by(sessions.c.id.desc())
        .offset(SESSIONS_PER_MEMBER)
    )
    for old in (await session.execute(surplus)).scalars().all():
        await session.execute(
            update(sessions).where(sessions.c.tenant_id == member.tenant_id, sessions.c.id == old).values(revoked_at=at)
        )
        await directory.revoke_tokens(session, member.tenant_id, old)
    refresh_token = secrets.token_urlsafe(32)
    await directory.store_token(
        session,
        refresh_token,
        account=member.account_id,
        tenant=member.tenant_id,
        member=member.id,
        device=opened.id,
        expires_at=expires_at,
    )
    return access(state, member, tenant.slug, opened.id, refresh_token, int(time.time())), refresh_token


def access(state: State, member: Any, slug: str, device: UUID, refresh_token: str, issued: int) -> str:
    return state.tokens.access(
        account=member.account_id,
        tenant=member.tenant_id,
        slug=slug,
        member=member.id,
        session=device,
        role=Role(member.role).value,
        scopes=sorted(scope.value for scope in ROLE_SCOPES[Role(member.role)]),
        refresh=refresh_token,
        issued=issued,
    )


async def end_sessions(
    state: State,
    session: AsyncSession,
    tenant: UUID,
    member: UUID,
    *,
    only: UUID | None = None,
    but: UUID | None = None,
) -> None:
    """End the sessions of a member: all, `only` one, or all `but` one. Once committed this process forgets them."""
    sessions = metadata.tables["session"]
    wanted = [sessions.c.tenant_id == tenant, sessions.c.member_id == member, sessions.c.revoked_at.is_(None)]
    if only is not None:
        wanted.append(sessions.c.id == only)
    if but is not None:
        wanted.append(sessions.c.id != but)
    ending = update(sessions).where(*wanted).values(revoked_at=now(), updated_at=now()).returning(sessions.c.id)
    ended = (await session.execute(ending)).scalars().all()
    for id in ended:
        await directory.revoke_tokens(session, tenant, id)
    forget_once_committed(state, session, ended)


def forget_once_committed(state: State, session: AsyncSession, ended: Sequence[UUID]) -> None:
    """Have this process know nothing of sessions any more when their end has been committed."""

    @event.listens_for(session.sync_session, "after_commit", once=True)
    def forget(_session: Any) -> None:
        for id in ended:
            state.viewers.drop(id)


async def everywhere_but(
    context: Context,
    operation: str,
    account_id: UUID,
    home: UUID,
    change: Callable[[AsyncSession, UUID, UUID], Awaitable[None]],
) -> None:
    """Make the same change in all agencies of a person but `home`, in each as a transaction of its own.

    It comes before the one at home, so that what is recorded there has been done everywhere.
    """
    for entry in await directory.memberships(context.state.database, account_id):
        if entry.tenant_id == home:
            continue
        tenant, member = entry.tenant_id, entry.member_id
        async with transaction(context, operation, tenant, member, models.AuditAction.UPDATE) as (session, audit):
            row = await session.get(models.Member, (tenant, member))
            assert row is not None, "an entry of the directory leads to a member"
            audit.name(row.name or "")
            await change(session, tenant, member)


async def enter(
    context: Context,
    operation: str,
    account_id: UUID,
    tenant_id: UUID,
    member_id: UUID,
    also: Also | None = None,
) -> dict[str, Any]:
    """Open a session in an agency and answer its tokens; INVALID_CREDENTIALS where the member may not sign in.

    `also` is done in the same transaction.
    """
    async with transaction(context, operation, tenant_id, member_id, models.AuditAction.LOGIN) as (session, entry):
        member = await session.get(models.Member, (tenant_id, member_id))
        tenant = await session.get(models.Tenant, (tenant_id, tenant_id))
        if member is None or tenant is None or member.status != "ACTIVE" or not tenant.is_active:
            raise Refusal.of(ErrorCode.INVALID_CREDENTIALS)
        entry.name(f"{member.first_name} {member.last_name}")
        members = metadata.tables["member"]
        # Not through the row: signing in is no change of the member that anybody should hear of or collide with.
        await session.execute(
            update(members)
            .where(members.c.tenant_id == tenant_id, members.c.id == member_id)
            .values(last_login_at=now())
        )
        await directory.used_tenant(session, account_id, tenant_id)
        if also is not None:
            await also(session)
        if await _is_new(session, member, context.request.user_agent):
            await post(
                session,
                tenant_id,
                "new_device",
                to=member.email,
                language=member.locale,
                name=member.first_name,
                device=device(context.request.user_agent) or "–",
                at=now(),
                ip=context.request.ip,
            )
        pair = await open_session(context, session, member, tenant)
    return await signed_in(context, pair, account_id, tenant_id, member_id)


async def _is_new(session: AsyncSession, member: models.Member, user_agent: str) -> bool:
    """Whether a member who has signed in before never did so on a device like this, as far as is remembered."""
    table = metadata.tables["session"]
    alike = func.bool_or(table.c.user_agent.is_not_distinct_from(user_agent[:500] or None))
    mine = (table.c.tenant_id == member.tenant_id, table.c.member_id == member.id)
    return (await session.execute(select(alike).where(*mine))).scalar() is False


async def signed_in(
    context: Context, pair: tuple[str, str], account_id: UUID, tenant_id: UUID, member_id: UUID
) -> dict[str, Any]:
    await context.become(pair[0])
    return {
        "access_token": pair[0],
        "refresh_token": pair[1],
        "token_type": "Bearer",
        "expires_in": context.state.tokens.access_seconds,
        "user": Ref("member", member_id),
        "tenant": Ref("tenant", tenant_id),
        "memberships": await agencies(context.state, account_id),
    }
