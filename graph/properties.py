"""Properties."""

from datetime import date, datetime
from datetime import date as Day
from typing import Any

import strawberry
from sqlalchemy import and_

import models
from domain.access import P, Scope
from domain.properties import (
    Condition,
    MarketingType,
    PropertyStatus,
    PropertySubtype,
    PropertyType,
    PropertyUsage,
    ValuationMethod,
    days_on_market,
)
from graph.kit.address import STAFF, Address
from graph.kit.connection import Connection, children, many
from graph.kit.field import derived, field, one, renamed, value
from graph.kit.figures import figure
from graph.kit.history import by_any, history
from graph.kit.node import Deletable, Money, Node
from graph.kit.payload import BulkPayload, BulkResult, Change, Payload
from graph.kit.root import bulk, listing, lookup, mutation, plain, subscription
from graph.property_parts import (
    DECIDING,
    Commission,
    PropertyFeatures,
    PropertyRights,
    days_by_the_database,
    rights,
    rights_by_the_database,
)
from loaders.figures import whether_any
from loaders.paging import OrderKey
from models.base import now
from resolvers import notes
from resolvers import properties as resolve
from resolvers.kit.scalars import URL, DecimalString, EmailAddress, PhoneNumber
from resolvers.properties import favorites, valuations
from resolvers.tasks.filters import TaskFilter, TaskOrder


@strawberry.type(description="A person named on the advertisement.")
class ContactPerson(Node, of=models.ContactPerson, needs=P.PROPERTY_READ, common=False):
    name: str
    email: EmailAddress | None
    phone: PhoneNumber | None
    role: str
    user = one(models.ContactPerson.user_id)


@strawberry.type(description="What somebody found a property to be worth.")
class PropertyValuation(Node, of=models.PropertyValuation, needs=STAFF):
    value: Money
    date: Day = renamed(models.PropertyValuation.valued_on)
    method: ValuationMethod
    source: str | None
    notes: str | None


def _marks(mark: Any, id: Any) -> Any:
    return mark.c.property_id == id


def _mark_of_viewer(mark: Any, id: Any, member: Any) -> Any:
    return and_(mark.c.property_id == id, mark.c.member_id == member)


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
    valuations = many(
        models.PropertyValuation.property_id,
        default=valuations.NEWEST,
        description="What it was found to be worth, newest first.",
    )
    is_favorite: bool = figure(
        models.PropertyFavorite,
        models.Property.id,
        match=_mark_of_viewer,
        what=whether_any,
        personal=True,
        description="Whether the viewer marked it.",
    )
    favorite_count: int = figure(
        models.PropertyFavorite, models.Property.id, match=_marks, description="How many people marked it."
    )
    first_available_at: datetime | None
    closed_at: datetime | None
    closing_price: Money | None = field(needs=STAFF)
    days_on_market: int | None = derived(
        models.Property.first_available_at,
        models.Property.closed_at,
        compute=lambda first, closed: days_on_market(first, closed, now().date()),
        sql=days_by_the_database,
        description="Whole days from the first day on the market to the closing, or to today.",
    )
    virtual_tour_url: URL | None
    video_url: URL | None
    viewer_can: PropertyRights = derived(
        models.Property.status,
        models.Property.marketing_type,
        models.Property.created_by_id,
        models.Property.assigned_agent_id,
        compute=rights,
        viewer=True,
        sql=rights_by_the_database,
        asks=DECIDING,
        description="What the viewer may do with it.",
    )


@strawberry.type(description="The property, or why it was refused.")
class PropertyPayload(Payload):
    property: Property | None = strawberry.field(description="The property as it is now.")


@strawberry.type(description="Whether it is a favourite now, or why that was refused.")
class FavoritePayload(Payload):
    is_favorite: bool = strawberry.field(description="Whether the viewer has it marked now.")
    node: Node | None = strawberry.field(description="What was marked.")


@strawberry.type(description="The valuation, or why it was refused.")
class PropertyValuationPayload(Payload):
    property_valuation: PropertyValuation | None = strawberry.field(description="The valuation as it is now.")


@strawberry.type(description="What happened to one of many properties.")
class PropertyBulkResult(BulkResult):
    property: Property | None = strawberry.field(description="The property as it is now.")


@strawberry.type(description="What happened to many properties.")
class PropertyBulkPayload(BulkPayload):
    results: list[PropertyBulkResult]


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
    property_duplicate: PropertyPayload = mutation(resolve.duplicate, needs=P.PROPERTY_CREATE)
    property_favorite_toggle: FavoritePayload = mutation(favorites.toggle, needs=P.PROPERTY_READ)
    property_valuation_add: PropertyValuationPayload = mutation(valuations.add, needs=P.PROPERTY_UPDATE)
    properties_update: PropertyBulkPayload = bulk(resolve.update_one, needs=P.PROPERTY_UPDATE)
    properties_delete: PropertyBulkPayload = bulk(resolve.delete_one, needs=P.PROPERTY_DELETE, scope=Scope.DELETE)


@strawberry.type
class Subscription:
    property_changed: PropertyChange = subscription(resolve.changed, needs=P.PROPERTY_READ)
