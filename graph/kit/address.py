"""Where something is, as it goes out. Every table with an address names its columns alike."""

import strawberry

import models
from domain.access import P
from domain.address import GermanState, formatted
from graph.kit.field import derived
from graph.kit.node import Value
from resolvers.kit.context import Viewer
from resolvers.kit.scalars import DecimalString, PostalCode

STAFF = P.NOTE_CREATE  # held by everyone in the agency, not by customers


@strawberry.type(description="A place on earth, WGS 84.")
class GeoPoint:
    latitude: DecimalString = strawberry.field(description="Degrees north.")
    longitude: DecimalString = strawberry.field(description="Degrees east.")


def _exact(show_address: bool, viewer: Viewer) -> bool:
    """Whether the exact place may be told: always within the agency, to customers only when the owner agreed."""
    return show_address or STAFF in viewer.permissions


def _hidden(text: str | None, show_address: bool, *, viewer: Viewer) -> str | None:
    return text if _exact(show_address, viewer) else None


def _geo(latitude: float | None, longitude: float | None, show_address: bool, *, viewer: Viewer) -> GeoPoint | None:
    if latitude is None or longitude is None:
        return None
    places = 6 if _exact(show_address, viewer) else 2
    return GeoPoint(
        latitude=DecimalString(f"{latitude:.{places}f}"), longitude=DecimalString(f"{longitude:.{places}f}")
    )


def _one_line(
    street: str | None,
    number: str | None,
    postal_code: str | None,
    city: str | None,
    region: str | None,
    country: str,
    shown: bool,
    *,
    viewer: Viewer,
) -> str:
    return formatted(street, number, postal_code, city, region=region, country=country, exact=_exact(shown, viewer))


_P = models.Property


@strawberry.type(description="Where it is. Of a property customers see postal code and town unless `showAddress`.")
class Address(Value, of=models.Property):
    street: str | None = derived(
        _P.street, _P.show_address, compute=_hidden, viewer=True, description="Street without number."
    )
    house_number: str | None = derived(
        _P.house_number, _P.show_address, compute=_hidden, viewer=True, description="House number with additions."
    )
    postal_code: PostalCode | None
    city: str | None
    state: GermanState | None
    region: str | None
    country: str
    geo: GeoPoint | None = derived(
        _P.latitude,
        _P.longitude,
        _P.show_address,
        compute=_geo,
        viewer=True,
        description="Exact, or rounded to 2 places where the address is hidden.",
    )
    show_address: bool
    formatted: str = derived(
        _P.street,
        _P.house_number,
        _P.postal_code,
        _P.city,
        _P.region,
        _P.country,
        _P.show_address,
        compute=_one_line,
        viewer=True,
        description="One line for people.",
    )
