"""The schema as people write it: Strawberry types whose resolvers read SQLModel rows."""

import base64
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, NewType
from uuid import UUID

import models
import strawberry
from context import Context
from sqlalchemy import func, select
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from domain.address import GermanState, formatted
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

for enum in (
    *(GermanState, CommissionModel, Condition, EnergyClass, EnergySource, FeatureKey, FlooringType, HeatingType),
    *(MarketingType, Orientation, ParkingType, PropertyStatus, PropertySubtype, PropertyType, PropertyUsage),
):
    strawberry.enum(enum)

DecimalString = NewType("DecimalString", str)
SCALARS: dict[object, Any] = {
    DecimalString: strawberry.scalar(name="Decimal", serialize=str, parse_value=str),
    datetime: strawberry.scalar(
        name="DateTime",
        serialize=lambda value: value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        parse_value=datetime.fromisoformat,
    ),
}
Info = strawberry.Info[Context, None]


def encode_id(name: str, id: UUID) -> strawberry.ID:
    return strawberry.ID(base64.urlsafe_b64encode(f"{name}:{id}".encode()).decode().rstrip("="))


def decode_id(value: str) -> UUID:
    return UUID(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode().partition(":")[2])


def hundredths(value: int | None) -> DecimalString | None:
    return None if value is None else DecimalString(f"{value // 100}.{value % 100:02d}")


def halves(value: int | None) -> DecimalString | None:
    return None if value is None else DecimalString(f"{value // 2}.{value % 2 * 5}")


@strawberry.type
class Money:
    amount: DecimalString
    currency: str


def money(amount: int | None, currency: str) -> Money | None:
    found = hundredths(amount)
    return None if found is None else Money(amount=found, currency=currency)


@strawberry.type
class User:
    name: str

    @strawberry.field
    def id(self, root: strawberry.Parent[models.Member]) -> strawberry.ID:
        return encode_id("User", root.id)


@strawberry.type
class GeoPoint:
    latitude: DecimalString
    longitude: DecimalString


@strawberry.type
class Address:
    street: str | None
    house_number: str | None
    postal_code: str | None
    city: str | None
    state: GermanState | None
    country: str
    show_address: bool

    @strawberry.field
    def formatted(self, root: strawberry.Parent[models.Property]) -> str:
        return formatted(root.street, root.house_number, root.postal_code, root.city, country=root.country)

    @strawberry.field
    def geo(self, root: strawberry.Parent[models.Property]) -> GeoPoint | None:
        if root.latitude is None or root.longitude is None:
            return None
        return GeoPoint(
            latitude=DecimalString(f"{root.latitude:.6f}"), longitude=DecimalString(f"{root.longitude:.6f}")
        )


@strawberry.type
class PropertyFeatures:
    parking_spaces: int | None
    parking_type: ParkingType | None
    heating_type: HeatingType | None
    energy_source: EnergySource | None
    energy_class: EnergyClass | None
    flooring: list[FlooringType]
    orientation: Orientation | None
    unknown: list[FeatureKey]
    balcony: bool
    garden: bool
    elevator: bool
    terrace: bool
    cellar: bool
    fitted_kitchen: bool
    barrier_free: bool
    guest_toilet: bool
    fireplace: bool
    furnished: bool
    pets_allowed: bool
    air_conditioning: bool
    pool: bool
    sauna: bool
    monument: bool

    @classmethod
    def of(cls, row: models.Property) -> "PropertyFeatures":
        has = row.features
        return cls(
            parking_spaces=row.parking_spaces,
            parking_type=row.parking_type,
            heating_type=row.heating_type,
            energy_source=row.energy_source,
            energy_class=row.energy_class,
            flooring=row.flooring,
            orientation=row.orientation,
            unknown=row.unknown_features,
            balcony=FeatureKey.BALCONY in has,
            garden=FeatureKey.GARDEN in has,
            elevator=FeatureKey.ELEVATOR in has,
            terrace=FeatureKey.TERRACE in has,
            cellar=FeatureKey.CELLAR in has,
            fitted_kitchen=FeatureKey.FITTED_KITCHEN in has,
            barrier_free=FeatureKey.BARRIER_FREE in has,
            guest_toilet=FeatureKey.GUEST_TOILET in has,
            fireplace=FeatureKey.FIREPLACE in has,
            furnished=FeatureKey.FURNISHED in has,
            pets_allowed=FeatureKey.PETS_ALLOWED in has,
            air_conditioning=FeatureKey.AIR_CONDITIONING in has,
            pool=FeatureKey.POOL in has,
            sauna=FeatureKey.SAUNA in has,
            monument=FeatureKey.MONUMENT in has,
        )


@strawberry.type
class Commission:
    model: CommissionModel
    buyer_percent: DecimalString | None
    seller_percent: DecimalString | None
    text: str | None


@strawberry.type
class PropertyRights:
    update: bool
    delete: bool
    publish: bool
    allowed_statuses: list[PropertyStatus]


@strawberry.type
class ContactPerson:
    name: str
    email: str | None
    phone: str | None
    role: str

    @strawberry.field
    def id(self, root: strawberry.Parent[models.ContactPerson]) -> strawberry.ID:
        return encode_id("ContactPerson", root.id)


@strawberry.type
class Note:
    body: str
    pinned: bool
    created_at: datetime
    author: User

    @strawberry.field
    def id(self, root: strawberry.Parent[models.Note]) -> strawberry.ID:
        return encode_id("Note", root.id)


@strawberry.type
class NoteConnection:
    nodes: list[Note]


def amount(column: str) -> Any:
    """A money field over a column of the property."""

    def resolve(root: strawberry.Parent[models.Property]) -> Money | None:
        return money(getattr(root, column), root.currency)

    return strawberry.field(resolver=resolve)


def area(column: str) -> Any:
    def resolve(root: strawberry.Parent[models.Property]) -> DecimalString | None:
        return hundredths(getattr(root, column))

    return strawberry.field(resolver=resolve)


def count_of_halves(column: str) -> Any:
    def resolve(root: strawberry.Parent[models.Property]) -> DecimalString | None:
        return halves(getattr(root, column))

    return strawberry.field(resolver=resolve)


@strawberry.type
class Property:
    external_number: str
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
    price: Money | None = amount("price")
    price_on_request: bool
    rent_cold: Money | None = amount("rent_cold")
    rent_warm: Money | None = amount("rent_warm")
    service_charge: Money | None = amount("service_charge")
    heating_cost: Money | None = amount("heating_cost")
    deposit: Money | None = amount("deposit")
    house_money: Money | None = amount("house_money")
    price_per_sqm: Money | None = amount("price_per_sqm")
    living_area: DecimalString | None = area("living_area")
    usable_area: DecimalString | None = area("usable_area")
    total_area: DecimalString | None = area("total_area")
    plot_area: DecimalString | None = area("plot_area")
    rooms: DecimalString | None = count_of_halves("rooms")
    bedrooms: int | None
    bathrooms: DecimalString | None = count_of_halves("bathrooms")
    floor: int | None
    floors_total: int | None
    year_built: int | None
    last_modernisation: int | None
    condition: Condition | None
    available_from: date | None
    available_from_text: str | None
    is_rented: bool
    location: str | None
    amenities: list[str]
    created_at: datetime
    updated_at: datetime
    version: int

    @strawberry.field
    def id(self, root: strawberry.Parent[models.Property]) -> strawberry.ID:
        return encode_id("Property", root.id)

    @strawberry.field
    def commission(self, root: strawberry.Parent[models.Property]) -> Commission | None:
        return Commission(
            model=root.commission_model,
            buyer_percent=hundredths(root.commission_buyer),
            seller_percent=hundredths(root.commission_seller),
            text=root.commission_text,
        )

    @strawberry.field
    def address(self, root: strawberry.Parent[models.Property]) -> Address | None:
        return root  # type: ignore[return-value]

    @strawberry.field
    def features(self, root: strawberry.Parent[models.Property]) -> PropertyFeatures:
        return PropertyFeatures.of(root)

    @strawberry.field
    def days_on_market(self, root: strawberry.Parent[models.Property]) -> int | None:
        return days_on_market(root.first_available_at, root.closed_at, datetime.now(UTC).date())

    @strawberry.field
    async def contact_persons(self, root: strawberry.Parent[models.Property], info: Info) -> list[ContactPerson]:
        return await info.context.contact_persons.load(root.id)  # type: ignore[return-value]

    @strawberry.field
    async def assigned_agent(self, root: strawberry.Parent[models.Property], info: Info) -> User | None:
        if root.assigned_agent_id is None:
            return None
        return await info.context.members.load(root.assigned_agent_id)  # type: ignore[return-value]

    @strawberry.field
    async def notes(self, root: strawberry.Parent[models.Property], info: Info, first: int = 20) -> NoteConnection:
        return NoteConnection(nodes=(await info.context.notes.load(root.id))[:first])  # type: ignore[arg-type]

    @strawberry.field
    def viewer_can(self, root: strawberry.Parent[models.Property], info: Info) -> PropertyRights:
        viewer = info.context.viewer
        manages = viewer.role != "AGENT"
        return PropertyRights(
            update=True,
            delete=True,
            publish=manages or viewer.member_id in (root.created_by_id, root.assigned_agent_id),
            allowed_statuses=allowed_statuses(root.status, root.marketing_type, manages),
        )


# Lists


@strawberry.input
class PageInput:
    number: int = 1
    size: int = 20


@strawberry.input
class PropertyStatusFilter:
    eq: PropertyStatus | None = None


@strawberry.input
class PropertyTypeFilter:
    eq: PropertyType | None = None


@strawberry.input
class StringFilter:
    eq: str | None = None


@strawberry.input
class DecimalFilter:
    between: list[DecimalString] | None = None


@strawberry.input
class PropertyFilter:
    status: PropertyStatusFilter | None = None
    type: PropertyTypeFilter | None = None
    city: StringFilter | None = None
    price: DecimalFilter | None = None


@strawberry.enum
class PropertyOrderField(Enum):
    CREATED_AT = "created_at"
    TITLE = "title_key"
    PRICE = "price"
    LIVING_AREA = "living_area"


@strawberry.enum
class OrderDirection(Enum):
    ASC = "ASC"
    DESC = "DESC"


@strawberry.input
class PropertyOrder:
    field: PropertyOrderField
    direction: OrderDirection = OrderDirection.DESC


@strawberry.type
class PageMeta:
    page: int
    size: int
    pages: int
    total: int


@strawberry.type
class PropertyConnection:
    nodes: list[Property]
    page: strawberry.Private[PageInput]
    statement: strawberry.Private[Any]

    @strawberry.field
    async def page_meta(self, info: Info) -> PageMeta | None:
        count = select(func.count()).select_from(self.statement.subquery())
        async with info.context.reading() as session:
            total = (await session.execute(count)).scalar_one()
        return PageMeta(page=self.page.number, size=self.page.size, pages=-(-total // self.page.size), total=total)


def conditions(filter: PropertyFilter) -> list[Any]:
    found = []
    if filter.status and filter.status.eq:
        found.append(models.Property.status == filter.status.eq)
    if filter.type and filter.type.eq:
        found.append(models.Property.type == filter.type.eq)
    if filter.city and filter.city.eq:
        found.append(models.Property.city == filter.city.eq)
    if filter.price and filter.price.between:
        low, high = (round(float(bound) * 100) for bound in filter.price.between)
        found.append(models.Property.price.between(low, high))
    return found


def ordering(order_by: list[PropertyOrder] | None) -> list[Any]:
    if not order_by:
        return [models.Property.created_at.desc(), models.Property.id.desc()]
    found = []
    for order in order_by:
        column = getattr(models.Property, order.field.value)
        found.append((column.desc() if order.direction is OrderDirection.DESC else column.asc()).nulls_last())
    last = order_by[0].direction is OrderDirection.DESC
    return [*found, models.Property.id.desc() if last else models.Property.id.asc()]


@strawberry.type
class Query:
    @strawberry.field
    async def stream_cursor(self, info: Info) -> str:
        async with info.context.reading() as session:
            stream = await session.get_one(models.EventStream, info.context.viewer.tenant_id)
        raw = stream.epoch.bytes + stream.last_seq.to_bytes(8, "big")
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @strawberry.field
    async def property(self, info: Info, id: strawberry.ID) -> Property | None:
        statement = select(models.Property).where(
            models.Property.tenant_id == info.context.viewer.tenant_id,
            models.Property.id == decode_id(id),
            models.Property.deleted_at.is_(None),
        )
        async with info.context.reading() as session:
            return (await session.execute(statement)).scalar_one_or_none()  # type: ignore[return-value]

    @strawberry.field
    async def properties(
        self,
        info: Info,
        page: PageInput | None = None,
        filter: PropertyFilter | None = None,
        order_by: Annotated[list[PropertyOrder] | None, strawberry.argument(name="orderBy")] = None,
    ) -> PropertyConnection:
        page = page or PageInput()
        statement = select(models.Property).where(
            models.Property.tenant_id == info.context.viewer.tenant_id, models.Property.deleted_at.is_(None)
        )
        if filter:
            statement = statement.where(*conditions(filter))
        rows = statement.order_by(*ordering(order_by)).limit(page.size).offset((page.number - 1) * page.size)
        async with info.context.reading() as session:
            nodes = (await session.execute(rows)).scalars().all()
        return PropertyConnection(nodes=nodes, page=page, statement=statement)  # type: ignore[arg-type]


schema = strawberry.Schema(
    Query,
    config=StrawberryConfig(scalar_map=SCALARS),
    extensions=[ParserCache(maxsize=1000), ValidationCache(maxsize=1000)],
)
