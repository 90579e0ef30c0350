"""What people say of themselves, and how they want to see things."""

from collections.abc import Callable
from typing import Annotated, Any

import nh3
import strawberry
from sqlalchemy import Uuid, select
from strawberry.types.maybe import Maybe

import models
from domain.errors import ErrorCode, texts
from domain.preferences import DATE_FORMATS, LANGUAGES, ListDensity, Theme, is_locale, is_timezone, layout_problem
from loaders.sql import STATEMENTS, param
from loaders.visibility import predicates, sight, table_of
from resolvers.kit.commands import Command, Ref
from resolvers.kit.context import Context
from resolvers.kit.ids import encode_id
from resolvers.kit.images import picture, remove_later
from resolvers.kit.inputs import Input
from resolvers.kit.scalars import JSON, URL, CurrencyCode, PhoneNumber
from resolvers.kit.uploads import Upload
from storage.files import new_key

texts(
    {
        "locale": ("A language tag such as de-DE or en-GB.", "Ein Sprachkürzel wie de-DE oder en-GB."),
        "date_format": ("One of these: {choices}.", "Eines von diesen: {choices}."),
        "layout": (
            "A list of widgets with id, x, y, w and h inside the grid, each id once.",
            "Eine Liste von Widgets mit id, x, y, w und h innerhalb des Rasters, jede id einmal.",
        ),
        "signature": ("The signature is too long.", "Die Signatur ist zu lang."),
        "picture": ("A picture as JPEG, PNG or WebP is expected.", "Erwartet wird ein Bild als JPEG, PNG oder WebP."),
    }
)

COLUMNS = (
    "theme",
    "language",
    "timezone",
    "date_format",
    "currency",
    "list_density",
    "default_board_id",
    "email_signature",
    "dashboard_layout",
)
PREFERENCES = table_of(models.Preferences)
TAGS = {"a", "b", "br", "div", "em", "i", "li", "ol", "p", "span", "strong", "table", "tbody", "td", "tr", "u", "ul"}


@strawberry.input(description="Changes of the own profile; what is absent stays as it is, null empties.")
class ProfileUpdateInput(Input, of=models.Member):
    first_name: Maybe[str | None]
    last_name: Maybe[str | None]
    phone: Maybe[PhoneNumber | None]
    bio: Maybe[str | None]
    position: Maybe[str | None]
    department: Maybe[str | None]
    website: Maybe[URL | None]
    locale: Maybe[str | None]
    timezone: Maybe[str | None]

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        if not is_locale(values.get("locale", "de")):
            report(ErrorCode.VALIDATION_ERROR, "locale", rule="locale")
        if not is_timezone(values.get("timezone", "Europe/Berlin")):
            report(ErrorCode.VALIDATION_ERROR, "timezone", rule="timezone")


@strawberry.input(description="Changes of the own preferences; what is absent stays as it is.")
class PreferencesUpdateInput(Input, of=models.Preferences):
    theme: Maybe[Theme | None]
    language: Maybe[str | None]
    timezone: Maybe[str | None]
    date_format: Maybe[str | None]
    currency: Maybe[CurrencyCode | None]
    list_density: Maybe[ListDensity | None]
    default_board_id: Maybe[strawberry.ID | None]
    email_signature: Maybe[str | None]
    dashboard_layout: Maybe[JSON | None]

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        if values.get("language", "de") not in LANGUAGES:
            report(ErrorCode.VALIDATION_ERROR, "language", rule="language")
        if not is_timezone(values.get("timezone", "Europe/Berlin")):
            report(ErrorCode.VALIDATION_ERROR, "timezone", rule="timezone")
        if values.get("date_format", DATE_FORMATS[0]) not in DATE_FORMATS:
            report(ErrorCode.VALIDATION_ERROR, "dateFormat", rule="date_format", choices=", ".join(DATE_FORMATS))
        if values.get("email_signature"):
            values["email_signature"] = harmless(values["email_signature"]) or None
            if len(values["email_signature"] or "") > 5_000:
                report(ErrorCode.VALIDATION_ERROR, "emailSignature", rule="signature")
        if "dashboard_layout" in values:
            wrong = layout_problem(values["dashboard_layout"])
            if wrong is not None:
                report(ErrorCode.VALIDATION_ERROR, "dashboardLayout", *wrong, rule="layout")


def harmless(html: str) -> str:
    """HTML without anything that acts, loads or hides: words, lists, simple tables and links."""
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"https", "http", "mailto", "tel"},
        link_rel="noopener noreferrer",
    ).strip()


async def preferences(context: Context) -> dict[str, Any]:
    """The preferences of the caller; the usual ones of who never chose."""

    def build() -> Any:
        columns = [PREFERENCES.c[name] for name in COLUMNS]
        mine = PREFERENCES.c.member_id == param("member", Uuid)
        return select(*columns).where(*predicates(models.Preferences, sight(None, context.signed_in)), mine)

    rows = await context.loaders.fetch(STATEMENTS.get(("preferences",), build), {})
    usual = {name: models.Preferences.model_fields[name].get_default(call_default_factory=True) for name in COLUMNS}
    found = dict(rows[0]) if rows else usual
    board = found["default_board_id"]
    return {**found, "default_board": None if board is None else Ref("board", board, trash=False)}


async def update(command: Command, input: ProfileUpdateInput) -> dict[str, Any]:
    """Change the own profile."""
    member = await _self(command)
    command.assign(member, command.values(input))
    return {"done": True, "subject": member}


async def update_preferences(command: Command, input: PreferencesUpdateInput) -> dict[str, Any]:
    """Change the own preferences."""
    member, viewer = await _self(command), command.viewer
    mine = (PREFERENCES.c.tenant_id == viewer.tenant_id, PREFERENCES.c.member_id == viewer.member_id)
    row = await command.session.scalar(select(models.Preferences).where(*mine))
    if row is None:
        row = await command.add(models.Preferences(tenant_id=viewer.tenant_id, member_id=viewer.member_id))
    command.assign(row, command.values(input))
    return {"done": True, "subject": member}


async def upload_avatar(
    command: Command,
    file: Annotated[Upload, strawberry.argument(description="JPEG, PNG or WebP, at most 5 MiB; cropped to a square.")],
) -> dict[str, Any]:
    """Set the own picture."""
    key = new_key(command.viewer.tenant_id, "avatars", "webp")
    found = await picture(file, "file", square=True)
    await command.context.state.files.put(key, found, name="picture.webp", content_type="image/webp")
    return await _picture(command, key)


async def remove_avatar(command: Command) -> dict[str, Any]:
    """Remove the own picture."""
    return await _picture(command, None)


async def _picture(command: Command, key: str | None) -> dict[str, Any]:
    member = await _self(command)
    await remove_later(command, member.avatar_key)
    member.avatar_key = key
    return {"done": True, "subject": member}


async def _self(command: Command) -> models.Member:
    """The caller's own row, locked: of two changes of one person the second sees the first."""
    return await command.find(models.Member, encode_id("User", command.viewer.member_id))
