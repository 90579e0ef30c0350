"""What members may do: the built-in roles as each agency shows them, roles it makes itself, and who has which."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Text, UniqueConstraint
from sqlmodel import Field

from domain import access
from models.base import Owned, choice, reference


class Role(Owned, table=True):
    """A set of permissions. Those of a built-in role are code: its row only names it."""

    __event__: ClassVar[bool] = True
    __table_args__ = (
        UniqueConstraint("tenant_id", "name"),
        UniqueConstraint("tenant_id", "key"),
        CheckConstraint("key is null or permission_keys = '{}'", name="built_in"),
    )

    name: str = Field(max_length=100, description="What it is called; unique.")
    description: str | None = Field(default=None, max_length=500, description="Who should have it.")
    key: str | None = choice(access.Role, None, description="The built-in role; null for a role of the agency's own.")
    permission_keys: list[str] = Field(
        default_factory=list,
        sa_type=ARRAY(Text),
        sa_column_kwargs={"server_default": "{}", "info": {"items": 300, "among": access.GRANTABLE}},
        nullable=False,
        description="Keys of the permissions; `billing.update` is nobody's but the owner's.",
    )


class MemberRole(Owned, table=True):
    """A custom role that a member has besides the built-in one."""

    __tablename__ = "member_role"
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"member_id": ("member", "roles")}
    __table_args__ = (UniqueConstraint("tenant_id", "member_id", "role_id"),)

    member_id: UUID = reference("member", ..., cascade=True, description="Who has it.")
    role_id: UUID = reference("role", ..., description="The role; one that somebody has is not deleted.")
