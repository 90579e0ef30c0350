"""Who is asking, from where, and with which means. One `Context` per request, per mutation over a socket, per event."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Self
from uuid import UUID

import asyncpg

from domain.access import Role, rights
from domain.credentials import verify_by
from domain.errors import ApiError, ErrorCode
from domain.plans import SubscriptionStatus, standing
from domain.tenants import admits
from loaders.base import Loaders
from models.base import now
from resolvers.kit.ids import decode_id
from resolvers.kit.keys import KEY_SQL, KEYS_SQL, KeyRing, is_key, note_use, scopes_of
from resolvers.kit.viewers import GUEST_SQL, SESSIONS_SQL
from resolvers.kit.viewers import VIEWER_SQL as VIEWER_SQL
from resolvers.kit.viewers import Viewer as Viewer
from resolvers.kit.viewers import ViewerCache as ViewerCache
from settings import Settings
from storage import directory, events
from storage.bus import Bus
from storage.database import Database
from storage.files import FileStore, store_of
from storage.google import Google
from storage.presence import Presence
from storage.ratelimits import RateLimiter
from storage.secrets import Secrets
from storage.tail import Tails
from storage.tokens import Claims, Tokens


@dataclass(slots=True)
class Request:
    """What the transport knows of a request."""

    request_id: str
    ip: str
    user_agent: str
    language: str = "en"
    idempotency_key: str | None = None
    transport: Literal["http", "ws"] = "http"


@dataclass(frozen=True, slots=True)
class Follower:
    """Who follows a stream: a session, with the agency it belongs to."""

    session_id: UUID
    home: UUID


@dataclass
class State:
    """The objects of one server process, built by the composition root."""

    settings: Settings
    database: Database
    limiter: RateLimiter
    bus: Bus
    tokens: Tokens
    viewers: ViewerCache = field(default_factory=ViewerCache)
    keys: KeyRing = field(default_factory=KeyRing)

    @cached_property
    def google(self) -> Google:
        """Sign-in with Google."""
        return Google(self.settings)

    @cached_property
    def tails(self) -> Tails:
        """The tails of streams; they look at the rights of all followers while they look for events."""
        return Tails(self.database.reads, self.bus, self._look_again)

    @cached_property
    def secrets(self) -> Secrets:
        """What is stored to be read again lies encrypted."""
        return Secrets(self.settings)

    @cached_property
    def files(self) -> FileStore:
        """Where files lie."""
        return store_of(self.settings)

    @cached_property
    def presence(self) -> Presence:
        """Who looks at which record at this moment."""
        return Presence(self.bus)

    async def _look_again(self, tenant: UUID, followers: Counter[Follower]) -> bool:
        return await look_again(self, tenant, followers)


@dataclass(frozen=True, slots=True)
class Done:
    """How a mutation of this request ended; another executor that answers it must not carry it out again."""

    result: Any
    error: Exception | None
    viewer: Viewer | None

    def again(self, context: Context) -> Any:
        """The same end, for whoever was the viewer then."""
        context.see_as(self.viewer)
        if self.error is not None:
            raise self.error
        return self.result


class Context:
    """Everything a resolver may reach."""

    def __init__(self, state: State, request: Request, viewer: Viewer | None, claims: Claims | None = None) -> None:
        self.state = state
        self.request = request
        self.viewer = viewer
        self._caller = viewer
        self.claims = claims
        self.tenant_header: str | None = None
        self.response_headers: dict[str, str] = {}
        self.body_hash = b""
        # Root fields that were already counted against the rates, in their order, and how that ended.
        self.entered: deque[ApiError | None] = deque()
        self.done: dict[str, Done] = {}
        # Where a stream opened with this context stands; the transport tells it in its pings.
        self.stream_position: str | None = None
        self.looked_behind = False  # whether something was read that is guarded, and reading it recorded
        self._loaders: Loaders | None = None
        self._stream_cursor: str | None = None

    @classmethod
    async def open(
        cls, state: State, request: Request, *, authorization: str | None, tenant_header: str | None
    ) -> Self:
        """Recognise the caller. No token is an anonymous caller; a bad one is an error."""
        claims = None
        if authorization:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer" or not token.strip():
                raise ApiError(ErrorCode.INVALID_TOKEN, status=401)
            token = token.strip()
            claims = await state.keys.read(state.database, token) if is_key(token) else state.tokens.read(token)
        context = cls(state, request, None, claims)
        context.tenant_header = tenant_header
        if claims is not None:
            context.viewer = context._caller = await context._recognised(claims, tenant_header)
        return context

    @classmethod
    def of_job(cls, state: State, request_id: str, language: str) -> Self:
        """A context for what is done without a request; nobody is signed in until `become_member`."""
        return cls(state, Request(request_id, "", "", language), None)

    async def become_member(self, tenant: UUID, member: UUID | None) -> None:
        """Act for a member with the rights of this moment. INSUFFICIENT_PERMISSIONS for one who left."""
        row = None
        async with self.state.database.reads.read(tenant) as connection:
            row = await connection.fetchrow(GUEST_SQL, tenant, member)
        if row is None:
            raise ApiError(ErrorCode.INSUFFICIENT_PERMISSIONS, status=403)
        nobody = Claims(row["account_id"], tenant, row["member_id"], UUID(int=0), float("inf"))
        self.viewer = self._caller = _viewer(row, nobody, tenant)
        self.forget()

    async def _recognised(self, claims: Claims, tenant_header: str | None) -> Viewer:
        """Who a token is for, if the agency lets its members in from this address."""
        viewer = await _recognise(self.state, claims, tenant_header)
        if not admits(viewer.networks, self.request.ip):
            raise ApiError(ErrorCode.INSUFFICIENT_PERMISSIONS, rule="networks", status=403)
        return viewer

    async def become(self, access_token: str) -> None:
        """Answer the rest of this root field as the person who just signed in."""
        self.viewer = await self._recognised(self.state.tokens.read(access_token), None)
        self.forget()

    def be_caller(self) -> None:
        """Back to who sent the request: the next root field must not profit from a sign-in beside it."""
        self.see_as(self._caller)

    def see_as(self, viewer: Viewer | None) -> None:
        """Read as this viewer from here on."""
        if self.viewer is not viewer:
            self.viewer, self._loaders = viewer, None

    async def renewed(self) -> Context:
        """The same caller with the rights of this moment and fresh loaders."""
        fresh = Context(self.state, self.request, None, self.claims)
        fresh.tenant_header = self.tenant_header
        fresh.body_hash = self.body_hash
        fresh.response_headers = self.response_headers
        if self.claims is not None:
            if self.claims.expires_at <= time.time():
                raise ApiError(ErrorCode.TOKEN_EXPIRED, status=401)
            fresh.viewer = fresh._caller = await fresh._recognised(self.claims, self.tenant_header)
        return fresh

    @property
    def signed_in(self) -> Viewer:
        """The viewer; UNAUTHENTICATED without one."""
        if self.viewer is None:
            raise ApiError(ErrorCode.UNAUTHENTICATED, status=401)
        return self.viewer

    @property
    def loaders(self) -> Loaders:
        if self._loaders is None:
            self._loaders = Loaders(self.state.database.reads, self.signed_in)
        return self._loaders

    def forget(self) -> None:
        """Drop what was read: after a commit the next read must see it."""
        if self._loaders is not None:
            statements = self._loaders.statements
            self._loaders = Loaders(self.state.database.reads, self.signed_in)
            self._loaders.statements = statements

    @property
    def read_guarded(self) -> bool:
        """Whether something was read whose reading has to be recorded."""
        return self.looked_behind or (self._loaders is not None and self._loaders.guarded)

    @property
    def statements(self) -> int:
        """Statements the loaders have run; authentication is not among them."""
        return self._loaders.statements if self._loaders is not None else 0

    async def prepare(self, root_fields: set[str]) -> None:
        """Before the operation's data: note the stream's position when the operation asks for it."""
        if "streamCursor" in root_fields and self.viewer is not None:
            self._stream_cursor = await self.stream_cursor()

    async def stream_cursor(self) -> str:
        if self._stream_cursor is not None:
            return self._stream_cursor
        tenant = self.signed_in.tenant_id
        self.loaders.statements += 1
        async with self.state.database.reads.read(tenant) as connection:
            return (await events.head(connection, tenant)).cursor.encode()


async def _recognise(state: State, claims: Claims, tenant_header: str | None) -> Viewer:
    viewer = state.viewers.get((claims.session_id, claims.tenant_id))
    if viewer is None:
        asked = (claims.tenant_id, claims.session_id)
        sql = KEY_SQL if claims.by_key else VIEWER_SQL
        rows = await state.database.reads.fetch(claims.tenant_id, sql, asked, asyncpg.Record)
        row = rows[0] if rows else None
        if row is None or row["member_id"] != claims.member_id:
            raise ApiError(ErrorCode.INVALID_TOKEN, status=401)
        viewer = _viewer(row, claims, claims.tenant_id)
        state.viewers.put((claims.session_id, claims.tenant_id), viewer)
        if claims.by_key and row["unnoted"]:
            await note_use(state.database, claims.tenant_id, claims.session_id)
    if tenant_header is None:
        return viewer
    tenant = decode_id(tenant_header, "Tenant")
    if tenant is None:
        raise ApiError(ErrorCode.TENANT_NOT_FOUND, status=404)
    if claims.by_key and tenant != viewer.tenant_id:  # a key was made in one agency, for that one
        raise ApiError(ErrorCode.TENANT_MISMATCH, status=403)
    return viewer if tenant == viewer.tenant_id else await _as_guest(state, claims, tenant)


async def look_again(state: State, tenant: UUID, followers: Collection[Follower]) -> bool:
    """Read the rights of those who follow an agency anew, by one statement; whether somebody has to look at them."""
    at_home = [follower.session_id for follower in followers if follower.home == tenant]
    async with state.database.reads.read(tenant) as connection:
        rows = {row["session_id"]: row for row in await connection.fetch(SESSIONS_SQL, tenant, at_home)}
        keys = [id for id in at_home if id not in rows]
        if keys:
            rows |= {row["session_id"]: row for row in await connection.fetch(KEYS_SQL, tenant, keys)}
    changed = len(at_home) < len(followers)  # sessions of other agencies are not seen from here
    for id in at_home:
        known, row = state.viewers.last((id, tenant)), rows.get(id)
        if known is None or row is None:
            state.viewers.drop(id)
            changed = True
            continue
        role = Role(row["role"])
        viewer = replace(
            known,
            name=row["name"],
            role=role,
            permissions=rights(role, row["granted"]),
            scopes=scopes_of(row, role),
            may_write=_may_write(row),
            verify_by=verify_by(row["email_verified"], row["since"]),
            networks=tuple(row["ip_allow_list"]),
            lacks_code=row["lacks_code"],
        )
        changed = changed or viewer != known
        state.viewers.put((id, tenant), known if viewer == known else viewer)
    return changed


async def _as_guest(state: State, claims: Claims, tenant: UUID) -> Viewer:
    """The same person in another of the person's agencies; any other agency answers alike, existing or not."""
    cached = state.viewers.get((claims.session_id, tenant))
    if cached is not None:
        return cached
    member = await directory.membership(state.database, claims.account_id, tenant)
    row = None
    if member is not None:
        async with state.database.reads.read(tenant) as connection:
            row = await connection.fetchrow(GUEST_SQL, tenant, member)
    if row is None:
        raise ApiError(ErrorCode.TENANT_MISMATCH, status=403)
    viewer = _viewer(row, claims, tenant)
    state.viewers.put((claims.session_id, tenant), viewer)
    return viewer


def _viewer(row: asyncpg.Record, claims: Claims, tenant: UUID) -> Viewer:
    if not row["is_active"]:
        raise ApiError(ErrorCode.TENANT_MISMATCH, status=403)
    role = Role(row["role"])
    return Viewer(
        tenant_id=tenant,
        member_id=row["member_id"],
        account_id=row["account_id"],
        session_id=claims.session_id,
        name=row["name"],
        role=role,
        permissions=rights(role, row["granted"]),
        scopes=scopes_of(row, role),
        may_write=_may_write(row),
        expires_at=claims.expires_at,
        verify_by=verify_by(row["email_verified"], row["since"]),
        networks=tuple(row["ip_allow_list"]),
        lacks_code=row["lacks_code"],
        key_prefix=row.get("prefix"),
    )


def _may_write(row: asyncpg.Record) -> bool:
    """A trial that ended leaves the free plan, which may write; everything else is the subscription's standing."""
    status = SubscriptionStatus(row["subscription_status"])
    if status is SubscriptionStatus.TRIALING:
        return True
    return standing(
        status, now(), trial_ends_at=row["trial_ends_at"], past_due_since=row["current_period_end"]
    ).may_write
