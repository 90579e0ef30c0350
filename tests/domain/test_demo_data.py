"""The demo content obeys every rule of the domain, so that seeding it can use the ordinary mutations."""

import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.access import Role
from domain.address import state_of
from domain.passwords import missing_classes
from domain.plans import PLANS, PlanKey
from domain.properties import (
    BOOLEAN_FEATURES,
    CLOSED,
    SALES,
    CommissionModel,
    Condition,
    EnergySource,
    Facts,
    FlooringType,
    HeatingType,
    MarketingType,
    Orientation,
    ParkingType,
    PropertyStatus,
    PropertySubtype,
    PropertyType,
    PropertyUsage,
    contradictions,
    missing_for_available,
    needed_for,
    pattern_ok,
    transition,
)

FOLDER = Path(__file__).parents[2] / "migrations" / "demo_data"
AGENCIES: dict[str, dict[str, Any]] = {
    name: json.loads((FOLDER / f"{name}.json").read_text("utf-8")) for name in ("acme", "premium")
}
ENTRIES = [
    pytest.param(agency, entry, id=f"{name}-{number}")
    for name, agency in AGENCIES.items()
    for number, entry in enumerate(agency["properties"])
]

ENUMS = {
    "type": PropertyType,
    "subtype": PropertySubtype,
    "usage": PropertyUsage,
    "marketingType": MarketingType,
    "condition": Condition,
}
FEATURE_ENUMS = {
    "heatingType": HeatingType,
    "energySource": EnergySource,
    "orientation": Orientation,
    "parkingType": ParkingType,
}
MONEY = {
    *("price", "rentCold", "rentWarm", "serviceCharge", "heatingCost", "deposit", "houseMoney", "rentIncomeYear"),
}
AREAS = {"livingArea", "usableArea", "totalArea", "plotArea"}
TEXTS = {
    "title": 200,
    "description": 10_000,
    "locationDescription": 5_000,
    "equipmentDescription": 5_000,
    "otherDescription": 5_000,
    "availableFromText": 100,
    "location": 255,
}
OTHERS = {
    *("priceOnRequest", "heatingIncluded", "commission", "rooms", "bedrooms", "bathrooms", "floor", "floorsTotal"),
    *("yearBuilt", "lastModernisation", "availableFrom", "isRented", "address", "features", "amenities"),
    *("contactPersons", "virtualTourUrl", "videoUrl"),
}
FEATURE_AREAS = {"balconyArea", "terraceArea", "gardenArea"}
# South, north, west and east ends of the states, rounded outwards.
BOXES = {
    "BW": (47.5, 49.8, 7.5, 10.5),
    "BY": (47.2, 50.6, 8.9, 13.9),
    "BE": (52.3, 52.7, 13.0, 13.8),
    "BB": (51.3, 53.6, 11.2, 14.8),
    "HB": (53.0, 53.7, 8.4, 9.0),
    "HH": (53.3, 53.8, 9.7, 10.4),
    "HE": (49.3, 51.7, 7.7, 10.3),
    "MV": (53.1, 54.7, 10.5, 14.5),
    "NI": (51.2, 53.9, 6.6, 11.6),
    "NW": (50.3, 52.6, 5.8, 9.5),
    "RP": (48.9, 51.0, 6.1, 8.6),
    "SL": (49.1, 49.7, 6.3, 7.5),
    "SN": (50.1, 51.7, 11.8, 15.1),
    "ST": (50.9, 53.1, 10.5, 13.2),
    "SH": (53.3, 55.1, 7.8, 11.4),
    "TH": (50.2, 51.7, 9.8, 12.7),
}
# Telephone numbers that the network agency keeps free for films and examples: Berlin and Munich.
FICTIONAL_NUMBER = re.compile(r"\+493023125[0-9]{3}|\+498999998[0-9]{3}")


def minor(money: dict[str, str] | None) -> int | None:
    if money is None:
        return None
    assert money["currency"] == "EUR"
    assert re.fullmatch(r"[0-9]+\.[0-9]{2}", money["amount"])
    return int(Decimal(money["amount"]) * 100)


def scaled(value: str | None, factor: int) -> int | None:
    if value is None:
        return None
    result = Decimal(value) * factor
    assert result == int(result)
    return int(result)


def facts_of(entry: dict[str, Any]) -> Facts:
    given = entry["input"]
    features = given.get("features", {})
    return Facts(
        type=PropertyType(given["type"]),
        marketing_type=MarketingType(given["marketingType"]),
        title=given["title"],
        subtype=PropertySubtype(given["subtype"]) if "subtype" in given else None,
        price=minor(given.get("price")),
        price_on_request=given.get("priceOnRequest", False),
        rent_cold=minor(given.get("rentCold")),
        rent_warm=minor(given.get("rentWarm")),
        street=given["address"]["street"],
        postal_code=given["address"]["postalCode"],
        city=given["address"]["city"],
        living_area=scaled(given.get("livingArea"), 100),
        usable_area=scaled(given.get("usableArea"), 100),
        total_area=scaled(given.get("totalArea"), 100),
        plot_area=scaled(given.get("plotArea"), 100),
        rooms=scaled(given.get("rooms"), 2),
        bathrooms=scaled(given.get("bathrooms"), 2),
        floor=given.get("floor"),
        floors_total=given.get("floorsTotal"),
        year_built=given.get("yearBuilt"),
        last_modernisation=given.get("lastModernisation"),
        description=given["description"],
        has_condition="condition" in given,
        has_heating="heatingType" in features,
    )


@pytest.mark.parametrize(("agency", "entry"), ENTRIES)
def test_an_input_has_the_shape_of_the_api(agency: dict[str, Any], entry: dict[str, Any]) -> None:
    given = entry["input"]
    assert set(given) <= {*ENUMS, *MONEY, *AREAS, *TEXTS, *OTHERS}
    for key, enum in ENUMS.items():
        assert key not in given or given[key] in enum.__members__
    for key in MONEY & set(given):
        assert minor(given[key])
    for key in AREAS & set(given):
        assert 0 < (scaled(given[key], 100) or 0) <= 100_000_000
    for key, longest in TEXTS.items():
        assert len(given.get(key, "")) <= longest
        assert given.get(key, "x").strip() == given.get(key, "x") != ""
    features = given.get("features", {})
    booleans = {re.sub("_(.)", lambda m: m[1].upper(), key.value.lower()) for key in BOOLEAN_FEATURES}
    assert set(features) <= {
        *booleans,
        *FEATURE_ENUMS,
        *FEATURE_AREAS,
        "parkingSpaces",
        "flooring",
        "internetSpeedMbit",
    }
    for key, enum in FEATURE_ENUMS.items():
        assert key not in features or features[key] in enum.__members__
    assert set(features.get("flooring", [])) <= set(FlooringType.__members__)
    assert set(entry) <= {
        *("input", "assignedAgent", "tags", "status", "daysAgo", "reasons", "closingPrice", "notes"),
    }


@pytest.mark.parametrize(("agency", "entry"), ENTRIES)
def test_facts_do_not_contradict_each_other(agency: dict[str, Any], entry: dict[str, Any]) -> None:
    given = entry["input"]
    facts = facts_of(entry)
    assert contradictions(facts) == []
    assert 1000 <= (facts.year_built or 1000) <= 2026
    assert 1 <= (facts.rooms or 1) <= 200
    if facts.marketing_type in SALES:
        assert facts.rent_cold is None
    else:
        assert facts.price is None
        extras = (minor(given.get("serviceCharge")) or 0) + (minor(given.get("heatingCost")) or 0)
        assert facts.rent_warm == (facts.rent_cold or 0) + extras
    if given["type"] in {"APARTMENT", "HOUSE"}:
        assert given["bedrooms"] <= float(given["rooms"])
    features = given.get("features", {})
    for area, flag in (("balconyArea", "balcony"), ("terraceArea", "terrace"), ("gardenArea", "garden")):
        assert area not in features or features[flag] is True
    commission = given["commission"]
    assert commission["model"] in CommissionModel.__members__
    assert 0 < len(commission["text"]) <= 1000
    if commission["model"] == "DOUBLE":
        assert commission["buyerPercent"] == commission["sellerPercent"]


@pytest.mark.parametrize(("agency", "entry"), ENTRIES)
def test_the_way_through_the_life_cycle_is_allowed(agency: dict[str, Any], entry: dict[str, Any]) -> None:
    facts = facts_of(entry)
    status: PropertyStatus | None = None
    for step in map(PropertyStatus, entry["status"]):
        assert transition(status, step, facts.marketing_type) == []
        if step is PropertyStatus.AVAILABLE:
            assert missing_for_available(facts) == []
        if status is not None:
            reason = entry.get("reasons", {}).get(step.value)
            assert needed_for(status, step, reason=reason, has_closing_price="closingPrice" in entry) == []
        status = step
    assert ("closingPrice" in entry) is (status in CLOSED)
    assert set(entry.get("reasons", {})) <= set(entry["status"])
    # How long ago each step was taken.
    assert len(entry["daysAgo"]) == len(entry["status"])
    assert entry["daysAgo"] == sorted(set(entry["daysAgo"]), reverse=True)
    assert entry["daysAgo"][-1] >= 0


@pytest.mark.parametrize(("agency", "entry"), ENTRIES)
def test_addresses_are_in_the_right_state(agency: dict[str, Any], entry: dict[str, Any]) -> None:
    address = entry["input"]["address"]
    state = state_of(address["postalCode"])
    assert state is not None
    south, north, west, east = BOXES[state.value]
    assert south < float(address["geo"]["latitude"]) < north
    assert west < float(address["geo"]["longitude"]) < east
    assert address["country"] == "DE"


@pytest.mark.parametrize(("agency", "entry"), ENTRIES)
def test_figures_are_believable(agency: dict[str, Any], entry: dict[str, Any]) -> None:
    """Per m² and month or in all, in euros; the luxury agency may go further."""
    given = entry["input"]
    facts = facts_of(entry)
    area = (facts.living_area or 0) + (facts.usable_area if not facts.is_residential and facts.usable_area else 0)
    if not area or facts.type in {PropertyType.AGRICULTURE, PropertyType.PARKING}:
        return
    if facts.marketing_type in SALES:
        assert 1_100 <= (facts.price or 0) / area <= (50_000 if agency is AGENCIES["premium"] else 12_500)
    else:
        assert 5 <= (facts.rent_cold or 0) / area <= 45
    if income := minor(given.get("rentIncomeYear")):
        assert 0.025 <= income / (facts.price or 1) <= 0.07


@pytest.mark.parametrize("agency", AGENCIES.values(), ids=AGENCIES)
def test_texts_are_written_for_each_property(agency: dict[str, Any]) -> None:
    inputs = [entry["input"] for entry in agency["properties"]]
    for key in ("title", "description", "locationDescription"):
        assert max(Counter(given[key] for given in inputs if key in given).values()) == 1
    for given in inputs:
        # A sentence ends with a full stop after a letter or digit and before a blank; "§ 34 BauGB" has none.
        sentences = re.findall(r"[^.\s]{2,}\.(?:\s|$)", given["description"])
        assert 2 <= len(sentences) <= 4
        assert 120 <= len(given["description"]) <= 600


@pytest.mark.parametrize("agency", AGENCIES.values(), ids=AGENCIES)
def test_members(agency: dict[str, Any]) -> None:
    members = {member["email"]: member for member in agency["members"]}
    assert len(members) == len(agency["members"])
    for member in members.values():
        assert missing_classes(member["password"], member["email"]) == []
        assert FICTIONAL_NUMBER.fullmatch(member["phone"])
        assert Role(member["role"])
    assert [m["role"] for m in members.values()].count("OWNER") == 1
    for entry in agency["properties"]:
        agent = members[entry["assignedAgent"]]
        assert Role(agent["role"]) is not Role.CUSTOMER
        [contact] = entry["input"]["contactPersons"]
        assert contact["name"] == f"{agent['firstName']} {agent['lastName']}"
        assert (contact["email"], contact["phone"]) == (agent["email"], agent["phone"])


@pytest.mark.parametrize("agency", AGENCIES.values(), ids=AGENCIES)
def test_tenants(agency: dict[str, Any]) -> None:
    tenant = agency["tenant"]
    assert PLANS[PlanKey(tenant["plan"])].max_properties is None
    assert pattern_ok(tenant["propertyNumberFormat"])
    assert all(re.fullmatch("#[0-9A-F]{6}", color) for color in tenant["branding"].values())
    assert FICTIONAL_NUMBER.fullmatch(tenant["companyPhone"])
    assert state_of(tenant["address"]["postalCode"])


def test_the_demo_shows_everything() -> None:
    entries = AGENCIES["acme"]["properties"]
    assert (len(entries), len(AGENCIES["premium"]["properties"])) == (48, 12)
    assert {entry["status"][-1] for entry in entries} == set(PropertyStatus.__members__)
    assert {entry["input"]["type"] for entry in entries} == set(PropertyType.__members__)
    assert {entry["input"]["marketingType"] for entry in entries} == set(MarketingType.__members__)
    assert len({entry["input"]["address"]["city"] for entry in entries}) >= 30
    assert {member["role"] for member in AGENCIES["acme"]["members"]} == set(Role.__members__)
    logins = {(member["email"], member["password"]) for member in AGENCIES["acme"]["members"]}
    assert logins >= {
        ("admin@acme-realestate.com", "Admin123!"),
        ("manager@acme-realestate.com", "Manager123!"),
        ("mike@acme-realestate.com", "Agent123!"),
    }
