"""The devices a member is signed in on, and the other agencies a person may sign in to from here."""

from typing import Annotated, Any

import asyncpg
import strawberry
from sqlalchemy import Select, select

import models
from domain.access import SELF, P, Scope
from domain.errors import ErrorCode, Refusal
from loaders.sql import STATEMENTS, param
from loaders.visibility import predicates, sight, table_of
from models.base import now
from resolvers.identity.memberships import memberships
from resolvers.identity.sessions import SESSIONS_PER_MEMBER, enter, forget_once_committed
from resolvers.kit.commands import Command, Ref
from resolvers.kit.context import Context
from resolvers.kit.ids import decode_id, split_id
from storage import directory


async def sessions(context: Context) -> list[Ref]:
    """The sessions a member may be signed in with at this moment, newest first."""
    viewer, table = context.signed_in, table_of(models.Session)

    def build() -> Select[Any]:
        alive = (table.c.revoked_at.is_(None), table.c.expires_at > param("at", table.c.expires_at.type))
        mine = predicates(models.Session, sight(SELF, viewer))
        return select(table.c.id).where(*mine, *alive).order_by(table.c.id.desc()).limit(SESSIONS_PER_MEMBER)

    statement = STATEMENTS.get("sessions", build)
    context.loaders.statements += 1
    found = await context.state.database.reads.fetch(
        viewer.tenant_id,
        statement.sql,
        statement.args({"tenant": viewer.tenant_id, "member": viewer.member_id, "at": now()}),
        asyncpg.Record,
    )
    return [Ref("session", row["id"]) for row in found]


async def revoke(command: Command, id: strawberry.ID) -> dict[str, Any]:
    """End one of one's own sessions, or with `user.manage` one of any member. Its tokens open nothing at once."""
    viewer = command.viewer
    rules = P.USER_MANAGE in viewer.permissions and Scope.ADMIN in viewer.scopes
    if not rules:
        command.own_session()
    row = await command.find(models.Session, id, needs=P.USER_MANAGE if rules else SELF)
    if row.revoked_at is None:
        row.revoked_at = now()
        await directory.revoke_tokens(command.session, row.tenant_id, row.id)
        forget_once_committed(command.context.state, command.session, [row.id])
    command.about(row)
    return {"ok": True}


async def switch(
    command: Command,
    tenant_id: Annotated[strawberry.ID, strawberry.argument(description="Another agency of the caller's.")],
) -> dict[str, Any]:
    """Sign in to another of one's agencies; the session one has goes on."""
    claims, context = command.own_session(), command.context
    if split_id(tenant_id) is None:
        raise Refusal.of(ErrorCode.INVALID_INPUT, "tenantId", rule="id")
    wanted = decode_id(tenant_id, "Tenant")
    found = next(
        (row for row in await memberships(context.state, claims.account_id) if row["tenant_id"] == wanted), None
    )
    if found is None or found["status"] != "ACTIVE":
        raise Refusal.of(ErrorCode.TENANT_MISMATCH, "tenantId")
    try:
        return await enter(context, command.operation, claims.account_id, found["tenant_id"], found["id"])
    except Refusal:  # no member any more since a moment ago
        raise Refusal.of(ErrorCode.TENANT_MISMATCH, "tenantId") from None
