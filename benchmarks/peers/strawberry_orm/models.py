"""Tables as SQLModel users declare them: typed columns and relationships."""

from datetime import date, datetime
from typing import Any, Optional
from uuid import UUID

from sqlalchemy import Enum, ForeignKeyConstraint
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, TIMESTAMP
from sqlmodel import Field, Relationship, SQLModel

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
)

Timestamp = TIMESTAMP(timezone=True, precision=3)


def text_enum(enum: type) -> Any:
    """The database keeps enums as text."""
    return Enum(enum, native_enum=False, create_constraint=False)


class EventStream(SQLModel, table=True):
    __tablename__ = "event_stream"

    tenant_id: UUID = Field(primary_key=True)
    epoch: UUID
    last_seq: int


class Member(SQLModel, table=True):
    __tablename__ = "member"

    tenant_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    name: str


class ContactPerson(SQLModel, table=True):
    __tablename__ = "contact_person"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "property_id"], ["property.tenant_id", "property.id"]),)

    tenant_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    property_id: UUID
    ordinal: int
    name: str
    email: str | None
    phone: str | None
    role: str

    property: "Property" = Relationship(back_populates="contact_persons")


class Note(SQLModel, table=True):
    __tablename__ = "note"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "property_id"], ["property.tenant_id", "property.id"]),
        ForeignKeyConstraint(["tenant_id", "author_id"], ["member.tenant_id", "member.id"]),
    )

    tenant_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    property_id: UUID | None
    author_id: UUID
    body: str
    pinned: bool
    created_at: datetime = Field(sa_type=Timestamp)
    deleted_at: datetime | None = Field(sa_type=Timestamp)

    property: Optional["Property"] = Relationship(back_populates="notes", sa_relationship_kwargs={"overlaps": "author"})
    author: Member = Relationship(sa_relationship_kwargs={"overlaps": "notes,property"})


class Property(SQLModel, table=True):
    __tablename__ = "property"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "assigned_agent_id"], ["member.tenant_id", "member.id"]),)

    tenant_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    created_at: datetime = Field(sa_type=Timestamp)
    updated_at: datetime = Field(sa_type=Timestamp)
    created_by_id: UUID | None
    version: int
    deleted_at: datetime | None = Field(sa_type=Timestamp)
    external_number: str
    title: str
    title_key: str
    description: str | None
    location_description: str | None
    equipment_description: str | None
    other_description: str | None
    status: PropertyStatus = Field(sa_type=text_enum(PropertyStatus))
    status_changed_at: datetime = Field(sa_type=Timestamp)
    type: PropertyType = Field(sa_type=text_enum(PropertyType))
    subtype: PropertySubtype | None = Field(sa_type=text_enum(PropertySubtype))
    usage: PropertyUsage = Field(sa_type=text_enum(PropertyUsage))
    marketing_type: MarketingType = Field(sa_type=text_enum(MarketingType))
    currency: str
    price: int | None
    price_on_request: bool
    rent_cold: int | None
    rent_warm: int | None
    service_charge: int | None
    heating_cost: int | None
    deposit: int | None
    house_money: int | None
    price_per_sqm: int | None
    commission_model: CommissionModel = Field(sa_type=text_enum(CommissionModel))
    commission_buyer: int | None
    commission_seller: int | None
    commission_text: str | None
    living_area: int | None
    usable_area: int | None
    total_area: int | None
    plot_area: int | None
    rooms: int | None
    bedrooms: int | None
    bathrooms: int | None
    floor: int | None
    floors_total: int | None
    year_built: int | None
    last_modernisation: int | None
    condition: Condition | None = Field(sa_type=text_enum(Condition))
    available_from: date | None
    available_from_text: str | None
    is_rented: bool
    location: str | None
    street: str | None
    house_number: str | None
    postal_code: str | None
    city: str | None
    state: GermanState | None = Field(sa_type=text_enum(GermanState))
    country: str
    latitude: float | None
    longitude: float | None
    show_address: bool
    features: list[FeatureKey] = Field(sa_type=ARRAY(text_enum(FeatureKey)))
    unknown_features: list[FeatureKey] = Field(sa_type=ARRAY(text_enum(FeatureKey)))
    parking_spaces: int | None
    parking_type: ParkingType | None = Field(sa_type=text_enum(ParkingType))
    heating_type: HeatingType | None = Field(sa_type=text_enum(HeatingType))
    energy_source: EnergySource | None = Field(sa_type=text_enum(EnergySource))
    energy_class: EnergyClass | None = Field(sa_type=text_enum(EnergyClass))
    flooring: list[FlooringType] = Field(sa_type=ARRAY(text_enum(FlooringType)))
    orientation: Orientation | None = Field(sa_type=text_enum(Orientation))
    amenities: list[str] = Field(sa_type=ARRAY(TEXT))
    assigned_agent_id: UUID | None
    first_available_at: datetime | None = Field(sa_type=Timestamp)
    closed_at: datetime | None = Field(sa_type=Timestamp)

    assigned_agent: Member | None = Relationship()
    contact_persons: list[ContactPerson] = Relationship(back_populates="property")
    notes: list[Note] = Relationship(back_populates="property", sa_relationship_kwargs={"overlaps": "author"})
