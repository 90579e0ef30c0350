"""There is always an owner: changes of rights happen one after another, and the last owner stays one."""

from uuid import UUID

from sqlalchemy import ColumnElement, select

import models
from domain.access import Role
from domain.errors import ErrorCode, Problem, Refusal
from loaders.visibility import table_of
from models.identity import UserStatus
from resolvers.kit.commands import Command

_MEMBER = table_of(models.Member).c


def broken(rule: str, *path: str) -> Refusal:
    """A rule of this name forbids it."""
    return Refusal([Problem(ErrorCode.BUSINESS_RULE, path, rule, {"rule": rule})])


def _owners(tenant: UUID) -> tuple[ColumnElement[bool], ...]:
    active = _MEMBER.status == UserStatus.ACTIVE.value
    return _MEMBER.tenant_id == tenant, _MEMBER.role == Role.OWNER.value, active


async def take_turn(command: Command) -> None:
    """Wait for others who change rights, before any other row is locked.

    Meanwhile the caller may have lost the role with which the mutation began: then nothing is done.
    """
    viewer = command.viewer
    owners = select(_MEMBER.id).where(*_owners(viewer.tenant_id)).order_by(_MEMBER.id).with_for_update(key_share=True)
    await command.session.execute(owners)
    mine = select(_MEMBER.role, _MEMBER.status).where(
        _MEMBER.tenant_id == viewer.tenant_id, _MEMBER.id == viewer.member_id
    )
    if tuple((await command.session.execute(mine)).one()) != (viewer.role.value, UserStatus.ACTIVE.value):
        raise Refusal.of(ErrorCode.INSUFFICIENT_PERMISSIONS)


async def keep_an_owner(command: Command, row: models.Member) -> None:
    """Refuse to lose the last owner. Whoever calls has waited for their turn."""
    if row.role != Role.OWNER.value or row.status != UserStatus.ACTIVE.value:
        return
    others = select(_MEMBER.id).where(*_owners(row.tenant_id), _MEMBER.id != row.id).limit(1)
    if (await command.session.execute(others)).first() is None:
        raise broken("LAST_OWNER", "id")
