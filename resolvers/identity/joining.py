"""Accepting an invitation: who has the secret reads the mail at the address, and that is all it proves."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import models
from domain.access import Role
from domain.errors import ErrorCode, Refusal, say
from domain.people import InvitationStatus, invitation_status, takes_seat
from domain.plans import LimitResource
from loaders.visibility import table_of
from models.base import now, uuid7
from models.identity import UserStatus
from resolvers.identity.invitations import proven
from resolvers.identity.ownership import broken
from resolvers.identity.policy import demand, policy, policy_of
from resolvers.identity.sessions import end_sessions, everywhere_but, open_session, signed_in
from resolvers.identity.teamwork import set_teams
from resolvers.kit.commands import Command
from resolvers.kit.context import Context
from resolvers.kit.execution import consume, transaction, use
from resolvers.kit.inputs import cleaned_text
from storage import accounts, directory
from storage.hashing import hash_password
from storage.tokens import token_hash


@dataclass(frozen=True)
class Proof:
    """How somebody who accepts has shown who they are, besides reading the mail."""

    account: models.Account | None
    password: str | None  # to be set
    signed_in: bool  # whether the caller may be signed in to the new agency as well


async def accept(
    command: Command,
    token: Annotated[str, strawberry.argument(description="The secret of the link in the mail.")],
    password: Annotated[
        str | None,
        strawberry.argument(description="Needed when `needsPassword` of the invitation says so; else it is ignored."),
    ] = None,
    first_name: Annotated[str | None, strawberry.argument(description="Instead of the one in the invitation.")] = None,
    last_name: Annotated[str | None, strawberry.argument(description="Instead of the one in the invitation.")] = None,
) -> dict[str, Any]:
    """Become a member. A new person sets a password and is signed in; who has a login joins, and signs in with it.

    Whoever calls with an access token of that very login is signed in to the new agency at once.
    """
    context = command.context
    await consume(context, "sign_in", f"{context.request.ip}:{token_hash(token).hex()}")
    names = {
        name: cleaned_text(models.Member, name, given)
        for name, given in (("first_name", first_name), ("last_name", last_name))
        if given is not None
    }
    found = await directory.find_invitation(context.state.database, token)
    if found is None:
        raise Refusal.of(ErrorCode.INVALID_TOKEN, "token")
    async with context.state.database.write(found.tenant) as session:
        seen = _acceptable(await session.get(models.Invitation, (found.tenant, found.invitation_id)))
        agency = await session.get_one(models.Tenant, (found.tenant, found.tenant))
    if not agency.is_active:
        raise Refusal.of(ErrorCode.INVALID_TOKEN, "token")
    proof = await _proof(context, seen, agency, password)
    hashed = None if proof.password is None else await hash_password(proof.password)
    if proof.account is not None and not proven(proof.account):
        await _prove(context, command.operation, proof.account.id, found.tenant, hashed)
    member_id = uuid7()
    async with transaction(context, command.operation, found.tenant, member_id, models.AuditAction.CREATE) as (
        session,
        entry,
    ):
        row = _acceptable(await _locked(session, found))
        account_id = await _account(session, row.email, proof, hashed)
        member = models.Member(
            tenant_id=row.tenant_id,
            id=member_id,
            account_id=account_id,
            email=row.email,
            first_name=names.get("first_name", row.first_name),
            last_name=names.get("last_name", row.last_name),
            phone=row.phone,
            role=row.role,
            department=row.department,
            status=UserStatus.ACTIVE.value,
            email_verified=True,
            totp_enabled=proof.account is not None and proof.account.totp_enabled_at is not None,
            joined_at=now(),
            created_by_id=row.invited_by_id,
        )
        entry.name(f"{member.first_name} {member.last_name}")
        session.add(member)
        await session.flush()
        await directory.join(session, account_id, row.tenant_id, member.id)
        await _equip(session, row, member)
        row.accepted_at, row.member_id = now(), member.id
        held, row.holds_seat = row.holds_seat, False
        await session.flush()
        change = int(takes_seat(Role(row.role))) - int(held)
        if change:
            await use(session, row.tenant_id, LimitResource.USERS, change)
        pair = await open_session(context, session, member, agency) if proof.signed_in else None
    if pair is None:
        return {"message": say("invitation.joined", context.request.language)}
    return await signed_in(context, pair, account_id, found.tenant, member_id)


def _acceptable(row: models.Invitation | None) -> models.Invitation:
    """The invitation, if it can be accepted."""
    status = None if row is None else invitation_status(row.accepted_at, row.revoked_at, row.expires_at, now())
    if row is None or status in (InvitationStatus.ACCEPTED, InvitationStatus.REVOKED):
        raise Refusal.of(ErrorCode.INVALID_TOKEN, "token")
    if status is InvitationStatus.EXPIRED:
        raise Refusal.of(ErrorCode.TOKEN_EXPIRED, "token")
    return row


async def _locked(session: AsyncSession, found: models.InvitationToken) -> models.Invitation | None:
    columns = table_of(models.Invitation).c
    mine = (columns.tenant_id == found.tenant, columns.id == found.invitation_id)
    return await session.scalar(select(models.Invitation).where(*mine).with_for_update())


async def _equip(session: AsyncSession, row: models.Invitation, member: models.Member) -> None:
    """Give a new member the roles and teams of the invitation, as far as there still are such."""
    columns = table_of(models.Role).c
    left = select(columns.id).where(columns.tenant_id == row.tenant_id, columns.id.in_(row.role_ids))
    for role in (await session.scalars(left.order_by(columns.id).with_for_update(read=True, key_share=True))).all():
        session.add(models.MemberRole(tenant_id=row.tenant_id, member_id=member.id, role_id=role))
    await set_teams(session, member, row.team_ids)


async def _proof(context: Context, row: models.Invitation, agency: models.Tenant, password: str | None) -> Proof:
    """What the caller shows, and what is still needed. An unproven login may be a stranger's: its password goes."""
    account = await directory.account_by_email(context.state.database, row.email)
    viewer = context.viewer
    if viewer is not None and (account is None or account.id != viewer.account_id):
        raise broken("OTHER_PERSON", "token")
    if proven(account) or viewer is not None:
        return Proof(account, None, viewer is not None)
    if not password:
        raise Refusal.of(ErrorCode.MISSING_REQUIRED_FIELD, "password")
    asked = policy(agency.password_min_length, agency.password_classes)
    if account is not None:
        asked = asked.and_also(await policy_of(context.state, account.id))
    demand(asked, password, row.email, "password")
    return Proof(account, password, True)


async def _account(session: AsyncSession, email: str, proof: Proof, hashed: str | None) -> Any:
    """The login of the person: a new one, or the one there is. Reading the mail has proven the address."""
    if proof.account is None:
        assert hashed is not None
        created = await directory.create_account(session, email, hashed)
        if created is None:  # made by somebody else in this very moment
            raise Refusal.of(ErrorCode.CONFLICT, "token")
        await accounts.verify(session, created)
        return created
    await accounts.verify(session, proof.account.id)
    return proof.account.id


async def _prove(context: Context, operation: str, account_id: UUID, joined: UUID, hashed: str | None) -> None:
    """The address of a login is proven now, in all its agencies.

    With a new password the login becomes that of whoever reads the mail: whoever made it is signed out everywhere.
    """
    state = context.state
    if hashed is not None:
        await accounts.replace_password(state.database, account_id, hashed)

    async def change(session: AsyncSession, tenant: UUID, id: UUID) -> None:
        member = await session.get_one(models.Member, (tenant, id), with_for_update={"key_share": True})
        member.email_verified = True
        if hashed is not None:
            await end_sessions(state, session, tenant, id)

    await everywhere_but(context, operation, account_id, joined, change)
