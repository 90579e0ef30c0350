"""Mail to persons: what is to be said to whom, and whether the mail server has taken it."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from domain.mails import Language
from models.base import Owned, choice, document, moment


class Mail(Owned, table=True):
    """One message to one person. It holds no secret: links are made when it is sent, under the server's key."""

    __table_args__ = (Index("ix_mail_to_forget", "created_at", postgresql_where=text("recipient is not null")),)

    # Not checked by the database: which mails there are, the code that sends them knows.
    template: str = Field(max_length=50, description="What is said.")
    recipient: str | None = Field(default=None, max_length=254, description="Whom it goes to; null once forgotten.")
    language: str = choice(Language, Language.DE, description="Language it is written in.")
    content: dict[str, object] = document(description="What the template is filled with.")
    sent_at: datetime | None = moment(description="When a mail server took it.")
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"}, description="How often it was tried.")
    error: str | None = Field(default=None, max_length=500, description="Why the last attempt failed.")
