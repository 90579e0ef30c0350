"""Notes about a record. The subject is one of several kinds: a nullable key each, exactly one of them set."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.base import Deletable, flag, reference


class Note(Deletable, table=True):
    """A short text somebody left on a record."""

    __comment__: ClassVar[bool] = True
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"property_id": ("property", "notes")}
    __table_args__ = (CheckConstraint("num_nonnulls(property_id) = 1", name="one_subject"),)

    body: str = Field(max_length=5000, description="The text; a Markdown subset, HTML is removed.")
    pinned: bool = flag(description="Pinned notes stand first.")
    author_id: UUID = reference("member", ..., description="Who wrote it.")
    property_id: UUID | None = reference("property", cascade=True, description="The property it is about.")
