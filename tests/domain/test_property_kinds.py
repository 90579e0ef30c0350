"""Which values of a property go together, and that every value is explained."""

from enum import Enum

import pytest

from domain.properties import (
    BOOLEAN_FEATURES,
    DESCRIPTIONS,
    SUBTYPES_OF,
    TYPE_GROUPS,
    FeatureKey,
    PropertySubtype,
    PropertyType,
    PropertyTypeGroup,
    kinds,
)

ENUMS = [value for value in vars(kinds).values() if isinstance(value, type) and issubclass(value, Enum)]
ENUMS.remove(Enum)


@pytest.mark.parametrize("enum", ENUMS)
def test_every_value_is_explained(enum: type[Enum]) -> None:
    text, values = DESCRIPTIONS[enum]
    assert text.endswith(".")
    assert list(values) == [member.name for member in enum]
    assert all(value.endswith(".") for value in values.values())
    assert all(member.name == member.value for member in enum)


def test_subtypes() -> None:
    rows = {key.value: {subtype.value for subtype in values} - {"UNSPECIFIED"} for key, values in SUBTYPES_OF.items()}
    yield_kinds = {"APARTMENT_BUILDING", "MIXED_USE_BUILDING", "HOUSING_ESTATE", "CARE_HOME"}
    assert rows == {
        "APARTMENT": {
            *("ATTIC", "MAISONETTE", "LOFT", "PENTHOUSE", "TERRACED_APARTMENT", "FLOOR_APARTMENT", "GROUND_FLOOR"),
            *("SOUTERRAIN", "STUDIO", "HOLIDAY_APARTMENT", "GALLERY", "UNFINISHED_ATTIC"),
        },
        "HOUSE": {
            *("DETACHED", "SEMI_DETACHED", "ROW_HOUSE", "ROW_END", "ROW_MIDDLE", "ROW_CORNER", "BUNGALOW", "VILLA"),
            *("TOWN_HOUSE", "TWO_FAMILY", "FARMHOUSE", "COUNTRY_HOUSE"),
        },
        "MULTI_FAMILY": yield_kinds,
        "INVESTMENT": yield_kinds,
        "LAND": {"BUILDING_PLOT", "COMMERCIAL_PLOT", "AGRICULTURAL_LAND", "FOREST"},
        "OFFICE": {"OFFICE_SPACE", "PRACTICE", "COWORKING"},
        "RETAIL": {"SHOP", "SUPERMARKET"},
        "HOSPITALITY": {"RESTAURANT", "HOTEL"},
        "INDUSTRIAL": {"WAREHOUSE", "PRODUCTION_HALL", "WORKSHOP"},
        "AGRICULTURE": {"FARMHOUSE", "AGRICULTURAL_LAND", "FOREST"},
        "PARKING": {"GARAGE", "CARPORT", "UNDERGROUND_SPACE", "OUTDOOR_SPACE"},
        "ROOM": set(),
        "OTHER": set(),
    }
    assert all(PropertySubtype.UNSPECIFIED in values for values in SUBTYPES_OF.values())
    assert set().union(*SUBTYPES_OF.values()) == set(PropertySubtype)


def test_type_groups() -> None:
    assert {key: {member.value for member in values} for key, values in TYPE_GROUPS.items()} == {
        PropertyTypeGroup.RESIDENTIAL: {"APARTMENT", "HOUSE", "MULTI_FAMILY", "ROOM"},
        PropertyTypeGroup.COMMERCIAL: {"OFFICE", "RETAIL", "HOSPITALITY", "INDUSTRIAL", "AGRICULTURE", "INVESTMENT"},
        PropertyTypeGroup.LAND: {"LAND"},
    }
    ungrouped = set(PropertyType) - set().union(*TYPE_GROUPS.values())
    assert ungrouped == {PropertyType.PARKING, PropertyType.OTHER}


def test_parking_follows_the_number_of_spaces() -> None:
    assert set(FeatureKey) - set(BOOLEAN_FEATURES) == {FeatureKey.PARKING}
