"""What is refused when a property is created or changed: the right code at the right path, and nothing happens."""

import base64
from typing import Any
from uuid import UUID

import httpx2
import orjson
import pytest
import pytest_asyncio

from domain.access import Role
from models.base import now, uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.factories import make_agency, property_input
from tests.graph.world import CREATE, DELETE, ERRORS, STATUS, UPDATE, created, events, problems, rows, untouched

INVALID, BROKEN, MISSING = "INVALID_INPUT", "VALIDATION_ERROR", "MISSING_REQUIRED_FIELD"
MONEY = ("price", "rentCold", "rentWarm", "serviceCharge", "heatingCost", "deposit", "houseMoney", "rentIncomeYear")
AREAS = ("livingArea", "usableArea", "totalArea", "plotArea")
NOBODY = UUID("00000000-0000-7000-8000-000000000000")  # the same in every worker: it stands in test ids
PERSON = {"name": "Berta", "email": "berta@example.com"}


def euro(amount: str) -> dict[str, str]:
    return {"amount": amount}


def address(**fields: Any) -> dict[str, Any]:
    return {"address": fields}


# What is given besides a good property, the code, the path below `input`.
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"title": ""}, MISSING, "title"),
    ({"title": " \t\n"}, MISSING, "title"),
    ({"title": "x" * 201}, BROKEN, "title"),
    ({"title": "a\u0000b"}, INVALID, "title"),
    ({"title": "a\u001bb"}, INVALID, "title"),
    ({"description": "x" * 10_001}, BROKEN, "description"),
    ({"locationDescription": "x" * 5_001}, BROKEN, "locationDescription"),
    ({"equipmentDescription": "x" * 5_001}, BROKEN, "equipmentDescription"),
    ({"otherDescription": "x" * 5_001}, BROKEN, "otherDescription"),
    ({"description": "a\u0000b"}, INVALID, "description"),
    ({"externalNumber": "x" * 51}, BROKEN, "externalNumber"),
    *[({name: euro("-1.00")}, BROKEN, f"{name}.amount") for name in MONEY],
    *[({"price": euro(bad)}, INVALID, "price.amount") for bad in ("1e3", "12.345", "", " 1", "NaN", "1,00", "0x1")],
    ({"price": euro("9" * 16)}, INVALID, "price.amount"),
    ({"price": {"amount": "1.00", "currency": "eur"}}, INVALID, "price.currency"),
    ({"price": {"amount": "1.00", "currency": "EURO"}}, INVALID, "price.currency"),
    ({"deposit": {"amount": "1.00", "currency": "USD"}}, BROKEN, "deposit.currency"),
    ({"rentCold": euro("800.00"), "rentWarm": euro("799.99")}, BROKEN, "rentWarm"),
    ({"livingArea": "0"}, BROKEN, "livingArea"),
    *[({name: "-0.01"}, BROKEN, name) for name in AREAS],
    *[({name: "1.005"}, INVALID, name) for name in AREAS],
    ({"livingArea": "100000.01"}, BROKEN, "livingArea"),
    ({"rooms": "2.3"}, BROKEN, "rooms"),
    ({"rooms": "0"}, BROKEN, "rooms"),
    ({"rooms": "100.5"}, BROKEN, "rooms"),
    ({"rooms": "drei"}, INVALID, "rooms"),
    ({"bedrooms": -1}, BROKEN, "bedrooms"),
    ({"bedrooms": 101}, BROKEN, "bedrooms"),
    ({"bathrooms": "1.3"}, BROKEN, "bathrooms"),
    ({"bathrooms": "-0.5"}, BROKEN, "bathrooms"),
    ({"bathrooms": "100.5"}, BROKEN, "bathrooms"),
    ({"floor": -6}, BROKEN, "floor"),
    ({"floor": 201}, BROKEN, "floor"),
    ({"floorsTotal": 0}, BROKEN, "floorsTotal"),
    ({"floorsTotal": 201}, BROKEN, "floorsTotal"),
    ({"floor": 3, "floorsTotal": 2}, BROKEN, "floor"),
    ({"yearBuilt": 999}, BROKEN, "yearBuilt"),
    ({"yearBuilt": now().year + 6}, BROKEN, "yearBuilt"),
    ({"yearBuilt": 2099}, BROKEN, "yearBuilt"),
    ({"lastModernisation": now().year + 2}, BROKEN, "lastModernisation"),
    ({"yearBuilt": 2000, "lastModernisation": 1999}, BROKEN, "lastModernisation"),
    ({"availableFrom": "2026-02-30"}, INVALID, "availableFrom"),
    ({"availableFrom": "01.03.2026"}, INVALID, "availableFrom"),
    ({"availableFromText": "x" * 101}, BROKEN, "availableFromText"),
    ({"location": "x" * 256}, BROKEN, "location"),
    ({"subtype": "VILLA"}, BROKEN, "subtype"),
    ({"subtype": "BUILDING_PLOT"}, BROKEN, "subtype"),
    ({"features": {"parkingSpaces": -1}}, BROKEN, "features.parkingSpaces"),
    ({"features": {"parkingSpaces": 1001}}, BROKEN, "features.parkingSpaces"),
    ({"features": {"balconyArea": "-1"}}, BROKEN, "features.balconyArea"),
    ({"features": {"terraceArea": "-1"}}, BROKEN, "features.terraceArea"),
    ({"features": {"gardenArea": "-1"}}, BROKEN, "features.gardenArea"),
    ({"features": {"internetSpeedMbit": 100_001}}, BROKEN, "features.internetSpeedMbit"),
    ({"features": {"internetSpeedMbit": -1}}, BROKEN, "features.internetSpeedMbit"),
    ({"commission": {"model": "DOUBLE", "buyerPercent": "10.01"}}, BROKEN, "commission.buyerPercent"),
    ({"commission": {"model": "DOUBLE", "sellerPercent": "-0.01"}}, BROKEN, "commission.sellerPercent"),
    ({"commission": {"model": "DOUBLE", "sellerPercent": "3.575"}}, INVALID, "commission.sellerPercent"),
    ({"commission": {"model": "NONE", "text": "x" * 1_001}}, BROKEN, "commission.text"),
    ({"amenities": [f"Wunsch {n}" for n in range(51)]}, BROKEN, "amenities"),
    ({"amenities": ["Sauna", ""]}, MISSING, "amenities.1"),
    ({"amenities": ["Sauna", "x" * 101]}, BROKEN, "amenities.1"),
    ({"contactPersons": [PERSON] * 21}, BROKEN, "contactPersons"),
    ({"contactPersons": [PERSON, {"name": "Carl"}]}, BROKEN, "contactPersons.1.email"),
    ({"contactPersons": [{"name": "", "email": "a@example.com"}]}, MISSING, "contactPersons.0.name"),
    ({"contactPersons": [{"name": "x" * 256, "email": "a@example.com"}]}, BROKEN, "contactPersons.0.name"),
    ({"contactPersons": [{"name": "Carl", "email": "carl"}]}, INVALID, "contactPersons.0.email"),
    ({"contactPersons": [{"name": "Carl", "phone": "nein"}]}, INVALID, "contactPersons.0.phone"),
    ({"contactPersons": [{**PERSON, "role": "x" * 101}]}, BROKEN, "contactPersons.0.role"),
    ({"contactPersons": [{**PERSON, "userId": "?"}]}, INVALID, "contactPersons.0.userId"),
    ({"contactPersons": [{**PERSON, "id": "?"}]}, INVALID, "contactPersons.0.id"),
    ({"assignedAgentId": "undecodable"}, INVALID, "assignedAgentId"),
    ({"assignedAgentId": encode_id("User", NOBODY)}, "NOT_FOUND", "assignedAgentId"),
    ({"assignedAgentId": encode_id("Property", NOBODY)}, "NOT_FOUND", "assignedAgentId"),
    ({"virtualTourUrl": "ftp://example.com/tour"}, INVALID, "virtualTourUrl"),
    ({"videoUrl": "https://me:secret@example.com/"}, INVALID, "videoUrl"),
    ({"videoUrl": "javascript:alert(1)"}, INVALID, "videoUrl"),
    ({"videoUrl": "https://example.com/" + "x" * 2_000}, INVALID, "videoUrl"),
    (address(street="x" * 256), BROKEN, "address.street"),
    (address(houseNumber="x" * 21), BROKEN, "address.houseNumber"),
    (address(postalCode="1011"), BROKEN, "address.postalCode"),
    (address(postalCode="1011A"), BROKEN, "address.postalCode"),
    (address(postalCode="?", country="AT"), BROKEN, "address.postalCode"),
    (address(city="x" * 101), BROKEN, "address.city"),
    (address(region="x" * 101), BROKEN, "address.region"),
    (address(country="Atlantis"), BROKEN, "address.country"),
    (address(state="BE", country="AT"), BROKEN, "address.state"),
    (address(geo={"latitude": "90.1", "longitude": "0"}), BROKEN, "address.geo.latitude"),
    (address(geo={"latitude": "0", "longitude": "-180.1"}), BROKEN, "address.geo.longitude"),
    (address(geo={"latitude": "north", "longitude": "0"}), INVALID, "address.geo.latitude"),
    (address(geo={"latitude": "1e1", "longitude": "0"}), INVALID, "address.geo.latitude"),
    (address(geo={"latitude": "nan", "longitude": "0"}), INVALID, "address.geo.latitude"),
    ({"status": "AVAILABLE", "price": None}, BROKEN, "price"),
    ({"status": "AVAILABLE", "price": euro("0.00")}, BROKEN, "price"),
    ({"status": "AVAILABLE", "marketingType": "RENT"}, BROKEN, "rentCold"),
    ({"status": "AVAILABLE", "marketingType": "LEASING", "rentCold": euro("0.00")}, BROKEN, "rentCold"),
    ({"status": "AVAILABLE", "address": None}, BROKEN, "address.city"),
    ({"status": "AVAILABLE", "livingArea": None, "rooms": None}, BROKEN, "livingArea"),
    *[({"status": status}, "INVALID_TRANSITION", "status") for status in ("RESERVED", "SOLD", "RENTED", "WITHDRAWN")],
]


def _name(case: Any) -> str | None:
    return repr(case)[:50] if isinstance(case, dict) else None


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(state: State, http: httpx2.AsyncClient) -> Signed:
    """One agency for all refusals: nothing they do stays."""
    return Signed(await make_agency(state, "Shop"), http)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def offer(shop: Signed) -> dict[str, Any]:
    """The property of that agency."""
    return await created(shop)


@pytest.mark.parametrize(("given", "code", "path"), REFUSED, ids=_name)
async def test_a_bad_property_is_not_created(
    state: State, shop: Signed, offer: dict[str, Any], given: dict[str, Any], code: str, path: str
) -> None:
    async with untouched(state, shop):
        payload = (await shop.agent.data(CREATE, input=property_input(**given)))["propertyCreate"]
        assert problems(payload) == [(code, f"input.{path}")]
        assert payload["property"] is None


@pytest.mark.parametrize(("given", "code", "path"), [case for case in REFUSED if "status" not in case[0]], ids=_name)
async def test_a_bad_change_is_not_made(
    state: State, shop: Signed, offer: dict[str, Any], given: dict[str, Any], code: str, path: str
) -> None:
    async with untouched(state, shop):
        payload = (await shop.agent.data(UPDATE, id=offer["id"], input=given))["propertyUpdate"]
        assert problems(payload) == [(code, f"input.{path}")]
        assert payload["property"] is None


@pytest.mark.parametrize(
    "given",
    [
        {"title": "x" * 200, "description": "x" * 10_000, "availableFromText": "x" * 100, "location": "x" * 255},
        {"price": euro("0.00"), "rentCold": euro("800.00"), "rentWarm": euro("800.00")},
        {"livingArea": "100000.00", "usableArea": "0", "totalArea": "0", "plotArea": "0"},
        {"rooms": "0.5", "bedrooms": 0, "bathrooms": "0"},
        {"rooms": "100", "bedrooms": 100, "bathrooms": "100"},
        {"floor": -5, "floorsTotal": 1},
        {"floor": 200, "floorsTotal": 200},
        {"yearBuilt": 1000, "lastModernisation": 1000},
        {"yearBuilt": now().year + 5},
        {"lastModernisation": now().year + 1},
        {"features": {"parkingSpaces": 1000, "internetSpeedMbit": 100_000, "balconyArea": "0"}},
        {"commission": {"model": "DOUBLE", "buyerPercent": "10", "sellerPercent": "0", "text": "x" * 1_000}},
        {"amenities": [f"Wunsch {n}" for n in range(50)]},
        {"contactPersons": [{"name": f"P{n}", "phone": "030 23125000"} for n in range(20)]},
        {"address": {"postalCode": "01067", "geo": {"latitude": "-90", "longitude": "180"}}},
        {"address": {"postalCode": "1010", "country": "Österreich", "region": "Wien"}},
        {"subtype": "LOFT"},
        {"subtype": "UNSPECIFIED"},
        {"externalNumber": "x" * 50},
        {"price": {"amount": "1.00", "currency": "USD"}, "deposit": {"amount": "2.00", "currency": "USD"}},
    ],
    ids=_name,
)
async def test_values_at_the_bounds_are_taken(state: State, acme: Signed, given: dict[str, Any]) -> None:
    made = await created(acme, **given)
    assert [row["id"] for row in await rows(state, acme.agency.id, "property")] == [_uuid(made["id"])]


def _uuid(id: str) -> UUID:
    return UUID(base64.urlsafe_b64decode(id + "=" * (-len(id) % 4)).decode().split(":")[1])


BAD = {
    "title": "",
    "price": {"amount": "-1.00"},
    "rooms": "2.3",
    "floor": 300,
    "address": {"postalCode": "12"},
    "contactPersons": [{"name": "Carl"}],
    "assignedAgentId": "?",
}
FOUND = [
    (MISSING, "input.title"),
    (BROKEN, "input.price.amount"),
    (BROKEN, "input.rooms"),
    (BROKEN, "input.floor"),
    (BROKEN, "input.address.postalCode"),
    (BROKEN, "input.contactPersons.0.email"),
    (INVALID, "input.assignedAgentId"),
]
TEXTS = {
    "en": {
        "input.title": "A value is required.",
        "input.price.amount": "Between 0 and 1000000000.",
        "input.rooms": "Only in steps of 0.5.",
        "input.floor": "Between -5 and 200.",
        "input.address.postalCode": "Expected format: 12345.",
        "input.contactPersons.0.email": "An e-mail address or a phone number is required.",
        "input.assignedAgentId": "This id cannot be read.",
    },
    "de": {
        "input.title": "Hier ist eine Angabe erforderlich.",
        "input.price.amount": "Zwischen 0 und 1000000000.",
        "input.rooms": "Nur in Schritten von 0.5.",
        "input.floor": "Zwischen -5 und 200.",
        "input.address.postalCode": "Erwartetes Format: 12345.",
        "input.contactPersons.0.email": "E-Mail-Adresse oder Telefon ist nötig.",
        "input.assignedAgentId": "Diese ID ist nicht lesbar.",
    },
}


@pytest.mark.parametrize("language", ["en", "de"])
async def test_all_problems_are_told_at_once_in_the_language_of_the_request(
    state: State, acme: Signed, language: str
) -> None:
    async with untouched(state, acme):
        body = await acme.agent(CREATE, {"Accept-Language": language}, input=property_input(**BAD))
        payload = body["data"]["propertyCreate"]
        assert sorted(problems(payload)) == sorted(FOUND)
        told = {".".join(error["field"]): error["message"] for error in payload["userErrors"]}
        assert told == TEXTS[language]


async def test_several_contradictions_are_told_at_once(state: State, acme: Signed) -> None:
    given = {
        "subtype": "VILLA",
        "floor": 5,
        "floorsTotal": 4,
        "yearBuilt": 2000,
        "lastModernisation": 1990,
        "rentCold": euro("2.00"),
        "rentWarm": euro("1.00"),
        "status": "RESERVED",
    }
    async with untouched(state, acme):
        payload = (await acme.agent.data(CREATE, input=property_input(**given)))["propertyCreate"]
        assert problems(payload) == [
            (BROKEN, "input.subtype"),
            (BROKEN, "input.floor"),
            (BROKEN, "input.rentWarm"),
            (BROKEN, "input.lastModernisation"),
            ("INVALID_TRANSITION", "input.status"),
        ]
        assert payload["userErrors"][-1]["details"] == {
            "to": "RESERVED",
            "allowed": ["ACQUISITION", "PREPARATION", "AVAILABLE"],
        }


async def test_all_that_is_missing_for_the_market_is_told_at_once(state: State, acme: Signed) -> None:
    bare = {"title": "Haus", "type": "HOUSE", "status": "AVAILABLE"}
    async with untouched(state, acme):
        payload = (await acme.agent.data(CREATE, input=bare))["propertyCreate"]
        assert problems(payload) == [
            (BROKEN, "input.price"),
            (BROKEN, "input.address.city"),
            (BROKEN, "input.livingArea"),
        ]


async def test_a_price_on_request_may_be_empty_or_zero(acme: Signed) -> None:
    for price in (None, euro("0.00")):
        made = await created(acme, status="AVAILABLE", price=price, priceOnRequest=True)
        assert made["status"] == "AVAILABLE"


@pytest.mark.parametrize("field", ["title", "type", "usage", "marketingType", "priceOnRequest", "isRented"])
async def test_null_does_not_empty_what_is_required(state: State, acme: Signed, field: str) -> None:
    made = await created(acme)
    async with untouched(state, acme):
        payload = (await acme.agent.data(UPDATE, id=made["id"], input={field: None}))["propertyUpdate"]
        assert problems(payload) == [(MISSING, f"input.{field}")]


async def test_null_empties_what_is_optional_and_absence_keeps_it(acme: Signed) -> None:
    read = """query ($id: ID!) { property(id: $id) {
      price { amount } livingArea rooms description amenities address { street houseNumber city country }
      assignedAgent { id } contactPersons { name } commission { model buyerPercent text }
      features { balcony parkingSpaces flooring unknown } } }"""
    made = await created(
        acme,
        description="Text",
        amenities=["Kamin"],
        contactPersons=[PERSON],
        commission={"model": "DOUBLE", "buyerPercent": "3.57", "text": "inkl."},
        features={"balcony": True, "parkingSpaces": 2, "flooring": ["PARQUET"]},
    )
    before = (await acme.agent.data(read, id=made["id"]))["property"]
    await acme.agent.data(UPDATE, id=made["id"], input={"title": "Neu"})
    assert (await acme.agent.data(read, id=made["id"]))["property"] == before
    nothing = {
        "price": None,
        "livingArea": None,
        "rooms": None,
        "description": None,
        "amenities": None,
        "address": {"street": None, "houseNumber": None},
        "assignedAgentId": None,
        "contactPersons": None,
        "commission": {"model": "DOUBLE", "buyerPercent": None, "text": None},
        "features": {"balcony": None, "parkingSpaces": None, "flooring": None},
    }
    payload = (await acme.agent.data(UPDATE, id=made["id"], input=nothing))["propertyUpdate"]
    assert payload["userErrors"] == []
    assert (await acme.agent.data(read, id=made["id"]))["property"] == {
        "price": None,
        "livingArea": None,
        "rooms": None,
        "description": None,
        "amenities": [],
        "address": {"street": None, "houseNumber": None, "city": "Berlin", "country": "DE"},
        "assignedAgent": None,
        "contactPersons": [],
        "commission": {"model": "DOUBLE", "buyerPercent": None, "text": None},
        "features": {
            "balcony": False,
            "parkingSpaces": None,
            "flooring": [],
            "unknown": sorted({*before["features"]["unknown"], "BALCONY", "PARKING"}),
        },
    }
    payload = (await acme.agent.data(UPDATE, id=made["id"], input={"address": None}))["propertyUpdate"]
    assert payload["userErrors"] == []
    emptied = (await acme.agent.data(read, id=made["id"]))["property"]["address"]
    assert emptied == {"street": None, "houseNumber": None, "city": None, "country": "DE"}


async def test_a_stale_version_is_a_conflict_that_tells_the_present_one(state: State, acme: Signed) -> None:
    made = await created(acme)
    await acme.agent.data(UPDATE, id=made["id"], input={"title": "Neu", "expectedVersion": 1})
    for text, root, given in (
        (UPDATE, "propertyUpdate", {"title": "Alt"}),
        (STATUS, "propertyStatusSet", {"status": "AVAILABLE"}),
    ):
        async with untouched(state, acme):
            payload = (await acme.agent.data(text, id=made["id"], input={**given, "expectedVersion": 1}))[root]
            assert problems(payload) == [("CONFLICT", "input.expectedVersion")]
            assert payload["userErrors"][0]["details"] == {"currentVersion": 2}


async def test_a_number_of_the_agency_is_taken_once(state: State, acme: Signed, rival: Signed) -> None:
    await created(acme, externalNumber="A-1")
    other = await created(acme, externalNumber="A-2")
    async with untouched(state, acme):
        payload = (await acme.agent.data(CREATE, input=property_input(externalNumber="A-1")))["propertyCreate"]
        assert problems(payload) == [("ALREADY_EXISTS", "input.externalNumber")]
        payload = (await acme.agent.data(UPDATE, id=other["id"], input={"externalNumber": "A-1"}))["propertyUpdate"]
        assert problems(payload) == [("ALREADY_EXISTS", "input.externalNumber")]
    assert (await created(rival, externalNumber="A-1"))["externalNumber"] == "A-1"


async def test_a_number_is_drawn_and_skips_those_taken_by_hand(acme: Signed) -> None:
    year = now().year
    await created(acme, externalNumber=f"OBJ-{year}-0002")
    drawn = [(await created(acme))["externalNumber"] for _ in range(3)]
    assert drawn == [f"OBJ-{year}-0001", f"OBJ-{year}-0003", f"OBJ-{year}-0004"]


async def test_one_property_has_one_currency(state: State, acme: Signed) -> None:
    made = await created(acme, deposit=euro("3.00"))
    dollars = {"amount": "1.00", "currency": "USD"}
    async with untouched(state, acme):
        payload = (await acme.agent.data(UPDATE, id=made["id"], input={"price": dollars}))["propertyUpdate"]
        assert problems(payload) == [(BROKEN, "input.price.currency")]
        both = {"price": dollars, "deposit": euro("1.00")}
        payload = (await acme.agent.data(UPDATE, id=made["id"], input=both))["propertyUpdate"]
        assert problems(payload) == [(BROKEN, "input.deposit.currency")]
    payload = (await acme.agent.data(UPDATE, id=made["id"], input={"price": dollars, "deposit": None}))[
        "propertyUpdate"
    ]
    assert payload["userErrors"] == []


async def test_a_property_on_the_market_keeps_what_the_market_needs(state: State, acme: Signed) -> None:
    made = await created(acme, status="AVAILABLE")
    async with untouched(state, acme):
        given = {"price": None, "livingArea": None, "rooms": None, "address": None}
        payload = (await acme.agent.data(UPDATE, id=made["id"], input=given))["propertyUpdate"]
        assert problems(payload) == [
            (BROKEN, "input.price"),
            (BROKEN, "input.address.city"),
            (BROKEN, "input.livingArea"),
        ]


async def test_a_changed_type_must_fit_the_present_subtype(state: State, acme: Signed) -> None:
    made = await created(acme, subtype="LOFT")
    async with untouched(state, acme):
        payload = (await acme.agent.data(UPDATE, id=made["id"], input={"type": "HOUSE"}))["propertyUpdate"]
        assert problems(payload) == [(BROKEN, "input.subtype")]
    both = {"type": "HOUSE", "subtype": "VILLA"}
    assert (await acme.agent.data(UPDATE, id=made["id"], input=both))["propertyUpdate"]["userErrors"] == []


async def test_contact_persons_are_replaced_and_those_named_by_id_stay(state: State, acme: Signed) -> None:
    read = "query ($id: ID!) { property(id: $id) { contactPersons { id name email phone role user { id } } } }"
    user = acme.agency.people[Role.AGENT].gid
    persons = [PERSON, {"name": "Carl", "phone": "030 23125000", "role": "Hausmeister", "userId": user}]
    made = await created(acme, contactPersons=persons)
    first, second = (await acme.agent.data(read, id=made["id"]))["property"]["contactPersons"]
    assert first == {**PERSON, "id": first["id"], "phone": None, "role": "Ansprechpartner", "user": None}
    assert second == {
        "id": second["id"],
        "name": "Carl",
        "email": None,
        "phone": "+493023125000",
        "role": "Hausmeister",
        "user": {"id": user},
    }
    given = [{"id": second["id"], "name": "Carla", "phone": "030 23125000"}, {**PERSON, "name": "Dora"}]
    payload = (await acme.agent.data(UPDATE, id=made["id"], input={"contactPersons": given}))["propertyUpdate"]
    assert payload["userErrors"] == []
    now_first, now_second = (await acme.agent.data(read, id=made["id"]))["property"]["contactPersons"]
    assert (now_first["id"], now_first["name"], now_second["name"]) == (second["id"], "Carla", "Dora")
    assert len(await rows(state, acme.agency.id, "contact_person")) == 2


async def test_a_contact_person_of_another_property_or_agency_is_not_found(
    state: State, acme: Signed, rival: Signed
) -> None:
    read = "query ($id: ID!) { property(id: $id) { contactPersons { id } } }"
    ids = []
    for signed in (acme, rival):
        made = await created(signed, contactPersons=[PERSON])
        ids.append((await signed.agent.data(read, id=made["id"]))["property"]["contactPersons"][0]["id"])
    target = await created(acme)
    async with untouched(state, acme, rival):
        for id in (*ids, encode_id("ContactPerson", uuid7()), encode_id("User", uuid7())):
            given = {"contactPersons": [{**PERSON, "id": id}]}
            payload = (await acme.agent.data(UPDATE, id=target["id"], input=given))["propertyUpdate"]
            assert problems(payload) == [("NOT_FOUND", "input.contactPersons.0.id")]


async def test_a_member_of_another_agency_is_not_found(state: State, acme: Signed, rival: Signed) -> None:
    stranger = rival.agency.people[Role.AGENT].gid
    async with untouched(state, acme, rival):
        payload = (await acme.agent.data(CREATE, input=property_input(assignedAgentId=stranger)))["propertyCreate"]
        assert problems(payload) == [("NOT_FOUND", "input.assignedAgentId")]
    own = acme.agency.people[Role.MANAGER].gid
    assert (await created(acme, assignedAgentId=own))["version"] == 1


NOTE = f"""
mutation ($id: ID!) {{ propertyNoteAdd(propertyId: $id, input: {{ body: "x" }}) {{ note {{ id }} {ERRORS} }} }}"""


@pytest.mark.parametrize(
    ("text", "root", "path", "given"),
    [
        (UPDATE, "propertyUpdate", "id", {"input": {"title": "x"}}),
        (STATUS, "propertyStatusSet", "id", {"input": {"status": "AVAILABLE"}}),
        (DELETE, "propertyDelete", "id", {}),
        (NOTE, "propertyNoteAdd", "propertyId", {}),
    ],
    ids=["update", "status", "delete", "note"],
)
async def test_ids_that_are_not_there(
    state: State, acme: Signed, rival: Signed, text: str, root: str, path: str, given: dict[str, Any]
) -> None:
    foreign, gone = await created(rival), await created(acme)
    await acme.manager.data(DELETE, id=gone["id"])
    missing = [foreign["id"], gone["id"], encode_id("Property", uuid7()), acme.agency.people[Role.AGENT].gid]
    async with untouched(state, acme, rival):
        for id in missing:
            payload = (await acme.manager.data(text, id=id, **given))[root]
            assert problems(payload) == [("NOT_FOUND", path)]
        for id in ("", "?", "undecodable", "UHJvcGVydHk6", "\u0000"):
            payload = (await acme.manager.data(text, id=id, **given))[root]
            assert problems(payload) == [(INVALID, path)]


async def test_half_a_character_is_no_text(state: State, acme: Signed) -> None:
    """JSON can spell a lone surrogate, which no database can store."""
    body = orjson.dumps({"query": CREATE, "variables": {"input": property_input(title="HALF")}})
    headers = {"Authorization": f"Bearer {acme.agent.token}", "Content-Type": "application/json"}
    async with untouched(state, acme):
        answer = await acme.agent.http.post("/graphql", content=body.replace(b"HALF", b"a\\ud800"), headers=headers)
        assert answer.status_code == 400
        text = CREATE.replace("$input: PropertyCreateInput!", "").replace("mutation ()", "mutation")
        text = text.replace("input: $input", 'input: {title: "a\\ud800", type: HOUSE}')
        refused = await acme.agent(text)
        assert [error["extensions"]["code"] for error in refused["errors"]] == [INVALID]


async def test_a_float_is_no_exact_number(state: State, acme: Signed) -> None:
    async with untouched(state, acme):
        for given in ({"price": {"amount": 1.5}}, {"livingArea": 82.5}, {"rooms": True}):
            assert await acme.agent.code(CREATE, input=property_input(**given)) == INVALID
    made = await created(acme, price={"amount": 465_000}, livingArea=82)
    shown = await acme.agent.data(
        "query ($id: ID!) { property(id: $id) { price { amount } livingArea } }", id=made["id"]
    )
    assert shown["property"] == {"price": {"amount": "465000.00"}, "livingArea": "82.00"}


async def test_an_update_that_changes_nothing_is_no_change(state: State, acme: Signed) -> None:
    made = await created(acme)
    before = await events(state, acme.agency.id)
    payload = (await acme.agent.data(UPDATE, id=made["id"], input={"title": made["title"], "rooms": "3.5"}))[
        "propertyUpdate"
    ]
    assert payload["userErrors"] == []
    assert payload["property"]["version"] == 1
    assert payload["property"]["updatedAt"] == made["updatedAt"]
    assert await events(state, acme.agency.id) == before


async def test_an_address_follows_its_country(state: State, acme: Signed) -> None:
    read = "query ($id: ID!) { property(id: $id) { address { postalCode city state region country } } }"
    made = await created(acme)

    async def change(**fields: Any) -> Any:
        given = {"address": fields}
        return (await acme.agent.data(UPDATE, id=made["id"], input=given))["propertyUpdate"]

    assert (await change(postalCode="80331", city="München"))["userErrors"] == []
    assert (await acme.agent.data(read, id=made["id"]))["property"]["address"]["state"] == "BY"
    assert (await change(country="Austria", postalCode="1010", city="Wien", region="Wien"))["userErrors"] == []
    vienna = {"postalCode": "1010", "city": "Wien", "state": None, "region": "Wien", "country": "AT"}
    assert (await acme.agent.data(read, id=made["id"]))["property"]["address"] == vienna
    assert (await change(postalCode="1020"))["userErrors"] == []
    async with untouched(state, acme):
        assert problems(await change(state="BE")) == [(BROKEN, "input.address.state")]
        assert problems(await change(country="Deutschland")) == [(BROKEN, "input.address.postalCode")]
    assert (await change(country=None, postalCode="01067"))["userErrors"] == []
    home = {**vienna, "postalCode": "01067", "state": "SN", "country": "DE"}
    assert (await acme.agent.data(read, id=made["id"]))["property"]["address"] == home
