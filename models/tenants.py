"""The agency and what counts against its plan."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.plans import BillingCycle, LimitResource, PlanKey, SubscriptionStatus
from models.base import Choice, Owned, choice, flag, moment


class Tenant(Owned, table=True):
    """An agency. Its row belongs to itself, so every rule for rows of a tenant holds for it too."""

    __event__: ClassVar[bool] = True
    __table_args__ = (UniqueConstraint("id"), CheckConstraint("id = tenant_id", name="own_row"))

    name: str = Field(max_length=255, description="Name of the agency.")
    slug: str = Field(max_length=100, description="Short name in addresses; fixed at creation.")
    company_email: str | None = Field(default=None, description="Address for general mail.")
    company_phone: str | None = Field(default=None, description="Main number, E.164.")
    website: str | None = Field(default=None, description="Public web site.")
    primary_color: str = Field(default="#3B82F6", description="First colour of the brand, #RRGGBB.")
    secondary_color: str = Field(default="#1E40AF", description="Second colour of the brand, #RRGGBB.")
    plan: str = choice(PlanKey, PlanKey.FREE, description="The plan in force.")
    billing_cycle: str = choice(BillingCycle, BillingCycle.MONTHLY, description="How often the plan is paid.")
    subscription_status: str = choice(
        SubscriptionStatus, SubscriptionStatus.TRIALING, description="Whether the agency may write."
    )
    trial_ends_at: datetime | None = moment(description="When the trial ends and FREE begins.")
    current_period_end: datetime | None = moment(description="When the paid period ends.")
    cancel_at_period_end: bool = flag(description="Whether the subscription ends with the paid period.")
    is_active: bool = flag(True, description="False while the agency is suspended or being deleted.")
    currency: str = Field(default="EUR", max_length=3, description="Currency of new amounts, ISO 4217.")
    timezone: str = Field(default="Europe/Berlin", description="IANA time zone of dates and times of day.")
    language: str = Field(default="de", max_length=2, description="Language of mails and documents: de or en.")
    property_number_format: str = Field(default="OBJ-{YYYY}-{0000}", description="Pattern of property numbers.")


class PlanCounter(SQLModel, table=True):
    """How much of a limited resource is in use; changed only by a conditional update: no race passes a limit."""

    __tablename__ = "plan_counter"

    tenant_id: UUID = Field(primary_key=True)
    resource: str = Field(primary_key=True, sa_type=Choice(LimitResource))
    used: int = Field(default=0, sa_type=BigInteger)


class NumberSequence(SQLModel, table=True):
    """The last number drawn of a numbering, e.g. `property-2026`."""

    __tablename__ = "number_sequence"

    tenant_id: UUID = Field(primary_key=True)
    name: str = Field(primary_key=True, sa_type=Text)
    last: int = Field(default=0, sa_type=BigInteger)
