"""News of the caller's own account: profile and rights as they change, the end of the session and of the token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import Enum
from typing import Annotated, Any

import strawberry

import models
from domain.errors import ApiError, ErrorCode
from models.base import now
from resolvers.kit.context import Context, Viewer
from resolvers.kit.streams import Course, follow
from storage.events import Stored

EXPIRY_NOTICE = 120.0  # seconds before the access token ends
OVER = frozenset({ErrorCode.INVALID_TOKEN, ErrorCode.TENANT_MISMATCH})
# Of a member what decides about rights.
RIGHTS = frozenset({"role", "roles", "status"})


class ViewerChangeReason(Enum):
    """What news of the caller's own account is about."""

    PROFILE = "PROFILE"
    RIGHTS = "RIGHTS"
    SESSION_REVOKED = "SESSION_REVOKED"
    TOKEN_EXPIRING = "TOKEN_EXPIRING"  # noqa: S105 - a reason, not a token


Change = dict[str, Any]


async def viewer_changed(
    context: Context,
    after: Annotated[
        str | None, strawberry.argument(description="Cursor to resume behind; without it the stream starts now.")
    ] = None,
) -> AsyncGenerator[Change]:
    """News of the caller: profile, preferences and rights as they change, two minutes' notice of the token's end."""
    member = context.signed_in.member_id
    following = follow(context, models.Member, after, lambda event: event.entity_id == member)
    async with following.course() as course, aclosing(_news(course)) as news:
        waiting: asyncio.Task[Change] | None = None
        expiring: float | None = course.claims.expires_at - EXPIRY_NOTICE
        try:
            while True:
                waiting = waiting or asyncio.ensure_future(anext(news))
                left = None if expiring is None else max(0.0, expiring - time.time())
                done, _ = await asyncio.wait({waiting}, timeout=left)
                if done:
                    found, waiting = waiting.result(), None
                    yield found
                    if found["reason"] is ViewerChangeReason.SESSION_REVOKED:
                        return
                else:
                    expiring = None
                    yield _told(course, ViewerChangeReason.TOKEN_EXPIRING)
        finally:
            if waiting is not None:
                waiting.cancel()
                await asyncio.wait({waiting})


async def _news(course: Course) -> AsyncGenerator[Change]:
    """What the stream tells of the member, and rights that changed without the member (a role, the subscription)."""
    known = course.viewer
    while True:
        told = False
        try:
            async with aclosing(course.batch()) as batch:
                async for change in batch:
                    reason = _reason(change.event)
                    told = told or reason is ViewerChangeReason.RIGHTS
                    yield {
                        "cursor": change.cursor.encode(),
                        "prev_cursor": change.previous.encode(),
                        "at": change.event.at,
                        "reason": reason,
                    }
        except ApiError as error:
            if error.code not in OVER:
                raise
            yield _told(course, ViewerChangeReason.SESSION_REVOKED) | {"parting": True}
            return
        if _rights(course.viewer) != _rights(known) and not told:
            yield _told(course, ViewerChangeReason.RIGHTS)
        known = course.viewer


def _reason(event: Stored) -> ViewerChangeReason:
    return ViewerChangeReason.RIGHTS if RIGHTS & set(event.changed) else ViewerChangeReason.PROFILE


def _rights(viewer: Viewer) -> tuple[Any, ...]:
    return viewer.role, viewer.permissions, viewer.scopes, viewer.may_write


def _told(course: Course, reason: ViewerChangeReason) -> Change:
    """News that are no event of the stream: they stand where the stream stands."""
    return {
        "cursor": course.place.encode(),
        "prev_cursor": course.previous.encode(),
        "at": now(),
        "reason": reason,
    }
