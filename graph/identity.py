"""People and sign-in."""

from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import func

import models
from domain.access import ROLE_SCOPES, SELF, P, Role, Scope, rights
from domain.devices import device
from domain.preferences import ListDensity, Theme
from domain.providers import IdentityProvider
from graph.kit.connection import many, through
from graph.kit.field import Mask, derived, field, one
from graph.kit.figures import gathered
from graph.kit.history import history
from graph.kit.node import Node
from graph.kit.payload import AckPayload, Payload, Shape, asked, row, rows
from graph.kit.root import mutation, plain, subscription
from loaders.paging import OrderKey
from models.identity import UserStatus
from models.teams import MAX_TEAMS
from resolvers.identity import (
    api_keys,
    devices,
    google,
    live,
    passwords,
    profile,
    registration,
    signing_in,
    two_factor,
    verification,
    viewer,
)
from resolvers.identity.live import ViewerChangeReason
from resolvers.identity.roles import MAX_OF_A_MEMBER, given_to
from resolvers.kit.images import picture_url
from resolvers.kit.scalars import JSON, URL, CurrencyCode, EmailAddress, Percent, PhoneNumber
from resolvers.tasks.filters import TaskFilter, TaskOrder

BY_NAME = (OrderKey.by("name", str),)


def _is_self(table: Any, member: Any) -> Any:
    return table.c.id == member


@strawberry.type(description="A member of the agency.")
class User(Node, of=models.Member):
    first_name: str
    last_name: str
    name: str
    email: EmailAddress | None = field(needs=P.TENANT_READ, unless=_is_self)
    phone: PhoneNumber | None = field(needs=P.USER_READ, unless=_is_self)
    role: Role | None = field(needs=P.TENANT_READ, unless=_is_self)
    department: str | None = field(needs=P.TENANT_READ, unless=_is_self)
    position: str | None = field(needs=P.TENANT_READ, unless=_is_self)
    status: UserStatus | None = field(needs=P.USER_READ, unless=_is_self)
    email_verified: bool | None = field(needs=P.USER_READ, unless=_is_self)
    totp_enabled: bool | None = field(needs=P.USER_READ, unless=_is_self)
    scopes: list[Scope] | None = derived(
        models.Member.role,
        compute=lambda role: sorted(scope.value for scope in ROLE_SCOPES[Role(role)]),
        mask=Mask(P.USER_READ, _is_self),
        description="What tokens of this member may be used for.",
    )
    roles = through(
        models.MemberRole.member_id,
        models.MemberRole.role_id,
        order=BY_NAME,
        cap=MAX_OF_A_MEMBER,
        needs=P.ROLE_READ,
        description="Custom roles besides the built-in one, by name; at most 20.",
    )
    permissions: list[str] | None = gathered(
        models.Member.role,
        model=models.Role,
        by=(models.Member.tenant_id, models.Member.id),
        match=given_to,
        what=lambda other: func.string_agg(func.array_to_string(other.c.permission_keys, " "), " "),
        compute=lambda role, granted: sorted(rights(Role(role), granted)),
        mask=Mask(P.USER_READ, _is_self),
        description="Permission keys of the built-in role and of the custom ones, sorted.",
    )
    is_active: bool = derived(
        models.Member.status, compute=lambda status: status == "ACTIVE", description="Whether the member may sign in."
    )
    locale: str
    timezone: str
    avatar_url: URL | None = derived(
        models.Member.avatar_key,
        compute=picture_url,
        files=True,
        description="Where the picture is, for a quarter of an hour.",
    )
    bio: str | None = field(needs=P.TENANT_READ, unless=_is_self)
    website: URL | None = field(needs=P.TENANT_READ, unless=_is_self)
    joined_at: datetime | None = field(needs=P.TENANT_READ, unless=_is_self)
    last_login_at: datetime | None = field(needs=P.USER_READ, unless=_is_self)
    deleted_at: datetime | None
    deleted_by = one(models.Member.deleted_by_id)
    history = history(models.Member, own=_is_self)
    teams = through(
        models.TeamMember.member_id,
        models.TeamMember.team_id,
        order=BY_NAME,
        cap=MAX_TEAMS,
        description="The teams this member is in, by name; none for customers.",
    )
    tasks = many(
        models.Task.assignee_id, filter=TaskFilter, order=TaskOrder, description="The tasks this member is to do."
    )


@strawberry.type(description="An agency as seen from outside: enough to switch to it.")
class TenantSummary(Shape):
    id: strawberry.ID = strawberry.field(description="Id of the agency.")
    name: str = strawberry.field(description="Name of the agency.")
    slug: str = strawberry.field(description="Short name in addresses.")


@strawberry.type(description="An agency a person belongs to.")
class Membership(Shape):
    id: strawberry.ID = strawberry.field(description="Id of the membership.")
    tenant: TenantSummary = strawberry.field(description="The agency.")
    role: Role = strawberry.field(description="Role in that agency.")
    is_active: bool = strawberry.field(description="Whether one may switch to it.")
    joined_at: datetime | None = strawberry.field(description="Member since.")


@strawberry.type(description="A device a member is signed in on.")
class Session(Node, of=models.Session, needs=SELF, common=False):
    is_current: bool = derived(
        models.Session.id,
        compute=lambda id, viewer: id == viewer.session_id,
        viewer=True,
        description="Whether this request was sent with it.",
    )
    user_agent: str | None
    device: str | None = derived(
        models.Session.user_agent, compute=device, description='Program and system, "Firefox on Linux".'
    )
    ip_address: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@strawberry.type(description="An account elsewhere that opens the caller's login.")
class LinkedAccount(Shape):
    id: strawberry.ID = strawberry.field(description="Id of the link.")
    provider: IdentityProvider = strawberry.field(description="Whose account it is.")
    email: EmailAddress = strawberry.field(description="Its address when it was linked.")
    connected_at: datetime = strawberry.field(description="When it was linked.")


@strawberry.type(description="A key with which a program calls in the name of its maker.")
class ApiKey(Node, of=models.ApiKey, needs=P.API_KEY_MANAGE):
    name: str
    prefix: str
    scopes: list[Scope]
    last_used_at: datetime | None
    expires_at: datetime
    revoked_at: datetime | None


@strawberry.type(description="The key, or why it was refused.")
class ApiKeyPayload(Payload):
    api_key: ApiKey | None = strawberry.field(description="The key as it is now.")
    secret: str | None = strawberry.field(description="The key itself. It is shown this once.")


@strawberry.type(description="How a person wants to see things.")
class Preferences(Shape):
    theme: Theme = strawberry.field(description="Colours of the screen.")
    language: str = strawberry.field(description="`de` or `en`.")
    timezone: str = strawberry.field(description="IANA time zone.")
    date_format: str = strawberry.field(description="How dates are written, `DD.MM.YYYY`.")
    currency: CurrencyCode = strawberry.field(description="Currency amounts are shown in; display only.")
    list_density: ListDensity = strawberry.field(description="How close rows of lists stand.")
    default_board = row(models.Board, "Board that opens first.")
    email_signature: str | None = strawberry.field(description="Signature of mails: HTML without anything active.")
    dashboard_layout: JSON = strawberry.field(description="Widgets with `id`, `x`, `y`, `w`, `h`.")


@strawberry.type(description="The first steps of an agency.")
class Onboarding(Shape):
    email_verified: bool = strawberry.field(description="The address of the caller is verified.")
    profile_complete: bool = strawberry.field(description="The caller has a phone number and a position.")
    first_property_created: bool = strawberry.field(description="There is a property.")
    first_contact_created: bool = strawberry.field(description="There is a contact.")
    team_invited: bool = strawberry.field(description="Somebody else belongs to the agency, or is invited.")
    progress: Percent = strawberry.field(description="How much of it is done.")


@strawberry.type(description="The caller.")
class Viewer(Shape):
    user: User = strawberry.field(description="The member who calls.")
    tenant = row(models.Tenant, "The agency the token is for.", required=True)
    membership: Membership = strawberry.field(description="The membership in that agency.")
    memberships: list[Membership] = strawberry.field(description="All agencies one may switch to.")
    permissions: list[str] = strawberry.field(description="Permission keys held, sorted.")
    api_keys = rows(models.ApiKey, "Keys made by the caller, the newest first; at most 100.")
    scopes: list[Scope] = strawberry.field(description="What the token may be used for.")
    sessions: list[Session] = asked(devices.sessions, "Where the caller is signed in, newest first; at most 20.")
    linked_accounts: list[LinkedAccount] = asked(google.linked, "Accounts elsewhere the caller may sign in with.")
    preferences: Preferences = asked(profile.preferences, "How the caller wants to see things.")
    onboarding: Onboarding = asked(viewer.onboarding, "What is done and left to do after the registration.")


@strawberry.type(description="The caller, or why nothing was changed.")
class ViewerPayload(Payload):
    viewer: Viewer | None = asked(viewer.viewer, "The caller as of now.", when="done")


@strawberry.type(description="News of the caller's own account.")
class ViewerChange(Shape):
    cursor: str
    prev_cursor: str
    at: datetime
    reason: ViewerChangeReason = strawberry.field(description="What it is about.")
    viewer: Viewer | None = asked(viewer.viewer, "The caller as of now; null when the session is over.")


@strawberry.type(description="A signed-in session, or why there is none.")
class AuthPayload(Payload):
    message: str | None = strawberry.field(description="What to do next, where nobody was signed in.")
    access_token: str | None = strawberry.field(
        description="Send it as `Authorization: Bearer …`; ends after `expiresIn`."
    )
    refresh_token: str | None = strawberry.field(description="Exchange it once for the next pair.")
    token_type: str | None = strawberry.field(description="Always `Bearer`.")
    expires_in: int | None = strawberry.field(description="Seconds until the access token ends.")
    user: User | None = strawberry.field(description="Who signed in.")
    tenant = row(models.Tenant, "The agency signed in to.")
    memberships: list[Membership] | None = strawberry.field(description="All agencies of this person.")


@strawberry.type(description="What an authenticator app needs, shown this once; or why there is nothing.")
class TotpSetupPayload(Payload):
    secret: str | None = strawberry.field(description="The key, to be typed into the app.")
    otpauth_url: str | None = strawberry.field(description="The same as the address a picture for the app holds.")
    recovery_codes: list[str] | None = strawberry.field(description="Ten codes for who lost the app, good once each.")


@strawberry.type(description="How good a password is.")
class PasswordStrength(Shape):
    score: int = strawberry.field(description="0 to 5; 5 is strong.")
    is_acceptable: bool = strawberry.field(description="Whether it would be taken.")
    missing: list[str] = strawberry.field(
        description="What it lacks: LENGTH, UPPER, LOWER, DIGIT, SPECIAL; or TOO_LONG."
    )


@strawberry.type
class Query:
    viewer: Viewer | None = plain(viewer.viewer, public=True)
    password_strength: PasswordStrength = plain(passwords.rate, public=True)


@strawberry.type
class Mutation:
    auth_register: AuthPayload = mutation(registration.register, public=True)
    auth_login: AuthPayload = mutation(signing_in.login, public=True)
    auth_login_with_google: AuthPayload = mutation(google.login, public=True)
    linked_account_remove: ViewerPayload = mutation(google.unlink, scope=Scope.READ)
    auth_refresh: AuthPayload = mutation(signing_in.refresh, public=True)
    profile_update: ViewerPayload = mutation(profile.update)
    preferences_update: ViewerPayload = mutation(profile.update_preferences)
    avatar_upload: ViewerPayload = mutation(profile.upload_avatar, category="upload")
    avatar_remove: ViewerPayload = mutation(profile.remove_avatar)
    auth_logout: AckPayload = mutation(signing_in.logout, scope=Scope.READ, category="refresh")  # everybody may leave
    password_change: AckPayload = mutation(passwords.change, scope=Scope.READ)
    password_reset_request: AckPayload = mutation(passwords.request_reset, public=True)
    password_reset_confirm: AckPayload = mutation(passwords.confirm_reset, public=True)
    email_verify: AckPayload = mutation(verification.verify, public=True)
    email_verification_resend: AckPayload = mutation(verification.resend, scope=Scope.READ)
    totp_start: TotpSetupPayload = mutation(two_factor.start, scope=Scope.READ)
    totp_enable: AckPayload = mutation(two_factor.enable, scope=Scope.READ)
    totp_disable: AckPayload = mutation(two_factor.disable, scope=Scope.READ)
    session_revoke: AckPayload = mutation(devices.revoke, scope=Scope.READ)
    auth_switch_tenant: AuthPayload = mutation(devices.switch, scope=Scope.READ, detached=True)
    api_key_create: ApiKeyPayload = mutation(api_keys.create, needs=P.API_KEY_CREATE)
    api_key_revoke: ApiKeyPayload = mutation(api_keys.revoke, needs=P.API_KEY_MANAGE)


@strawberry.type
class Subscription:
    viewer_changed: ViewerChange = subscription(live.viewer_changed)
