"""The teams that a member comes with, or is put into."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

import models
from domain.errors import ErrorCode, Refusal
from loaders.visibility import table_of
from models.teams import MAX_MEMBERS

_TEAM, _LINK = table_of(models.Team).c, table_of(models.TeamMember).c


async def set_teams(session: AsyncSession, member: models.Member, wanted: Collection[UUID], *path: str) -> None:
    """Make these the teams of a member. Whoever leaves a team does not lead it any more."""
    mine = select(models.TeamMember).where(_LINK.tenant_id == member.tenant_id, _LINK.member_id == member.id)
    present = {link.team_id: link for link in await session.scalars(mine)}
    moved = sorted({*wanted} ^ present.keys())
    # Locked in one order, like every change of who is in a team.
    teams = select(models.Team).where(_TEAM.tenant_id == member.tenant_id, _TEAM.id.in_(moved)).order_by(_TEAM.id)
    for team in await session.scalars(teams.with_for_update(key_share=True)):
        if team.id in present:
            await session.delete(present[team.id])
            team.lead_id = None if team.lead_id == member.id else team.lead_id
        elif team.deleted_at is None:
            await _enter(session, team, member, path)


async def _enter(session: AsyncSession, team: models.Team, member: models.Member, path: tuple[str, ...]) -> None:
    """Take a member into a locked team. Without a path nobody is there to be told that it is full."""
    count = select(func.count()).where(_LINK.tenant_id == team.tenant_id, _LINK.team_id == team.id)
    if (await session.execute(count)).scalar_one() < MAX_MEMBERS:
        session.add(models.TeamMember(tenant_id=team.tenant_id, team_id=team.id, member_id=member.id))
    elif path:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, *path, rule="items", max=MAX_MEMBERS)
