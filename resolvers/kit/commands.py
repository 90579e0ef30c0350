"""How a mutation happens: authorised, counted, checked, in one transaction, audited, once per Idempotency-Key.

A resolver receives a `Command` and its arguments, finds rows, asks the domain, changes rows and returns the row to
show. Everything around that is here, in the order in which it must happen; the last statement before the commit writes
the events, the audit entry and the agency's counter.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import any_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types.maybe import Some
from strawberry.types.unset import UNSET

from domain.access import Scope, may_use
from domain.errors import ApiError, ErrorCode, Problem, Refusal
from domain.plans import LimitResource, PlanKey, SubscriptionStatus, plan_in_force, required_plan
from loaders.sql import param, type_uuids
from loaders.visibility import predicates, sight, table_of
from models import IdempotencyKey, NumberSequence, Tenant
from models.base import Deletable, Owned, metadata, now
from models.events import AuditAction, AuditOutcome, ChangeKind
from resolvers.kit.changes import Recorder, event_of, public_name
from resolvers.kit.context import Context, Viewer
from resolvers.kit.ids import split_id
from resolvers.kit.inputs import Cleaning, checked, is_input, model_of_table, node_names
from storage.events import Audit, Event, append

Row = TypeVar("Row", bound=Owned)
log = structlog.get_logger(__name__)

_ACTIONS = {
    ChangeKind.CREATED: AuditAction.CREATE,
    ChangeKind.DELETED: AuditAction.DELETE,
    ChangeKind.RESTORED: AuditAction.RESTORE,
}


@dataclass(frozen=True)
class Operation:
    """A mutation as declared: who may call it and what it is called."""

    name: str
    function: Callable[..., Awaitable[Any]]
    needs: str | None
    scope: Scope
    public: bool
    category: str


@dataclass(frozen=True)
class Ref:
    """A row a payload shows; read again after the commit."""

    table: str
    id: UUID


@dataclass
class Command:
    """One mutation being carried out."""

    context: Context
    operation: str
    _session: AsyncSession | None = None
    recorder: Recorder | None = None
    events: list[Event] = field(default_factory=list)
    counts: dict[LimitResource, int] = field(default_factory=dict)
    action: AuditAction | None = None
    cleaned: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def viewer(self) -> Viewer:
        return self.context.signed_in

    @property
    def session(self) -> AsyncSession:
        assert self._session is not None, "a public mutation opens its own transaction"
        return self._session

    def values(self, given: Any) -> dict[str, Any]:
        """Column values of an input argument, checked before the resolver ran."""
        return dict(self.cleaned[id(given)])

    async def find(
        self,
        model: type[Row],
        id: str,
        *path: str,
        expected: Any = UNSET,
        deleted: bool = False,
        needs: str | None = None,
    ) -> Row:
        """The row of a global id, locked. Missing, foreign, invisible and wrong type are all NOT_FOUND."""
        where = path or ("id",)
        found = split_id(id)
        if found is None:
            raise Refusal.of(ErrorCode.INVALID_INPUT, *where, rule="id")
        row = None
        if found[0] == node_names()[str(model.__tablename__)]:
            row = await self._row(model, found[1], needs or read_permission(model), deleted)
        if row is None:
            raise Refusal.of(ErrorCode.NOT_FOUND, *where)
        self.expect(row, expected)
        return row

    async def _row(self, model: type[Row], id: UUID, permission: str | None, deleted: bool) -> Row | None:
        seen = sight(permission, self.viewer)
        statement = (
            select(model).where(*predicates(model, seen, deleted=deleted), table_of(model).c.id == id).with_for_update()
        )
        parameters = {"tenant": self.viewer.tenant_id, "member": self.viewer.member_id}
        return (await self.session.execute(statement, parameters)).scalar_one_or_none()

    @staticmethod
    def expect(row: Owned, expected: Any) -> None:
        """Refuse to change a row that is no longer the one the client saw."""
        version = expected.value if isinstance(expected, Some) else expected
        if version not in (UNSET, None) and version != row.version:
            raise Refusal.of(ErrorCode.CONFLICT, "input", "expectedVersion", currentVersion=row.version)

    async def add(self, row: Row) -> Row:
        """Insert a row now, so that rows referring to it may follow."""
        self.session.add(row)
        await self.session.flush()
        return row

    def assign(self, row: Owned, values: Mapping[str, Any]) -> None:
        """Set the columns that really differ."""
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)

    def discard(self, row: Deletable) -> None:
        """Put a row into the trash."""
        row.deleted_at, row.deleted_by_id = now(), self.viewer.member_id

    def recover(self, row: Deletable) -> None:
        """Take a row out of the trash."""
        row.deleted_at, row.deleted_by_id = None, None

    def count(self, resource: LimitResource, by: int) -> None:
        """Use (or free) a limited resource; checked by one conditional update at the end of the transaction."""
        self.counts[resource] = self.counts.get(resource, 0) + by

    async def draw(self, name: str) -> int:
        """The next number of a sequence of this agency."""
        statement = (
            insert(NumberSequence)
            .values(tenant_id=self.viewer.tenant_id, name=name, last=1)
            .on_conflict_do_update(
                index_elements=["tenant_id", "name"],
                set_={"last": NumberSequence.__table__.c.last + 1},  # type: ignore[attr-defined]
            )
            .returning(NumberSequence.__table__.c.last)  # type: ignore[attr-defined]
        )
        return int((await self.session.execute(statement)).scalar_one())

    async def tenant(self) -> Tenant:
        """The viewer's agency, as a row."""
        found = await self._row(Tenant, self.viewer.tenant_id, None, False)
        assert found is not None
        return found


def read_permission(model: type[Owned]) -> str | None:
    """The permission that opens a model, as its node type declares it."""
    return READ_PERMISSIONS.get(str(model.__tablename__))


# Table → permission of the node type that shows it; filled by the graph.
READ_PERMISSIONS: dict[str, str | None] = {}


async def run(context: Context, operation: Operation, path: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Carry out a mutation; answers the payload's values, or its `userErrors`."""
    try:
        await authorise(context, operation)
    except ApiError as error:
        await _note(context, operation, AuditOutcome.DENIED, error.code)
        raise
    try:
        if operation.public:
            return await _public(context, operation, arguments)
        return await _transaction(context, operation, path, arguments)
    except Refusal as refusal:
        await _note(context, operation, AuditOutcome.FAILED, refusal.problems[0].code)
        return {"user_errors": checked(refusal.problems)}
    except ApiError:
        raise
    except Exception:
        await _note(context, operation, AuditOutcome.FAILED, ErrorCode.INTERNAL_ERROR)
        raise


async def authorise(context: Context, operation: Operation) -> None:
    """Sign-in, permission, scope and rate of a mutation."""
    if operation.public:
        return
    viewer = context.signed_in
    granted = operation.needs is None or viewer.may(operation.needs)
    if not granted or not may_use(viewer.role, viewer.scopes, operation.scope, operation.name):
        raise ApiError(ErrorCode.INSUFFICIENT_PERMISSIONS, status=403)
    await throttle(context, operation.category, (operation.needs or operation.name).partition(".")[0])


async def throttle(context: Context, category: str, resource: str) -> None:
    """Consume a rate of the agency, counted per kind of record; every root field does so once."""
    allowance = await context.state.limiter.hit(category, f"{context.signed_in.tenant_id}:{resource}")
    if allowance.retry_after is not None:
        raise ApiError(ErrorCode.RATE_LIMIT_EXCEEDED, status=429, retryAfter=allowance.retry_after)


async def _public(context: Context, operation: Operation, arguments: dict[str, Any]) -> dict[str, Any]:
    command = Command(context, operation.name)
    await _clean(command, arguments)
    return dict(await operation.function(command, **arguments))


async def _transaction(context: Context, operation: Operation, path: str, arguments: dict[str, Any]) -> dict[str, Any]:
    viewer = context.signed_in
    if not viewer.may_write:
        raise Refusal.of(ErrorCode.SUBSCRIPTION_INACTIVE)
    key = context.request.idempotency_key
    async with context.state.database.write(viewer.tenant_id) as session:
        command = Command(context, operation.name, session, Recorder(viewer.member_id))
        session.info["recorder"] = command.recorder
        try:
            if key is not None:
                stored = await _stored_answer(session, viewer, key, path, context.body_hash)
                if stored is not None:
                    context.response_headers["Idempotency-Replayed"] = "true"
                    replayed: dict[str, Any] = decode_result(stored)
                    return replayed
            await _clean(command, arguments)
            result = _result(await operation.function(command, **arguments))
            await _finish(command, key, path, result)
        except IntegrityError as error:
            raise Refusal([_constraint_problem(error)]) from None
    context.forget()
    await context.state.bus.hint(viewer.tenant_id)
    return result


async def _clean(command: Command, arguments: Mapping[str, Any]) -> None:
    """Check all input arguments; every problem of every argument is reported together."""
    cleaning = Cleaning()
    for name, value in arguments.items():
        if is_input(type(value)):
            command.cleaned[id(value)] = cleaning.clean(value, (name,))
    if cleaning.references and command._session is not None:
        cleaning.problems.extend(await _missing(command, cleaning))
    if cleaning.problems:
        raise Refusal(checked(cleaning.problems))


async def _missing(command: Command, cleaning: Cleaning) -> list[Problem]:
    """References to rows that the viewer cannot see, one statement per table."""
    problems = []
    for table in {reference.table for reference in cleaning.references}:
        model = model_of_table(table)
        wanted = [reference for reference in cleaning.references if reference.table == table]
        seen = sight(read_permission(model), command.viewer)
        column = table_of(model).c.id
        statement = select(column).where(*predicates(model, seen), column == any_(param("ids", type_uuids)))
        parameters = {
            "tenant": command.viewer.tenant_id,
            "member": command.viewer.member_id,
            "ids": [reference.id for reference in wanted],
        }
        found = set((await command.session.execute(statement, parameters)).scalars())
        problems += [Problem(ErrorCode.NOT_FOUND, reference.path) for reference in wanted if reference.id not in found]
    return problems


async def _finish(command: Command, key: str | None, path: str, result: dict[str, Any]) -> None:
    """Flush, touch parents, remember the answer, check limits; then events, audit and counter, and commit."""
    session, recorder, viewer = command.session, command.recorder, command.viewer
    assert recorder is not None
    await session.flush()
    touched = await _touch_parents(session, recorder, viewer)
    events = [*recorder.events(), *touched, *command.events]
    if key is not None:
        session.add(
            IdempotencyKey(
                tenant_id=viewer.tenant_id,
                member_id=viewer.member_id,
                key=key,
                path=path,
                body_hash=command.context.body_hash,
                result=encode_result(result),
            )
        )
        await session.flush()
    for resource, by in sorted(command.counts.items(), key=lambda item: item[0].value):
        await _use(session, viewer, resource, by)
    await append(session, viewer.tenant_id, events, _audit(command, result))
    await session.commit()


async def _touch_parents(session: AsyncSession, recorder: Recorder, viewer: Viewer) -> list[Event]:
    events = []
    for (table, id), touched in recorder.touched.items():
        if (table, id) in recorder.changes:
            recorder.changes[table, id].fields |= touched.fields
            continue
        parent = metadata.tables[table]
        statement = (
            update(parent)
            .where(parent.c.tenant_id == viewer.tenant_id, parent.c.id == id)
            .values(updated_at=now())
            .returning(parent.c.version)
        )
        version = (await session.execute(statement)).scalar_one()
        events.append(event_of(table, id, version, touched.kind, touched.fields))
    return events


async def _use(session: AsyncSession, viewer: Viewer, resource: LimitResource, by: int) -> None:
    """Move a plan counter, unless that would pass the limit. The row lock makes parallel callers wait their turn."""
    agency = table_of(Tenant).c
    booked, status, trial_ends_at = (
        await session.execute(
            select(agency.plan, agency.subscription_status, agency.trial_ends_at).where(
                agency.tenant_id == viewer.tenant_id
            )
        )
    ).one()
    limit = plan_in_force(PlanKey(booked), SubscriptionStatus(status), trial_ends_at, now()).limit(resource)
    counters = metadata.tables["plan_counter"]
    statement = update(counters).where(counters.c.tenant_id == viewer.tenant_id, counters.c.resource == resource.value)
    if by > 0 and limit is not None:
        statement = statement.where(counters.c.used <= limit - by)
    moved = (await session.execute(statement.values(used=counters.c.used + by).returning(counters.c.used))).scalar()
    if moved is None:
        current = (
            await session.execute(
                select(counters.c.used).where(
                    counters.c.tenant_id == viewer.tenant_id, counters.c.resource == resource.value
                )
            )
        ).scalar_one()
        wanted = required_plan(resource, current + by)
        raise Refusal.of(
            ErrorCode.PLAN_LIMIT_REACHED,
            resource=resource.value,
            current=current,
            limit=limit,
            requiredPlan=wanted.value if wanted else None,
        )


# Idempotency


async def _stored_answer(
    session: AsyncSession, viewer: Viewer, key: str, path: str, body_hash: bytes
) -> dict[str, Any] | None:
    """The answer of an earlier request with this key. The lock comes first: of parallel requests one runs."""
    parts = f"{viewer.tenant_id}:{viewer.member_id}:{path}:{key}"
    number = int.from_bytes(hashlib.sha256(parts.encode()).digest()[:8], "big", signed=True)
    if not (await session.execute(text("select pg_try_advisory_xact_lock(:number)"), {"number": number})).scalar_one():
        raise ApiError(ErrorCode.IDEMPOTENCY_IN_PROGRESS, status=409)
    stored = await session.get(IdempotencyKey, (viewer.tenant_id, viewer.member_id, key, path))
    if stored is None:
        return None
    if bytes(stored.body_hash) != body_hash:
        raise ApiError(ErrorCode.IDEMPOTENCY_KEY_REUSED, status=422)
    return stored.result


def _result(returned: Any) -> dict[str, Any]:
    """Payload values of what a resolver returned; rows become references, read again after the commit."""
    if isinstance(returned, Owned):
        returned = {str(returned.__tablename__): returned}
    return {name: _reference(value) for name, value in returned.items()}


def _reference(value: Any) -> Any:
    if isinstance(value, Owned):
        return Ref(str(value.__tablename__), value.id)
    if isinstance(value, list):
        return [_reference(item) for item in value]
    return value


def encode_result(result: Any) -> Any:
    """A payload as JSON: rows by their ids, so that a replay shows them as they are then, under the rights of then."""
    if isinstance(result, Ref):
        return {"$row": [result.table, str(result.id)]}
    if isinstance(result, dict):
        return {name: encode_result(value) for name, value in result.items()}
    if isinstance(result, list):
        return [encode_result(item) for item in result]
    return result


def decode_result(stored: Any) -> Any:
    if isinstance(stored, dict):
        if stored.keys() == {"$row"}:
            return Ref(stored["$row"][0], UUID(stored["$row"][1]))
        return {name: decode_result(value) for name, value in stored.items()}
    if isinstance(stored, list):
        return [decode_result(item) for item in stored]
    return stored


# Audit


def _audit(command: Command, result: dict[str, Any]) -> Audit:
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


async def _note(context: Context, operation: Operation, outcome: AuditOutcome, code: ErrorCode) -> None:
    """Audit a refused or failed mutation, in a transaction of its own; without a viewer there is no agency to tell."""
    if context.viewer is None:
        return
    entry = base_audit(context, operation.name, AuditAction.UPDATE)
    entry.outcome, entry.error_code = outcome.value, code.value
    async with context.state.database.write(context.viewer.tenant_id) as session:
        await append(session, context.viewer.tenant_id, [], entry)
        await session.commit()


@asynccontextmanager
async def transaction(
    context: Context, operation: str, tenant: UUID, actor: UUID | None, actor_name: str, action: AuditAction
) -> AsyncIterator[AsyncSession]:
    """A transaction of an agency outside a signed-in mutation (sign-in, registration), recorded like any other."""
    async with context.state.database.write(tenant) as session:
        recorder = Recorder(actor)
        session.info["recorder"] = recorder
        yield session
        await session.flush()
        entry = base_audit(context, operation, action)
        entry.actor_id, entry.actor_name = actor, actor_name
        if actor is not None:
            entry.resource_type, entry.resource_id, entry.resource_title = "User", actor, actor_name
        await append(session, tenant, recorder.events(), entry)
        await session.commit()
    await context.state.bus.hint(tenant)


def _constraint_problem(error: IntegrityError) -> Problem:
    """A broken constraint as a problem of the input; DETAIL texts never leave the server."""
    cause = getattr(error.orig, "__cause__", None)
    state, name = getattr(cause, "sqlstate", None), getattr(cause, "constraint_name", None)
    table = metadata.tables.get(getattr(cause, "table_name", "") or "")
    path: tuple[str, ...] = ()
    if table is not None:
        named: list[Any] = [*table.indexes, *table.constraints]
        columns = [list(item.columns) for item in named if item.name == name]
        if columns and columns[0]:
            path = ("input", public_name(table.name, columns[0][-1].name))
    if state == "23505":
        return Problem(ErrorCode.ALREADY_EXISTS, path)
    if state == "23503":
        return Problem(ErrorCode.NOT_FOUND, path)
    if state in ("23514", "23502"):
        log.warning("constraint stopped an input that the kit let through", constraint=name)
        return Problem(ErrorCode.VALIDATION_ERROR, path)
    raise error
