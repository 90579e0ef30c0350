"""The life cycle of a property as a table of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ErrorCode, Problem
from domain.properties import MarketingType, PropertyStatus, allowed_statuses, needed_for, transition

S = PropertyStatus
M = MarketingType

TABLE = {
    None: {"ACQUISITION", "PREPARATION", "AVAILABLE"},
    S.ACQUISITION: {"PREPARATION", "WITHDRAWN"},
    S.PREPARATION: {"AVAILABLE", "WITHDRAWN"},
    S.AVAILABLE: {"RESERVED", "WITHDRAWN"},
    S.RESERVED: {"AVAILABLE", "SOLD", "RENTED", "WITHDRAWN"},
    S.SOLD: {"WITHDRAWN"},
    S.RENTED: {"WITHDRAWN"},
    S.WITHDRAWN: {"PREPARATION"},
}
SALES = {M.BUY, M.LEASEHOLD}


@pytest.mark.parametrize("status", list(TABLE))
@pytest.mark.parametrize("marketing_type", list(M))
@pytest.mark.parametrize("can_manage", [True, False])
def test_every_step(status: S | None, marketing_type: M, can_manage: bool) -> None:
    expected = set(TABLE[status]) - {"RENTED" if marketing_type in SALES else "SOLD"}
    if status in {S.SOLD, S.RENTED} and not can_manage:
        expected = set()
    allowed = allowed_statuses(status, marketing_type, can_manage)
    assert {step.value for step in allowed} == expected
    assert len(allowed) == len(expected)
    for target in S:
        problems = transition(status, target, marketing_type, can_manage)
        assert (problems == []) is (target.value in expected or target is status)


@pytest.mark.parametrize(
    ("status", "target", "marketing_type", "allowed"),
    [
        (S.AVAILABLE, S.SOLD, M.BUY, ["RESERVED", "WITHDRAWN"]),
        (S.RESERVED, S.SOLD, M.RENT, ["AVAILABLE", "RENTED", "WITHDRAWN"]),
        (S.RESERVED, S.RENTED, M.LEASEHOLD, ["AVAILABLE", "SOLD", "WITHDRAWN"]),
        (S.SOLD, S.WITHDRAWN, M.BUY, []),
    ],
)
def test_a_refused_step_tells_the_allowed_ones(status: S, target: S, marketing_type: M, allowed: list[str]) -> None:
    details = {"from": status.value, "to": target.value, "allowed": allowed}
    expected = Problem(ErrorCode.INVALID_TRANSITION, ("status",), None, details)
    assert transition(status, target, marketing_type) == [expected]
    assert expected.message("de") == f"Der Status kann nicht von {status.value} zu {target.value} wechseln."


@pytest.mark.parametrize("target", [S.RESERVED, S.SOLD, S.RENTED, S.WITHDRAWN])
def test_how_a_property_cannot_begin(target: S) -> None:
    [problem] = transition(None, target, M.BUY)
    assert problem.code is ErrorCode.INVALID_TRANSITION
    assert problem.details["allowed"] == ["ACQUISITION", "PREPARATION", "AVAILABLE"]
    assert problem.message() == f"A new property cannot begin as {target.value}."


@pytest.mark.parametrize(
    ("status", "target", "given_", "field"),
    [
        (S.AVAILABLE, S.RESERVED, {}, "reason"),
        (S.AVAILABLE, S.RESERVED, {"reason": "  "}, "reason"),
        (S.AVAILABLE, S.RESERVED, {"reason": "Finanzierung bestätigt"}, None),
        (S.AVAILABLE, S.RESERVED, {"has_deal": True}, None),
        (S.RESERVED, S.SOLD, {}, "closingPrice"),
        (S.RESERVED, S.RENTED, {"reason": "Mietvertrag"}, "closingPrice"),
        (S.RESERVED, S.SOLD, {"has_closing_price": True}, None),
        (S.SOLD, S.WITHDRAWN, {}, "reason"),
        (S.RENTED, S.WITHDRAWN, {"reason": "Vertrag aufgehoben"}, None),
        (S.AVAILABLE, S.WITHDRAWN, {}, None),
        (S.RESERVED, S.RESERVED, {}, None),
        (S.PREPARATION, S.AVAILABLE, {}, None),
    ],
)
def test_what_a_step_needs(status: S, target: S, given_: dict[str, object], field: str | None) -> None:
    problems = needed_for(status, target, **given_)  # type: ignore[arg-type]
    assert [(p.code, p.field) for p in problems] == ([(ErrorCode.VALIDATION_ERROR, (field,))] if field else [])


@given(st.sampled_from(M), st.lists(st.sampled_from(S), max_size=12), st.booleans())
def test_any_walk_ends_as_its_marketing_type_says(marketing_type: M, wishes: list[S], can_manage: bool) -> None:
    status: S | None = None
    seen: list[S] = []
    for wish in wishes:
        if not transition(status, wish, marketing_type, can_manage):
            status = wish
            seen.append(wish)
    assert (S.RENTED if marketing_type in SALES else S.SOLD) not in seen
    for closed in {S.SOLD, S.RENTED} & set(seen):
        assert S.RESERVED in seen[: seen.index(closed)]
