"""The agency and what counts against its plan."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Float, Integer, LargeBinary, SmallInteger, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from domain.access import Role
from domain.address import GermanState
from domain.passwords import PasswordClass
from domain.plans import BillingCycle, LimitResource, PlanKey, SubscriptionStatus
from domain.tenants import BUSINESS_HOURS, TRASH_DAYS
from models.base import Choice, Owned, choice, choices, column, document, flag, moment


class Tenant(Owned, table=True):
    """An agency. Its row belongs to itself, so every rule for rows of a tenant holds for it too."""

    __event__: ClassVar[bool] = True
    __secret__: ClassVar[frozenset[str]] = frozenset({"email_password"})
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
    logo_key: str | None = Field(default=None, description="Where the file of the logo lies.")

    # Where the agency is
    street: str | None = Field(default=None, max_length=255, description="Street without number.")
    house_number: str | None = Field(default=None, max_length=20, description="House number with additions.")
    postal_code: str | None = Field(default=None, max_length=10, description="Postal code; leading zeros kept.")
    city: str | None = Field(default=None, max_length=100, description="Town.")
    state: str | None = choice(GermanState, None, description="German state; from the postal code when not given.")
    region: str | None = Field(default=None, max_length=100, description="State or province outside Germany.")
    country: str = Field(
        default="DE", max_length=2, sa_column_kwargs={"server_default": "DE"}, description="ISO 3166 alpha-2."
    )
    latitude: float | None = column(Float, min=-90, max=90, description="Degrees north, WGS 84.")
    longitude: float | None = column(Float, min=-180, max=180, description="Degrees east, WGS 84.")
    show_address: bool = flag(True, description="Whether the exact address may be shown publicly.")

    # What the law wants to be printed
    imprint: str | None = Field(default=None, max_length=10_000, description="Imprint of exposés and portals.")
    vat_id: str | None = Field(default=None, max_length=11, description="VAT number, DE and nine digits.")
    tax_number: str | None = Field(default=None, max_length=50, description="Tax number.")
    register_court: str | None = Field(default=None, max_length=100, description="Court of the commercial register.")
    register_number: str | None = Field(default=None, max_length=100, description="Number in that register.")
    trade_licence_authority: str | None = Field(
        default=None, max_length=255, description="Authority that licensed the trade, § 34c GewO."
    )
    data_protection_officer: str | None = Field(default=None, max_length=255, description="Data protection officer.")
    revocation_text: str | None = Field(
        default=None, max_length=20_000, description="Notice of the right of withdrawal for consumers."
    )
    terms_text: str | None = Field(default=None, max_length=50_000, description="Terms and conditions.")

    # Settings
    password_min_length: int = column(
        SmallInteger, 8, server="8", min=8, max=64, description="Fewest characters of a password."
    )
    password_classes: list[str] = choices(
        PasswordClass, PasswordClass, description="Kinds of characters a password must contain."
    )
    session_max_days: int = column(
        SmallInteger, 7, server="7", min=1, max=30, description="Days without a refresh after which a session ends."
    )
    require_totp: bool = flag(description="Whether every member needs a second factor.")
    ip_allow_list: list[str] = column(
        ARRAY(Text), [], server="{}", items=50, description="Networks members may come from (CIDR); empty: everywhere."
    )
    default_role: str = choice(Role, Role.AGENT, description="Role that is proposed for invitations.")
    trash_retention_days: int = column(
        SmallInteger, TRASH_DAYS, server=str(TRASH_DAYS), min=7, max=365, description="Days records stay in the trash."
    )
    audit_retention_days: int = column(
        SmallInteger, 365, server="365", min=365, max=3650, description="Days until audit entries are archived."
    )
    property_number_format: str = Field(
        default="OBJ-{YYYY}-{0000}",
        max_length=40,
        description="Pattern of property numbers: one run of zeros, and {YYYY} or {YY}.",
    )
    invoice_number_format: str = Field(
        default="RE-{YYYY}-{00000}",
        max_length=40,
        sa_column_kwargs={"server_default": "RE-{YYYY}-{00000}"},
        description="Pattern of invoice numbers: one run of zeros, and {YYYY} or {YY}.",
    )
    email_from_name: str | None = Field(default=None, max_length=100, description="Name mails come from.")
    email_from_address: str | None = Field(default=None, max_length=254, description="Address mails come from.")
    email_host: str | None = Field(default=None, max_length=255, description="Mail server; null is the platform's.")
    email_port: int = column(Integer, 587, server="587", min=1, max=65_535, description="Port of the mail server.")
    email_use_tls: bool = flag(True, description="Whether the connection must be encrypted.")
    email_username: str | None = Field(default=None, max_length=255, description="Login at the mail server.")
    email_password: bytes | None = Field(
        default=None, sa_type=LargeBinary, description="Password at the mail server, sealed for `email:<agency>`."
    )
    email_verified_at: datetime | None = moment(description="When a test mail last arrived.")
    watermark_images: bool = flag(description="Whether images get the agency's mark.")
    business_hours: dict[str, Any] = document(
        BUSINESS_HOURS, description="Opening hours by day of the week; a day that is missing is closed."
    )
    ai_enabled: bool = flag(True, description="Whether the assistant may be used at all.")
    ai_redact_personal_data: bool = flag(True, description="Whether personal data is hidden from the assistant.")


class FeatureFlag(Owned, table=True):
    """A feature that is on for some of the members. A change of it is one of the agency's settings."""

    __tablename__ = "feature_flag"
    __table_args__ = (UniqueConstraint("tenant_id", "key"),)
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"tenant_id": ("tenant", "featureFlags")}

    key: str = Field(max_length=100, description="Name in code; unique.")
    description: str | None = Field(default=None, max_length=500, description="What it is about.")
    is_enabled: bool = flag(description="Off for everybody when false.")
    rollout_percentage: int = column(
        SmallInteger, 0, server="0", min=0, max=100, description="Share of the members for whom it is on."
    )


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
