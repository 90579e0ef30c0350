"""The object on the market."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Computed,
    Float,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    any_,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR, array
from sqlmodel import Field

from domain.address import GermanState
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
    ValuationMethod,
)
from models.base import (
    BasisPoints,
    Deletable,
    Halves,
    Hundredths,
    Minor,
    Owned,
    choice,
    choices,
    column,
    flag,
    listed,
    moment,
    reference,
)

MOST_MONEY = 1_000_000_000  # keeps figures computed from amounts within 64 bits


class Property(Deletable, table=True):
    """A property. All amounts of one property are in its `currency`."""

    __event__: ClassVar[bool] = True
    __computed__: ClassVar[frozenset[str]] = frozenset({"price_per_sqm", "title_key", "search"})
    __table_args__ = (
        Index(
            "uq_property_external_number",
            "tenant_id",
            "external_number",
            unique=True,
            postgresql_where=text("deleted_at is null"),
        ),
        UniqueConstraint("tenant_id", "open_immo_id"),
        CheckConstraint("floor <= floors_total", name="floor"),
        CheckConstraint("rent_warm >= rent_cold", name="rent"),
        CheckConstraint("price >= 0 and rent_cold >= 0 and living_area > 0", name="amounts"),
        # The orders of the list: the column (nulls last where there are any), then the id in the same direction.
        listed("ix_property_created_at", text("created_at desc"), text("id desc")),
        listed("ix_property_updated_at", text("updated_at desc"), text("id desc")),
        listed("ix_property_price", text("price desc nulls last"), text("id desc")),
        listed("ix_property_living_area", text("living_area desc nulls last"), text("id desc")),
        listed("ix_property_title_key", "title_key", "id"),
        # What lists are most often narrowed to, in the order they are shown.
        listed("ix_property_status", "status", text("created_at desc"), text("id desc")),
        listed("ix_property_city", "city", text("created_at desc"), text("id desc")),
        listed("ix_property_postal_code", "postal_code"),
        Index(None, "search", postgresql_using="gin"),
    )

    external_number: str = Field(
        max_length=50, description="The agency's own number; unique, generated when not given."
    )
    open_immo_id: str = Field(description="Stable id for the exchange with portals; set at creation.")
    title: str = Field(max_length=200, description="Headline of the advertisement.")
    description: str | None = Field(default=None, max_length=10_000, description="Main text.")
    location_description: str | None = Field(default=None, max_length=5_000, description="Text about the surroundings.")
    equipment_description: str | None = Field(default=None, max_length=5_000, description="Text about the fittings.")
    other_description: str | None = Field(default=None, max_length=5_000, description="Further text.")
    status: str = choice(PropertyStatus, PropertyStatus.PREPARATION, description="Where it stands in its life cycle.")
    status_changed_at: datetime = moment(..., description="When the status was last changed.")
    status_reason: str | None = Field(default=None, max_length=500, description="Why the status was last changed.")
    type: str = choice(PropertyType, description="What kind of property it is.")
    subtype: str | None = choice(PropertySubtype, None, description="Finer kind; must fit the type.")
    usage: str = choice(PropertyUsage, PropertyUsage.RESIDENTIAL, description="What it is used for.")
    marketing_type: str = choice(MarketingType, MarketingType.BUY, description="Whether it is sold or let.")
    currency: str = Field(
        default="EUR",
        max_length=3,
        sa_column_kwargs={"server_default": "EUR"},
        description="Currency of all amounts of this property, ISO 4217.",
    )
    price: int | None = column(Minor, min=0, max=MOST_MONEY, description="Purchase price.")
    price_on_request: bool = flag(description="Advertised without the price.")
    rent_cold: int | None = column(Minor, min=0, max=MOST_MONEY, description="Rent per month without additional costs.")
    rent_warm: int | None = column(
        Minor, min=0, max=MOST_MONEY, description="Rent per month with service charge and heating."
    )
    service_charge: int | None = column(Minor, min=0, max=MOST_MONEY, description="Additional costs per month.")
    heating_cost: int | None = column(Minor, min=0, max=MOST_MONEY, description="Heating per month.")
    heating_included: bool | None = Field(default=None, description="Whether heating is part of the service charge.")
    deposit: int | None = column(Minor, min=0, max=MOST_MONEY, description="Security deposit.")
    house_money: int | None = column(
        Minor, min=0, max=MOST_MONEY, description="Hausgeld per month, paid to the owners' association."
    )
    rent_income_year: int | None = column(Minor, min=0, max=MOST_MONEY, description="Actual cold rent per year.")
    closing_price: int | None = column(Minor, min=0, max=MOST_MONEY, description="Real price or rent at closing.")
    price_per_sqm: int | None = Field(
        default=None,
        sa_type=Minor,
        sa_column_args=[
            Computed(
                # Half a hundredth is added before the division: rounded half up, in whole cents.
                "((case when marketing_type in ('BUY', 'LEASEHOLD') then price else rent_cold end) * 100"
                " + living_area / 2)"
                " / nullif(living_area, 0)",
                persisted=True,
            )
        ],
        description="Price, or cold rent, per m² of living area.",
    )
    commission_model: str = choice(CommissionModel, CommissionModel.DOUBLE, description="Who pays the commission.")
    commission_buyer: int | None = column(
        BasisPoints, min=0, max=10, description="Buyer's share, percent of the price incl. VAT."
    )
    commission_seller: int | None = column(
        BasisPoints, min=0, max=10, description="Seller's share, percent of the price incl. VAT."
    )
    commission_text: str | None = Field(
        default=None, max_length=1_000, description="Text about the commission, printed as it is."
    )
    living_area: int | None = column(Hundredths, min="0.01", max=100_000, description="Living area in m².")
    usable_area: int | None = column(Hundredths, min=0, max=1_000_000, description="Usable area in m².")
    total_area: int | None = column(Hundredths, min=0, max=1_000_000, description="Total area in m².")
    plot_area: int | None = column(Hundredths, min=0, max=10_000_000, description="Area of the plot in m².")
    rooms: int | None = column(Halves, min="0.5", max=100, description="Rooms, in steps of 0.5.")
    bedrooms: int | None = column(SmallInteger, min=0, max=100, description="Bedrooms.")
    bathrooms: int | None = column(Halves, min=0, max=100, description="Bathrooms; half = without bath or shower.")
    floor: int | None = column(SmallInteger, min=-5, max=200, description="0 is the ground floor.")
    floors_total: int | None = column(SmallInteger, min=1, max=200, description="Floors of the building.")
    year_built: int | None = column(
        SmallInteger, min=1000, description="Year of construction; at most five years ahead."
    )
    last_modernisation: int | None = column(SmallInteger, min=1000, description="Year of the last modernisation.")
    condition: str | None = choice(Condition, None, description="State of repair.")
    available_from: date | None = Field(default=None, description="Date from which it is free.")
    available_from_text: str | None = Field(
        default=None, max_length=100, description="Availability in words, e.g. by agreement."
    )
    is_rented: bool = flag(description="Whether it is let at present.")
    location: str | None = Field(
        default=None, max_length=255, description="Short label of the place; default is the city."
    )
    street: str | None = Field(default=None, max_length=255, description="Street without number.")
    house_number: str | None = Field(default=None, max_length=20, description="House number with additions.")
    postal_code: str | None = Field(default=None, max_length=10, description="Postal code; leading zeros kept.")
    city: str | None = Field(default=None, max_length=100, description="Town.")
    state: str | None = choice(GermanState, None, description="German state; from the postal code when not given.")
    region: str | None = Field(default=None, max_length=100, description="State or province outside Germany.")
    country: str = Field(
        default="DE", max_length=2, sa_column_kwargs={"server_default": "DE"}, description="ISO 3166 alpha-2."
    )
    latitude: float | None = column(Float, min=-90, max=90, description="Degrees north, WGS 84.")
    longitude: float | None = column(Float, min=-180, max=180, description="Degrees east, WGS 84.")
    show_address: bool = flag(description="Whether the exact address may be shown publicly.")
    features: list[str] = choices(FeatureKey, description="What it has.")
    unknown_features: list[str] = choices(
        FeatureKey, description="What is not known to be there or not; matching treats it as unknown."
    )
    parking_spaces: int | None = column(SmallInteger, min=0, max=1_000, description="Parking spaces that belong to it.")
    parking_type: str | None = choice(ParkingType, None, description="Kind of parking.")
    balcony_area: int | None = column(Hundredths, min=0, max=1_000_000, description="Balcony in m².")
    terrace_area: int | None = column(Hundredths, min=0, max=1_000_000, description="Terrace in m².")
    garden_area: int | None = column(Hundredths, min=0, max=1_000_000, description="Garden in m².")
    heating_type: str | None = choice(HeatingType, None, description="Kind of heating.")
    energy_source: str | None = choice(EnergySource, None, description="What it is heated with.")
    energy_class: str | None = choice(EnergyClass, None, description="Energy efficiency class.")
    flooring: list[str] = choices(FlooringType, description="Kinds of floor covering.")
    orientation: str | None = choice(Orientation, None, description="Direction the main rooms face.")
    internet_speed_mbit: int | None = column(Integer, min=0, max=100_000, description="Downstream in Mbit/s.")
    amenities: list[str] = Field(
        default_factory=list,
        sa_type=ARRAY(Text),
        sa_column_kwargs={"server_default": "{}", "info": {"items": 50, "length": 100}},
        nullable=False,
        description="Free list of further amenities.",
    )
    assigned_agent_id: UUID | None = reference("member", description="Who looks after it.")
    first_available_at: datetime | None = moment(description="When it was first on the market.")
    closed_at: datetime | None = moment(description="When it was sold or let.")
    virtual_tour_url: str | None = Field(default=None, description="Virtual tour.")
    video_url: str | None = Field(default=None, description="Video.")
    title_key: str | None = Field(
        default=None,
        sa_type=Text,
        sa_column_args=[Computed("app.fold(title)", persisted=True)],
        description="German sort key of the title.",
    )
    search: str | None = Field(
        default=None,
        sa_type=TSVECTOR,
        sa_column_args=[
            Computed(
                "app.search_document(tenant_id, title || ' ' || external_number,"
                " coalesce(location, '') || ' ' || coalesce(street, '') || ' ' || coalesce(postal_code, '')"
                " || ' ' || coalesce(city, ''),"
                " coalesce(description, '') || ' ' || coalesce(location_description, '') || ' '"
                " || coalesce(equipment_description, '') || ' ' || coalesce(other_description, ''))",
                persisted=True,
            )
        ],
        description="What the full-text search looks at.",
    )

    @classmethod
    def amounts(cls) -> list[str]:
        """Names of the columns that hold money as entered."""
        columns = cls.__table__.columns  # type: ignore[attr-defined]
        return [column.name for column in columns if isinstance(column.type, Minor) and column.computed is None]

    @staticmethod
    def own(columns: Any, member: ColumnElement[UUID]) -> ColumnElement[bool]:
        """What a viewer with only `property.read.own` sees: what is offered to the public."""
        return columns.status == any_(array(["AVAILABLE", "RESERVED"]))  # type: ignore[no-any-return]


class ContactPerson(Owned, table=True):
    """A person named on the advertisement; the first one is the main one."""

    __tablename__ = "contact_person"
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"property_id": ("property", "contactPersons")}

    property_id: UUID = reference("property", ..., cascade=True, description="The property it belongs to.")
    ordinal: int = Field(sa_type=SmallInteger, description="Place in the list, from 0.")
    name: str = Field(max_length=255, description="Name as shown.")
    email: str | None = Field(default=None, max_length=254, description="E-mail address.")
    phone: str | None = Field(default=None, description="E.164.")
    role: str = Field(default="Ansprechpartner", max_length=100, description="What the person is for this property.")
    user_id: UUID | None = reference("member", description="The member, when it is one.")


class PropertyFavorite(Owned, table=True):
    """A property somebody marked to find it again. It is the person's own affair: no change of the property."""

    __tablename__ = "property_favorite"
    __table_args__ = (UniqueConstraint("tenant_id", "property_id", "member_id"),)

    property_id: UUID = reference("property", ..., cascade=True, description="What is marked.")
    member_id: UUID = reference("member", ..., cascade=True, description="Who marked it.")


class PropertyValuation(Owned, table=True):
    """What somebody found a property to be worth on a day."""

    __tablename__ = "property_valuation"
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"property_id": ("property", "valuations")}
    __table_args__ = (
        Index("ix_property_valuation_newest", "tenant_id", "property_id", text("valued_on desc"), text("id desc")),
    )

    property_id: UUID = reference("property", ..., cascade=True, description="What was valued.")
    currency: str = Field(default="EUR", max_length=3, description="Currency of the value, ISO 4217.")
    value: int = column(Minor, ..., min="0.01", max=MOST_MONEY, description="What it is worth.")
    valued_on: date = Field(description="The day of which this is true.")
    method: str = choice(ValuationMethod, ValuationMethod.MANUAL, description="How it was found.")
    source: str | None = Field(default=None, max_length=255, description="Who or what it is from.")
    notes: str | None = Field(default=None, max_length=5_000, description="Remarks.")
