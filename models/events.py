"""The spine: the durable stream of an agency, its audit trail and the answers kept for repeated requests."""

from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlmodel import Field, SQLModel

from models.base import Choice, TenantRow, Timestamp, choice, now, reference, uuid7


class ChangeKind(Enum):
    """What happened to a record."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    MOVED = "MOVED"
    STATUS_CHANGED = "STATUS_CHANGED"
    ASSIGNED = "ASSIGNED"
    COMMENTED = "COMMENTED"
    DELETED = "DELETED"
    RESTORED = "RESTORED"
    PURGED = "PURGED"
    LAGGED = "LAGGED"


class AuditAction(Enum):
    """What somebody did."""

    CREATE = "CREATE"
    READ_SENSITIVE = "READ_SENSITIVE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    RESTORE = "RESTORE"
    PURGE = "PURGE"
    LOGIN = "LOGIN"
    LOGIN_FAILED = "LOGIN_FAILED"
    LOGOUT = "LOGOUT"
    EXPORT = "EXPORT"
    SEND = "SEND"
    PUBLISH = "PUBLISH"
    ROLE_CHANGE = "ROLE_CHANGE"
    CONSENT = "CONSENT"
    ERASE = "ERASE"
    MERGE = "MERGE"
    IMPERSONATE = "IMPERSONATE"
    TOOL = "TOOL"


class AuditOutcome(Enum):
    """How it ended."""

    SUCCESS = "SUCCESS"
    DENIED = "DENIED"
    FAILED = "FAILED"


class EventStream(SQLModel, table=True):
    """The head of an agency's stream and of its audit chain; locked last in every business transaction."""

    __tablename__ = "event_stream"
    __table_args__ = {"postgresql_with": {"fillfactor": 50}}

    tenant_id: UUID = Field(primary_key=True)
    epoch: UUID = Field(default_factory=uuid7)
    last_seq: int = Field(default=0, sa_type=BigInteger)
    min_seq: int = Field(default=1, sa_type=BigInteger)
    audit_seq: int = Field(default=0, sa_type=BigInteger)
    audit_head: bytes = Field(default=b"", sa_type=LargeBinary)


class EventOutbox(SQLModel, table=True):
    """One event of the stream: ids and versions, no personal data; the row is read at delivery."""

    __tablename__ = "event_outbox"

    tenant_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    event_id: UUID
    at: datetime = Field(default_factory=now, sa_type=Timestamp)
    type: str
    kind: str = Field(sa_type=Choice(ChangeKind))
    entity: str
    entity_id: UUID
    version: int
    actor_id: UUID | None = None
    changed: list[str] = Field(sa_type=ARRAY(TEXT))
    data: dict[str, Any] = Field(sa_type=JSONB)


class AuditEntry(TenantRow, table=True):
    """Who did what. Append-only for the server's role; each entry's hash covers the one before."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("tenant_id", "seq"),
        Index(None, "tenant_id", "timestamp", "id"),
        Index(None, "tenant_id", "actor_id", "timestamp"),
        Index(None, "tenant_id", "resource_type", "resource_id", "timestamp"),
    )

    seq: int = Field(sa_type=BigInteger)
    timestamp: datetime = Field(default_factory=now, sa_type=Timestamp, description="When it was recorded.")
    actor_id: UUID | None = reference(
        "member", loose=True, description="Who did it; null for the system and for whoever is gone."
    )
    actor_name: str = Field(description="Name of who did it at that time; it stays when the person is gone.")
    api_key_prefix: str | None = Field(default=None, description="How the API key begins that was used.")
    action: str = choice(AuditAction, description="What was done.")
    resource_type: str = Field(description="Type of the record it is about; empty when it is about none.")
    resource_id: UUID | None = Field(default=None, description="The record it is about.")
    resource_title: str | None = Field(default=None, description="What the record was called.")
    old_values: dict[str, Any] = Field(sa_type=JSONB, description="Changed fields as they were; secrets are `***`.")
    new_values: dict[str, Any] = Field(sa_type=JSONB, description="Changed fields as they became; secrets are `***`.")
    outcome: str = choice(AuditOutcome, description="How it ended.")
    error_code: str | None = Field(default=None, description="Why it was denied or failed.")
    operation: str = Field(description="Name of the mutation, the query or the job.")
    ip_address: str | None = Field(default=None, description="Address of the client.")
    user_agent: str | None = Field(default=None, description="What the client calls itself.")
    request_id: str = Field(description="The request, as `X-Request-ID` names it.")
    hash: bytes = Field(sa_type=LargeBinary, description="Digest over this entry and the one before it, hexadecimal.")


class AuditArchive(SQLModel, table=True):
    """A file of old entries, which are no longer in the trail; the chain goes on behind its last hash."""

    __tablename__ = "audit_archive"
    __table_args__ = (
        UniqueConstraint("tenant_id", "first_seq"),
        UniqueConstraint("tenant_id", "last_seq"),
        CheckConstraint("first_seq <= last_seq", name="some"),
    )

    tenant_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    first_seq: int = Field(sa_type=BigInteger)
    last_seq: int = Field(sa_type=BigInteger)
    last_hash: bytes = Field(sa_type=LargeBinary)
    file_key: str
    file_hash: bytes = Field(sa_type=LargeBinary)


class IdempotencyKey(SQLModel, table=True):
    """The result of a mutation, kept for a day so that a repeated request has one effect."""

    __tablename__ = "idempotency_key"

    tenant_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    path: str = Field(primary_key=True)
    body_hash: bytes = Field(sa_type=LargeBinary)
    result: dict[str, Any] = Field(sa_type=JSONB)
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)
