"""Teams."""

from datetime import datetime

import strawberry

import models
from domain.access import P, Scope
from graph.kit.connection import children
from graph.kit.field import aggregate, one
from graph.kit.figures import gathered
from graph.kit.node import Deletable, Node
from graph.kit.payload import Change, Payload, row
from graph.kit.root import lookup, mutation, plain, subscription
from loaders.paging import OrderKey
from models.teams import MAX_MEMBERS, TeamRole
from resolvers import teams as actions

OLDEST_FIRST = (OrderKey("joined_at", lambda table: table.c.joined_at),)


@strawberry.type(description="Somebody in a team.")
class TeamMember(Node, of=models.TeamMember, needs=P.TENANT_READ, common=False):
    user = one(models.TeamMember.member_id)
    role: TeamRole = gathered(
        model=models.Team,
        by=(models.TeamMember.team_id, models.TeamMember.member_id),
        match=lambda other, team, member: (other.c.id == team) & (other.c.lead_id == member),
        compute=lambda leads: (TeamRole.LEAD if leads else TeamRole.MEMBER).value,
        description="Whether this member leads the team.",
    )
    joined_at: datetime


@strawberry.type(description="Members who work together.")
class Team(Node, Deletable, of=models.Team, needs=P.TENANT_READ):
    name: str
    description: str | None
    lead = one(models.Team.lead_id)
    members: list[TeamMember] = children(
        models.TeamMember.team_id,
        order=OLDEST_FIRST,
        cap=MAX_MEMBERS,
        description="Who is in it, who came first at the top; at most 100.",
    )
    member_count: int = aggregate(models.TeamMember.team_id, description="How many are in it.")


@strawberry.type(description="The team, or why it was refused.")
class TeamPayload(Payload):
    team: Team | None = strawberry.field(description="The team as it is now.")


@strawberry.type(description="A change of a team, of who is in it, or of who belongs to the agency.")
class TeamChange(Change):
    id: strawberry.ID = strawberry.field(description="Id of the team, or of the member when no team is concerned.")
    team: Team | None = strawberry.field(description="The team as it is now; null when it is gone or none.")
    user = row(models.Member, "Who joined or left; null when nobody did, or several at once.")


@strawberry.type
class Query:
    teams: list[Team] = plain(actions.teams, needs=P.TENANT_READ)
    team: Team | None = lookup(models.Team, description="One team; null when there is none.")


@strawberry.type
class Mutation:
    team_create: TeamPayload = mutation(actions.create, needs=P.TEAM_CREATE)
    team_update: TeamPayload = mutation(actions.update, needs=P.TEAM_UPDATE)
    team_delete: TeamPayload = mutation(actions.delete, needs=P.TEAM_DELETE, scope=Scope.DELETE)
    team_members_add: TeamPayload = mutation(actions.add_members, needs=P.TEAM_UPDATE)
    team_members_remove: TeamPayload = mutation(actions.remove_members, needs=P.TEAM_UPDATE)


@strawberry.type
class Subscription:
    team_changed: TeamChange = subscription(actions.team_changed, needs=P.TENANT_READ)
