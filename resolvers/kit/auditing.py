"""Who did what: the audit entry of a mutation, carried out, refused or denied."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.errors import ErrorCode
from domain.trail import meant
from models.events import AuditAction, AuditOutcome, ChangeKind
from resolvers.kit.changes import Change, Recorder, public_values
from resolvers.kit.commands import Command, Operation, Ref
from resolvers.kit.context import Context
from resolvers.kit.ids import encode_id, split_id
from resolvers.kit.inputs import node_names
from storage.events import Audit, append

_ACTIONS: dict[ChangeKind | None, AuditAction] = {
    ChangeKind.CREATED: AuditAction.CREATE,
    ChangeKind.DELETED: AuditAction.DELETE,
    ChangeKind.RESTORED: AuditAction.RESTORE,
    ChangeKind.PURGED: AuditAction.PURGE,
}
Key = tuple[str, UUID]  # table and id of a record


def audit_of(command: Command, result: dict[str, Any]) -> Audit:
    """The entry of a mutation that was carried out: about the row it answers, else the first one it changed."""
    recorder = command.recorder
    assert recorder is not None
    answered = [item for value in result.values() for item in _listed(value)]
    shown = [(item.table, item.id) for item in (command.subject, *answered) if isinstance(item, Ref)]
    keys = list(dict.fromkeys([*shown[:1], *recorder.changes]))
    action = command.action or (action_of(recorder, keys[0]) if keys else AuditAction.UPDATE)
    entry = base_audit(command.context, command.operation, action)
    if keys:
        describe(entry, recorder, keys)
    else:  # leaving, for one: it is about whoever does it
        viewer = command.viewer
        entry.resource_type, entry.resource_id, entry.resource_title = "User", viewer.member_id, viewer.name
    return entry


def action_of(recorder: Recorder, key: Key) -> AuditAction:
    """What was done to a record."""
    changed = recorder.changes.get(key)
    return _ACTIONS.get(changed.kind if changed else None, AuditAction.UPDATE)


def describe(entry: Audit, recorder: Recorder, keys: Sequence[Key]) -> None:
    """Say what an entry is about: the first record, how it changed, and which others did."""
    key = keys[0]
    entry.resource_type, entry.resource_id = node_names()[key[0]], key[1]
    main = recorder.changes.get(key)
    if main is not None:
        told = {**main.old, **main.row.__dict__}
        entry.resource_title = next((str(told[name]) for name in ("title", "name", "email") if told.get(name)), None)
        entry.old_values, entry.new_values = public_values(key[0], main.old), public_values(key[0], main.new)
    _add_parts(entry, recorder, key)
    changes = recorder.changes
    others = [item for item in keys[1:] if item not in changes or not _is_part(changes[item], key)]
    if others:
        entry.new_values["records"] = [encode_id(node_names()[table], id) for table, id in others]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_part(change: Change, key: tuple[str, Any]) -> bool:
    return any((table, getattr(change.row, column)) == key for column, (table, _) in change.row.__parents__.items())


def _add_parts(entry: Audit, recorder: Recorder, key: tuple[str, Any]) -> None:
    """Changes of a record's parts, under the field that shows them."""
    for change in recorder.changes.values():
        if not _is_part(change, key):
            continue
        table = str(change.row.__tablename__)
        for name in {name for _, name in change.row.__parents__.values() if name}:
            for values, side in ((entry.old_values, change.old), (entry.new_values, change.new)):
                if side:
                    values.setdefault(name, []).append(public_values(table, side))


def base_audit(context: Context, operation: str, action: AuditAction) -> Audit:
    """What every entry says: who, from where, with which request."""
    viewer, request = context.viewer, context.request
    return Audit(
        action=action.value,
        operation=operation,
        request_id=request.request_id,
        actor_name=viewer.name if viewer else "",
        actor_id=viewer.member_id if viewer else None,
        api_key_prefix=viewer.key_prefix if viewer else None,
        ip_address=request.ip,
        user_agent=request.user_agent[:500],
    )


async def note(
    context: Context, operation: Operation, outcome: AuditOutcome, code: ErrorCode, arguments: Mapping[str, Any]
) -> None:
    """Audit a refused or failed mutation, in a transaction of its own; without a viewer there is no agency to tell.

    It is about the record that was named, whether or not there is one.
    """
    viewer = context.viewer
    if viewer is None:
        return
    entry = base_audit(context, operation.name, AuditAction(meant(operation.name)))
    entry.outcome, entry.error_code = outcome.value, code.value
    named = _named(arguments)
    if named is not None:
        entry.resource_type, entry.resource_id = named
    await write(context, viewer.tenant_id, entry)


def _named(arguments: Mapping[str, Any]) -> tuple[str, UUID] | None:
    """Type and id of the first record that the arguments name by themselves."""
    values = [item for value in arguments.values() for item in _listed(value)[:1] if isinstance(item, str)]
    found = (split_id(value) for value in values)
    return next((one for one in found if one is not None and one[0] in node_names().values()), None)


async def note_reading(context: Context, operation: str) -> None:
    """Audit that somebody looked at what is guarded: once per call, before the answer is given."""
    viewer = context.signed_in
    entry = base_audit(context, operation, AuditAction.READ_SENSITIVE)
    entry.resource_type = node_names()["audit_entry"]
    await write(context, viewer.tenant_id, entry)


async def write(context: Context, tenant: UUID, entry: Audit) -> None:
    """An entry of its own, about what changed nothing."""
    async with context.state.database.write(tenant) as session:
        await append(session, tenant, [], entry)
        await session.commit()
    await context.state.bus.hint(tenant)
