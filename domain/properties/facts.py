"""What is known of a property, and what of it is missing or contradicts itself."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.errors import ErrorCode, Problem, say, texts
from domain.properties.kinds import (
    SALES,
    SUBTYPES_OF,
    TYPE_GROUPS,
    CheckSeverity,
    MarketingType,
    PropertySubtype,
    PropertyType,
    PropertyTypeGroup,
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts of one property that rules look at; amounts in minor units, areas in 1/100 m², rooms and baths ×2."""

    type: PropertyType
    marketing_type: MarketingType
    title: str | None = None
    subtype: PropertySubtype | None = None
    price: int | None = None
    price_on_request: bool = False
    rent_cold: int | None = None
    rent_warm: int | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    living_area: int | None = None
    usable_area: int | None = None
    total_area: int | None = None
    plot_area: int | None = None
    rooms: int | None = None
    bathrooms: int | None = None
    floor: int | None = None
    floors_total: int | None = None
    year_built: int | None = None
    last_modernisation: int | None = None
    description: str | None = None
    location_description: str | None = None
    equipment_description: str | None = None
    has_condition: bool = False
    has_heating: bool = False
    has_availability: bool = False
    has_contact_person: bool = False
    has_commission_terms: bool = False

    @property
    def is_residential(self) -> bool:
        return self.type in TYPE_GROUPS[PropertyTypeGroup.RESIDENTIAL]

    @property
    def is_building(self) -> bool:
        """Whether somebody is inside it: everything but plots and parking spaces."""
        return self.type not in {PropertyType.LAND, PropertyType.PARKING}


@dataclass(frozen=True)
class MissingField:
    """One thing that is missing; `field` is its path in the API, `address.city`."""

    field: str
    severity: CheckSeverity

    @property
    def rule(self) -> str:
        """The key of the text."""
        return f"property.missing.{self.field}"

    def message(self, language: str = "en") -> str:
        """The sentence for a person, `de` or `en`."""
        return say(self.rule, language)

    def problem(self) -> Problem:
        """The same as an error of a mutation."""
        return Problem(ErrorCode.VALIDATION_ERROR, tuple(self.field.split(".")), self.rule)


@dataclass(frozen=True)
class Completeness:
    """How far a property is ready for publishing; `percent` in basis points."""

    percent: int
    missing: tuple[MissingField, ...]

    @property
    def is_publishable(self) -> bool:
        """Whether nothing is missing that publishing needs."""
        return all(field.severity is not CheckSeverity.ERROR for field in self.missing)


@dataclass(frozen=True)
class _Check:
    """One publishing field: for which properties it counts, and whether it is there."""

    field: str
    severity: CheckSeverity
    present: Callable[[Facts], object]
    counts: Callable[[Facts], bool] = lambda facts: True


def _is_sale(facts: Facts) -> bool:
    return facts.marketing_type in SALES


def _text(value: str | None) -> bool:
    return bool(value and value.strip())


_E, _W, _I = CheckSeverity.ERROR, CheckSeverity.WARNING, CheckSeverity.INFO

# The publishing fields. The ERROR ones are exactly what a property needs to become AVAILABLE.
_CHECKS: tuple[_Check, ...] = (
    _Check("title", _E, lambda f: _text(f.title)),
    # A price of 0 says nothing; it is accepted only together with "on request".
    _Check("price", _E, lambda f: f.price or f.price_on_request, _is_sale),
    _Check("rentCold", _E, lambda f: f.rent_cold, lambda f: not _is_sale(f)),
    _Check("address.city", _E, lambda f: _text(f.city) or _text(f.postal_code)),
    _Check("livingArea", _E, lambda f: f.living_area or f.rooms, lambda f: f.is_residential),
    _Check("description", _W, lambda f: _text(f.description)),
    _Check("address.street", _W, lambda f: _text(f.street)),
    _Check("address.postalCode", _W, lambda f: _text(f.postal_code)),
    _Check("plotArea", _W, lambda f: f.plot_area, lambda f: f.type in {PropertyType.LAND, PropertyType.HOUSE}),
    _Check(
        "usableArea",
        _W,
        lambda f: f.usable_area or f.total_area or f.living_area,
        lambda f: f.is_building and not f.is_residential,
    ),
    _Check("rooms", _W, lambda f: f.rooms, lambda f: f.type in {PropertyType.APARTMENT, PropertyType.HOUSE}),
    _Check("yearBuilt", _W, lambda f: f.year_built, lambda f: f.is_building),
    _Check("condition", _W, lambda f: f.has_condition, lambda f: f.is_building),
    _Check("features.heatingType", _W, lambda f: f.has_heating, lambda f: f.is_building),
    _Check("contactPersons", _W, lambda f: f.has_contact_person),
    _Check("commission", _W, lambda f: f.has_commission_terms, _is_sale),
    _Check("bathrooms", _I, lambda f: f.bathrooms, lambda f: f.type in {PropertyType.APARTMENT, PropertyType.HOUSE}),
    _Check("floor", _I, lambda f: f.floor is not None, lambda f: f.type is PropertyType.APARTMENT),
    _Check("availableFrom", _I, lambda f: f.has_availability),
    _Check("locationDescription", _I, lambda f: _text(f.location_description)),
    _Check("equipmentDescription", _I, lambda f: _text(f.equipment_description), lambda f: f.is_building),
)


def completeness(facts: Facts) -> Completeness:
    """What is missing for publishing: the share of the publishing fields that count here, and the rest by severity."""
    counting = [check for check in _CHECKS if check.counts(facts)]
    missing = [MissingField(check.field, check.severity) for check in counting if not check.present(facts)]
    done = len(counting) - len(missing)
    return Completeness((done * 10_000 + len(counting) // 2) // len(counting), tuple(missing))


def missing_for_available(facts: Facts) -> list[MissingField]:
    """All that a property lacks to become AVAILABLE; empty when it may."""
    return [field for field in completeness(facts).missing if field.severity is CheckSeverity.ERROR]


def ahead_of_time(facts: Facts, year: int) -> list[Problem]:
    """Years too far in the future: five for construction, one for modernisation; `year` is the present one."""
    found = []
    for field, given, latest in (
        ("yearBuilt", facts.year_built, year + 5),
        ("lastModernisation", facts.last_modernisation, year + 1),
    ):
        if given is not None and given > latest:
            found.append(Problem(ErrorCode.VALIDATION_ERROR, (field,), "max", {"max": latest}))
    return found


def contradictions(facts: Facts) -> list[Problem]:
    """Facts that cannot be true together, whatever the status; each with the field to correct."""
    found = []
    if facts.subtype is not None and facts.subtype not in SUBTYPES_OF[facts.type]:
        allowed = [subtype.value for subtype in PropertySubtype if subtype in SUBTYPES_OF[facts.type]]
        details = {"type": facts.type.value, "allowed": allowed}
        found.append(Problem(ErrorCode.VALIDATION_ERROR, ("subtype",), "property.subtype", details))
    for field, low, high in (
        ("floor", facts.floor, facts.floors_total),
        ("rentWarm", facts.rent_cold, facts.rent_warm),
        ("lastModernisation", facts.year_built, facts.last_modernisation),
    ):
        if low is not None and high is not None and low > high:
            found.append(Problem(ErrorCode.VALIDATION_ERROR, (field,), f"property.{field}"))
    return found


texts(
    {
        "property.subtype": (
            "This sub-type does not belong to the type {type}.",
            "Dieser Untertyp gehört nicht zur Art {type}.",
        ),
        "property.floor": (
            "The floor is above the top floor of the building.",
            "Die Etage liegt über dem obersten Geschoss des Gebäudes.",
        ),
        "property.rentWarm": (
            "The warm rent cannot be lower than the cold rent.",
            "Die Warmmiete kann nicht niedriger als die Kaltmiete sein.",
        ),
        "property.lastModernisation": (
            "The last modernisation cannot be before the year of construction.",
            "Die letzte Modernisierung kann nicht vor dem Baujahr liegen.",
        ),
        "property.missing.title": ("A title is missing.", "Es fehlt der Titel."),
        "property.missing.price": (
            "A price is missing; or mark it as on request.",
            "Es fehlt der Preis; oder „auf Anfrage“ wählen.",
        ),
        "property.missing.rentCold": ("The cold rent is missing.", "Es fehlt die Kaltmiete."),
        "property.missing.address.city": ("City or postal code is missing.", "Es fehlt Ort oder Postleitzahl."),
        "property.missing.livingArea": (
            "Living area or number of rooms is missing.",
            "Es fehlt die Wohnfläche oder die Zimmerzahl.",
        ),
        "property.missing.description": ("A description is missing.", "Es fehlt die Beschreibung."),
        "property.missing.address.street": ("The street is missing.", "Es fehlt die Straße."),
        "property.missing.address.postalCode": ("The postal code is missing.", "Es fehlt die Postleitzahl."),
        "property.missing.plotArea": ("The area of the plot is missing.", "Es fehlt die Grundstücksfläche."),
        "property.missing.usableArea": ("The usable area is missing.", "Es fehlt die Nutzfläche."),
        "property.missing.rooms": ("The number of rooms is missing.", "Es fehlt die Zimmerzahl."),
        "property.missing.yearBuilt": ("The year of construction is missing.", "Es fehlt das Baujahr."),
        "property.missing.condition": ("The state of repair is missing.", "Es fehlt der Zustand."),
        "property.missing.features.heatingType": ("The kind of heating is missing.", "Es fehlt die Heizungsart."),
        "property.missing.contactPersons": ("A contact person is missing.", "Es fehlt ein Ansprechpartner."),
        "property.missing.commission": (
            "The terms of the commission are missing.",
            "Es fehlen die Angaben zur Provision.",
        ),
        "property.missing.bathrooms": ("The number of bathrooms is missing.", "Es fehlt die Zahl der Badezimmer."),
        "property.missing.floor": ("The floor is missing.", "Es fehlt die Etage."),
        "property.missing.availableFrom": (
            "It is not said from when it is free.",
            "Es fehlt, ab wann das Objekt frei ist.",
        ),
        "property.missing.locationDescription": (
            "A text about the surroundings is missing.",
            "Es fehlt die Lagebeschreibung.",
        ),
        "property.missing.equipmentDescription": (
            "A text about the fittings is missing.",
            "Es fehlt die Ausstattungsbeschreibung.",
        ),
    }
)
