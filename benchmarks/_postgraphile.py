"""Between our questions and answers and those of PostGraphile, which has a schema of its own made from the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.properties import BOOLEAN_FEATURES, FeatureKey
from resolvers.kit.ids import encode_id, split_id
from resolvers.kit.scalars import unscaled, write_datetime

# Its orders; the id in the same direction decides between equals.
ORDERS = {
    "CREATED_AT": "CREATED_AT",
    "TITLE": "TITLE_KEY",
    "PRICE": "PRICE_OR_LAST",
    "LIVING_AREA": "LIVING_AREA_OR_LAST",
}
NEWEST = {"field": "CREATED_AT", "direction": "DESC"}

MONEY = ("price", "rentCold", "rentWarm", "serviceCharge", "heatingCost", "deposit", "houseMoney", "pricePerSqm")
AREAS = ("livingArea", "usableArea", "totalArea", "plotArea")
ADDRESS = ("street", "houseNumber", "postalCode", "city", "state", "country", "showAddress")
FEATURES = ("parkingSpaces", "parkingType", "heatingType", "energySource", "energyClass", "flooring", "orientation")
LIST_HAS = (FeatureKey.BALCONY, FeatureKey.ELEVATOR, FeatureKey.GARDEN)
DETAIL_HAS = tuple(key for key in BOOLEAN_FEATURES if key is not FeatureKey.FLAT_SHARE_SUITABLE)
MOMENTS = ("createdAt", "updatedAt", "statusChangedAt")


def variables(given: dict[str, Any]) -> dict[str, Any]:
    """Variables of our documents as its documents take them."""
    if "id" in given:
        found = split_id(given["id"])
        assert found is not None
        return {"id": str(found[1])}
    page = given["page"]
    order = given.get("orderBy", [NEWEST])[0]
    direction = order["direction"]
    return {
        "first": page["size"],
        "offset": (page["number"] - 1) * page["size"],
        "orderBy": [f"{ORDERS[order['field']]}_{direction}", f"ROW_ID_{direction}"],
        "condition": _condition(given.get("filter", {})),
    }


def _condition(filter: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, operators in filter.items():
        if name == "price":
            low, high = (str(round(float(bound) * 100)) for bound in operators["between"])
            found |= {"priceFrom": low, "priceTo": high}
        else:
            found[name] = operators["eq"]
    return found


def content(data: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The data of its answer in the form of ours: the same facts under our names and in our units."""
    if "property" in data:
        return data | {"property": _detail(data["property"])}
    page, total = given["page"], data["properties"]["totalCount"]
    meta = {
        "page": page["number"],
        "size": page["size"],
        "pages": -(-total // page["size"]),
        "total": total,
    }
    return data | {"properties": {"nodes": [_row(node) for node in data["properties"]["nodes"]], "pageMeta": meta}}


def _row(node: dict[str, Any]) -> dict[str, Any]:
    """What both screens show."""
    found = dict(node)
    currency, features = found.pop("currency"), found.pop("features")
    for name in MONEY:
        if found.get(name) is not None:
            found[name] = {"amount": unscaled(int(found[name]), 2), "currency": currency}
    for name in AREAS:
        if found.get(name) is not None:
            found[name] = unscaled(int(found[name]), 2)
    for name in ("rooms", "bathrooms"):
        if found[name] is not None:
            found[name] = unscaled(found[name] * 5, 1)
    for name in MOMENTS:
        if name in found:
            found[name] = _moment(found[name])
    found["id"] = _id("Property", found["id"])
    found["assignedAgent"] = _user(found["assignedAgent"])
    found["address"] = {name: found.pop(name) for name in ADDRESS if name in found}
    shown = DETAIL_HAS if "unknownFeatures" in found else LIST_HAS
    found["features"] = {name: found.pop(name) for name in FEATURES if name in found}
    found["features"] |= {_camel(key.value): key.value in features for key in shown}
    return found


def _detail(node: dict[str, Any]) -> dict[str, Any]:
    found = _row(node)
    found["features"]["unknown"] = found.pop("unknownFeatures")
    latitude, longitude = found.pop("latitude"), found.pop("longitude")
    known = latitude is not None and longitude is not None
    found["address"]["geo"] = {"latitude": f"{latitude:.6f}", "longitude": f"{longitude:.6f}"} if known else None
    found["address"]["formatted"] = found.pop("formattedAddress")
    found["commission"] = {
        "model": found.pop("commissionModel"),
        "buyerPercent": _percent(found.pop("commissionBuyer")),
        "sellerPercent": _percent(found.pop("commissionSeller")),
        "text": found.pop("commissionText"),
    }
    found["contactPersons"] = [
        person | {"id": _id("ContactPerson", person["id"])} for person in found["contactPersons"]
    ]
    found["notes"] = {
        "nodes": [
            note
            | {"id": _id("Note", note["id"]), "createdAt": _moment(note["createdAt"]), "author": _user(note["author"])}
            for note in found["notes"]["nodes"]
        ]
    }
    return found


def _id(name: str, id: str) -> str:
    return encode_id(name, UUID(id))


def _user(found: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if found is None else found | {"id": _id("User", found["id"])}


def _moment(text: str) -> str:
    return write_datetime(datetime.fromisoformat(text).astimezone(UTC))


def _percent(value: int | None) -> str | None:
    return None if value is None else unscaled(value, 2)


def _camel(key: str) -> str:
    first, *rest = key.lower().split("_")
    return first + "".join(word.title() for word in rest)
