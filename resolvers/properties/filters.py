"""Conditions and orders of the list."""

from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar

import strawberry
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Integer,
    Text,
    Uuid,
    any_,
    case,
    cast,
    exists,
    func,
    literal_column,
    not_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import array
from strawberry.types.unset import UNSET

import models
from domain.address import GermanState
from domain.properties import (
    TYPE_GROUPS,
    Condition,
    EnergyClass,
    FeatureKey,
    HeatingType,
    MarketingType,
    PropertyStatus,
    PropertySubtype,
    PropertyType,
    PropertyTypeGroup,
    PropertyUsage,
)
from loaders.paging import OrderKey
from loaders.sql import param
from loaders.visibility import table_of
from resolvers.kit.filters import (
    DateFilter,
    DateTimeFilter,
    DecimalFilter,
    EnumFilter,
    Filter,
    IDFilter,
    IntFilter,
    Order,
    OrderDirection,
    StringFilter,
)


def _type_group(table: Any, bind: Callable[[Any], Any]) -> ColumnElement[bool]:
    value = bind(Text)
    groups = [
        (
            value == group.value,
            table.c.type == any_(array([kind.value for kind in sorted(kinds, key=lambda k: k.value)])),
        )
        for group, kinds in TYPE_GROUPS.items()
    ]
    return case(*groups, else_=literal_column("false"))


def _features(table: Any, bind: Callable[[Any], Any]) -> ColumnElement[bool]:
    return cast(bind(ARRAY(Text)), ARRAY(Text)).bool_op("<@")(table.c.features)


def _is_favorite(table: Any, wanted: bool) -> ColumnElement[bool]:
    mark = table_of(models.PropertyFavorite).alias()
    found = exists(
        select(mark.c.id).where(
            mark.c.tenant_id == table.c.tenant_id,
            mark.c.property_id == table.c.id,
            mark.c.member_id == param("member", Uuid),
        )
    )
    return found if wanted else not_(found)


def _days_on_market(table: Any) -> ColumnElement[Any]:
    """Calendar days from the first day on the market to the closing, or to today, in UTC."""

    def day(moment: Any) -> ColumnElement[Any]:
        return cast(func.timezone(literal_column("'UTC'"), moment), Date)

    return type_coerce(day(func.coalesce(table.c.closed_at, func.now())) - day(table.c.first_available_at), Integer)


@strawberry.input(description="Conditions on properties; all given ones must hold.")
class PropertyFilter(Filter, of=models.Property):
    status: EnumFilter[PropertyStatus] | None = UNSET
    type: EnumFilter[PropertyType] | None = UNSET
    subtype: EnumFilter[PropertySubtype] | None = UNSET
    type_group: PropertyTypeGroup | None = strawberry.field(default=UNSET, description="All types of a group.")
    usage: EnumFilter[PropertyUsage] | None = UNSET
    marketing_type: EnumFilter[MarketingType] | None = UNSET
    price: DecimalFilter | None = UNSET
    rent_cold: DecimalFilter | None = UNSET
    rent_warm: DecimalFilter | None = UNSET
    living_area: DecimalFilter | None = UNSET
    usable_area: DecimalFilter | None = UNSET
    plot_area: DecimalFilter | None = UNSET
    rooms: DecimalFilter | None = UNSET
    bedrooms: IntFilter | None = UNSET
    bathrooms: DecimalFilter | None = UNSET
    floor: IntFilter | None = UNSET
    year_built: IntFilter | None = UNSET
    condition: EnumFilter[Condition] | None = UNSET
    energy_class: EnumFilter[EnergyClass] | None = UNSET
    heating_type: EnumFilter[HeatingType] | None = UNSET
    city: StringFilter | None = UNSET
    postal_code: StringFilter | None = UNSET
    state: EnumFilter[GermanState] | None = UNSET
    features: list[FeatureKey] | None = strawberry.field(default=UNSET, description="All of these must be there.")
    assigned_agent_id: IDFilter | None = UNSET
    external_number: StringFilter | None = UNSET
    available_from: DateFilter | None = UNSET
    created_at: DateTimeFilter | None = UNSET
    updated_at: DateTimeFilter | None = UNSET
    is_favorite: bool | None = strawberry.field(default=UNSET, description="Whether the viewer marked it.")
    days_on_market: IntFilter | None = strawberry.field(
        default=UNSET, description="Days since it was first on the market."
    )
    search: str | None = strawberry.field(
        default=UNSET,
        description="Full text, 2 to 200 characters; German and simple stems, the last word may be a beginning.",
    )
    and_: list["PropertyFilter"] | None = strawberry.field(default=UNSET, name="and", description="All of these hold.")
    or_: list["PropertyFilter"] | None = strawberry.field(default=UNSET, name="or", description="One of these holds.")
    not_: "PropertyFilter | None" = strawberry.field(default=UNSET, name="not", description="This does not hold.")

    specials: ClassVar[dict[str, Any]] = {
        "type_group": _type_group,
        "features": _features,
        "is_favorite": _is_favorite,
    }
    personal: ClassVar[bool] = True
    expressions: ClassVar[dict[str, Any]] = {"days_on_market": _days_on_market}


@strawberry.enum(description="What properties can be sorted by.")
class PropertyOrderField(Enum):
    CREATED_AT = strawberry.enum_value("created_at", description="When it was created.")
    UPDATED_AT = strawberry.enum_value("updated_at", description="When it or a part of it was last changed.")
    TITLE = strawberry.enum_value("title", description="Title, umlauts beside their base letters.")
    PRICE = strawberry.enum_value("price", description="Purchase price.")
    PRICE_PER_SQM = strawberry.enum_value("price_per_sqm", description="Price, or cold rent, per m².")
    LIVING_AREA = strawberry.enum_value("living_area", description="Living area.")
    ROOMS = strawberry.enum_value("rooms", description="Rooms.")
    DAYS_ON_MARKET = strawberry.enum_value("days_on_market", description="Days since it was first on the market.")
    STATUS = strawberry.enum_value("status", description="Place in the life cycle, alphabetically by key.")


@strawberry.input(description="How to sort properties.")
class PropertyOrder(Order):
    field: PropertyOrderField = strawberry.field(description="What to sort by.")
    direction: OrderDirection = strawberry.field(default=OrderDirection.DESC, description="Smallest or largest first.")

    keys: ClassVar[dict[str, OrderKey]] = {
        "created_at": OrderKey.by("created_at"),
        "updated_at": OrderKey.by("updated_at"),
        "title": OrderKey.by("title_key", str, key="title"),
        "price": OrderKey.by("price", int, nullable=True),
        "price_per_sqm": OrderKey.by("price_per_sqm", int, nullable=True),
        "living_area": OrderKey.by("living_area", int, nullable=True),
        "rooms": OrderKey.by("rooms", int, nullable=True),
        "days_on_market": OrderKey("days_on_market", _days_on_market, nullable=True, kind=int),
        "status": OrderKey.by("status", str),
    }
