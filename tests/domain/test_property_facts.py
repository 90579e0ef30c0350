"""What a property lacks, and what contradicts itself."""

from dataclasses import replace

import pytest

from domain.errors import ErrorCode
from domain.properties import (
    CheckSeverity,
    Facts,
    MarketingType,
    MissingField,
    PropertySubtype,
    PropertyType,
    completeness,
    contradictions,
    missing_for_available,
)

T = PropertyType
M = MarketingType

FLAT = Facts(
    type=T.APARTMENT,
    marketing_type=M.BUY,
    title="Altbau mit Stuck",
    price=465_000_00,
    city="Leipzig",
    living_area=82_00,
)
COMPLETE = replace(
    FLAT,
    street="Karl-Heine-Straße",
    postal_code="04229",
    rooms=6,
    bathrooms=2,
    floor=2,
    floors_total=4,
    year_built=1908,
    description="Text.",
    location_description="Text.",
    equipment_description="Text.",
    has_condition=True,
    has_heating=True,
    has_availability=True,
    has_contact_person=True,
    has_commission_terms=True,
)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({}, []),
        ({"title": "  "}, ["title"]),
        ({"price": None}, ["price"]),
        ({"price": 0}, ["price"]),
        ({"price": 0, "price_on_request": True}, []),
        ({"price": None, "price_on_request": True}, []),
        ({"marketing_type": M.LEASEHOLD, "price": None}, ["price"]),
        ({"marketing_type": M.RENT}, ["rentCold"]),
        ({"marketing_type": M.RENT, "price_on_request": True}, ["rentCold"]),
        ({"marketing_type": M.LEASING, "rent_cold": 900_00}, []),
        ({"city": None}, ["address.city"]),
        ({"city": None, "postal_code": "04229"}, []),
        ({"living_area": None}, ["livingArea"]),
        ({"living_area": None, "rooms": 5}, []),
        ({"type": T.LAND, "living_area": None}, []),
        ({"type": T.OFFICE, "living_area": None}, []),
        ({"type": T.ROOM, "living_area": None}, ["livingArea"]),
        (
            {"title": None, "price": None, "city": " ", "living_area": 0},
            ["title", "price", "address.city", "livingArea"],
        ),
    ],
)
def test_missing_for_available(change: dict[str, object], missing: list[str]) -> None:
    facts = replace(FLAT, **change)  # type: ignore[arg-type]
    assert [field.field for field in missing_for_available(facts)] == missing
    assert completeness(facts).is_publishable is (missing == [])


def test_a_missing_field_as_an_error() -> None:
    [field] = missing_for_available(replace(FLAT, city=None))
    assert field == MissingField("address.city", CheckSeverity.ERROR)
    assert (field.message("en"), field.message("de")) == (
        "City or postal code is missing.",
        "Es fehlt Ort oder Postleitzahl.",
    )
    problem = field.problem().under("input")
    assert (problem.code, problem.field) == (ErrorCode.VALIDATION_ERROR, ("input", "address", "city"))
    assert problem.message("de") == "Es fehlt Ort oder Postleitzahl."


def test_every_missing_field_has_texts() -> None:
    for kind in T:
        for marketing_type in M:
            for field in completeness(Facts(type=kind, marketing_type=marketing_type)).missing:
                assert field.message("de").startswith(("Es fehl", "Es ist"))
                assert field.message("en").endswith(".")


def test_complete() -> None:
    assert completeness(COMPLETE).percent == 100_00
    assert completeness(COMPLETE).missing == ()


def test_partly_complete() -> None:
    result = completeness(replace(COMPLETE, description="", has_heating=False, location_description=None))
    assert [(field.field, field.severity) for field in result.missing] == [
        ("description", CheckSeverity.WARNING),
        ("features.heatingType", CheckSeverity.WARNING),
        ("locationDescription", CheckSeverity.INFO),
    ]
    # 15 of the 18 fields that count for a flat on sale.
    assert result.percent == 83_33
    assert result.is_publishable


def test_plots_are_not_asked_for_rooms() -> None:
    fields = {field.field for field in completeness(Facts(type=T.LAND, marketing_type=M.BUY)).missing}
    assert "plotArea" in fields
    assert not fields & {"rooms", "livingArea", "yearBuilt", "condition", "features.heatingType", "bathrooms", "floor"}


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"subtype": PropertySubtype.PENTHOUSE}, []),
        ({"subtype": PropertySubtype.UNSPECIFIED}, []),
        ({"subtype": PropertySubtype.VILLA}, ["subtype"]),
        ({"floor": 4, "floors_total": 4}, []),
        ({"floor": 5, "floors_total": 4}, ["floor"]),
        ({"floor": -1, "floors_total": 1}, []),
        ({"rent_cold": 900_00, "rent_warm": 900_00}, []),
        ({"rent_cold": 900_00, "rent_warm": 899_99}, ["rentWarm"]),
        ({"year_built": 1990, "last_modernisation": 1989}, ["lastModernisation"]),
        (
            {"subtype": PropertySubtype.SHOP, "floor": 9, "floors_total": 1, "rent_cold": 2, "rent_warm": 1},
            ["subtype", "floor", "rentWarm"],
        ),
    ],
)
def test_contradictions(change: dict[str, object], fields: list[str]) -> None:
    problems = contradictions(replace(FLAT, **change))  # type: ignore[arg-type]
    assert [(p.code, p.field) for p in problems] == [(ErrorCode.VALIDATION_ERROR, (field,)) for field in fields]
    assert all("{" not in p.message("de") and p.message("de") != p.message("en") for p in problems)
