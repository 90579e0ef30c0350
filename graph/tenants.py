"""The agency."""

from datetime import datetime
from typing import Any

import strawberry

import models
from domain.access import P, Role, Scope
from domain.passwords import PasswordClass
from domain.plans import GIGABYTE, LimitResource, PlanKey, SubscriptionStatus, plan_in_force
from domain.tenants import is_active
from graph.kit.address import Address
from graph.kit.connection import every
from graph.kit.field import aggregate, derived, field, renamed, value
from graph.kit.history import history
from graph.kit.node import Node, Value
from graph.kit.payload import Change, Payload
from graph.kit.root import mutation, plain, subscription
from loaders.paging import OrderKey
from models.base import now
from models.teams import MAX_TEAMS
from resolvers.identity import transfer
from resolvers.kit.context import Viewer
from resolvers.kit.images import picture_url
from resolvers.kit.scalars import JSON, URL, CurrencyCode, EmailAddress, HexColor, PhoneNumber
from resolvers.tenants import agency, flags, live, mailing

# Whoever runs the business sees how it is set up; of the keys of the matrix this is the one they hold.
MANAGEMENT = P.INTEGRATION_READ


def _limit(resource: LimitResource) -> Any:
    def compute(plan: str, status: str, trial_ends_at: datetime | None) -> int | None:
        limit = plan_in_force(PlanKey(plan), SubscriptionStatus(status), trial_ends_at, now()).limit(resource)
        return limit // GIGABYTE if limit is not None and resource is LimitResource.STORAGE else limit

    return compute


_PLAN = (models.Tenant.plan, models.Tenant.subscription_status, models.Tenant.trial_ends_at)


@strawberry.type(description="How the agency looks.")
class Branding(Value, of=models.Tenant):
    primary_color: HexColor
    secondary_color: HexColor
    logo_url: URL | None = derived(
        models.Tenant.logo_key,
        compute=picture_url,
        files=True,
        description="Where the logo is, for a quarter of an hour.",
    )


@strawberry.type(description="What is in use, counted from rows.")
class TenantUsage(Value, of=models.Tenant):
    active_users: int = aggregate(
        models.Member.tenant_id, where=lambda table: table.c.status == "ACTIVE", description="Members who may sign in."
    )
    properties_count: int = aggregate(models.Property.tenant_id, description="Properties outside the trash.")


@strawberry.type(description="Where the subscription stands.")
class SubscriptionInfo(Value, of=models.Tenant):
    status: SubscriptionStatus = renamed(models.Tenant.subscription_status)
    current_period_end: datetime | None
    cancel_at_period_end: bool
    trial_ends_at: datetime | None


@strawberry.type(description="What the law wants to be printed.")
class LegalInfo(Value, of=models.Tenant):
    imprint: str | None
    vat_id: str | None
    tax_number: str | None
    register_court: str | None
    register_number: str | None
    trade_licence_authority: str | None
    data_protection_officer: str | None
    revocation_text: str | None
    terms_text: str | None


@strawberry.type(description="The agency's own mail server.")
class EmailSender(Value, of=models.Tenant):
    from_name: str = renamed(models.Tenant.email_from_name)
    from_email: EmailAddress = renamed(models.Tenant.email_from_address)
    host: str | None = renamed(models.Tenant.email_host)
    port: int = renamed(models.Tenant.email_port)
    use_tls: bool = renamed(models.Tenant.email_use_tls)
    username: str | None = renamed(models.Tenant.email_username)
    has_password: bool = derived(
        models.Tenant.email_password,
        compute=lambda password: password is not None,
        description="Whether there is a password; it is never answered.",
    )
    verified_at: datetime | None = renamed(models.Tenant.email_verified_at)


def _on(key: str, enabled: bool, percentage: int, *, viewer: Viewer) -> bool:
    return is_active(key, viewer.member_id, enabled=enabled, percentage=percentage)


@strawberry.type(description="A feature that is on for some of the members.")
class FeatureFlag(Node, of=models.FeatureFlag):
    key: str
    description: str | None = field(needs=P.TENANT_UPDATE)
    is_enabled: bool | None = field(needs=P.TENANT_UPDATE)
    rollout_percentage: int | None = field(needs=P.TENANT_UPDATE)
    is_active_for_viewer: bool = derived(
        models.FeatureFlag.key,
        models.FeatureFlag.is_enabled,
        models.FeatureFlag.rollout_percentage,
        compute=_on,
        viewer=True,
        description="Whether the caller has it.",
    )


@strawberry.type(description="How an agency is set up.")
class TenantSettings(Value, of=models.Tenant):
    password_min_length: int
    password_classes: list[PasswordClass]
    session_max_days: int
    require_totp: bool
    ip_allow_list: list[str]
    default_role: Role
    trash_retention_days: int
    audit_retention_days: int
    property_number_format: str
    invoice_number_format: str
    email_sender: EmailSender | None = value("The agency's own mail server.", when=models.Tenant.email_from_address)
    watermark_images: bool
    business_hours: JSON
    ai_enabled: bool
    ai_redact_personal_data: bool
    feature_flags: list[FeatureFlag] = every(
        models.FeatureFlag,
        order=(OrderKey("key", lambda table: table.c.key, kind=str),),
        cap=flags.MOST,
        description="Features that are on for some, by key; at most 200.",
    )


@strawberry.type(description="An agency: the account that owns all data.")
class Tenant(Node, of=models.Tenant):
    name: str
    slug: str
    company_email: EmailAddress | None
    company_phone: PhoneNumber | None
    website: URL | None
    address: Address | None = value("Where it is.")
    legal: LegalInfo | None = value("What the law wants to be printed.", needs=MANAGEMENT)
    settings: TenantSettings | None = value("How it is set up.", needs=MANAGEMENT)
    history = history(models.Tenant)
    branding: Branding = value("How the agency looks.")
    usage: TenantUsage | None = value("What is in use.", needs=P.TENANT_READ)
    subscription: SubscriptionInfo | None = value("Where the subscription stands.", needs=P.TENANT_READ)
    is_active: bool
    max_users: int | None = derived(
        *_PLAN, compute=_limit(LimitResource.USERS), description="Seats of the plan in force; null is unlimited."
    )
    max_properties: int | None = derived(
        *_PLAN,
        compute=_limit(LimitResource.PROPERTIES),
        description="Properties of the plan in force; null is unlimited.",
    )
    storage_limit_gb: int = derived(
        *_PLAN, compute=_limit(LimitResource.STORAGE), description="Storage of the plan in force, in GB."
    )
    currency: CurrencyCode
    timezone: str
    language: str
    property_number_format: str | None = field(needs=P.TENANT_UPDATE)
    teams = every(
        models.Team,
        order=(OrderKey("name", lambda table: table.c.name, kind=str),),
        cap=MAX_TEAMS,
        description="Its teams by name; at most 200, none for customers.",
    )


@strawberry.type(description="The agency, or why it was not changed.")
class TenantPayload(Payload):
    tenant: Tenant | None = strawberry.field(description="The agency as it is now.")


@strawberry.type(description="The settings, or why they were not changed.")
class TenantSettingsPayload(Payload):
    settings: TenantSettings | None = strawberry.field(description="The settings as they are now.")


@strawberry.type(description="The feature flag, or why it was refused.")
class FeatureFlagPayload(Payload):
    feature_flag: FeatureFlag | None = strawberry.field(description="The flag as it is now; null when it is gone.")


@strawberry.type(description="Whether a mail server took the test mail, and what was said.")
class TestEmailPayload(Payload):
    accepted: bool = strawberry.field(description="Whether the mail server took it.")
    message_id: str | None = strawberry.field(description="Message-ID of the mail.")
    smtp_log: list[str] = strawberry.field(
        description="The dialogue, line by line: `>` we, `<` the server; passwords left out."
    )


@strawberry.type(description="A change of the agency or of its settings.")
class TenantChange(Change):
    tenant: Tenant | None = strawberry.field(description="The agency as it is now.")


@strawberry.type
class Query:
    tenant: Tenant | None = plain(agency.current)
    public_branding: Branding | None = plain(agency.branding, public=True)
    feature_flags: list[FeatureFlag] = plain(flags.every)


@strawberry.type
class Mutation:
    tenant_update: TenantPayload = mutation(agency.update, needs=P.TENANT_UPDATE, category="tenant")
    tenant_settings_update: TenantSettingsPayload = mutation(
        agency.update_settings, needs=P.TENANT_UPDATE, scope=Scope.ADMIN, category="tenant"
    )
    tenant_logo_upload: TenantPayload = mutation(agency.upload_logo, needs=P.TENANT_UPDATE, category="logo")
    # Of the keys of the matrix this is the one that owners alone hold.
    tenant_ownership_transfer: TenantPayload = mutation(
        transfer.transfer, needs=P.BILLING_UPDATE, scope=Scope.ADMIN, category="rights"
    )
    test_email_send: TestEmailPayload = mutation(
        mailing.send_test, needs=P.TENANT_UPDATE, scope=Scope.ADMIN, category="test_mail"
    )
    feature_flag_set: FeatureFlagPayload = mutation(flags.set_, needs=P.TENANT_UPDATE, scope=Scope.ADMIN)
    feature_flag_delete: FeatureFlagPayload = mutation(flags.delete, needs=P.TENANT_UPDATE, scope=Scope.ADMIN)


@strawberry.type
class Subscription:
    tenant_changed: TenantChange = subscription(live.changed)
