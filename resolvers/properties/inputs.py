"""What comes in: new properties, changes, steps in the life cycle."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, ClassVar

import strawberry
from strawberry.types.maybe import Maybe

import models
from domain.errors import ErrorCode, texts
from domain.properties import (
    BOOLEAN_FEATURES,
    CommissionModel,
    Condition,
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
from resolvers.kit.address import AddressInput
from resolvers.kit.ids import split_id
from resolvers.kit.inputs import Input, MoneyInput
from resolvers.kit.scalars import (
    URL,
    DecimalString,
    EmailAddress,
    Percent,
    PhoneNumber,
)

texts(
    {
        "one_currency": (
            "All amounts of one property use one currency.",
            "Alle Beträge eines Objekts haben eine Währung.",
        ),
        "contact_person": (
            "An e-mail address or a phone number is required.",
            "E-Mail-Adresse oder Telefon ist nötig.",
        ),
    }
)


@strawberry.input(
    description="What a property has. A feature that is not given stays as it is, or unknown for a new property."
)
class PropertyFeaturesInput(Input, of=models.Property):
    parking_spaces: Maybe[int | None]
    parking_type: Maybe[ParkingType | None]
    balcony: Maybe[bool | None] = strawberry.field(description="Balcony.")
    garden: Maybe[bool | None] = strawberry.field(description="Garden.")
    elevator: Maybe[bool | None] = strawberry.field(description="Lift.")
    terrace: Maybe[bool | None] = strawberry.field(description="Terrace.")
    cellar: Maybe[bool | None] = strawberry.field(description="Cellar.")
    fitted_kitchen: Maybe[bool | None] = strawberry.field(description="Fitted kitchen.")
    barrier_free: Maybe[bool | None] = strawberry.field(description="Free of barriers.")
    guest_toilet: Maybe[bool | None] = strawberry.field(description="Guest toilet.")
    fireplace: Maybe[bool | None] = strawberry.field(description="Fireplace.")
    furnished: Maybe[bool | None] = strawberry.field(description="Furnished.")
    pets_allowed: Maybe[bool | None] = strawberry.field(description="Pets allowed.")
    air_conditioning: Maybe[bool | None] = strawberry.field(description="Air conditioning.")
    pool: Maybe[bool | None] = strawberry.field(description="Pool.")
    sauna: Maybe[bool | None] = strawberry.field(description="Sauna.")
    flat_share_suitable: Maybe[bool | None] = strawberry.field(description="Suitable for a shared flat.")
    monument: Maybe[bool | None] = strawberry.field(description="Listed building (Denkmal).")
    balcony_area: Maybe[DecimalString | None]
    terrace_area: Maybe[DecimalString | None]
    garden_area: Maybe[DecimalString | None]
    heating_type: Maybe[HeatingType | None]
    energy_source: Maybe[EnergySource | None]
    flooring: Maybe[list[FlooringType] | None]
    orientation: Maybe[Orientation | None]
    internet_speed_mbit: Maybe[int | None]

    @classmethod
    def nothing(cls, values: dict[str, Any]) -> None:
        """Nothing is known of any feature."""
        super().nothing(values)
        values["flooring"] = []
        values["stated"] = {key.value: None for key in FeatureKey}

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        """Booleans become `stated`: feature → true, false, or null for unknown."""
        values["stated"] = {
            key.value: values.pop(key.value.lower()) for key in BOOLEAN_FEATURES if key.value.lower() in values
        }
        if "parking_spaces" in values:
            spaces = values["parking_spaces"]
            values["stated"][FeatureKey.PARKING.value] = None if spaces is None else spaces > 0


@strawberry.input(description="Who pays the commission.")
class CommissionInput(Input, of=models.Property):
    model: CommissionModel = strawberry.field(description="Who pays.")
    buyer_percent: Maybe[Percent | None] = strawberry.field(description="0 to 10, incl. VAT.")
    seller_percent: Maybe[Percent | None] = strawberry.field(description="0 to 10, incl. VAT.")
    text: Maybe[str | None] = strawberry.field(description="Printed as it is, at most 1,000 characters.")

    renames: ClassVar[dict[str, str]] = {
        "model": "commission_model",
        "buyer_percent": "commission_buyer",
        "seller_percent": "commission_seller",
        "text": "commission_text",
    }


@strawberry.input(description="A person named on the advertisement; with `id` an existing one is kept.")
class ContactPersonInput(Input, of=models.ContactPerson):
    id: Maybe[strawberry.ID | None] = strawberry.field(description="An existing contact person of this property.")
    name: str
    email: Maybe[EmailAddress | None]
    phone: Maybe[PhoneNumber | None]
    role: Maybe[str | None]
    user_id: Maybe[strawberry.ID | None]

    renames: ClassVar[dict[str, str]] = {"id": "given_id"}

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        if not values.get("email") and not values.get("phone"):
            report(ErrorCode.VALIDATION_ERROR, "email", rule="contact_person", unless=("email", "phone"))
        if values.get("given_id") and split_id(values["given_id"]) is None:
            report(ErrorCode.INVALID_INPUT, "id", rule="id")
        if values.get("role", "") is None:
            del values["role"]


@strawberry.input
class PropertyFields(Input, of=models.Property):
    """What creating and changing have in common."""

    description: Maybe[str | None]
    location_description: Maybe[str | None]
    equipment_description: Maybe[str | None]
    other_description: Maybe[str | None]
    external_number: Maybe[str | None]
    subtype: Maybe[PropertySubtype | None]
    price: Maybe[MoneyInput | None]
    price_on_request: Maybe[bool | None]
    rent_cold: Maybe[MoneyInput | None]
    rent_warm: Maybe[MoneyInput | None]
    service_charge: Maybe[MoneyInput | None]
    heating_cost: Maybe[MoneyInput | None]
    heating_included: Maybe[bool | None]
    deposit: Maybe[MoneyInput | None]
    house_money: Maybe[MoneyInput | None]
    commission: Maybe[CommissionInput | None] = strawberry.field(description="Who pays the commission.")
    living_area: Maybe[DecimalString | None]
    usable_area: Maybe[DecimalString | None]
    total_area: Maybe[DecimalString | None]
    plot_area: Maybe[DecimalString | None]
    rooms: Maybe[DecimalString | None]
    bedrooms: Maybe[int | None]
    bathrooms: Maybe[DecimalString | None]
    floor: Maybe[int | None]
    floors_total: Maybe[int | None]
    year_built: Maybe[int | None]
    last_modernisation: Maybe[int | None]
    condition: Maybe[Condition | None]
    available_from: Maybe[date | None]
    available_from_text: Maybe[str | None]
    is_rented: Maybe[bool | None]
    rent_income_year: Maybe[MoneyInput | None]
    location: Maybe[str | None]
    address: Maybe[AddressInput | None] = strawberry.field(description="Where it is; null empties it.")
    features: Maybe[PropertyFeaturesInput | None] = strawberry.field(description="What it has.")
    amenities: Maybe[list[str] | None]
    contact_persons: Maybe[list[ContactPersonInput] | None] = strawberry.field(
        description="Replaces the list, the main one first; at most 20."
    )
    assigned_agent_id: Maybe[strawberry.ID | None]
    virtual_tour_url: Maybe[URL | None]
    video_url: Maybe[URL | None]


@strawberry.input(description="A new property.")
class PropertyCreateInput(PropertyFields):
    title: str
    type: PropertyType
    status: PropertyStatus | None = PropertyStatus.PREPARATION
    usage: PropertyUsage | None = PropertyUsage.RESIDENTIAL
    marketing_type: MarketingType = MarketingType.BUY


@strawberry.input(description="Changes of a property; what is absent stays as it is, null empties.")
class PropertyUpdateInput(PropertyFields):
    title: Maybe[str | None]
    type: Maybe[PropertyType | None]
    usage: Maybe[PropertyUsage | None]
    marketing_type: Maybe[MarketingType | None]
    expected_version: Maybe[int | None] = strawberry.field(
        description="Refuse with CONFLICT when the version is another."
    )


@strawberry.input(description="A step in the life cycle.")
class PropertyStatusInput(Input, of=models.Property):
    status: PropertyStatus
    reason: Maybe[str | None] = strawberry.field(
        description="Needed for RESERVED and for taking back a closed property."
    )
    closing_price: Maybe[MoneyInput | None]
    closed_at: Maybe[datetime | None]
    expected_version: Maybe[int | None] = strawberry.field(
        description="Refuse with CONFLICT when the version is another."
    )

    renames: ClassVar[dict[str, str]] = {"reason": "status_reason"}


@strawberry.input(description="What to change in many properties at once.")
class PropertyBulkInput(Input, of=models.Property):
    status: Maybe[PropertyStatus | None]
    status_reason: Maybe[str | None]
    assigned_agent_id: Maybe[strawberry.ID | None]
