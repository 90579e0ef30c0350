"""An agency gets another owner."""

from typing import Annotated, Any

import strawberry

import models
from domain.access import Role
from domain.errors import ErrorCode, Refusal
from domain.people import takes_seat
from models.identity import UserStatus
from resolvers.identity import guard
from resolvers.identity.members import change_role
from resolvers.identity.ownership import broken, take_turn
from resolvers.kit.commands import Command, Ref
from storage import accounts
from storage.hashing import verify_password


async def transfer(
    command: Command,
    user_id: Annotated[strawberry.ID, strawberry.argument(description="Active member who becomes the owner.")],
    password: Annotated[str, strawberry.argument(description="Password of the caller.")],
) -> dict[str, Any]:
    """Make somebody else the owner of the agency; the caller becomes an administrator."""
    context, claims, viewer = command.context, command.own_session(), command.viewer
    account = await accounts.account(context.state.database, claims.account_id)
    await guard.admit(context, account.email)
    if not await verify_password(password, account.password_hash):
        await guard.fail(context, command.operation, account.email, account.id, "password", wait=False)
    await guard.succeed(context, account.email)
    await take_turn(command)
    successor = await command.find(models.Member, user_id, "userId")
    if successor.id == viewer.member_id:
        raise broken("SELF", "userId")
    if not takes_seat(Role(successor.role), active=successor.status == UserStatus.ACTIVE.value):
        raise Refusal.of(ErrorCode.NOT_FOUND, "userId")
    await change_role(command, successor, Role.OWNER)
    await command.session.flush()
    caller = await command.session.get_one(models.Member, (viewer.tenant_id, viewer.member_id))
    await change_role(command, caller, Role.ADMIN)
    command.about(successor)
    return {"tenant": Ref("tenant", viewer.tenant_id)}
