"""All tables. Importing this package completes their constraints."""

from models.base import complete, metadata
from models.events import (
    AuditAction,
    AuditEntry,
    AuditOutcome,
    ChangeKind,
    EventOutbox,
    EventStream,
    IdempotencyKey,
)
from models.identity import (
    Account,
    AccountTenant,
    Member,
    SecurityEvent,
    Session,
    TenantSlug,
    TokenEntry,
    TokenKind,
    UserStatus,
)
from models.notes import Note
from models.properties import ContactPerson, Property
from models.tenants import NumberSequence, PlanCounter, Tenant

complete(metadata)

__all__ = [
    "Account",
    "AccountTenant",
    "AuditAction",
    "AuditEntry",
    "AuditOutcome",
    "ChangeKind",
    "ContactPerson",
    "EventOutbox",
    "EventStream",
    "IdempotencyKey",
    "Member",
    "Note",
    "NumberSequence",
    "PlanCounter",
    "Property",
    "SecurityEvent",
    "Session",
    "Tenant",
    "TenantSlug",
    "TokenEntry",
    "TokenKind",
    "UserStatus",
    "metadata",
]
