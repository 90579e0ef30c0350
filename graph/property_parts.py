"""What a property shows of itself under one name: where it is, what it has, what may be done with it."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
import strawberry
from sqlalchemy import ColumnElement, Date, any_, case, cast, func, or_

import models
from domain.access import P, Scope
from domain.properties import (
    CommissionModel,
    EnergyClass,
    EnergySource,
    FeatureKey,
    FlooringType,
    HeatingType,
    MarketingType,
    Orientation,
    ParkingType,
    PropertyStatus,
    allowed_statuses,
)
from graph.kit.field import Asking, derived, renamed
from graph.kit.node import Value
from loaders import jsontext
from resolvers.kit.context import Viewer
from resolvers.kit.scalars import DecimalString, Percent


def _feature(key: FeatureKey, text: str) -> Any:
    name = key.value
    return derived(
        models.Property.features,
        compute=lambda features: name in features,
        sql=lambda features: jsontext.plain(jsontext.Fixed(name) == any_(features)),
        description=text,
    )


@strawberry.type(description="What a property has. A feature listed in `unknown` is false because nobody knows.")
class PropertyFeatures(Value, of=models.Property):
    parking_spaces: int | None
    parking_type: ParkingType | None
    balcony: bool = _feature(FeatureKey.BALCONY, "Balcony.")
    garden: bool = _feature(FeatureKey.GARDEN, "Garden.")
    elevator: bool = _feature(FeatureKey.ELEVATOR, "Lift.")
    terrace: bool = _feature(FeatureKey.TERRACE, "Terrace.")
    cellar: bool = _feature(FeatureKey.CELLAR, "Cellar.")
    fitted_kitchen: bool = _feature(FeatureKey.FITTED_KITCHEN, "Fitted kitchen.")
    barrier_free: bool = _feature(FeatureKey.BARRIER_FREE, "Free of barriers.")
    guest_toilet: bool = _feature(FeatureKey.GUEST_TOILET, "Guest toilet.")
    fireplace: bool = _feature(FeatureKey.FIREPLACE, "Fireplace.")
    furnished: bool = _feature(FeatureKey.FURNISHED, "Furnished.")
    pets_allowed: bool = _feature(FeatureKey.PETS_ALLOWED, "Pets allowed.")
    air_conditioning: bool = _feature(FeatureKey.AIR_CONDITIONING, "Air conditioning.")
    pool: bool = _feature(FeatureKey.POOL, "Pool.")
    sauna: bool = _feature(FeatureKey.SAUNA, "Sauna.")
    flat_share_suitable: bool = _feature(FeatureKey.FLAT_SHARE_SUITABLE, "Suitable for a shared flat.")
    monument: bool = _feature(FeatureKey.MONUMENT, "Listed building (Denkmal).")
    balcony_area: DecimalString | None
    terrace_area: DecimalString | None
    garden_area: DecimalString | None
    heating_type: HeatingType | None
    energy_source: EnergySource | None
    energy_class: EnergyClass | None
    flooring: list[FlooringType]
    orientation: Orientation | None
    internet_speed_mbit: int | None
    unknown: list[FeatureKey] = renamed(models.Property.unknown_features)


@strawberry.type(description="Who pays the commission.")
class Commission(Value, of=models.Property):
    model: CommissionModel = renamed(models.Property.commission_model)
    buyer_percent: Percent | None = renamed(models.Property.commission_buyer)
    seller_percent: Percent | None = renamed(models.Property.commission_seller)
    text: str | None = renamed(models.Property.commission_text)


@strawberry.type(description="What the viewer may do with a property: the buttons a client may show.")
class PropertyRights:
    update: bool = strawberry.field(description="Change it.")
    delete: bool = strawberry.field(description="Put it into the trash.")
    publish: bool = strawberry.field(description="Publish it.")
    allowed_statuses: list[PropertyStatus] = strawberry.field(description="Where its life cycle may go next.")


# What `_rights_of` asks.
DECIDING = (
    *(P.PROPERTY_UPDATE, P.PROPERTY_DELETE, P.PROPERTY_MANAGE),
    *(P.PROPERTY_PUBLISH, P.PROPERTY_PUBLISH + ".own"),
)


def rights(status: str, marketing_type: str, created_by: Any, assigned: Any, *, viewer: Viewer) -> PropertyRights:
    own = viewer.member_id in (created_by, assigned)
    return _rights_of(viewer.permissions, viewer.scopes, own, status, marketing_type)


@lru_cache(maxsize=2_000)
def _rights_of(
    permissions: frozenset[str], scopes: frozenset[Scope], own: bool, status: str, marketing_type: str
) -> PropertyRights:
    """There are few answers, and a list asks for one per row."""
    may_update = P.PROPERTY_UPDATE in permissions and Scope.WRITE in scopes
    may_publish = P.PROPERTY_PUBLISH in permissions or (own and P.PROPERTY_PUBLISH + ".own" in permissions)
    steps = allowed_statuses(PropertyStatus(status), MarketingType(marketing_type), P.PROPERTY_MANAGE in permissions)
    return PropertyRights(
        update=may_update,
        delete=P.PROPERTY_DELETE in permissions and Scope.DELETE in scopes,
        publish=may_publish,
        allowed_statuses=steps if may_update else [],
    )


def rights_by_the_database(
    status: ColumnElement[Any],
    marketing_type: ColumnElement[Any],
    created_by: ColumnElement[Any],
    assigned: ColumnElement[Any],
    *,
    viewer: Asking,
) -> dict[str, ColumnElement[Any]]:
    """`rights` as JSON: lists show them in every row."""
    found = {
        (own, status.value, kind.value): _rights_of(
            viewer.permissions, viewer.scopes, own == "OWN", status.value, kind.value
        )
        for own in ("OWN", "OTHER")
        for status in PropertyStatus
        for kind in MarketingType
    }
    mine = or_(created_by == viewer.member, assigned == viewer.member)
    columns = [case((mine, jsontext.Fixed("OWN")), else_=jsontext.Fixed("OTHER")), status, marketing_type]

    def told(show: Callable[[PropertyRights], Any]) -> ColumnElement[Any]:
        return jsontext.chosen(columns, {key: orjson.dumps(show(rights)).decode() for key, rights in found.items()})

    return {
        "update": told(lambda rights: rights.update),
        "delete": told(lambda rights: rights.delete),
        "publish": told(lambda rights: rights.publish),
        "allowedStatuses": told(lambda rights: [status.name for status in rights.allowed_statuses]),
    }


def days_by_the_database(first: ColumnElement[Any], closed: ColumnElement[Any]) -> ColumnElement[Any]:
    """`days_on_market` as JSON: lists show it in every row."""

    def day(moment: ColumnElement[Any]) -> ColumnElement[Any]:
        return cast(func.timezone(jsontext.Fixed("UTC"), moment), Date)

    days = func.greatest(0, day(func.coalesce(closed, func.now())) - day(first))
    return jsontext.or_null(case((first.is_not(None), days)))
