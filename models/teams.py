"""Teams of an agency and who is in them."""

from datetime import datetime
from enum import Enum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import Deletable, Owned, Timestamp, now, reference

MAX_TEAMS = 200  # of an agency
MAX_MEMBERS = 100  # of a team


class TeamRole(Enum):
    """What somebody is in a team."""

    LEAD = "LEAD"
    MEMBER = "MEMBER"


class Team(Deletable, table=True):
    """Members who work together."""

    __event__: ClassVar[bool] = True
    __table_args__ = (
        Index("uq_team_name", "tenant_id", "name", unique=True, postgresql_where=text("deleted_at is null")),
    )

    name: str = Field(max_length=120, description="Name of the team; unique.")
    description: str | None = Field(default=None, max_length=2000, description="What it does.")
    lead_id: UUID | None = reference("member", description="Who leads it; one of its members.")


class TeamMember(Owned, table=True):
    """Somebody in a team."""

    __tablename__ = "team_member"
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"team_id": ("team", "members")}
    __table_args__ = (UniqueConstraint("tenant_id", "team_id", "member_id"),)

    team_id: UUID = reference("team", ..., cascade=True, description="The team.")
    member_id: UUID = reference("member", ..., cascade=True, description="Who is in it.")
    joined_at: datetime = Field(default_factory=now, sa_type=Timestamp, description="Since when.")
