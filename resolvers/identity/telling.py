"""Agencies are told of failed sign-ins of their members: afterwards, so that nobody learns by the time who is one."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

import models
from domain.errors import ErrorCode
from loaders.visibility import table_of
from models.events import AuditAction, AuditEntry, AuditOutcome
from resolvers.kit.context import State
from storage import accounts, directory, upkeep
from storage.events import Audit, append

FAILED = "audit.tell_failed_sign_in"
CODES = {"auth.login_failed": ErrorCode.INVALID_CREDENTIALS, "auth.locked": ErrorCode.ACCOUNT_LOCKED}


@dataclass(frozen=True)
class Failed:
    """What was recorded of it."""

    event_id: UUID


async def tell(state: State, failed: Failed) -> None:
    """Write it into the trail of the agency that was meant; of an address nobody has, nobody is told."""
    event = await upkeep.security_event(state.database, failed.event_id)
    if event is None or event.account_id is None:
        return
    meant = await _meant(state, event.account_id, event.details.get("agency"))
    if meant is None:
        return
    async with state.database.write(meant.tenant_id) as session:
        entries, member = table_of(AuditEntry).c, await session.get(models.Member, (meant.tenant_id, meant.member_id))
        told = select(entries.id).where(entries.tenant_id == meant.tenant_id, entries.id == event.id)
        if member is None or (await session.execute(told)).first() is not None:
            return
        entry = Audit(
            AuditAction.LOGIN_FAILED.value,
            str(event.details.get("operation", "")),
            str(event.details.get("requestId", "")),
            member.name or "",
            actor_id=member.id,
            resource_type="User",
            resource_id=member.id,
            resource_title=member.name,
            outcome=AuditOutcome.FAILED.value,
            error_code=CODES[event.kind].value,
            ip_address=event.ip_address,
            user_agent=event.details.get("userAgent"),
            id=event.id,
        )
        await append(session, meant.tenant_id, [], entry)
        await session.commit()
    await state.bus.hint(meant.tenant_id)


async def _meant(state: State, account_id: UUID, named: str | None) -> models.AccountTenant | None:
    """The membership that a sign-in was meant for: the one named, else the last one used, else the first."""
    found = await directory.memberships(state.database, account_id)
    if named is not None:
        return next((one for one in found if str(one.tenant_id) == named), None)
    account = await accounts.find_account(state.database, account_id)
    last = account.last_tenant_id if account is not None else None
    return next((one for one in found if one.tenant_id == last), next(iter(found), None))
