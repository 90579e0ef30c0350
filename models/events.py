"""The spine: the durable stream of an agency, its audit trail and the answers kept for repeated requests."""

from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlmodel import Field, SQLModel

from models.base import Choice, Timestamp, now, uuid7


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


class AuditEntry(SQLModel, table=True):
    """Who did what. Append-only for the server's role; each entry's hash covers the one before."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("tenant_id", "seq"),
        Index(None, "tenant_id", "timestamp", "id"),
        Index(None, "tenant_id", "actor_id", "timestamp"),
        Index(None, "tenant_id", "resource_type", "resource_id", "timestamp"),
    )

    tenant_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
    seq: int = Field(sa_type=BigInteger)
    timestamp: datetime = Field(default_factory=now, sa_type=Timestamp)
    actor_id: UUID | None = None
    actor_name: str
    action: str = Field(sa_type=Choice(AuditAction))
    resource_type: str
    resource_id: UUID | None = None
    resource_title: str | None = None
    old_values: dict[str, Any] = Field(sa_type=JSONB)
    new_values: dict[str, Any] = Field(sa_type=JSONB)
    outcome: str = Field(sa_type=Choice(AuditOutcome))
    error_code: str | None = None
    operation: str
    ip_address: str | None = None
    user_agent: str | None = None
    request_id: str
    hash: bytes = Field(sa_type=LargeBinary)


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
