"""What happens to members: made, changed, given another role, deactivated, removed."""

from typing import Annotated, Any, ClassVar

import strawberry
from sqlalchemy import event
from strawberry.types.maybe import Maybe

import models
from domain.access import P, Role, Scope, may_grant, may_use
from domain.errors import ErrorCode, Refusal
from domain.people import may_change, takes_seat
from domain.plans import LimitResource
from models.base import now
from models.events import AuditAction
from models.identity import UserStatus
from resolvers.identity import roles
from resolvers.identity.ownership import broken, keep_an_owner, take_turn
from resolvers.identity.policy import demand, policy
from resolvers.identity.sessions import end_sessions
from resolvers.identity.teamwork import set_teams
from resolvers.kit.commands import BEFORE_REMOVAL, Command
from resolvers.kit.context import Viewer
from resolvers.kit.inputs import Input
from resolvers.kit.scalars import EmailAddress, PhoneNumber
from storage import directory
from storage.hashing import hash_password

ROLE_IDS = "All custom roles of the member, at most 20; needs what `userRolesAssign` needs."


@strawberry.input(description="A member who signs in with a password that somebody else has chosen.")
class UserCreateInput(Input, of=models.Member):
    email: EmailAddress = strawberry.field(description="Login of the person; must be new to the platform.")
    first_name: str
    last_name: str
    role: Role
    password: str = strawberry.field(
        description="8 to 128 characters with upper and lower case, digit and special character."
    )
    phone: Maybe[PhoneNumber | None]
    department: Maybe[str | None]
    role_ids: Maybe[list[strawberry.ID] | None] = strawberry.field(description=ROLE_IDS)

    verbatim: ClassVar[frozenset[str]] = frozenset({"password"})


@strawberry.input(description="Changes of a member.")
class UserUpdateInput(Input, of=models.Member):
    first_name: Maybe[str | None]
    last_name: Maybe[str | None]
    phone: Maybe[PhoneNumber | None]
    department: Maybe[str | None]
    position: Maybe[str | None]
    role_ids: Maybe[list[strawberry.ID] | None] = strawberry.field(description=ROLE_IDS)
    team_ids: Maybe[list[strawberry.ID] | None] = strawberry.field(
        description="All teams of the member; needs the permission to change teams."
    )
    expected_version: Maybe[int | None] = strawberry.field(
        description="Refuse with CONFLICT when the member has another version."
    )

    references: ClassVar[dict[str, str]] = {"team_ids": "team"}


async def create(command: Command, input: UserCreateInput) -> models.Member:
    """Make a member at once, without an invitation. Who has a login already is invited instead."""
    values = command.values(input)
    given = take_roles(command, values)
    tenant = await command.tenant()
    asked = policy(tenant.password_min_length, tenant.password_classes)
    demand(asked, values["password"], values["email"], "input", "password")
    password_hash = await hash_password(values.pop("password"))
    await take_turn(command)
    role = Role(values["role"])
    check_grant(command, role, "input", "role")
    account_id = await directory.create_account(command.session, values["email"], password_hash)
    if account_id is None:
        raise Refusal.of(ErrorCode.ALREADY_EXISTS, "input", "email")
    row = models.Member(
        tenant_id=command.viewer.tenant_id,
        account_id=account_id,
        status=UserStatus.ACTIVE.value,
        joined_at=now(),
        **values,
    )
    await command.add(row)
    await directory.join(command.session, row.account_id, row.tenant_id, row.id)
    command.count(LimitResource.USERS, int(takes_seat(role)))
    if given is not None:
        await roles.give(command, row, given, "input", "roleIds")
    return row


async def update(command: Command, id: strawberry.ID, input: UserUpdateInput) -> models.Member:
    """Change what is known of a member; only what is given."""
    row = await command.find(models.Member, id, expected=input.expected_version)
    values = command.values(input)
    values.pop("expected_version", None)
    given, teams = take_roles(command, values), values.pop("team_ids", None)
    if teams is not None and not command.viewer.may(P.TEAM_UPDATE):
        raise Refusal.of(ErrorCode.INSUFFICIENT_PERMISSIONS, "input", "teamIds")
    command.assign(row, values)
    if teams is not None:
        await set_teams(command.session, row, teams, "input", "teamIds")
    if given is not None:
        command.action = AuditAction.ROLE_CHANGE
        await roles.give(command, row, given, "input", "roleIds")
        _look_anew(command, row)
    return row


def take_roles(command: Command, values: dict[str, Any]) -> list[str] | None:
    """The custom roles that are asked for. Whoever may change a member does not by that give rights."""
    given: list[str] | None = values.pop("role_ids", None)
    if given is not None and not _may_assign(command.viewer):
        raise Refusal.of(ErrorCode.INSUFFICIENT_PERMISSIONS, "input", "roleIds")
    return given


def _may_assign(viewer: Viewer) -> bool:
    return viewer.may(P.ROLE_UPDATE) and may_use(viewer.role, viewer.scopes, Scope.ADMIN)


async def set_role(
    command: Command,
    id: strawberry.ID,
    role: Annotated[Role, strawberry.argument(description="The new role; never above the caller's own.")],
) -> models.Member:
    """Give a member another built-in role; it holds at once, in every session."""
    await take_turn(command)
    row = await command.find(models.Member, id)
    check_rank(command, row)
    check_grant(command, role, "role")
    await change_role(command, row, role)
    return row


async def change_role(command: Command, row: models.Member, role: Role) -> None:
    """The role of a member, with the seat that depends on it."""
    if row.role == role.value:
        return
    await keep_an_owner(command, row)
    command.action = AuditAction.ROLE_CHANGE
    active = row.status == UserStatus.ACTIVE.value
    before, after = (takes_seat(found, active=active) for found in (Role(row.role), role))
    command.count(LimitResource.USERS, int(after) - int(before))
    row.role = role.value
    command.tell(row, verb="role_changed")
    _look_anew(command, row)


async def deactivate(command: Command, id: strawberry.ID) -> models.Member:
    """Keep a member out: all sessions end, the seat is free. Repeating it is fine."""
    await take_turn(command)
    row = await _leaving(command, id)
    if row.status == UserStatus.ACTIVE.value:
        command.tell(row, verb="deactivated")
        await _close(command, row)
    return row


async def reactivate(command: Command, id: strawberry.ID) -> models.Member:
    """Let a deactivated member in again, if a seat is free. Repeating it is fine."""
    await take_turn(command)
    row = await command.find(models.Member, id)
    check_rank(command, row)
    if row.status != UserStatus.ACTIVE.value:
        command.tell(row, verb="reactivated")
        command.count(LimitResource.USERS, int(takes_seat(Role(row.role))))
        row.status = UserStatus.ACTIVE.value
        await directory.admit(command.session, row.account_id, row.tenant_id, active=True)
        _look_anew(command, row)
    return row


async def remove(
    command: Command,
    id: strawberry.ID,
    reassign_to_id: Annotated[
        strawberry.ID, strawberry.argument(description="Active member who takes over open tasks and properties.")
    ],
) -> models.Member:
    """Remove a member for good; what is open goes to somebody else. Records still name who once worked on them."""
    await take_turn(command)
    row = await _leaving(command, id)
    successor = await command.find(models.Member, reassign_to_id, "reassignToId")
    works = takes_seat(Role(successor.role), active=successor.status == UserStatus.ACTIVE.value)
    if not works or successor.id == row.id:
        raise Refusal.of(ErrorCode.NOT_FOUND, "reassignToId")
    for hand_over in BEFORE_REMOVAL:
        await hand_over(command, row.id, successor.id)
    command.action = AuditAction.DELETE
    command.tell(row, verb="removed")
    await _close(command, row)
    await roles.give(command, row, [])
    row.deleted_at, row.deleted_by_id = now(), command.viewer.member_id
    row.phone = row.bio = row.website = None
    await directory.leave(command.session, row.account_id, row.tenant_id)
    return row


def check_grant(command: Command, role: Role, *path: str) -> None:
    """Nobody gives a role above the own one."""
    if not may_grant(command.viewer.role, role):
        raise Refusal.of(ErrorCode.INSUFFICIENT_PERMISSIONS, *path)


def check_rank(command: Command, row: models.Member) -> None:
    """Nobody changes the rights of whoever stands above."""
    if not may_change(command.viewer.role, Role(row.role)):
        raise Refusal.of(ErrorCode.INSUFFICIENT_PERMISSIONS, "id")


async def _leaving(command: Command, id: str) -> models.Member:
    """Somebody who may be kept out: neither the caller, nor the last owner, nor anybody above."""
    row = await command.find(models.Member, id)
    if row.id == command.viewer.member_id:
        raise broken("SELF", "id")
    check_rank(command, row)
    await keep_an_owner(command, row)
    return row


async def _close(command: Command, row: models.Member) -> None:
    """End a member's sessions and free the seat."""
    command.count(LimitResource.USERS, -int(takes_seat(Role(row.role), active=row.status == UserStatus.ACTIVE.value)))
    row.status = UserStatus.DEACTIVATED.value
    await directory.admit(command.session, row.account_id, row.tenant_id, active=False)
    await end_sessions(command.context.state, command.session, row.tenant_id, row.id)
    _look_anew(command, row)


def _look_anew(command: Command, row: models.Member) -> None:
    """Have this process read the member's rights anew once they are committed; others do within a second."""
    viewers, member = command.context.state.viewers, row.id

    @event.listens_for(command.session.sync_session, "after_commit", once=True)
    def forget(_session: Any) -> None:
        viewers.drop_member(member)
