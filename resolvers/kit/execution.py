"""How a mutation happens: authorised, counted, checked, in one transaction, audited, once per Idempotency-Key.

A resolver receives a `Command` and its arguments, finds rows, asks the domain, changes rows and returns the row to
show. Everything around that is here, in the order in which it must happen; the last statement before the commit writes
the events, the audit entry and the agency's counter.
"""

from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import any_, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from domain.access import IN_PERSON, Scope, may_use
from domain.errors import ApiError, ErrorCode, Problem, Refusal
from domain.plans import LimitResource, PlanKey, SubscriptionStatus, plan_in_force, required_plan
from loaders.sql import param, type_uuids
from loaders.visibility import predicates, sight, table_of, there
from models import IdempotencyKey, Tenant
from models.base import metadata, now
from models.events import AuditAction, AuditOutcome, ChangeKind
from resolvers.kit.auditing import audit_of, base_audit, note
from resolvers.kit.changes import Recorder, Telling, event_of, public_name, told
from resolvers.kit.commands import Command, Operation, read_permission
from resolvers.kit.context import Context
from resolvers.kit.idempotency import decode_result, encode_result, result_of, stored_answer
from resolvers.kit.inputs import Cleaning, checked, is_input, model_of_table
from storage.events import Audit, Event, append

log = structlog.get_logger(__name__)

MAX_IDS = 100  # of one bulk mutation

# Limits that have a code of their own.
EXHAUSTED = {LimitResource.USERS: ErrorCode.SEAT_LIMIT_EXCEEDED}

# Lock timeout, deadlock, serialization failure: nothing was written, the same may succeed a moment later.
IN_THE_WAY = {"55P03", "40P01", "40001"}


async def run(context: Context, operation: Operation, path: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Carry out a mutation; answers the payload's values, or its `userErrors`."""
    await _authorised(context, operation, arguments)
    if operation.public or operation.detached:
        return await _recorded(context, operation, arguments, _detached(context, operation, arguments))
    return await _recorded(context, operation, arguments, _patiently(context, operation, path, arguments))


async def run_each(context: Context, operation: Operation, path: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Carry out a mutation for each of `ids`, every record in a transaction of its own; answers a result per id.

    An input that is wrong for all of them is refused as a whole.
    """
    await _authorised(context, operation, arguments)
    ids, others = arguments["ids"], {name: value for name, value in arguments.items() if name != "ids"}
    cleaning = Cleaning()
    if len(ids) > MAX_IDS:
        cleaning.report(ErrorCode.VALIDATION_ERROR, ("ids",), "items", max=MAX_IDS)
    for name, value in others.items():
        if is_input(type(value)):
            cleaning.clean(value, (name,))
    if cleaning.problems:
        await note(context, operation, AuditOutcome.FAILED, cleaning.problems[0].code, others)
        return {"succeeded_count": 0, "failed_count": 0, "user_errors": checked(cleaning.problems)}
    results = []
    for index, id in enumerate(ids):
        one = {"id": id, **others}
        found = await _recorded(context, operation, one, _patiently(context, operation, f"{path}.{index}", one))
        problems = [
            Problem(problem.code, ("ids", str(index), *problem.field[1:]), problem.rule, problem.details)
            if problem.field[:1] == ("id",)
            else problem
            for problem in found.get("user_errors", ())
        ]
        results.append({**found, "id": id, "user_errors": problems})
    failed = sum(1 for result in results if result["user_errors"])
    return {"results": results, "succeeded_count": len(results) - failed, "failed_count": failed}


async def _recorded(
    context: Context, operation: Operation, arguments: dict[str, Any], doing: Awaitable[dict[str, Any]]
) -> dict[str, Any]:
    """The end of a mutation; what was refused or failed is written down, for the transaction left nothing of it."""
    try:
        return await doing
    except Refusal as refusal:
        await note(context, operation, AuditOutcome.FAILED, refusal.problems[0].code, arguments)
        return {**refusal.shown, "user_errors": checked(refusal.problems)}
    except ApiError as error:
        if error.code is not ErrorCode.RATE_LIMIT_EXCEEDED:  # refusing must stay cheap
            await note(context, operation, AuditOutcome.FAILED, error.code, arguments)
        raise
    except Exception:
        await note(context, operation, AuditOutcome.FAILED, ErrorCode.INTERNAL_ERROR, arguments)
        raise


async def _authorised(context: Context, operation: Operation, arguments: dict[str, Any]) -> None:
    """Whoever is turned away is written down."""
    try:
        await authorise(context, operation)
    except ApiError as error:
        if error.code is not ErrorCode.RATE_LIMIT_EXCEEDED:
            await note(context, operation, AuditOutcome.DENIED, error.code, arguments)
        raise


async def _patiently(context: Context, operation: Operation, path: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Carry it out; when another transaction was in the way, once more, then CONFLICT."""
    for attempt in (1, 2):
        try:
            return await _transaction(context, operation, path, arguments)
        except DBAPIError as error:
            if getattr(getattr(error.orig, "__cause__", None), "sqlstate", None) not in IN_THE_WAY:
                raise
            log.warning("another transaction was in the way", operation=operation.name, attempt=attempt)
    raise Refusal.of(ErrorCode.CONFLICT)


async def authorise(context: Context, operation: Operation) -> None:
    """Sign-in, permission, scope and rate of a mutation."""
    if operation.public:
        return
    viewer = context.signed_in
    granted = operation.needs is None or viewer.may(operation.needs)
    if viewer.key_prefix is not None:  # what customers may besides, they may in person
        granted = granted and operation.scope in viewer.scopes and operation.name not in IN_PERSON
    if not granted or not may_use(viewer.role, viewer.scopes, operation.scope, operation.name):
        raise viewer.denied()
    if operation.category == "refresh":
        await consume(context, "refresh", str(viewer.member_id))
    else:
        await throttle(context, operation.category, (operation.needs or operation.name).partition(".")[0])


async def throttle(context: Context, category: str, resource: str) -> None:
    """Consume a rate of the agency, counted per kind of record; every root field does so once."""
    await consume(context, category, f"{context.signed_in.tenant}:{resource}")


async def consume(context: Context, category: str, key: str) -> None:
    """Consume a rate; RATE_LIMIT_EXCEEDED when it is used up."""
    allowance = await context.state.limiter.hit(category, key)
    if allowance.retry_after is not None:
        raise ApiError(ErrorCode.RATE_LIMIT_EXCEEDED, status=429, retryAfter=allowance.retry_after)


async def _detached(context: Context, operation: Operation, arguments: dict[str, Any]) -> dict[str, Any]:
    command = Command(context, operation.name)
    await _clean(command, arguments)
    return dict(await operation.function(command, **arguments))


async def _transaction(context: Context, operation: Operation, path: str, arguments: dict[str, Any]) -> dict[str, Any]:
    viewer = context.signed_in
    # What READ opens changes no business data: whoever may look may also leave.
    if operation.scope is not Scope.READ:
        if viewer.lacks_code:
            raise Refusal.of(ErrorCode.TOTP_REQUIRED, rule="second_factor")
        if not viewer.may_write:
            raise Refusal.of(ErrorCode.SUBSCRIPTION_INACTIVE)
        if viewer.verify_by is not None and viewer.verify_by <= now():
            raise Refusal.of(ErrorCode.EMAIL_NOT_VERIFIED)
    key = context.request.idempotency_key
    async with context.state.database.write(viewer.tenant_id) as session:
        command = Command(context, operation.name, session, Recorder(viewer.member_id))
        session.info["recorder"] = command.recorder
        try:
            if key is not None:
                stored = await stored_answer(session, viewer, key, path, context.body_hash)
                if stored is not None:
                    context.response_headers["Idempotency-Replayed"] = "true"
                    replayed: dict[str, Any] = decode_result(stored, context.state.secrets)
                    return replayed
            await _clean(command, arguments)
            result = result_of(await operation.function(command, **arguments))
            await _finish(command, key, path, result)
        except IntegrityError as error:
            raise Refusal([constraint_problem(error)]) from None
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
        conditions = [*predicates(model, seen), *there(model), column == any_(param("ids", type_uuids))]
        statement = select(column).where(*conditions)
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
    touched = await touch_parents(session, recorder, viewer.tenant_id)
    events = [*recorder.events(), *touched, *command.events]
    if key is not None:
        session.add(
            IdempotencyKey(
                tenant_id=viewer.tenant_id,
                member_id=viewer.member_id,
                key=key,
                path=path,
                body_hash=command.context.body_hash,
                result=encode_result(result, command.context.state.secrets),
            )
        )
        await session.flush()
    for resource, by in sorted(command.counts.items(), key=lambda item: item[0].value):
        await use(session, viewer.tenant_id, resource, by)
    await append(session, viewer.tenant_id, events, audit_of(command, result))
    await session.commit()


async def touch_parents(session: AsyncSession, recorder: Recorder, tenant: UUID) -> list[Event]:
    """Raise `updatedAt` of the records whose parts changed; answers their events."""
    events = []
    for (table, id), touched in recorder.touched.items():
        changed = recorder.changes.get((table, id))
        if changed is not None:
            if changed.kind is not ChangeKind.CREATED:
                changed.fields |= touched.fields
            continue
        parent, shared = metadata.tables[table], model_of_table(table).__told__
        statement = (
            update(parent)
            .where(parent.c.tenant_id == tenant, parent.c.id == id)
            .values(updated_at=now())
            .returning(parent.c.version, *(parent.c[column] for column in shared))
        )
        found = (await session.execute(statement)).mappings().one()
        event = event_of(table, id, found["version"], touched.kind, touched.fields)
        telling = recorder.tellings.get((table, id), Telling())
        event.data = told(shared, found.__getitem__) | touched.data | telling.data
        events.append(event)
    return events


async def use(session: AsyncSession, tenant: UUID, resource: LimitResource, by: int) -> None:
    """Move a plan counter, unless that would pass the limit. The row lock makes parallel callers wait their turn."""
    agency = table_of(Tenant).c
    booked, status, trial_ends_at = (
        await session.execute(
            select(agency.plan, agency.subscription_status, agency.trial_ends_at).where(agency.tenant_id == tenant)
        )
    ).one()
    limit = plan_in_force(PlanKey(booked), SubscriptionStatus(status), trial_ends_at, now()).limit(resource)
    counters = metadata.tables["plan_counter"]
    statement = update(counters).where(counters.c.tenant_id == tenant, counters.c.resource == resource.value)
    if by > 0 and limit is not None:
        statement = statement.where(counters.c.used <= limit - by)
    moved = (await session.execute(statement.values(used=counters.c.used + by).returning(counters.c.used))).scalar()
    if moved is None:
        current = (
            await session.execute(
                select(counters.c.used).where(counters.c.tenant_id == tenant, counters.c.resource == resource.value)
            )
        ).scalar_one()
        wanted = required_plan(resource, current + by)
        raise Refusal.of(
            EXHAUSTED.get(resource, ErrorCode.PLAN_LIMIT_REACHED),
            resource=resource.value,
            current=current,
            limit=limit,
            requiredPlan=wanted.value if wanted else None,
        )


@asynccontextmanager
async def transaction(
    context: Context, operation: str, tenant: UUID, actor: UUID, action: AuditAction
) -> AsyncIterator[tuple[AsyncSession, Audit]]:
    """A transaction of an agency outside a signed-in mutation (sign-in, registration), recorded like any other.

    Gives the session and the audit entry, to be named and, when the attempt fails, marked.
    """
    async with context.state.database.write(tenant) as session:
        recorder = Recorder(actor)
        session.info["recorder"] = recorder
        entry = base_audit(context, operation, action)
        entry.actor_id, entry.resource_type, entry.resource_id = actor, "User", actor
        yield session, entry
        await session.flush()
        events = [*recorder.events(), *await touch_parents(session, recorder, tenant)]
        await append(session, tenant, events, entry)
        await session.commit()
    await context.state.bus.hint(tenant)


def constraint_problem(error: IntegrityError) -> Problem:
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
