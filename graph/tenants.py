"""The agency."""

from datetime import datetime
from typing import Any

import strawberry

import models
from domain.access import P
from domain.plans import GIGABYTE, LimitResource, PlanKey, SubscriptionStatus, plan_in_force
from graph.kit.field import aggregate, derived, field, renamed, value
from graph.kit.node import Node, Value
from graph.kit.root import plain
from models.base import now
from resolvers import tenants
from resolvers.kit.scalars import URL, CurrencyCode, EmailAddress, HexColor, PhoneNumber


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


@strawberry.type(description="An agency: the account that owns all data.")
class Tenant(Node, of=models.Tenant):
    name: str
    slug: str
    company_email: EmailAddress | None
    company_phone: PhoneNumber | None
    website: URL | None
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


@strawberry.type
class Query:
    tenant: Tenant | None = plain(tenants.current)
