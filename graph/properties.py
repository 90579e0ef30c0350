"""Properties."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson
import strawberry
from sqlalchemy import ColumnElement, Date, any_, case, cast, func, or_

import models
from domain.access import P, Scope
from domain.properties import (
    CommissionModel,
    Condition,
    EnergyClass,
    EnergySource,
    FeatureKey,
    FlooringType,
    HeatingType,
    MarketingType,
    Orientation,
    ParkingType,
    PropertyStatus,
    PropertySubtype,
    PropertyType,
    PropertyUsage,
    allowed_statuses,
    days_on_market,
)
from graph.kit.address import STAFF, Address
from graph.kit.connection import Connection, children, many
from graph.kit.field import Asking, derived, field, one, renamed, value
from graph.kit.history import by_any, history
from graph.kit.node import Deletable, Money, Node, Value
from graph.kit.payload import Change, Payload
from graph.kit.root import listing, lookup, mutation, plain, subscription
from loaders import jsontext
from loaders.paging import OrderKey
from models.base import now
from resolvers import notes
from resolvers import properties as resolve
from resolvers.kit.context import Viewer
from resolvers.kit.scalars import URL, DecimalString, EmailAddress, Percent, PhoneNumber
from resolvers.tasks.filters import TaskFilter, TaskOrder


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


def _rights(status: str, marketing_type: str, created_by: Any, assigned: Any, *, viewer: Viewer) -> PropertyRights:
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


def _rights_by_the_database(
    status: ColumnElement[Any],
    marketing_type: ColumnElement[Any],
    created_by: ColumnElement[Any],
    assigned: ColumnElement[Any],
    *,
    viewer: Asking,
) -> dict[str, ColumnElement[Any]]:
    """`_rights` as JSON: lists show them in every row."""
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


def _days_by_the_database(first: ColumnElement[Any], closed: ColumnElement[Any]) -> ColumnElement[Any]:
    """`days_on_market` as JSON: lists show it in every row."""

    def day(moment: ColumnElement[Any]) -> ColumnElement[Any]:
        return cast(func.timezone(jsontext.Fixed("UTC"), moment), Date)

    days = func.greatest(0, day(func.coalesce(closed, func.now())) - day(first))
    return jsontext.or_null(case((first.is_not(None), days)))


@strawberry.type(description="A person named on the advertisement.")
class ContactPerson(Node, of=models.ContactPerson, needs=P.PROPERTY_READ, common=False):
    name: str
    email: EmailAddress | None
    phone: PhoneNumber | None
    role: str
    user = one(models.ContactPerson.user_id)


@strawberry.type(description="A property: what an agency sells or lets.")
class Property(Node, Deletable, of=models.Property, needs=P.PROPERTY_READ):
    external_number: str
    open_immo_id: str
    title: str
    description: str | None
    location_description: str | None
    equipment_description: str | None
    other_description: str | None
    status: PropertyStatus
    status_changed_at: datetime
    type: PropertyType
    subtype: PropertySubtype | None
    usage: PropertyUsage
    marketing_type: MarketingType
    price: Money | None
    price_on_request: bool
    rent_cold: Money | None
    rent_warm: Money | None
    service_charge: Money | None
    heating_cost: Money | None
    heating_included: bool | None
    deposit: Money | None
    house_money: Money | None
    commission: Commission | None = value("Who pays the commission.")
    price_per_sqm: Money | None
    living_area: DecimalString | None
    usable_area: DecimalString | None
    total_area: DecimalString | None
    plot_area: DecimalString | None
    rooms: DecimalString | None
    bedrooms: int | None
    bathrooms: DecimalString | None
    floor: int | None
    floors_total: int | None
    year_built: int | None
    last_modernisation: int | None
    condition: Condition | None
    available_from: date | None
    available_from_text: str | None
    is_rented: bool
    rent_income_year: Money | None
    location: str | None
    address: Address | None = value("Where it is.")
    features: PropertyFeatures = value("What it has.")
    amenities: list[str]
    contact_persons: list[ContactPerson] = children(
        models.ContactPerson.property_id,
        order=(OrderKey.by("ordinal", int),),
        cap=resolve.MAX_CONTACT_PERSONS,
        description="Persons named on the advertisement, the main one first; at most 20.",
    )
    assigned_agent = one(models.Property.assigned_agent_id)
    notes = many(
        models.Note.property_id, default=notes.PINNED_FIRST, description="Notes, pinned ones first, then newest."
    )
    tasks = many(
        models.Task.property_id, filter=TaskFilter, order=TaskOrder, description="What there is to do about it."
    )
    history = history(models.Property, own=by_any(models.Property.created_by_id, models.Property.assigned_agent_id))
    first_available_at: datetime | None
    closed_at: datetime | None
    closing_price: Money | None = field(needs=STAFF)
    days_on_market: int | None = derived(
        models.Property.first_available_at,
        models.Property.closed_at,
        compute=lambda first, closed: days_on_market(first, closed, now().date()),
        sql=_days_by_the_database,
        description="Whole days from the first day on the market to the closing, or to today.",
    )
    virtual_tour_url: URL | None
    video_url: URL | None
    viewer_can: PropertyRights = derived(
        models.Property.status,
        models.Property.marketing_type,
        models.Property.created_by_id,
        models.Property.assigned_agent_id,
        compute=_rights,
        viewer=True,
        sql=_rights_by_the_database,
        description="What the viewer may do with it.",
    )


@strawberry.type(description="The property, or why it was refused.")
class PropertyPayload(Payload):
    property: Property | None = strawberry.field(description="The property as it is now.")


@strawberry.type(description="A change of a property or of one of its parts.")
class PropertyChange(Change):
    property: Property | None = strawberry.field(description="The property as it is now; null when it is gone.")


@strawberry.type
class Query:
    property: Property | None = lookup(models.Property, description="One property; null when there is none.")
    properties: Connection[Property] = listing(
        models.Property,
        filter=resolve.PropertyFilter,
        order=resolve.PropertyOrder,
        description="Properties, filtered, searched and sorted.",
    )
    property_by_external_number: Property | None = plain(resolve.by_external_number, needs=P.PROPERTY_READ)


@strawberry.type
class Mutation:
    property_create: PropertyPayload = mutation(resolve.create, needs=P.PROPERTY_CREATE)
    property_update: PropertyPayload = mutation(resolve.update, needs=P.PROPERTY_UPDATE)
    property_status_set: PropertyPayload = mutation(resolve.set_status, needs=P.PROPERTY_UPDATE)
    property_delete: PropertyPayload = mutation(resolve.delete, needs=P.PROPERTY_DELETE, scope=Scope.DELETE)


@strawberry.type
class Subscription:
    property_changed: PropertyChange = subscription(resolve.changed, needs=P.PROPERTY_READ)
