"""The audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

import models
from domain.access import P, Scope
from domain.errors import ErrorCode
from domain.trail import differences, sentence
from graph.jobs import JobPayload
from graph.kit.connection import Connection
from graph.kit.field import derived, one
from graph.kit.node import Node
from graph.kit.payload import FieldChange, Shape, field_changes, row
from graph.kit.root import listing, mutation, plain, subscription
from models.events import AuditAction, AuditOutcome, ChangeKind
from resolvers import audit
from resolvers.kit.context import Viewer
from resolvers.kit.ids import encode_id
from resolvers.kit.scalars import JSON


def _record(type: str, id: UUID | None) -> str | None:
    return None if id is None else encode_id(type, id)


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldChange]:
    return field_changes(differences(old, new))


def _of_readers(value: str | None, *, viewer: Viewer) -> str | None:
    """What somebody who reads the history of a record is not told about colleagues."""
    return value if viewer.may(P.AUDIT_READ) else None


@strawberry.type(description="An entry of the audit trail: who did what. None is ever changed.")
class AuditEntry(Node, of=models.AuditEntry, needs=P.AUDIT_READ, common=False):
    timestamp: datetime
    user = one(models.AuditEntry.actor_id)
    actor_name: str
    api_key_prefix: str | None
    action: AuditAction
    resource_type: str
    resource_id: strawberry.ID | None = derived(
        models.AuditEntry.resource_type,
        models.AuditEntry.resource_id,
        compute=_record,
        description="The record it is about, which may be gone.",
    )
    resource_title: str | None
    old_values: JSON
    new_values: JSON
    changes: list[FieldChange] = derived(
        models.AuditEntry.old_values,
        models.AuditEntry.new_values,
        compute=_changes,
        description="Changed fields with their values before and after, by name; secrets are `***`.",
    )
    description: str = derived(
        models.AuditEntry.action,
        models.AuditEntry.resource_type,
        models.AuditEntry.resource_title,
        models.AuditEntry.operation,
        models.AuditEntry.outcome,
        models.AuditEntry.error_code,
        compute=sentence,
        language=True,
        description="The entry for a person, in the language of the request.",
    )
    outcome: AuditOutcome
    error_code: ErrorCode | None
    operation: str
    ip_address: str | None = derived(
        models.AuditEntry.ip_address,
        compute=_of_readers,
        viewer=True,
        description="Address of the client; only for those who may read the audit trail.",
    )
    user_agent: str | None = derived(
        models.AuditEntry.user_agent,
        compute=_of_readers,
        viewer=True,
        description="What the client calls itself; only for those who may read the audit trail.",
    )
    request_id: str
    hash: str = derived(
        models.AuditEntry.hash,
        compute=lambda hash: hash.hex(),
        description="Digest over this entry and the one before it, hexadecimal.",
    )


@strawberry.type(description="What came of computing the chain of the audit trail anew.")
class AuditVerification(Shape):
    ok: bool = strawberry.field(description="Whether every entry is as it was written, and none is missing.")
    checked: int = strawberry.field(description="How many entries were looked at.")
    first_broken_id: strawberry.ID | None = strawberry.field(
        description="The first entry that does not fit; null also when the end of the chain is missing."
    )


@strawberry.type(description="A new entry of the audit trail.")
class AuditEntryChange(Shape):
    cursor: str
    prev_cursor: str
    kind: ChangeKind
    at: datetime
    actor = row(models.Member, "Who did it; null for the system.")
    id: strawberry.ID
    changed_fields: list[str]
    audit_entry: AuditEntry | None = strawberry.field(description="The entry.")


@strawberry.type
class Query:
    audit_entries: Connection[AuditEntry] = listing(
        models.AuditEntry,
        filter=audit.AuditEntryFilter,
        order=audit.AuditEntryOrder,
        description="The audit trail, newest first. Reading it is recorded in it, once per call.",
    )
    audit_verify: AuditVerification = plain(audit.verify, needs=P.AUDIT_READ)


@strawberry.type
class Mutation:
    audit_export: JobPayload = mutation(audit.export, needs=P.AUDIT_READ, scope=Scope.ADMIN)


@strawberry.type
class Subscription:
    audit_recorded: AuditEntryChange = subscription(audit.recorded, needs=P.AUDIT_READ)
