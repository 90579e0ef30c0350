"""Keeps guessers out: failures to prove who one is are counted per e-mail address, slowed down and locked."""

import asyncio
import math
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from domain.errors import ErrorCode, Refusal
from domain.lockout import delay
from models.base import now
from resolvers.identity import telling
from resolvers.kit.context import Context
from storage import failures


async def admit(context: Context, email: str) -> None:
    """ACCOUNT_LOCKED while the address is locked, before anything is compared."""
    until = await failures.locked_until(context.state.database, _fingerprint(context, email))
    if until is not None:
        raise _locked(until)


async def fail(
    context: Context,
    operation: str,
    email: str,
    account: UUID | None,
    *path: str,
    agency: UUID | None = None,
    wait: bool = True,
) -> NoReturn:
    """Count a wrong answer and say so, the later the more there were; who waits must hold no connection.

    `agency` is the one that was meant, when one was named.
    """
    request = context.request
    failure = await failures.failed(
        context.state.database,
        _fingerprint(context, email),
        account=account,
        ip=request.ip,
        details={
            "operation": operation,
            "agency": str(agency) if agency is not None else None,
            "requestId": request.request_id,
            "userAgent": request.user_agent[:500],
        },
        teller=telling.FAILED,
    )
    if failure.too_late and failure.locked_until is not None:
        raise _locked(failure.locked_until)
    if wait:
        await asyncio.sleep(delay(failure.number, context.state.settings.sign_in_delays))
    raise Refusal.of(ErrorCode.INVALID_CREDENTIALS, *path)


async def succeed(context: Context, email: str) -> None:
    """Forget the failures; ACCOUNT_LOCKED when others used them up while this answer was compared."""
    until = await failures.succeeded(context.state.database, _fingerprint(context, email))
    if until is not None:
        raise _locked(until)


def _fingerprint(context: Context, email: str) -> bytes:
    return context.state.secrets.fingerprint(email, "sign_in")


def _locked(until: datetime) -> Refusal:
    return Refusal.of(ErrorCode.ACCOUNT_LOCKED, retryAfter=max(1, math.ceil((until - now()).total_seconds())))
