"""Teams: who works together, and how everybody hears of it."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry
from sqlalchemy import Select, func, select
from strawberry.types.maybe import Maybe

import models
from domain.access import P
from domain.errors import ErrorCode, Refusal
from loaders.sql import STATEMENTS
from loaders.visibility import predicates, sight, table_of
from models.teams import MAX_MEMBERS, MAX_TEAMS
from resolvers.kit.commands import BEFORE_REMOVAL, Command, Ref
from resolvers.kit.context import Context
from resolvers.kit.inputs import Input
from resolvers.kit.streams import Following, follow
from storage.events import Stored

UserIds = Annotated[list[strawberry.ID], strawberry.argument(description="Ids of the members, at most 100.")]


@strawberry.input(description="A team. A new one needs a name.")
class TeamInput(Input, of=models.Team):
    name: Maybe[str | None]
    description: Maybe[str | None]
    lead_id: Maybe[strawberry.ID | None]
    member_ids: Maybe[list[strawberry.ID] | None] = strawberry.field(
        description="Who is in it, in place of those who were; whoever leads it always is."
    )

    references: ClassVar[dict[str, str]] = {"member_ids": "member"}


async def leave(command: Command, leaving: UUID, _successor: UUID) -> None:
    """Whoever is removed from the agency is in none of its teams any more, and leads none."""
    team, link, tenant = table_of(models.Team).c, table_of(models.TeamMember).c, command.viewer.tenant_id
    led = select(models.Team).where(team.tenant_id == tenant, team.lead_id == leaving).order_by(team.id)
    for row in await command.session.scalars(led.with_for_update(key_share=True)):
        row.lead_id = None
    mine = select(models.TeamMember).where(link.tenant_id == tenant, link.member_id == leaving).order_by(link.id)
    for found in await command.session.scalars(mine):
        await command.session.delete(found)
    await command.session.flush()


BEFORE_REMOVAL.append(leave)


async def teams(context: Context) -> list[Any]:
    """The teams of the agency by name; at most 200."""
    seen, table = sight(P.TENANT_READ, context.signed_in), table_of(models.Team)

    def build() -> Select[Any]:
        found = select(table.c.id).where(*predicates(models.Team, seen))
        return found.order_by(table.c.name, table.c.id).limit(MAX_TEAMS)

    rows = await context.loaders.fetch(STATEMENTS.get(("teams", seen), build), {})
    return [Ref("team", row["id"], trash=False) for row in rows]


async def create(command: Command, input: TeamInput) -> models.Team:
    """Make a team."""
    values = command.values(input)
    wanted = values.pop("member_ids", [])
    if values.get("name") is None:
        raise Refusal.of(ErrorCode.MISSING_REQUIRED_FIELD, "input", "name")
    table = table_of(models.Team).c
    present = select(func.count()).where(table.tenant_id == command.viewer.tenant_id, table.deleted_at.is_(None))
    if (await command.session.execute(present)).scalar_one() >= MAX_TEAMS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", rule="items", max=MAX_TEAMS)
    team = await command.add(models.Team(tenant_id=command.viewer.tenant_id, **values))
    await _become(command, team, wanted, "input", "memberIds")
    return team


async def update(command: Command, id: strawberry.ID, input: TeamInput) -> models.Team:
    """Change a team; only what is given. A list of members replaces the present one."""
    team = await command.find(models.Team, id)
    values = command.values(input)
    wanted = values.pop("member_ids", None)
    if wanted is not None and "lead_id" not in values and team.lead_id not in wanted:
        values["lead_id"] = None  # who is no longer in it does not lead it
    command.assign(team, values)
    present = set(await _members(command, team))
    await _become(command, team, present if wanted is None else wanted, "input", "memberIds")
    return team


async def delete(command: Command, id: strawberry.ID) -> models.Team:
    """Put a team into the trash. Its boards stay; they show it again when it is restored."""
    team = await command.find(models.Team, id)
    command.discard(team)
    return team


async def add_members(command: Command, id: strawberry.ID, user_ids: UserIds) -> models.Team:
    """Take members into a team; who is in it stays."""
    team, new = await _team_and_people(command, id, user_ids)
    await _become(command, team, {*await _members(command, team), *new}, "userIds")
    return team


async def remove_members(command: Command, id: strawberry.ID, user_ids: UserIds) -> models.Team:
    """Take members out of a team; without its lead it has none."""
    team, leaving = await _team_and_people(command, id, user_ids)
    present = set(await _members(command, team))
    if strangers := [index for index, one in enumerate(leaving) if one not in present]:
        raise Refusal.of(ErrorCode.NOT_FOUND, "userIds", str(strangers[0]))
    if team.lead_id in leaving:
        team.lead_id = None
    await _become(command, team, present - set(leaving), "userIds")
    return team


async def _team_and_people(command: Command, id: str, user_ids: Sequence[str]) -> tuple[models.Team, list[UUID]]:
    people = await command.refer(models.Member, user_ids, "userIds")
    return await command.find(models.Team, id), people


async def _members(command: Command, team: models.Team) -> dict[UUID, models.TeamMember]:
    links = table_of(models.TeamMember).c
    found = select(models.TeamMember).where(links.tenant_id == team.tenant_id, links.team_id == team.id)
    return {link.member_id: link for link in await command.session.scalars(found)}


async def _become(command: Command, team: models.Team, people: Iterable[UUID], *path: str) -> None:
    """Make these people and the lead the members of a team that is locked."""
    wanted = {*people, *([team.lead_id] if team.lead_id is not None else [])}
    if len(wanted) > MAX_MEMBERS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, *path, rule="items", max=MAX_MEMBERS)
    present = await _members(command, team)
    for gone in present.keys() - wanted:
        await command.session.delete(present[gone])
    joined = sorted(wanted - present.keys())
    command.session.add_all(
        models.TeamMember(tenant_id=team.tenant_id, team_id=team.id, member_id=member) for member in joined
    )
    moved = [*joined, *(present.keys() - wanted)]
    if len(moved) == 1:
        command.tell(team, user=str(moved[0]))


# Hearing of it


def team_changed(
    context: Context,
    after: Annotated[
        str | None, strawberry.argument(description="Cursor to resume behind; without it the stream starts now.")
    ] = None,
) -> Following:
    """Changes of teams and of who is in them, and members who come to the agency or leave it, in commit order."""
    return follow(context, models.Team, after, _concerns, _told)


def _concerns(event: Stored) -> bool:
    if event.entity == "member":
        return event.kind in ("CREATED", "PURGED") or "status" in event.changed
    return event.entity == "team"


def _told(event: Stored) -> dict[str, Any]:
    """Who joined or left."""
    id = event.entity_id if event.entity == "member" else event.data.get("user")
    return {"user": None if id is None else Ref("member", UUID(str(id)))}
