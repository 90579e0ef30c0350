"""With which providers a login is linked. Part of the directory: it is asked before the agency is known."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.providers import IdentityProvider
from models.base import Timestamp, choice, now, uuid7


class LinkedAccount(SQLModel, table=True):
    """A person's account at a provider, by the provider's name for it, and the login it opens."""

    __tablename__ = "linked_account"
    __table_args__ = (UniqueConstraint("provider", "subject"),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    provider: str = choice(IdentityProvider, description="")
    subject: str = Field(max_length=255)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    email: str = Field(max_length=254)
    connected_at: datetime = Field(default_factory=now, sa_type=Timestamp)
