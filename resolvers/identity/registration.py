"""A new agency with the person who owns it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import strawberry
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types.maybe import Maybe

import models
from domain.access import Role
from domain.address import slug as slug_of
from domain.errors import ErrorCode, Refusal
from domain.passwords import missing_classes
from domain.plans import TRIAL_DAYS, BillingCycle, LimitResource, PlanKey
from domain.tasks import DEFAULT_COLUMNS, board_name
from models.base import now, uuid7
from resolvers.identity import verification
from resolvers.identity.memberships import home_of
from resolvers.identity.roles import found_roles
from resolvers.identity.sessions import open_session, signed_in
from resolvers.identity.throttling import throttle_sign_in
from resolvers.kit.commands import Command
from resolvers.kit.context import State
from resolvers.kit.execution import transaction
from resolvers.kit.inputs import Input
from resolvers.kit.jobs import encoded
from resolvers.kit.mail import post, posted_since
from resolvers.kit.scalars import EmailAddress, PhoneNumber
from storage import accounts, directory
from storage.hashing import hash_password
from storage.jobs import Order, enqueue_now

TAKEN = "registration.taken"


@dataclass(frozen=True)
class Taken:
    """Payload of the job that tells a person of an attempt to register with their address."""

    account_id: UUID


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
    known = await directory.account_by_email(context.state.database, values["email"])
    if known is not None:
        await enqueue_now(context.state.database, Order(TAKEN, None, encoded(Taken(known.id))))
        raise Refusal.of(ErrorCode.ALREADY_EXISTS, "input", "email")
    return await found_with_owner(command, values, password_hash)


async def found_with_owner(
    command: Command,
    values: dict[str, Any],
    password_hash: str | None,
    vouched: Callable[[AsyncSession, UUID], Awaitable[None]] | None = None,
) -> dict[str, Any]:
    """Create an agency with its owner and sign in; who was vouched for need not show that mail arrives."""
    context = command.context
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
        tenant = models.Tenant(
            tenant_id=tenant_id,
            id=tenant_id,
            name=values["tenant_name"],
            slug=slug,
            company_email=values.get("company_email"),
            company_phone=values.get("company_phone"),
            plan=values["plan_key"],
            billing_cycle=values["billing_cycle"],
            trial_ends_at=now() + timedelta(days=TRIAL_DAYS),
        )
        await found_agency(session, tenant)
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
            email_verified=vouched is not None,
        )
        session.add(member)
        await session.flush()
        await directory.join(session, account_id, tenant_id, member_id)
        pair = await open_session(context, session, member, tenant)
        if vouched is not None:
            await vouched(session, account_id)
        else:
            await verification.ask(context.state, session, member)
        await post(session, tenant_id, "welcome", to=member.email, language=member.locale, name=member.first_name)
    return await signed_in(context, pair, account_id, tenant_id, member_id)


async def tell_owner(state: State, taken: Taken) -> None:
    """Tell a person that somebody wanted to register with their address; once an hour is enough."""
    account = await accounts.find_account(state.database, taken.account_id)
    home = await home_of(state, account) if account is not None else None
    if account is None or home is None:
        return
    async with state.database.write(home.tenant_id) as session:
        if not await posted_since(session, home.tenant_id, "address_taken", account.email, now() - timedelta(hours=1)):
            await post(
                session,
                home.tenant_id,
                "address_taken",
                to=account.email,
                language=home.locale,
                name=home.first_name,
            )
            await session.commit()


async def found_agency(session: Any, tenant: models.Tenant) -> None:
    """What every agency has from its first moment: its row, its stream, its counters, its roles."""
    session.add(tenant)
    await session.flush()
    session.add(models.EventStream(tenant_id=tenant.id))
    session.add_all(
        models.PlanCounter(tenant_id=tenant.id, resource=resource.value, used=resource is LimitResource.USERS)
        for resource in LimitResource
    )
    await session.flush()
    await found_roles(session, tenant)
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
