"""Who is signed in, with the rights of this moment: how that is read, and for how long it is remembered."""

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.access import ADMIN_READS, Audience, Role, Scope, audience
from domain.errors import ApiError, ErrorCode

VIEWER_SECONDS = 1.0
VIEWER_CACHE = 10_000

# By a session, all sessions of a list, and a member whose session is another agency's.
VIEWER_SQL = """
select m.id as member_id, m.account_id, m.name, m.role, m.email_verified, m.created_at as since,
       t.subscription_status, t.trial_ends_at, t.current_period_end, t.is_active,
       t.ip_allow_list, t.require_totp and not m.totp_enabled as lacks_code,
       app.granted(m.tenant_id, m.id) as granted
  from session s
  join member m on m.tenant_id = s.tenant_id and m.id = s.member_id
  join tenant t on t.tenant_id = s.tenant_id
 where s.tenant_id = $1 and s.id = $2 and s.revoked_at is null and m.status = 'ACTIVE'
"""
SESSIONS_SQL = """
select s.id as session_id, m.id as member_id, m.account_id, m.name, m.role, m.email_verified, m.created_at as since,
       t.subscription_status, t.trial_ends_at, t.current_period_end, t.is_active,
       t.ip_allow_list, t.require_totp and not m.totp_enabled as lacks_code,
       app.granted(m.tenant_id, m.id) as granted
  from session s
  join member m on m.tenant_id = s.tenant_id and m.id = s.member_id
  join tenant t on t.tenant_id = s.tenant_id
 where s.tenant_id = $1 and s.id = any($2) and s.revoked_at is null and m.status = 'ACTIVE' and t.is_active
"""
GUEST_SQL = """
select m.id as member_id, m.account_id, m.name, m.role, m.email_verified, m.created_at as since,
       t.subscription_status, t.trial_ends_at, t.current_period_end, t.is_active,
       t.ip_allow_list, t.require_totp and not m.totp_enabled as lacks_code,
       app.granted(m.tenant_id, m.id) as granted
  from member m join tenant t on t.tenant_id = m.tenant_id
 where m.tenant_id = $1 and m.id = $2 and m.status = 'ACTIVE'
"""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in member of one agency with the rights of this moment."""

    tenant_id: UUID
    member_id: UUID
    account_id: UUID
    session_id: UUID
    name: str
    role: Role
    permissions: frozenset[str]
    scopes: frozenset[Scope]
    may_write: bool
    expires_at: float
    # Until when an address that is not verified lets the viewer write; None when it is verified.
    verify_by: datetime | None = None
    # The agency lets its members in from these networks alone, when there are any.
    networks: tuple[str, ...] = ()
    key_prefix: str | None = None  # of the API key that calls in the member's name
    # The agency asks for a second factor, and this member has none: until then no right is held, and nothing written.
    lacks_code: bool = False
    # The ids as texts: every request counts by them and logs them.
    account: str = field(init=False)
    tenant: str = field(init=False)
    caller: str = field(init=False)  # whose requests are counted together

    def __post_init__(self) -> None:
        if self.lacks_code:
            object.__setattr__(self, "permissions", frozenset())
        if Scope.ADMIN not in self.scopes:
            object.__setattr__(self, "permissions", self.permissions - ADMIN_READS)
        object.__setattr__(self, "account", str(self.account_id))
        object.__setattr__(self, "tenant", str(self.tenant_id))
        object.__setattr__(self, "caller", self.account if self.key_prefix is None else f"key {self.session_id}")

    def denied(self) -> ApiError:
        """Why something is not permitted."""
        if self.lacks_code:
            return ApiError(ErrorCode.TOTP_REQUIRED, rule="second_factor", status=403)
        return ApiError(ErrorCode.INSUFFICIENT_PERMISSIONS, status=403)

    def may(self, permission: str) -> bool:
        """Whether the viewer holds the permission, at least for own rows."""
        return audience(self.permissions, permission) is not Audience.NONE


class ViewerCache:
    """Viewers of the last second: rights are never older, and a burst of requests asks once."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[UUID, UUID], tuple[float, Viewer]] = OrderedDict()

    def get(self, key: tuple[UUID, UUID]) -> Viewer | None:
        found = self._entries.get(key)
        return found[1] if found is not None and time.monotonic() - found[0] < VIEWER_SECONDS else None

    def last(self, key: tuple[UUID, UUID]) -> Viewer | None:
        """The viewer as it was last read, however long ago."""
        found = self._entries.get(key)
        return found[1] if found is not None else None

    def put(self, key: tuple[UUID, UUID], viewer: Viewer) -> None:
        self._entries[key] = (time.monotonic(), viewer)
        self._entries.move_to_end(key)
        if len(self._entries) > VIEWER_CACHE:
            self._entries.popitem(last=False)

    def drop(self, session: UUID) -> None:
        """Forget a session whose rights just changed in this process."""
        for key in [key for key in self._entries if key[0] == session]:
            del self._entries[key]

    def drop_member(self, member: UUID) -> None:
        """Forget a member, in whatever sessions, whose rights just changed in this process."""
        for key in [key for key, (_, viewer) in self._entries.items() if viewer.member_id == member]:
            del self._entries[key]

    def clear(self) -> None:
        self._entries.clear()
