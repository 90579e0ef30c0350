"""The scalars of the API. Reading checks the JSON kind only; meaning is checked by `inputs`, all problems at once."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, NewType
from urllib.parse import urlsplit

import phonenumbers
import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from domain.errors import ErrorCode, Problem
from resolvers.kit.uploads import Upload

DecimalString = NewType("DecimalString", str)
Percent = NewType("Percent", str)
BigInt = NewType("BigInt", str)
CurrencyCode = NewType("CurrencyCode", str)
EmailAddress = NewType("EmailAddress", str)
PhoneNumber = NewType("PhoneNumber", str)
URL = NewType("URL", str)
PostalCode = NewType("PostalCode", str)
HexColor = NewType("HexColor", str)
JSON = NewType("JSON", object)


def _text(name: str) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        if not isinstance(value, str):
            raise GraphQLError(f"{name} must be a string.")
        return value

    return parse


def _text_or_integer(name: str) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise GraphQLError(f"{name} must be a string or an integer.")
        return value if isinstance(value, str) else str(value)

    return parse


def _upload(value: Any) -> Upload:
    if not isinstance(value, Upload):
        raise GraphQLError("Upload must be a file of a multipart request.")
    return value


def write_datetime(value: datetime) -> str:
    """UTC with exactly three digits of a second."""
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def unchanged(value: Any) -> Any:
    """How most scalars are written: their values are text already."""
    return value


def _define(
    name: str, description: str, parse: Callable[[Any], Any], serialize: Callable[[Any], Any] = unchanged
) -> ScalarDefinition:
    return strawberry.scalar(name=name, description=description, serialize=serialize, parse_value=parse)


SCALARS: dict[object, ScalarDefinition] = {
    datetime: _define(
        "DateTime",
        "ISO 8601 in UTC with exactly three digits: `2026-11-20T18:06:15.000Z`.",
        _text("DateTime"),
        write_datetime,
    ),
    date: _define("Date", "A calendar day, `YYYY-MM-DD`.", _text("Date"), date.isoformat),
    DecimalString: _define(
        "Decimal",
        'An exact number as text, `"465000.00"`; integers are read too, floats never.',
        _text_or_integer("Decimal"),
    ),
    Percent: _define("Percent", 'Percent as exact text: `"3.57"` is 3.57 %.', _text_or_integer("Percent")),
    BigInt: _define("BigInt", "A whole number that may pass 32 bits, as text.", _text_or_integer("BigInt"), str),
    CurrencyCode: _define("CurrencyCode", "ISO 4217, three capital letters.", _text("CurrencyCode")),
    EmailAddress: _define("EmailAddress", "E-mail address; trimmed and lower-cased.", _text("EmailAddress")),
    PhoneNumber: _define("PhoneNumber", "E.164; national German numbers are read too.", _text("PhoneNumber")),
    URL: _define("URL", "Absolute http or https address without credentials.", _text("URL")),
    PostalCode: _define("PostalCode", "Postal code as text; leading zeros stay.", _text("PostalCode")),
    HexColor: _define("HexColor", "A colour, `#RRGGBB`.", _text("HexColor")),
    JSON: _define("JSON", "Any JSON value.", unchanged),
    Upload: _define("Upload", "A file, sent as a part of a multipart request.", _upload),
}


class Unreadable(Exception):
    """A value does not mean anything; carries what is wrong, without the path."""

    def __init__(self, code: ErrorCode, rule: str | None = None, **details: Any) -> None:
        super().__init__(code.value)
        self.problem = Problem(code, (), rule, details)


def _format(example: str) -> Unreadable:
    return Unreadable(ErrorCode.INVALID_INPUT, "format", format=example)


_DECIMAL = re.compile(r"(-?)(\d{1,15})(?:\.(\d{1,6}))?")


def scaled(value: str, places: int) -> int:
    """An exact decimal as a whole number of its last place; refuses exponents and more places."""
    match = _DECIMAL.fullmatch(value)
    if match is None or len(match[3] or "") > places:
        raise _format("0." + "0" * places if places else "0")
    whole = int(match[2] + (match[3] or "").ljust(places, "0"))
    return -whole if match[1] else whole


def unscaled(value: int, places: int) -> str:
    """The reverse of `scaled`, always with all places."""
    digits = str(abs(value)).rjust(places + 1, "0")
    return ("-" if value < 0 else "") + digits[:-places] + "." + digits[-places:]


def hundredths(value: int) -> str:
    """`unscaled` with two places: nearly every amount and area, so it is worth a way of its own."""
    if value >= 100:
        digits = str(value)
        return digits[:-2] + "." + digits[-2:]
    return unscaled(value, 2)


def read_datetime(value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise ValueError(value)
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _format("2026-11-20T18:06:15.000Z") from None
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def read_date(value: str) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError(value)
        return date.fromisoformat(value)
    except ValueError:
        raise _format("YYYY-MM-DD") from None


# ASCII on both sides: letters that only look alike make no second login.
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}")


def read_email(value: str) -> str:
    found = value.strip().lower()
    if len(found) > 254 or not _EMAIL.fullmatch(found):
        raise _format("name@example.com")
    return found


def read_phone(value: str) -> str:
    try:
        found = phonenumbers.parse(value, "DE")
    except phonenumbers.NumberParseException:
        raise _format("+49301234567") from None
    if not phonenumbers.is_possible_number(found):
        raise _format("+49301234567")
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def read_url(value: str) -> str:
    found = value.strip()
    try:
        parts = urlsplit(found)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username and not parts.password
        _ = parts.port
    except ValueError:
        good = False
    if not good or len(found) > 2_000 or re.search(r"[\s\x00-\x1f]", found):
        raise _format("https://example.com/page")
    return found


def read_currency(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise _format("EUR")
    return value


def read_color(value: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
        raise Unreadable(ErrorCode.VALIDATION_ERROR, "format", format="#RRGGBB")
    return value


READERS: dict[object, Callable[[str], Any]] = {
    datetime: read_datetime,
    date: read_date,
    EmailAddress: read_email,
    PhoneNumber: read_phone,
    URL: read_url,
    CurrencyCode: read_currency,
    HexColor: read_color,
}
