"""Invitations: made, sent again, taken back, shown to whoever has the secret. Accepting one is in `joining`."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, ClassVar

import strawberry
from sqlalchemy import ColumnElement, Select, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types.maybe import Maybe

import models
from domain.access import P, Role
from domain.errors import ErrorCode, Refusal
from domain.mails import Link, MailTemplate
from domain.people import INVITED_FOR, InvitationStatus, invitation_status, role_name
from domain.plans import LimitResource
from loaders.sql import STATEMENTS
from loaders.visibility import predicates, sight, table_of
from models.base import now
from resolvers.identity import roles
from resolvers.identity.members import ROLE_IDS, check_grant, take_roles
from resolvers.kit.commands import Command, Ref
from resolvers.kit.context import Context
from resolvers.kit.execution import use
from resolvers.kit.inputs import Input
from resolvers.kit.mail import OUTCOMES
from resolvers.kit.scalars import EmailAddress, PhoneNumber
from storage import directory

MOST = 200
SECRET = "invitation"  # noqa: S105 - what the secret is for

_TABLE = table_of(models.Invitation)
_COLUMN = _TABLE.c
_MEMBER = table_of(models.Member).c


@strawberry.input(description="Who is to become a member.")
class UserInviteInput(Input, of=models.Invitation):
    email: EmailAddress
    first_name: str
    last_name: str
    role: Role
    phone: Maybe[PhoneNumber | None]
    department: Maybe[str | None]
    role_ids: Maybe[list[strawberry.ID] | None] = strawberry.field(description=ROLE_IDS)
    team_ids: Maybe[list[strawberry.ID] | None]

    references: ClassVar[dict[str, str]] = {"team_ids": "team"}


# Looking

_SHOWN: dict[InvitationStatus, Callable[[], ColumnElement[bool]]] = {
    InvitationStatus.PENDING: lambda: and_(_undecided(), _COLUMN.expires_at > func.now()),
    InvitationStatus.EXPIRED: lambda: and_(_undecided(), _COLUMN.expires_at <= func.now()),
    InvitationStatus.ACCEPTED: lambda: _COLUMN.accepted_at.is_not(None),
    InvitationStatus.REVOKED: lambda: and_(_COLUMN.revoked_at.is_not(None), _COLUMN.accepted_at.is_(None)),
}


def _undecided() -> ColumnElement[bool]:
    return and_(_COLUMN.accepted_at.is_(None), _COLUMN.revoked_at.is_(None))


async def invitations(
    context: Context,
    status: Annotated[InvitationStatus | None, strawberry.argument(description="Only those that stand there.")] = None,
) -> list[Any]:
    """Open and past invitations, the newest first; at most 200."""
    seen = sight(P.USER_READ, context.signed_in)

    def build() -> Select[Any]:
        only = [] if status is None else [_SHOWN[status]()]
        found = select(_COLUMN.id).where(*predicates(models.Invitation, seen), *only)
        return found.order_by(_COLUMN.created_at.desc(), _COLUMN.id.desc()).limit(MOST)

    rows = await context.loaders.fetch(STATEMENTS.get(("invitations", seen, status), build), {})
    return [Ref("invitation", row["id"]) for row in rows]


PREVIEW_SQL = """
select i.email, i.first_name, i.last_name, i.role, i.expires_at, i.accepted_at, i.revoked_at,
       m.name as inviter_name, t.name as tenant_name
  from invitation i
  join member m on m.tenant_id = i.tenant_id and m.id = i.invited_by_id
  join tenant t on t.tenant_id = i.tenant_id
 where i.tenant_id = $1 and i.id = $2 and t.is_active
"""


async def preview(
    context: Context,
    token: Annotated[str, strawberry.argument(description="The secret of the link in the mail.")],
) -> dict[str, Any] | None:
    """What the page shows on which an invitation is accepted; null when it is unknown or not open any more."""
    state = context.state
    found = await directory.find_invitation(state.database, token)
    if found is None:
        return None
    async with state.database.reads.read(found.tenant) as connection:
        row = await connection.fetchrow(PREVIEW_SQL, found.tenant, found.invitation_id)
    if row is None or _status(row) is not InvitationStatus.PENDING:
        return None
    account = await directory.account_by_email(state.database, row["email"])
    shown = ("email", "first_name", "last_name", "role", "expires_at", "inviter_name", "tenant_name")
    return {name: row[name] for name in shown} | {"needs_password": not proven(account)}


def _status(row: Any) -> InvitationStatus:
    return invitation_status(row["accepted_at"], row["revoked_at"], row["expires_at"], now())


def proven(account: models.Account | None) -> bool:
    """Whether a login is known to belong to whoever reads the mail at its address. Any other may be a stranger's."""
    return account is not None and account.email_verified_at is not None


# Making


async def invite(command: Command, input: UserInviteInput) -> models.Invitation:
    """Invite somebody by mail. The invitation is good for seven days and holds a seat meanwhile."""
    values, viewer = command.values(input), command.viewer
    check_grant(command, Role(values["role"]), "input", "role")
    given = take_roles(command, values)
    if given is not None:
        values["role_ids"] = sorted(await roles.givable(command, given, set(), ("input", "roleIds")))
    await release_expired(command.session, viewer.tenant_id)
    await _check_new(command, values["email"], None, "input", "email")
    row = models.Invitation(
        tenant_id=viewer.tenant_id, invited_by_id=viewer.member_id, expires_at=now() + INVITED_FOR, **values
    )
    await _send(command, row)
    command.count(LimitResource.USERS, 1)
    return await command.add(row)


async def resend(command: Command, id: strawberry.ID) -> models.Invitation:
    """Send an invitation once more, with a new link and for seven days; the last link opens nothing any more."""
    await release_expired(command.session, command.viewer.tenant_id)
    row = await _open(command, id, InvitationStatus.PENDING)
    await _check_new(command, row.email, row, "id")
    if not row.holds_seat:
        command.count(LimitResource.USERS, 1)
    row.holds_seat, row.expires_at, row.token_version = True, now() + INVITED_FOR, row.token_version + 1
    await _send(command, row)
    command.tell(row, verb="resent")
    return row


async def revoke(command: Command, id: strawberry.ID) -> models.Invitation:
    """Take an invitation back: its link opens nothing any more, its seat is free. Repeating it is fine."""
    row = await _open(command, id, InvitationStatus.REVOKED)
    if row.revoked_at is None:
        row.revoked_at = now()
        if row.holds_seat:
            row.holds_seat = False
            command.count(LimitResource.USERS, -1)
        command.tell(row, verb="revoked")
    return row


async def _open(command: Command, id: str, target: InvitationStatus) -> models.Invitation:
    """An invitation that was not accepted, nor taken back unless that is wanted again."""
    row = await command.find(models.Invitation, id)
    check_grant(command, Role(row.role), "id")
    status = invitation_status(row.accepted_at, row.revoked_at, row.expires_at, now())
    if status in {InvitationStatus.ACCEPTED, InvitationStatus.REVOKED} - {target}:
        raise Refusal.of(
            ErrorCode.INVALID_TRANSITION,
            "id",
            rule="invitation.done",
            **{"from": status.value, "to": target.value, "allowed": []},
        )
    return row


async def _check_new(command: Command, email: str, row: models.Invitation | None, *path: str) -> None:
    """Nobody is invited who is a member, or invited already."""
    tenant = command.viewer.tenant_id
    member = select(_MEMBER.id).where(_MEMBER.tenant_id == tenant, _MEMBER.email == email, _MEMBER.deleted_at.is_(None))
    others = [] if row is None else [_COLUMN.id != row.id]
    invited = select(_COLUMN.id).where(_COLUMN.tenant_id == tenant, _COLUMN.email == email, _COLUMN.holds_seat, *others)
    for taken in (member, invited):
        if (await command.session.execute(taken)).first() is not None:
            raise Refusal.of(ErrorCode.ALREADY_EXISTS, *path)


async def _send(command: Command, row: models.Invitation) -> None:
    """Mail the link, and have its secret open the invitation."""
    tenant = await command.tenant()
    link = Link(SECRET, row.id, row.token_version)
    secret = command.context.state.tokens.link_secret(link.purpose, link.id, link.version)
    await directory.open_invitation(command.session, row.tenant_id, row.id, secret, row.expires_at)
    row.sent_at = row.send_error = None
    row.mail_id = await command.mail(
        MailTemplate.INVITATION.value,
        to=row.email,
        language=tenant.language,
        link=link,
        inviter=command.viewer.name,
        expires=row.expires_at,
        name=row.first_name,
        role=role_name(Role(row.role), tenant.language),
    )


async def release_expired(session: AsyncSession, tenant: Any) -> int:
    """Free the seats of invitations whose time is up, each once; answers how many."""
    late = (_COLUMN.tenant_id == tenant, _COLUMN.holds_seat, _COLUMN.expires_at <= func.now())
    statement = update(_TABLE).where(*late).values(holds_seat=False).returning(_COLUMN.id)
    released = len((await session.execute(statement)).all())
    if released:
        await use(session, tenant, LimitResource.USERS, -released)
    return released


def agencies_with_expired(at: datetime) -> Select[Any]:
    """The agencies in which seats are kept for nobody."""
    return select(_COLUMN.tenant_id).where(_COLUMN.holds_seat, _COLUMN.expires_at <= at).distinct()


async def _note_mail(session: AsyncSession, mail: models.Mail) -> None:
    """Show the inviter how sending the last mail went."""
    mine = (_COLUMN.tenant_id == mail.tenant_id, _COLUMN.mail_id == mail.id)
    await session.execute(update(_TABLE).where(*mine).values(sent_at=mail.sent_at, send_error=mail.error))


OUTCOMES[MailTemplate.INVITATION] = _note_mail
