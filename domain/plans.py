"""What an agency may use: plans, their prices and limits, and when a subscription lets it write."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

TRIAL_DAYS = 14
GRACE_DAYS = 14  # how long an agency may still write after a failed payment
GIGABYTE = 1024**3


class PlanKey(Enum):
    """A level of the price list, cheapest first."""

    FREE = "FREE"
    STARTER = "STARTER"
    PROFESSIONAL = "PROFESSIONAL"
    ENTERPRISE = "ENTERPRISE"


class BillingCycle(Enum):
    """How often a plan is paid."""

    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


class SubscriptionStatus(Enum):
    """Where the subscription stands; decides whether the agency may write."""

    TRIALING = "TRIALING"
    ACTIVE = "ACTIVE"
    PAST_DUE = "PAST_DUE"
    CANCELED = "CANCELED"
    UNPAID = "UNPAID"
    INCOMPLETE = "INCOMPLETE"
    SUSPENDED = "SUSPENDED"


class LimitResource(Enum):
    """What a plan limits."""

    USERS = "USERS"
    PROPERTIES = "PROPERTIES"
    DOCUMENTS = "DOCUMENTS"
    STORAGE = "STORAGE"
    AI_REQUESTS = "AI_REQUESTS"


class RequiredAction(Enum):
    """What the agency can do to be able to write again."""

    RENEW = "RENEW"
    UPDATE_PAYMENT = "UPDATE_PAYMENT"
    CHOOSE_PLAN = "CHOOSE_PLAN"


DESCRIPTIONS: dict[type[Enum], tuple[str, dict[str, str]]] = {
    PlanKey: (
        "A level of the price list, cheapest first.",
        {
            "FREE": "Free of charge; the plan after the trial unless another one is booked.",
            "STARTER": "For small teams, with integrations and reports.",
            "PROFESSIONAL": "For offices; its limits also hold during the trial.",
            "ENTERPRISE": "No limit on users, properties and documents; own branding.",
        },
    ),
    BillingCycle: (
        "How often a plan is paid.",
        {"MONTHLY": "Every month.", "YEARLY": "Once a year, at the price of ten months."},
    ),
    SubscriptionStatus: (
        "Where the subscription stands; decides whether the agency may write. Reading always works.",
        {
            "TRIALING": "Free trial; may write until its end.",
            "ACTIVE": "Paid or free; may write.",
            "PAST_DUE": "A payment failed; may write for 14 more days.",
            "CANCELED": "Ended by the agency; read only.",
            "UNPAID": "Not paid after all reminders; read only.",
            "INCOMPLETE": "The first payment is not finished; read only.",
            "SUSPENDED": "Stopped by the operator of the platform; read only.",
        },
    ),
    LimitResource: (
        "What a plan limits.",
        {
            "USERS": "Active members except customers, and pending invitations.",
            "PROPERTIES": "Properties that are not deleted, whatever their status.",
            "DOCUMENTS": "Documents that are not deleted.",
            "STORAGE": "Bytes of all files, including those in the trash.",
            "AI_REQUESTS": "Requests to the assistant in the present month.",
        },
    ),
    RequiredAction: (
        "What the agency can do to be able to write again.",
        {
            "RENEW": "Resume the ended subscription.",
            "UPDATE_PAYMENT": "Enter a valid means of payment.",
            "CHOOSE_PLAN": "Book a plan.",
        },
    ),
}


@dataclass(frozen=True)
class Features:
    """What a plan switches on."""

    integrations: bool
    reporting: bool
    white_label: bool
    video: bool
    api: bool
    advanced_analytics: bool


@dataclass(frozen=True)
class Plan:
    """One level of the price list. Prices are cents in EUR; a limit of None is unlimited."""

    key: PlanKey
    name: str
    description: str
    description_de: str
    price_monthly: int
    price_yearly: int | None
    max_users: int | None
    max_properties: int | None
    max_documents: int | None
    storage_limit_gb: int
    ai_requests_per_month: int | None
    features: Features
    is_popular: bool = False

    def limit(self, resource: LimitResource) -> int | None:
        """The limit of a resource in the unit it is counted in (storage: bytes); None is unlimited."""
        return {
            LimitResource.USERS: self.max_users,
            LimitResource.PROPERTIES: self.max_properties,
            LimitResource.DOCUMENTS: self.max_documents,
            LimitResource.STORAGE: self.storage_limit_gb * GIGABYTE,
            LimitResource.AI_REQUESTS: self.ai_requests_per_month,
        }[resource]


# The price list names integrations, reporting and white label only; video and API follow the integrations, advanced
# analytics follow the reporting.
_NONE = Features(
    integrations=False, reporting=False, white_label=False, video=False, api=False, advanced_analytics=False
)
_BUSINESS = Features(
    integrations=True, reporting=True, white_label=False, video=True, api=True, advanced_analytics=True
)
_EVERYTHING = Features(
    integrations=True, reporting=True, white_label=True, video=True, api=True, advanced_analytics=True
)

PLANS: dict[PlanKey, Plan] = {
    plan.key: plan
    for plan in (
        Plan(
            key=PlanKey.FREE,
            name="Free",
            description="To get to know the platform: two people, five properties.",
            description_de="Zum Kennenlernen: zwei Personen, fünf Objekte.",
            price_monthly=0,
            price_yearly=None,
            max_users=2,
            max_properties=5,
            max_documents=100,
            storage_limit_gb=1,
            ai_requests_per_month=100,
            features=_NONE,
        ),
        Plan(
            key=PlanKey.STARTER,
            name="Starter",
            description="For small teams that want reports and integrations.",
            description_de="Für kleine Teams, die Auswertungen und Anbindungen brauchen.",
            price_monthly=1_900,
            price_yearly=19_000,
            max_users=5,
            max_properties=25,
            max_documents=1_000,
            storage_limit_gb=10,
            ai_requests_per_month=1_000,
            features=_BUSINESS,
        ),
        Plan(
            key=PlanKey.PROFESSIONAL,
            name="Professional",
            description="For offices with up to ten people and a hundred properties.",
            description_de="Für Büros mit bis zu zehn Personen und hundert Objekten.",
            price_monthly=4_900,
            price_yearly=49_000,
            max_users=10,
            max_properties=100,
            max_documents=5_000,
            storage_limit_gb=50,
            ai_requests_per_month=10_000,
            features=_BUSINESS,
            is_popular=True,
        ),
        Plan(
            key=PlanKey.ENTERPRISE,
            name="Enterprise",
            description="For large agencies: no limit on people, properties and documents, own branding.",
            description_de="Für große Häuser: Personen, Objekte und Dokumente ohne Grenze, eigenes Erscheinungsbild.",
            price_monthly=19_900,
            price_yearly=199_000,
            max_users=None,
            max_properties=None,
            max_documents=None,
            storage_limit_gb=500,
            ai_requests_per_month=100_000,
            features=_EVERYTHING,
        ),
    )
}


def plan_in_force(booked: PlanKey, status: SubscriptionStatus, trial_ends_at: datetime | None, now: datetime) -> Plan:
    """The plan whose limits hold: PROFESSIONAL during the trial, FREE after it, otherwise the booked one.

    What was chosen at registration is a wish until the subscription is active.
    """
    if status is not SubscriptionStatus.TRIALING:
        return PLANS[booked]
    in_trial = trial_ends_at is not None and now < trial_ends_at
    return PLANS[PlanKey.PROFESSIONAL if in_trial else PlanKey.FREE]


def required_plan(resource: LimitResource, wanted: int, above: PlanKey | None = None) -> PlanKey | None:
    """The cheapest plan that allows `wanted` of a resource, looking only above the given plan; None when none does."""
    keys = list(PlanKey)
    start = 0 if above is None else keys.index(above) + 1
    for key in keys[start:]:
        limit = PLANS[key].limit(resource)
        if limit is None or wanted <= limit:
            return key
    return None


@dataclass(frozen=True)
class Standing:
    """Whether an agency may write, and what it can do when not (nothing, when the operator stopped it)."""

    may_write: bool
    required_action: RequiredAction | None = None


_REMEDIES: dict[SubscriptionStatus, RequiredAction | None] = {
    SubscriptionStatus.TRIALING: RequiredAction.CHOOSE_PLAN,
    SubscriptionStatus.PAST_DUE: RequiredAction.UPDATE_PAYMENT,
    SubscriptionStatus.CANCELED: RequiredAction.RENEW,
    SubscriptionStatus.UNPAID: RequiredAction.UPDATE_PAYMENT,
    SubscriptionStatus.INCOMPLETE: RequiredAction.UPDATE_PAYMENT,
    SubscriptionStatus.SUSPENDED: None,
}


def standing(
    status: SubscriptionStatus,
    now: datetime,
    *,
    trial_ends_at: datetime | None = None,
    past_due_since: datetime | None = None,
) -> Standing:
    """Whether a subscription lets its agency write at a moment; reading is never a question of the subscription."""
    if status is SubscriptionStatus.ACTIVE:
        return Standing(True)
    if status is SubscriptionStatus.TRIALING and trial_ends_at is not None and now < trial_ends_at:
        return Standing(True)
    if (
        status is SubscriptionStatus.PAST_DUE
        and past_due_since is not None
        and now < past_due_since + timedelta(days=GRACE_DAYS)
    ):
        return Standing(True)
    return Standing(False, _REMEDIES[status])
