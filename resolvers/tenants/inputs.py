"""What comes in about an agency: who it is, how it looks, its settings."""

from collections.abc import Callable
from typing import Any, ClassVar

import strawberry
from strawberry.types.maybe import Maybe

import models
from domain.access import Role
from domain.errors import ErrorCode, texts
from domain.passwords import PasswordClass
from domain.preferences import LANGUAGES, is_timezone
from domain.properties import pattern_ok
from domain.tenants import host, hours_problem, network, vat_id
from resolvers.kit.address import AddressInput
from resolvers.kit.inputs import Input
from resolvers.kit.scalars import JSON, URL, CurrencyCode, EmailAddress, HexColor, PhoneNumber

texts(
    {
        "language": ("German (de) or English (en).", "Deutsch (de) oder Englisch (en)."),
        "timezone": ("There is no such time zone.", "Diese Zeitzone gibt es nicht."),
        "vat_id": ("A VAT number is DE and nine digits.", "Eine USt-IdNr. ist DE mit neun Ziffern."),
        "network": (
            "An IP address or a network such as 203.0.113.0/24 is expected.",
            "Eine IP-Adresse oder ein Netz wie 203.0.113.0/24 wird erwartet.",
        ),
        "own_address": (
            "Your own address {address} is not in the list; you would lock yourself out.",
            "Ihre eigene Adresse {address} steht nicht in der Liste; Sie würden sich aussperren.",
        ),
        "default_role": ("Nobody becomes an owner by invitation.", "Niemand wird durch Einladung Inhaber."),
        "number_format": (
            "One run of zeros in braces for the number, else only {{YYYY}} and {{YY}}: OBJ-{{YYYY}}-{{0000}}.",
            "Eine Folge von Nullen in Klammern für die Nummer, sonst nur {{YYYY}} und {{YY}}: OBJ-{{YYYY}}-{{0000}}.",
        ),
        "business_hours": (
            "Opening hours cannot be read here: {at}.",
            "Die Öffnungszeiten sind hier nicht lesbar: {at}.",
        ),
        "host": ("This is no name of a mail server.", "Das ist kein Name eines Mailservers."),
    }
)


@strawberry.input(description="The colours of the brand.")
class BrandingInput(Input, of=models.Tenant):
    primary_color: Maybe[HexColor | None]
    secondary_color: Maybe[HexColor | None]


@strawberry.input(description="What the law wants to be printed.")
class LegalInfoInput(Input, of=models.Tenant):
    imprint: Maybe[str | None]
    vat_id: Maybe[str | None] = strawberry.field(description="DE and nine digits.")
    tax_number: Maybe[str | None]
    register_court: Maybe[str | None]
    register_number: Maybe[str | None]
    trade_licence_authority: Maybe[str | None]
    data_protection_officer: Maybe[str | None]
    revocation_text: Maybe[str | None]
    terms_text: Maybe[str | None]

    # Blanks are taken out before it is measured.
    renames: ClassVar[dict[str, str]] = {"vat_id": "vat_number"}

    @classmethod
    def nothing(cls, values: dict[str, Any]) -> None:
        super().nothing(values)
        values["vat_id"] = None

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        if "vat_number" in values:
            given = values.pop("vat_number")
            values["vat_id"] = vat_id(given) if given else None
            if given and values["vat_id"] is None:
                report(ErrorCode.VALIDATION_ERROR, "vatId", rule="vat_id")


@strawberry.input(description="Changes of the agency; what is absent stays as it is, null empties.")
class TenantUpdateInput(Input, of=models.Tenant):
    name: Maybe[str | None]
    company_email: Maybe[EmailAddress | None]
    company_phone: Maybe[PhoneNumber | None]
    website: Maybe[URL | None]
    address: Maybe[AddressInput | None] = strawberry.field(description="Where it is; null empties it.")
    branding: Maybe[BrandingInput | None] = strawberry.field(description="How it looks.")
    legal: Maybe[LegalInfoInput | None] = strawberry.field(
        description="What the law wants to be printed; null empties it."
    )
    currency: Maybe[CurrencyCode | None]
    timezone: Maybe[str | None]
    language: Maybe[str | None]
    expected_version: Maybe[int | None] = strawberry.field(
        description="Refuse with CONFLICT when the version is another."
    )

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        if len(values.get("name", "two")) < 2:
            report(ErrorCode.VALIDATION_ERROR, "name", rule="length", min=2, max=255)
        if values.get("language", "de") not in LANGUAGES:
            report(ErrorCode.VALIDATION_ERROR, "language", rule="language")
        if not is_timezone(values.get("timezone", "Europe/Berlin")):
            report(ErrorCode.VALIDATION_ERROR, "timezone", rule="timezone")


@strawberry.input(description="The mail server of the agency.")
class EmailSenderInput(Input, of=models.Tenant):
    from_name: str = strawberry.field(description="Name mails come from.")
    from_email: EmailAddress = strawberry.field(description="Address mails come from.")
    host: Maybe[str | None] = strawberry.field(description="Name of the server; null is the platform's.")
    port: int | None = strawberry.field(default=587, description="Its port.")
    use_tls: bool | None = strawberry.field(default=True, description="Whether the connection must be encrypted.")
    username: Maybe[str | None] = strawberry.field(description="Login there.")
    password: Maybe[str | None] = strawberry.field(
        description="Password there, at most 500 characters; never answered. When it is absent the old one stays."
    )

    verbatim: ClassVar[frozenset[str]] = frozenset({"password"})
    # The password is no column: what is stored is sealed.
    renames: ClassVar[dict[str, str]] = {
        "from_name": "email_from_name",
        "from_email": "email_from_address",
        "host": "email_host",
        "port": "email_port",
        "use_tls": "email_use_tls",
        "username": "email_username",
        "password": "sender_password",
    }

    @classmethod
    def nothing(cls, values: dict[str, Any]) -> None:
        super().nothing(values)
        values["sender_password"] = None

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        if "email_from_name" in values and not values["email_from_name"]:
            report(ErrorCode.MISSING_REQUIRED_FIELD, "fromName")
        if values.get("email_host") and not host(values["email_host"]):
            report(ErrorCode.VALIDATION_ERROR, "host", rule="host")
        if len(values.get("sender_password") or "") > 500:
            report(ErrorCode.VALIDATION_ERROR, "password", rule="length", min=1, max=500)


@strawberry.input(description="Changes of the settings; what is absent stays as it is.")
class TenantSettingsUpdateInput(Input, of=models.Tenant):
    password_min_length: Maybe[int | None]
    password_classes: Maybe[list[PasswordClass] | None]
    session_max_days: Maybe[int | None]
    require_totp: Maybe[bool | None]
    ip_allow_list: Maybe[list[str] | None]
    default_role: Maybe[Role | None]
    trash_retention_days: Maybe[int | None]
    audit_retention_days: Maybe[int | None]
    property_number_format: Maybe[str | None]
    invoice_number_format: Maybe[str | None]
    email_sender: Maybe[EmailSenderInput | None] = strawberry.field(
        description="The agency's own mail server; null goes back to the platform's."
    )
    watermark_images: Maybe[bool | None]
    business_hours: Maybe[JSON | None]
    ai_enabled: Maybe[bool | None]
    ai_redact_personal_data: Maybe[bool | None]

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        _networks(values, report)
        for name, path in (
            ("property_number_format", "propertyNumberFormat"),
            ("invoice_number_format", "invoiceNumberFormat"),
        ):
            if name in values and not pattern_ok(values[name]):
                report(ErrorCode.VALIDATION_ERROR, path, rule="number_format")
        if values.get("default_role") == Role.OWNER.value:
            report(ErrorCode.VALIDATION_ERROR, "defaultRole", rule="default_role")
        if "business_hours" in values:
            wrong = hours_problem(values["business_hours"])
            if wrong is not None:
                at = ".".join(wrong) or "businessHours"
                report(ErrorCode.VALIDATION_ERROR, "businessHours", *wrong, rule="business_hours", at=at)


def _networks(values: dict[str, Any], report: Callable[..., None]) -> None:
    found = [network(text) for text in values.get("ip_allow_list", ())]
    for index, readable in enumerate(found):
        if readable is None:
            report(ErrorCode.VALIDATION_ERROR, "ipAllowList", str(index), rule="network")
    if found:
        values["ip_allow_list"] = list(dict.fromkeys(found))


@strawberry.input(description="A feature flag, named by its key; what is absent stays as it is.")
class FeatureFlagInput(Input, of=models.FeatureFlag):
    key: str
    description: Maybe[str | None]
    is_enabled: Maybe[bool | None]
    rollout_percentage: Maybe[int | None]
