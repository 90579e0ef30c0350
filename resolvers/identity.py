"""Sign-in: register an agency with its owner, log in, rotate, log out."""

import secrets
import time
from datetime import timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry
from sqlalchemy import event, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types.maybe import Maybe

import models
from domain.access import ROLE_SCOPES, Role
from domain.address import slug as slug_of
from domain.errors import ApiError, ErrorCode, Refusal
from domain.passwords import missing_classes
from domain.plans import TRIAL_DAYS, BillingCycle, LimitResource, PlanKey
from domain.tasks import DEFAULT_COLUMNS, board_name
from models.base import metadata, now, uuid7
from resolvers.kit.commands import Command, Ref
from resolvers.kit.context import Context, State
from resolvers.kit.execution import consume, transaction
from resolvers.kit.ids import decode_id, encode_id, split_id
from resolvers.kit.inputs import Input
from resolvers.kit.scalars import EmailAddress, PhoneNumber, Unreadable, read_email
from storage import directory
from storage.hashing import hash_password, verify_password
from storage.tokens import Claims

ROTATION_GRACE = timedelta(seconds=10)
SESSIONS_PER_MEMBER = 20


@strawberry.input(description="A new agency and the person who owns it.")
class RegisterInput(Input, of=models.Member):
    email: EmailAddress = strawberry.field(description="Login of the owner.")
    password: str = strawberry.field(
        description="8 to 128 characters with upper and lower case, digit and special character."
    )
    first_name: str
    last_name: str
    phone: Maybe[PhoneNumber | None]
    tenant_name: str = strawberry.field(description="Name of the agency, 2 to 255 characters.")
    company_email: Maybe[EmailAddress | None] = strawberry.field(description="General mail of the agency.")
    company_phone: Maybe[PhoneNumber | None] = strawberry.field(description="Main number of the agency.")
    billing_cycle: BillingCycle | None = strawberry.field(
        default=BillingCycle.MONTHLY, description="How a paid plan is paid."
    )
    plan_key: PlanKey | None = strawberry.field(default=PlanKey.FREE, description="Plan after the trial.")
    accept_terms: bool = strawberry.field(description="Must be true.")

    verbatim: ClassVar[frozenset[str]] = frozenset({"password"})

    @classmethod
    def refine(cls, values: dict[str, Any], report: Any) -> None:
        if "tenant_name" in values and not 2 <= len(values["tenant_name"]) <= 255:
            report(ErrorCode.VALIDATION_ERROR, "tenantName", rule="length", min=2, max=255)
        if not values.get("accept_terms"):
            report(ErrorCode.VALIDATION_ERROR, "acceptTerms")
        missing = missing_classes(values["password"], values.get("email", "")) if "password" in values else []
        if missing:
            report(ErrorCode.VALIDATION_ERROR, "password", rule="password", missing=missing)


async def register(command: Command, input: RegisterInput) -> dict[str, Any]:
    """Create an agency with its owner and sign in. Never joins an agency that exists, whatever its name."""
    context, values = command.context, command.values(input)
    await throttle_sign_in(context, values["email"])
    password_hash = await hash_password(values["password"])
    tenant_id, member_id = uuid7(), uuid7()
    name = f"{values['first_name']} {values['last_name']}"
    async with transaction(context, command.operation, tenant_id, member_id, models.AuditAction.CREATE) as (
        session,
        entry,
    ):
        entry.name(name)
        account_id = await directory.create_account(session, values["email"], password_hash)
        if account_id is None:
            raise Refusal.of(ErrorCode.ALREADY_EXISTS, "input", "email")
        slug = await directory.claim_slug(session, slug_of(values["tenant_name"]), tenant_id)
        await found_agency(
            session,
            models.Tenant(
                tenant_id=tenant_id,
                id=tenant_id,
                name=values["tenant_name"],
                slug=slug,
                company_email=values.get("company_email"),
                company_phone=values.get("company_phone"),
                plan=values["plan_key"],
                billing_cycle=values["billing_cycle"],
                trial_ends_at=now() + timedelta(days=TRIAL_DAYS),
            ),
        )
        member = models.Member(
            tenant_id=tenant_id,
            id=member_id,
            account_id=account_id,
            email=values["email"],
            first_name=values["first_name"],
            last_name=values["last_name"],
            phone=values.get("phone"),
            role=Role.OWNER.value,
            status=models.UserStatus.ACTIVE.value,
            joined_at=now(),
            last_login_at=now(),
            created_by_id=member_id,
        )
        session.add(member)
        await session.flush()
        await directory.join(session, account_id, tenant_id, member_id)
        pair = await _open_session(context, session, member, slug)
    return await _answer(context, pair, account_id, tenant_id, member_id)


async def found_agency(session: Any, tenant: models.Tenant) -> None:
    """What every agency has from its first moment: its row, its stream, its counters."""
    session.add(tenant)
    await session.flush()
    session.add(models.EventStream(tenant_id=tenant.id))
    session.add_all(
        models.PlanCounter(tenant_id=tenant.id, resource=resource.value, used=resource is LimitResource.USERS)
        for resource in LimitResource
    )
    await session.flush()
    await _first_board(session, tenant)


async def _first_board(session: Any, tenant: models.Tenant) -> None:
    """The board on which tasks go that name none. Nobody made it: no person of the agency is there yet."""
    board, at = uuid7(), now()
    common = {"tenant_id": tenant.id, "created_at": at, "updated_at": at}
    named = board_name(tenant.language)
    await session.execute(insert(models.Board).values(**common, id=board, name=named, is_default=True))
    columns = [
        {
            **common,
            "id": uuid7(),
            "board_id": board,
            "name": plan.name(tenant.language),
            "status": plan.status.value,
            "position": position,
            "wip_limit": plan.wip_limit,
            "color": plan.color,
        }
        for position, plan in enumerate(DEFAULT_COLUMNS)
    ]
    await session.execute(insert(models.BoardColumn), columns)


async def login(
    command: Command,
    email: Annotated[EmailAddress, strawberry.argument(description="Login.")],
    password: Annotated[str, strawberry.argument(description="Password.")],
    tenant_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="Agency to enter; default the last one used.")
    ] = None,
) -> dict[str, Any]:
    """Sign in with e-mail and password; answers a pair of tokens for one agency."""
    context = command.context
    address = _email(email, "email")
    await throttle_sign_in(context, address)
    state = context.state
    account = await directory.account_by_email(state.database, address)
    if not await verify_password(password, account.password_hash if account else None):
        await directory.security_event(
            state.database, "auth.login_failed", account=account.id if account else None, ip=context.request.ip
        )
        raise Refusal.of(ErrorCode.INVALID_CREDENTIALS)
    assert account is not None
    tenant_id_, member_id = await _choose(state, account, tenant_id)
    async with transaction(context, command.operation, tenant_id_, member_id, models.AuditAction.LOGIN) as (
        session,
        entry,
    ):
        member = await session.get(models.Member, (tenant_id_, member_id))
        tenant = await session.get(models.Tenant, (tenant_id_, tenant_id_))
        if member is None or tenant is None or member.status != "ACTIVE" or not tenant.is_active:
            raise Refusal.of(ErrorCode.INVALID_CREDENTIALS)
        entry.name(f"{member.first_name} {member.last_name}")
        members = metadata.tables["member"]
        # Not through the row: signing in is no change of the member that anybody should hear of or collide with.
        await session.execute(
            update(members)
            .where(members.c.tenant_id == tenant_id_, members.c.id == member_id)
            .values(last_login_at=now())
        )
        await directory.used_tenant(session, account.id, tenant_id_)
        pair = await _open_session(context, session, member, tenant.slug)
    return await _answer(context, pair, account.id, tenant_id_, member_id)


async def refresh(
    command: Command,
    refresh_token: Annotated[str, strawberry.argument(description="The refresh token of the last pair.")],
) -> dict[str, Any]:
    """Exchange a refresh token for a new pair. Parallel uses within 10 s get one and the same pair."""
    context, state = command.context, command.context.state
    await consume(context, "refresh", context.request.ip)
    found = await directory.find_token(state.database, refresh_token)
    if found is None or found.revoked_at is not None:
        raise Refusal.of(ErrorCode.INVALID_TOKEN, "refreshToken")
    if found.expires_at <= now():
        raise Refusal.of(ErrorCode.TOKEN_EXPIRED, "refreshToken")
    replayed = False
    pair = ("", "")
    async with transaction(context, command.operation, found.tenant, found.member_id, models.AuditAction.LOGIN) as (
        session,
        audit,
    ):
        entry = await directory.lock_token(session, refresh_token)
        member = await session.get(models.Member, (found.tenant, found.member_id))
        tenant = await session.get(models.Tenant, (found.tenant, found.tenant))
        device = await session.get(models.Session, (found.tenant, found.session_id))
        if entry is None or entry.revoked_at is not None or member is None or tenant is None or device is None:
            raise Refusal.of(ErrorCode.INVALID_TOKEN, "refreshToken")
        if member.status != "ACTIVE" or device.revoked_at is not None or not tenant.is_active:
            raise Refusal.of(ErrorCode.INVALID_TOKEN, "refreshToken")
        audit.name(f"{member.first_name} {member.last_name}")
        if entry.rotated_at is not None and entry.rotated_at + ROTATION_GRACE < now():
            replayed = True
            audit.failed(ErrorCode.INVALID_TOKEN)
            device.revoked_at = now()
            await directory.revoke_tokens(session, found.tenant, found.session_id)
        else:
            pair = await _rotate(state, session, entry, member, tenant, device, refresh_token)
    if replayed:
        state.viewers.drop(found.session_id)
        await directory.security_event(
            state.database, "auth.refresh_replayed", account=found.account_id, ip=context.request.ip
        )
        raise Refusal.of(ErrorCode.INVALID_TOKEN, "refreshToken")
    return await _answer(context, pair, found.account_id, found.tenant, found.member_id)


async def logout(
    command: Command,
    refresh_token: Annotated[
        str | None, strawberry.argument(description="Refresh token of another session of yours to end instead.")
    ] = None,
    everywhere: Annotated[bool | None, strawberry.argument(description="End all sessions of this agency.")] = False,
) -> dict[str, Any]:
    """End the session; its access tokens fail at once. Repeating it is fine."""
    claims, state = command.context.claims, command.context.state
    assert claims is not None, "a viewer comes from a token"
    command.action = models.AuditAction.LOGOUT
    found = await directory.read_token(command.session, refresh_token) if refresh_token is not None else None
    device = claims.session_id
    if found is not None and (found.tenant, found.member_id) == (claims.tenant_id, claims.member_id):
        device = found.session_id
    if command.viewer.tenant_id == claims.tenant_id:
        await _end_sessions(state, command.session, claims, None if everywhere else device)
    else:
        # The session belongs to the agency of the token, whichever one the request looks at.
        async with state.database.write(claims.tenant_id) as session:
            await _end_sessions(state, session, claims, None if everywhere else device)
            await session.commit()
    return {"ok": True}


async def _end_sessions(state: State, session: AsyncSession, claims: Claims, device: UUID | None) -> None:
    """End one session of a member, or all; this process forgets them once that is committed."""
    sessions = metadata.tables["session"]
    mine = (sessions.c.tenant_id == claims.tenant_id, sessions.c.member_id == claims.member_id)
    wanted = [sessions.c.id == device] if device is not None else []
    ending = update(sessions).where(*mine, *wanted, sessions.c.revoked_at.is_(None)).returning(sessions.c.id)
    ended = (await session.execute(ending.values(revoked_at=now(), updated_at=now()))).scalars().all()
    for id in ended:
        await directory.revoke_tokens(session, claims.tenant_id, id)

    @event.listens_for(session.sync_session, "after_commit", once=True)
    def forget(_session: Any) -> None:
        for id in ended:
            state.viewers.drop(id)


async def throttle_sign_in(context: Context, email: str) -> None:
    """At most a few sign-ins per address and e-mail."""
    await consume(context, "sign_in", f"{context.request.ip}:{email}")


def _email(raw: str, *path: str) -> str:
    try:
        return read_email(raw)
    except Unreadable as unreadable:
        raise Refusal([unreadable.problem.under(*path)]) from None


async def _choose(state: State, account: models.Account, wanted: str | None) -> tuple[UUID, UUID]:
    """Agency and member to sign in as: as asked, else the last used, else the first that is open to the person."""
    if wanted is not None and split_id(wanted) is None:
        raise Refusal.of(ErrorCode.INVALID_INPUT, "tenantId", rule="id")
    open_ = [row for row in await _memberships(state, account.id) if row["status"] == "ACTIVE"]
    if wanted is not None:
        open_ = [row for row in open_ if row["tenant_id"] == decode_id(wanted, "Tenant")]
        if not open_:
            raise Refusal.of(ErrorCode.TENANT_NOT_FOUND, "tenantId")
    if not open_:
        raise Refusal.of(ErrorCode.INVALID_CREDENTIALS)
    chosen = next((row for row in open_ if row["tenant_id"] == account.last_tenant_id), open_[0])
    return chosen["tenant_id"], chosen["id"]


async def _open_session(context: Context, session: Any, member: models.Member, slug: str) -> tuple[str, str]:
    """A new session with its first pair of tokens; of too many sessions the oldest ends."""
    state, at = context.state, now()
    expires_at = at + timedelta(seconds=state.tokens.refresh_seconds)
    device = models.Session(
        tenant_id=member.tenant_id,
        member_id=member.id,
        user_agent=context.request.user_agent[:500] or None,
        ip_address=context.request.ip,
        expires_at=expires_at,
    )
    session.add(device)
    await session.flush()
    sessions = metadata.tables["session"]
    surplus = (
        select(sessions.c.id)
        .where(
            sessions.c.tenant_id == member.tenant_id, sessions.c.member_id == member.id, sessions.c.revoked_at.is_(None)
        )
        .order_by(sessions.c.id.desc())
        .offset(SESSIONS_PER_MEMBER)
    )
    for old in (await session.execute(surplus)).scalars().all():
        await session.execute(
            update(sessions).where(sessions.c.tenant_id == member.tenant_id, sessions.c.id == old).values(revoked_at=at)
        )
        await directory.revoke_tokens(session, member.tenant_id, old)
    refresh_token = secrets.token_urlsafe(32)
    await directory.store_token(
        session,
        refresh_token,
        account=member.account_id,
        tenant=member.tenant_id,
        member=member.id,
        device=device.id,
        expires_at=expires_at,
    )
    return _access(state, member, slug, device.id, refresh_token, int(time.time())), refresh_token


async def _rotate(
    state: State, session: Any, entry: Any, member: Any, tenant: Any, device: Any, token: str
) -> tuple[str, str]:
    successor = state.tokens.successor(token)
    if entry.rotated_at is None:
        entry.rotated_at = now()
        expires_at = entry.rotated_at + timedelta(seconds=state.tokens.refresh_seconds)
        await directory.store_token(
            session,
            successor,
            account=entry.account_id,
            tenant=entry.tenant,
            member=entry.member_id,
            device=entry.session_id,
            expires_at=expires_at,
        )
        device.last_used_at, device.expires_at = entry.rotated_at, expires_at
    issued = int(entry.rotated_at.timestamp())
    return _access(state, member, tenant.slug, device.id, successor, issued), successor


def _access(state: State, member: Any, slug: str, device: UUID, refresh_token: str, issued: int) -> str:
    return state.tokens.access(
        account=member.account_id,
        tenant=member.tenant_id,
        slug=slug,
        member=member.id,
        session=device,
        role=Role(member.role).value,
        scopes=sorted(scope.value for scope in ROLE_SCOPES[Role(member.role)]),
        refresh=refresh_token,
        issued=issued,
    )


async def _answer(
    context: Context, pair: tuple[str, str], account_id: UUID, tenant_id: UUID, member_id: UUID
) -> dict[str, Any]:
    await context.become(pair[0])
    return {
        "access_token": pair[0],
        "refresh_token": pair[1],
        "token_type": "Bearer",
        "expires_in": context.state.tokens.access_seconds,
        "user": Ref("member", member_id),
        "tenant": Ref("tenant", tenant_id),
        "memberships": await agencies(context.state, account_id),
    }


MEMBERSHIP_SQL = """
select m.id, m.role, m.status, m.joined_at, t.id as tenant_id, t.name, t.slug
  from member m join tenant t on t.tenant_id = m.tenant_id
 where m.tenant_id = $1 and m.id = $2 and t.is_active
"""


async def _memberships(state: State, account_id: UUID) -> list[Any]:
    """A person's memberships in agencies that are open; each is read under its own tenant."""
    found = []
    for entry in await directory.memberships(state.database, account_id):
        async with state.database.reads.read(entry.tenant_id) as connection:
            row = await connection.fetchrow(MEMBERSHIP_SQL, entry.tenant_id, entry.member_id)
        if row is not None:
            found.append(row)
    return found


async def agencies(state: State, account_id: UUID) -> list[dict[str, Any]]:
    """The agencies a person may switch to."""
    return [
        {
            "id": encode_id("Membership", row["id"]),
            "tenant": {"id": encode_id("Tenant", row["tenant_id"]), "name": row["name"], "slug": row["slug"]},
            "role": row["role"],
            "is_active": row["status"] == "ACTIVE",
            "joined_at": row["joined_at"],
        }
        for row in await _memberships(state, account_id)
    ]


async def viewer(context: Context) -> dict[str, Any] | None:
    """The caller; null without a token."""
    caller = context.viewer
    if caller is None:
        return None
    memberships = await agencies(context.state, caller.account_id)
    here = encode_id("Tenant", caller.tenant_id)
    membership = next((entry for entry in memberships if entry["tenant"]["id"] == here), None)
    if membership is None:  # ended within the second for which rights are remembered
        raise ApiError(ErrorCode.TENANT_MISMATCH, status=403)
    return {
        "user": Ref("member", caller.member_id),
        "tenant": Ref("tenant", caller.tenant_id),
        "membership": membership,
        "memberships": memberships,
        "permissions": sorted(caller.permissions),
        "scopes": sorted(scope.value for scope in caller.scopes),
    }
