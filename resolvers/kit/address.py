"""Where something is, as it comes in. Every table with an address names its columns alike."""

from collections.abc import Callable
from typing import Any, ClassVar, Protocol

import strawberry
from strawberry.types.maybe import Maybe

import models
from domain.address import GermanState, country_code, postal_code_ok, state_of
from domain.errors import ErrorCode, Problem, texts
from resolvers.kit.inputs import Input
from resolvers.kit.scalars import DecimalString, PostalCode, Unreadable, scaled

texts(
    {
        "state_abroad": ("A German state is allowed in Germany only.", "Ein Bundesland gibt es nur in Deutschland."),
        "country": ("There is no such country.", "Dieses Land gibt es nicht."),
    }
)


@strawberry.input(description="A place on earth, WGS 84.")
class GeoPointInput:
    latitude: DecimalString = strawberry.field(description="−90 to 90, at most 6 places.")
    longitude: DecimalString = strawberry.field(description="−180 to 180, at most 6 places.")


@strawberry.input(description="Where it is.")
class AddressInput(Input, of=models.Property):
    street: Maybe[str | None]
    house_number: Maybe[str | None]
    postal_code: Maybe[PostalCode | None]
    city: Maybe[str | None]
    state: Maybe[GermanState | None]
    region: Maybe[str | None]
    country: Maybe[str | None] = strawberry.field(
        description="ISO 3166 alpha-2, or the name in German or English; default DE."
    )
    geo: Maybe[GeoPointInput | None] = strawberry.field(description="Exact place.")
    show_address: Maybe[bool | None]

    # The name is longer than the code that is stored.
    renames: ClassVar[dict[str, str]] = {"country": "country_name"}

    @classmethod
    def nothing(cls, values: dict[str, Any]) -> None:
        super().nothing(values)
        values["latitude"] = values["longitude"] = None

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        _geo(values, report)
        country = None
        if "country_name" in values:
            name = values.pop("country_name")
            country = country_code(name) if name else "DE"
            if country is None:
                report(ErrorCode.VALIDATION_ERROR, "country", rule="country")
            values["country"] = country or "DE"
        # A change may leave the country out; then only what is wrong everywhere is known here, the rest `settle` finds.
        postal_code = values.get("postal_code")
        if postal_code and not postal_code_ok(country or "", postal_code):
            report(
                ErrorCode.VALIDATION_ERROR,
                "postalCode",
                rule="format",
                format=_example(country or "DE"),
            )
        if values.get("state") and country not in (None, "DE"):
            report(ErrorCode.VALIDATION_ERROR, "state", rule="state_abroad")


def _example(country: str) -> str:
    return "12345" if country == "DE" else "A1B 2C3"


class Located(Protocol):
    """A row with an address."""

    country: str
    state: str | None
    postal_code: str | None


def settle(row: Located, values: dict[str, Any]) -> list[Problem]:
    """Postal code and state as the row's country has them; the state follows the postal code unless given."""
    if row.country != "DE":
        if values.get("state"):
            return [Problem(ErrorCode.VALIDATION_ERROR, ("address", "state"), "state_abroad")]
        row.state = None
    if row.postal_code and not postal_code_ok(row.country, row.postal_code):
        example = {"format": _example(row.country)}
        return [Problem(ErrorCode.VALIDATION_ERROR, ("address", "postalCode"), "format", example)]
    if row.country == "DE" and values.get("postal_code") and not values.get("state"):
        found = state_of(values["postal_code"])
        row.state = found.value if found else None
    return []


def _geo(values: dict[str, Any], report: Callable[..., None]) -> None:
    if "geo" not in values:
        return
    point = values.pop("geo")
    for name, limit in (("latitude", 90.0), ("longitude", 180.0)):
        if point is None:
            values[name] = None
            continue
        try:
            number = scaled(getattr(point, name), 6) / 1_000_000
        except Unreadable:
            report(ErrorCode.INVALID_INPUT, "geo", name, rule="format", format="52.520008")
            continue
        if not -limit <= number <= limit:
            report(ErrorCode.VALIDATION_ERROR, "geo", name, rule="range", min=-limit, max=limit)
        values[name] = number
