"""The price list as a table, and when an agency may write."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.plans import (
    DESCRIPTIONS,
    PLANS,
    BillingCycle,
    Features,
    LimitResource,
    PlanKey,
    RequiredAction,
    Standing,
    SubscriptionStatus,
    plan_in_force,
    required_plan,
    standing,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
GB = 1024 * 1024 * 1024


def test_price_list() -> None:
    rows = {
        key.value: (
            plan.price_monthly,
            plan.price_yearly,
            plan.max_users,
            plan.max_properties,
            plan.max_documents,
            plan.storage_limit_gb,
            plan.ai_requests_per_month,
            plan.features.integrations,
            plan.features.reporting,
            plan.features.white_label,
            plan.is_popular,
        )
        for key, plan in PLANS.items()
    }
    assert rows == {
        "FREE": (0, None, 2, 5, 100, 1, 100, False, False, False, False),
        "STARTER": (1900, 19000, 5, 25, 1000, 10, 1000, True, True, False, False),
        "PROFESSIONAL": (4900, 49000, 10, 100, 5000, 50, 10000, True, True, False, True),
        "ENTERPRISE": (19900, 199000, None, None, None, 500, 100000, True, True, True, False),
    }


def test_free_switches_nothing_on() -> None:
    assert PLANS[PlanKey.FREE].features == Features(False, False, False, False, False, False)


@pytest.mark.parametrize(
    ("resource", "wanted", "above", "expected"),
    [
        (LimitResource.PROPERTIES, 5, None, PlanKey.FREE),
        (LimitResource.PROPERTIES, 6, None, PlanKey.STARTER),
        (LimitResource.PROPERTIES, 26, PlanKey.STARTER, PlanKey.PROFESSIONAL),
        (LimitResource.PROPERTIES, 101, PlanKey.FREE, PlanKey.ENTERPRISE),
        (LimitResource.PROPERTIES, 1, PlanKey.FREE, PlanKey.STARTER),
        (LimitResource.USERS, 10, None, PlanKey.PROFESSIONAL),
        (LimitResource.DOCUMENTS, 5001, None, PlanKey.ENTERPRISE),
        (LimitResource.STORAGE, 50 * GB, None, PlanKey.PROFESSIONAL),
        (LimitResource.STORAGE, 50 * GB + 1, None, PlanKey.ENTERPRISE),
        (LimitResource.STORAGE, 500 * GB + 1, None, None),
        (LimitResource.AI_REQUESTS, 100_001, None, None),
        (LimitResource.USERS, 1, PlanKey.ENTERPRISE, None),
    ],
)
def test_required_plan(resource: LimitResource, wanted: int, above: PlanKey | None, expected: PlanKey | None) -> None:
    assert required_plan(resource, wanted, above) == expected


@pytest.mark.parametrize(
    ("booked", "status", "trial_days_left", "expected"),
    [
        (PlanKey.FREE, SubscriptionStatus.TRIALING, 1, PlanKey.PROFESSIONAL),
        (PlanKey.STARTER, SubscriptionStatus.TRIALING, 1, PlanKey.PROFESSIONAL),
        (PlanKey.ENTERPRISE, SubscriptionStatus.TRIALING, 1, PlanKey.PROFESSIONAL),
        (PlanKey.ENTERPRISE, SubscriptionStatus.TRIALING, -1, PlanKey.FREE),
        (PlanKey.FREE, SubscriptionStatus.TRIALING, 0, PlanKey.FREE),
        (PlanKey.FREE, SubscriptionStatus.TRIALING, None, PlanKey.FREE),
        (PlanKey.STARTER, SubscriptionStatus.ACTIVE, 1, PlanKey.STARTER),
    ],
)
def test_plan_in_force(
    booked: PlanKey, status: SubscriptionStatus, trial_days_left: int | None, expected: PlanKey
) -> None:
    ends = None if trial_days_left is None else NOW + timedelta(days=trial_days_left)
    assert plan_in_force(booked, status, ends, NOW).key is expected


@pytest.mark.parametrize(
    ("status", "trial_days_left", "days_past_due", "expected"),
    [
        (SubscriptionStatus.ACTIVE, None, None, Standing(True)),
        (SubscriptionStatus.TRIALING, 1, None, Standing(True)),
        (SubscriptionStatus.TRIALING, 0, None, Standing(False, RequiredAction.CHOOSE_PLAN)),
        (SubscriptionStatus.PAST_DUE, None, 13, Standing(True)),
        (SubscriptionStatus.PAST_DUE, None, 14, Standing(False, RequiredAction.UPDATE_PAYMENT)),
        (SubscriptionStatus.PAST_DUE, None, None, Standing(False, RequiredAction.UPDATE_PAYMENT)),
        (SubscriptionStatus.CANCELED, 1, None, Standing(False, RequiredAction.RENEW)),
        (SubscriptionStatus.UNPAID, None, 1, Standing(False, RequiredAction.UPDATE_PAYMENT)),
        (SubscriptionStatus.INCOMPLETE, None, None, Standing(False, RequiredAction.UPDATE_PAYMENT)),
        (SubscriptionStatus.SUSPENDED, 1, 1, Standing(False, None)),
    ],
)
def test_standing(
    status: SubscriptionStatus, trial_days_left: int | None, days_past_due: int | None, expected: Standing
) -> None:
    trial = None if trial_days_left is None else NOW + timedelta(days=trial_days_left)
    since = None if days_past_due is None else NOW - timedelta(days=days_past_due)
    assert standing(status, NOW, trial_ends_at=trial, past_due_since=since) == expected


@pytest.mark.parametrize("enum", [PlanKey, BillingCycle, SubscriptionStatus, LimitResource, RequiredAction])
def test_every_value_is_described(enum: type) -> None:
    text, values = DESCRIPTIONS[enum]
    assert text.endswith(".")
    assert list(values) == [member.name for member in enum]
    assert all(value.endswith(".") for value in values.values())
