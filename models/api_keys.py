"""Keys with which programs call in the name of a member."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Field

from domain.access import Scope
from models.base import Owned, Timestamp, choices, moment, reference


class ApiKey(Owned, table=True):
    """A key; its secret is known to whoever made it alone, its hash stands in the directory of tokens."""

    __tablename__ = "api_key"

    member_id: UUID = reference("member", ..., cascade=True, description="In whose name it calls.")
    name: str = Field(max_length=100, description="What it is for.")
    prefix: str = Field(max_length=8, description="The first eight characters behind `imk_`, to tell keys apart.")
    scopes: list[str] = choices(Scope, description="What it may be used for, at most.")
    last_used_at: datetime | None = moment(description="Last request with it; renewed at most once a minute.")
    expires_at: datetime = Field(sa_type=Timestamp, description="When it ends.")
    revoked_at: datetime | None = moment(description="When it was revoked.")

    @staticmethod
    def own(columns: Any, member: ColumnElement[UUID]) -> ColumnElement[bool]:
        """What a viewer with only `apiKey.manage.own` sees: own keys."""
        return columns.member_id == member  # type: ignore[no-any-return]
