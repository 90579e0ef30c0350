"""Who signs in. `Account` is a person's login, `Member` that person within one agency.

`Account`, `AccountTenant`, `AccountToken`, `SignInFailure`, `TenantSlug`, `TokenEntry` and `SecurityEvent` are the
directory: the only tables without a tenant policy, because they answer the question which tenant a caller belongs to.
They hold no personal data beyond the login; `storage/directory.py`, `accounts.py` and `failures.py` are the only code
that touches them.
"""

from datetime import datetime
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Computed,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlmodel import Field, SQLModel

from domain.access import Role
from domain.preferences import ListDensity, Theme
from models.base import Owned, Timestamp, choice, document, flag, line, moment, now, reference, uuid7


class UserStatus(Enum):
    """Whether a member may sign in."""

    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    DEACTIVATED = "DEACTIVATED"


class TokenKind(Enum):
    """What a stored token opens."""

    REFRESH = "REFRESH"
    API_KEY = "API_KEY"


class AccountTokenKind(Enum):
    """What a secret sent by mail is good for."""

    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105 - what it is good for, not a password
    EMAIL_VERIFICATION = "EMAIL_VERIFICATION"


PRESENT = "deleted_at is null"


class Member(Owned, table=True):
    """A person within one agency; GraphQL's `User`."""

    # Who was removed frees login and address: the same person may be invited again.
    __table_args__ = (
        Index("uq_member_account", "tenant_id", "account_id", unique=True, postgresql_where=text(PRESENT)),
        Index("uq_member_email", "tenant_id", "email", unique=True, postgresql_where=text(PRESENT)),
        Index(None, "search", postgresql_using="gin"),
    )
    __computed__: ClassVar[frozenset[str]] = frozenset({"name", "search"})
    __event__: ClassVar[bool] = True
    __born__: ClassVar[str | None] = "joined"
    __removed__: ClassVar[str | None] = "deleted_at"
    __node__: ClassVar[str | None] = "User"

    account_id: UUID
    email: str = Field(max_length=254, description="Where mail goes; unique.")
    first_name: str = line(100, description="Given name.")
    last_name: str = line(100, description="Family name.")
    name: str | None = Field(
        default=None,
        sa_column_args=[Computed("first_name || ' ' || last_name", persisted=True)],
        nullable=False,
        description="First and last name.",
    )
    phone: str | None = Field(default=None, description="E.164.")
    role: str = choice(Role, Role.AGENT, description="Built-in role in this agency.")
    department: str | None = line(100, None, description="Department within the agency.")
    position: str | None = line(100, None, description="What the person is called on a card.")
    status: str = choice(UserStatus, UserStatus.INVITED, description="Whether the member may sign in.")
    # What the login says, for all to whom the member is shown: `storage/accounts.py` has the truth.
    email_verified: bool = flag(description="Whether the person has shown to receive mail at the address.")
    totp_enabled: bool = flag(description="Whether signing in takes a code of an authenticator app, too.")
    locale: str = Field(default="de-DE", description="BCP 47 language tag.")
    timezone: str = Field(default="Europe/Berlin", description="IANA time zone.")
    bio: str | None = Field(default=None, max_length=2000, description="A few words about the person.")
    website: str | None = Field(default=None, description="Personal page.")
    avatar_key: str | None = Field(default=None, description="Where the file of the picture lies.")
    joined_at: datetime | None = moment(description="Since when the person belongs to the agency.")
    last_login_at: datetime | None = moment(description="Last successful sign-in to this agency.")
    # Not the trash: the row stays for good, because records refer to it.
    deleted_at: datetime | None = moment(description="When the member was removed; null for everybody else.")
    deleted_by_id: UUID | None = reference("member", description="Who removed the member.")
    search: str | None = Field(
        default=None,
        sa_type=TSVECTOR,
        sa_column_args=[
            Computed(
                "app.search_document(tenant_id, first_name || ' ' || last_name, email,"
                " coalesce(department, '') || ' ' || coalesce(position, ''))",
                persisted=True,
            )
        ],
        description="What the full-text search looks at.",
    )


class Preferences(Owned, table=True):
    """How one person wants to see things; a person without a row wants the usual."""

    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"member_id": ("member", "preferences")}
    __table_args__ = (UniqueConstraint("tenant_id", "member_id"),)

    member_id: UUID = reference("member", ..., cascade=True, description="Whose they are.")
    theme: str = choice(Theme, Theme.AUTO, description="Light, dark, or as the device.")
    language: str = Field(
        default="de",
        max_length=2,
        sa_column_kwargs={"server_default": "de"},
        description="Language of the screens: de or en.",
    )
    timezone: str = Field(
        default="Europe/Berlin", sa_column_kwargs={"server_default": "Europe/Berlin"}, description="IANA time zone."
    )
    date_format: str = Field(
        default="DD.MM.YYYY", sa_column_kwargs={"server_default": "DD.MM.YYYY"}, description="How dates are written."
    )
    currency: str = Field(
        default="EUR",
        max_length=3,
        sa_column_kwargs={"server_default": "EUR"},
        description="Currency amounts are shown in; display only.",
    )
    list_density: str = choice(ListDensity, ListDensity.COMFORTABLE, description="How close rows of lists stand.")
    default_board_id: UUID | None = reference("board", description="Board that opens first.")
    email_signature: str | None = Field(
        default=None, max_length=5_000, description="Signature of mails, HTML without anything active."
    )
    dashboard_layout: list[dict[str, Any]] = document(
        [], description="Widgets of the dashboard: `id`, `x`, `y`, `w`, `h`; at most 32 KiB."
    )


def _ids(table: str, description: str) -> Any:
    """Ids of rows that may be gone by the time they are needed."""
    return Field(
        default_factory=list,
        sa_type=ARRAY(Uuid),
        sa_column_kwargs={"server_default": "{}", "info": {"rows": table}},
        nullable=False,
        description=description,
    )


class Invitation(Owned, table=True):
    """Somebody is asked to become a member. While it can be accepted it holds a seat."""

    __event__: ClassVar[bool] = True
    __born__: ClassVar[str | None] = "user.invited"
    __table_args__ = (
        # One open invitation per address, however many are made at once.
        Index("uq_invitation_email", "tenant_id", "email", unique=True, postgresql_where=text("holds_seat")),
        Index("ix_invitation_to_release", "tenant_id", "expires_at", postgresql_where=text("holds_seat")),
        Index(None, "tenant_id", "created_at", "id"),
    )

    email: str = Field(max_length=254, description="Where it was sent.")
    first_name: str = line(100, description="Given name.")
    last_name: str = line(100, description="Family name.")
    role: str = choice(Role, Role.AGENT, description="Role the person will have.")
    phone: str | None = Field(default=None, description="E.164.")
    department: str | None = line(100, None, description="Department the person will belong to.")
    invited_by_id: UUID = reference("member", ..., description="Who invites.")
    expires_at: datetime = Field(sa_type=Timestamp, description="Until when it can be accepted.")
    accepted_at: datetime | None = moment(description="When it was accepted.")
    revoked_at: datetime | None = moment(description="When it was taken back.")
    member_id: UUID | None = reference("member", description="Who the person became.")
    holds_seat: bool = flag(True, description="Whether a seat is kept for it.")
    token_version: int = Field(
        default=1, sa_column_kwargs={"server_default": "1"}, description="Which of its secrets is the valid one."
    )
    role_ids: list[UUID] = _ids("role", "Custom roles the person will have, as far as there still are such.")
    team_ids: list[UUID] = _ids("team", "Teams the person will be in, as far as there still are such.")
    mail_id: UUID | None = reference("mail", description="The last mail about it.")
    sent_at: datetime | None = moment(description="When a mail server took the last mail; null until then.")
    send_error: str | None = Field(default=None, max_length=500, description="Why the last mail could not be sent.")


class Session(Owned, table=True):
    """One signed-in device; lives as long as its refresh token is renewed."""

    member_id: UUID = reference("member", ..., cascade=True, description="Who is signed in.")
    user_agent: str | None = Field(default=None, max_length=500, description="What the device calls itself.")
    ip_address: str | None = Field(default=None, description="Where the last sign-in or refresh came from.")
    last_used_at: datetime = Field(default_factory=now, sa_type=Timestamp, description="Last sign-in or refresh.")
    expires_at: datetime = Field(sa_type=Timestamp, description="When the refresh token ends.")
    revoked_at: datetime | None = moment(description="When it was ended.")

    @staticmethod
    def own(columns: Any, member: ColumnElement[UUID]) -> ColumnElement[bool]:
        """A session is seen by who is signed in with it."""
        found: ColumnElement[bool] = columns.member_id == member
        return found


class Account(SQLModel, table=True):
    """A login, known by its e-mail address over the whole platform."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    email: str = Field(unique=True)
    password_hash: str | None = None
    email_verified_at: datetime | None = moment(description="")
    last_tenant_id: UUID | None = None
    # The key of the authenticator app, sealed; not asked for until it is enabled.
    totp_secret: bytes | None = Field(default=None, sa_type=LargeBinary)
    totp_enabled_at: datetime | None = moment(description="")
    # The time step of the last code: none is taken twice.
    totp_step: int | None = Field(default=None, sa_type=BigInteger)
    # Hashes of the recovery codes that are left.
    recovery_codes: list[bytes] = Field(
        default_factory=list, sa_type=ARRAY(LargeBinary), sa_column_kwargs={"server_default": "{}"}, nullable=False
    )
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)


class AccountTenant(SQLModel, table=True):
    """Which agencies an account may enter, and as which member."""

    __tablename__ = "account_tenant"

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    tenant_id: UUID = Field(primary_key=True)
    member_id: UUID
    is_active: bool = True

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "member_id"], ["member.tenant_id", "member.id"], ondelete="CASCADE"),
    )


class AccountToken(SQLModel, table=True):
    """A secret sent by mail, by hash: whose login it is about, and whether it was used."""

    __tablename__ = "account_token"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    hash: bytes = Field(sa_type=LargeBinary, unique=True)
    kind: str = choice(AccountTokenKind, description="")
    account_id: UUID = Field(foreign_key="account.id", index=True)
    issued_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    expires_at: datetime = Field(sa_type=Timestamp)
    used_at: datetime | None = moment(description="")


class SignInFailure(SQLModel, table=True):
    """How often signing in with an e-mail address failed in a row. The address itself, known or not, is not kept."""

    __tablename__ = "sign_in_failure"

    fingerprint: bytes = Field(primary_key=True, sa_type=LargeBinary)
    failures: int
    last_at: datetime = Field(sa_type=Timestamp)
    locked_until: datetime | None = moment(description="")


class InvitationToken(SQLModel, table=True):
    """The secret of an invitation, by hash: in which agency it lies."""

    __tablename__ = "invitation_token"

    hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    tenant: UUID
    invitation_id: UUID = Field(unique=True)
    expires_at: datetime = Field(sa_type=Timestamp)


class TenantSlug(SQLModel, table=True):
    """Slugs in use over the platform."""

    __tablename__ = "tenant_slug"

    slug: str = Field(primary_key=True)
    tenant: UUID


class TokenEntry(SQLModel, table=True):
    """A stored token, by hash: which session it belongs to and whether it still opens it."""

    __tablename__ = "token_directory"

    hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    kind: str = choice(TokenKind, TokenKind.REFRESH, description="")
    account_id: UUID = Field(foreign_key="account.id")
    tenant: UUID
    member_id: UUID
    session_id: UUID
    issued_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    expires_at: datetime = Field(sa_type=Timestamp)
    rotated_at: datetime | None = moment(description="")
    revoked_at: datetime | None = moment(description="")

    __table_args__ = (Index(None, "tenant", "session_id"),)


class SecurityEvent(SQLModel, table=True):
    """A failed sign-in or a replayed token: recorded before any tenant is known."""

    __tablename__ = "security_event"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    at: datetime = Field(default_factory=now, sa_type=Timestamp)
    kind: str
    account_id: UUID | None = None
    ip_address: str | None = None
    details: dict[str, object] = Field(default_factory=dict, sa_type=JSONB)
