"""Who did what: the audit entry of a mutation, carried out, refused or denied."""

from typing import Any

from domain.errors import ErrorCode
from models.events import AuditAction, AuditOutcome, ChangeKind
from resolvers.kit.changes import public_name
from resolvers.kit.commands import Command, Operation, Ref
from resolvers.kit.context import Context
from resolvers.kit.inputs import node_names
from storage.events import Audit, append

_ACTIONS = {
    ChangeKind.CREATED: AuditAction.CREATE,
    ChangeKind.DELETED: AuditAction.DELETE,
    ChangeKind.RESTORED: AuditAction.RESTORE,
}


def audit_of(command: Command, result: dict[str, Any]) -> Audit:
    """The entry of a mutation that was carried out: about the row it answers, else the first one it changed."""
    recorder, context = command.recorder, command.context
    assert recorder is not None
    refs = [(ref.table, ref.id) for ref in result.values() if isinstance(ref, Ref)]
    main = next((recorder.changes[key] for key in refs if key in recorder.changes), None)
    main = main or next(iter(recorder.changes.values()), None)
    action = command.action or (_ACTIONS.get(main.kind, AuditAction.UPDATE) if main else AuditAction.UPDATE)
    entry = base_audit(context, command.operation, action)
    if main is not None:
        table = str(main.row.__tablename__)
        entry.resource_type, entry.resource_id = node_names()[table], main.row.id
        title = next((getattr(main.row, name) for name in ("title", "name", "email") if hasattr(main.row, name)), None)
        entry.resource_title = str(title) if title is not None else None
        entry.old_values = {public_name(table, name): value for name, value in main.old.items()}
        entry.new_values = {public_name(table, name): value for name, value in main.new.items()}
    elif refs:
        entry.resource_type, entry.resource_id = node_names()[refs[0][0]], refs[0][1]
    return entry


def base_audit(context: Context, operation: str, action: AuditAction) -> Audit:
    """What every entry says: who, from where, with which request."""
    viewer, request = context.viewer, context.request
    return Audit(
        action=action.value,
        operation=operation,
        request_id=request.request_id,
        actor_name=viewer.name if viewer else "",
        actor_id=viewer.member_id if viewer else None,
        ip_address=request.ip,
        user_agent=request.user_agent[:500],
    )


async def note(context: Context, operation: Operation, outcome: AuditOutcome, code: ErrorCode) -> None:
    """Audit a refused or failed mutation, in a transaction of its own; without a viewer there is no agency to tell."""
    if context.viewer is None:
        return
    entry = base_audit(context, operation.name, AuditAction.UPDATE)
    entry.outcome, entry.error_code = outcome.value, code.value
    async with context.state.database.write(context.viewer.tenant_id) as session:
        await append(session, context.viewer.tenant_id, [], entry)
        await session.commit()
