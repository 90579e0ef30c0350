"""Everything that may go wrong and be told to a client: codes, exceptions, texts in German and English.

Two families. `ApiError` becomes a top-level entry of `errors` (authentication, permission of a root field, rate
limits, malformed arguments of a query). `Refusal` carries the `userErrors` of a mutation, all problems of one input
at once. Any other exception is a bug: its text never reaches a client.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class ErrorCode(Enum):
    """Machine-readable reason of an error; stable, complete from the start."""

    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"
    INVALID_TOKEN = "INVALID_TOKEN"
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    EMAIL_NOT_VERIFIED = "EMAIL_NOT_VERIFIED"
    TOTP_REQUIRED = "TOTP_REQUIRED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    INSUFFICIENT_PERMISSIONS = "INSUFFICIENT_PERMISSIONS"
    TENANT_MISMATCH = "TENANT_MISMATCH"
    TENANT_NOT_FOUND = "TENANT_NOT_FOUND"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    CONFLICT = "CONFLICT"
    DUPLICATE_DOCUMENT = "DUPLICATE_DOCUMENT"
    NOT_EMPTY = "NOT_EMPTY"
    DELETION_BLOCKED = "DELETION_BLOCKED"
    VALIDATION_ERROR = "VALIDATION_ERROR"
    INVALID_INPUT = "INVALID_INPUT"
    MISSING_REQUIRED_FIELD = "MISSING_REQUIRED_FIELD"
    PROPERTY_NOT_AVAILABLE = "PROPERTY_NOT_AVAILABLE"
    LEAD_ALREADY_CONVERTED = "LEAD_ALREADY_CONVERTED"
    INVALID_TRANSITION = "INVALID_TRANSITION"
    BUSINESS_RULE = "BUSINESS_RULE"
    PLAN_LIMIT_REACHED = "PLAN_LIMIT_REACHED"
    STORAGE_LIMIT_EXCEEDED = "STORAGE_LIMIT_EXCEEDED"
    SEAT_LIMIT_EXCEEDED = "SEAT_LIMIT_EXCEEDED"
    SUBSCRIPTION_INACTIVE = "SUBSCRIPTION_INACTIVE"
    RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    UNSUPPORTED_FILE_TYPE = "UNSUPPORTED_FILE_TYPE"
    DANGEROUS_FILE = "DANGEROUS_FILE"
    FILE_CONTENT_MISMATCH = "FILE_CONTENT_MISMATCH"
    EXTERNAL_SERVICE_ERROR = "EXTERNAL_SERVICE_ERROR"
    EMAIL_SERVICE_ERROR = "EMAIL_SERVICE_ERROR"
    SMS_SERVICE_ERROR = "SMS_SERVICE_ERROR"
    STORAGE_SERVICE_ERROR = "STORAGE_SERVICE_ERROR"
    PORTAL_ERROR = "PORTAL_ERROR"
    LLM_UNAVAILABLE = "LLM_UNAVAILABLE"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"
    PRECONDITION_FAILED = "PRECONDITION_FAILED"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    QUERY_TOO_DEEP = "QUERY_TOO_DEEP"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    CURSOR_EXPIRED = "CURSOR_EXPIRED"
    EPOCH_CHANGED = "EPOCH_CHANGED"
    CURSOR_AHEAD = "CURSOR_AHEAD"
    INTERNAL_ERROR = "INTERNAL_ERROR"


# key: (English, German). A code has a text of its own; a rule inside a code has a dotted key.
TEXTS: dict[str, tuple[str, str]] = {
    "INVALID_CREDENTIALS": ("E-mail or password is wrong.", "E-Mail-Adresse oder Passwort ist falsch."),
    "TOKEN_EXPIRED": ("The token has expired.", "Das Token ist abgelaufen."),
    "INVALID_TOKEN": ("The token is not valid.", "Das Token ist ungültig."),
    "ACCOUNT_LOCKED": (
        "Too many failed attempts. Try again in {retryAfter} seconds.",
        "Zu viele Fehlversuche. Bitte in {retryAfter} Sekunden erneut versuchen.",
    ),
    "EMAIL_NOT_VERIFIED": (
        "Confirm your e-mail address first: follow the link in the mail we sent you.",
        "Bitte zuerst die E-Mail-Adresse bestätigen: über den Link in unserer E-Mail.",
    ),
    "TOTP_REQUIRED": (
        "Enter the code of your authenticator app, too.",
        "Bitte auch den Code Ihrer Authenticator-App eingeben.",
    ),
    "second_factor": (
        "The agency asks for a second factor: set one up first.",
        "Ihre Agentur verlangt einen zweiten Faktor: Bitte richten Sie ihn zuerst ein.",
    ),
    "UNAUTHENTICATED": ("Sign in first.", "Bitte zuerst anmelden."),
    "INSUFFICIENT_PERMISSIONS": ("You may not do this.", "Dafür fehlt Ihnen die Berechtigung."),
    "networks": (
        "The agency does not let members in from this address.",
        "Von dieser Adresse aus lässt die Agentur niemanden herein.",
    ),
    "TENANT_MISMATCH": ("You are not a member of this agency.", "Sie gehören dieser Agentur nicht an."),
    "TENANT_NOT_FOUND": ("There is no such agency.", "Diese Agentur gibt es nicht."),
    "NOT_FOUND": ("Not found.", "Nicht gefunden."),
    "ALREADY_EXISTS": ("This value is already taken.", "Dieser Wert ist bereits vergeben."),
    "CONFLICT": (
        "Somebody changed this in the meantime. Please load it again.",
        "Der Datensatz wurde inzwischen geändert. Bitte neu laden.",
    ),
    "DELETION_BLOCKED": ("Other records still depend on this.", "Es hängen noch andere Datensätze davon ab."),
    "VALIDATION_ERROR": ("This value is not allowed.", "Dieser Wert ist nicht zulässig."),
    "INVALID_INPUT": ("This value cannot be read.", "Dieser Wert ist nicht lesbar."),
    "MISSING_REQUIRED_FIELD": ("A value is required.", "Hier ist eine Angabe erforderlich."),
    "INVALID_TRANSITION": (
        "The status cannot change from {from} to {to}.",
        "Der Status kann nicht von {from} zu {to} wechseln.",
    ),
    "PLAN_LIMIT_REACHED": (
        "The plan allows {limit} ({resource}); all are in use.",
        "Der Tarif erlaubt {limit} ({resource}); alle sind belegt.",
    ),
    "SEAT_LIMIT_EXCEEDED": (
        "The plan allows {limit} people; all seats are taken.",
        "Der Tarif erlaubt {limit} Personen; alle Plätze sind belegt.",
    ),
    "SUBSCRIPTION_INACTIVE": (
        "The subscription is not active; data can only be read.",
        "Das Abonnement ist nicht aktiv; Daten können nur gelesen werden.",
    ),
    "BUSINESS_RULE": ("A rule forbids this: {rule}.", "Eine Regel verbietet das: {rule}."),
    "RATE_LIMIT_EXCEEDED": (
        "Too many requests. Try again in {retryAfter} seconds.",
        "Zu viele Anfragen. Bitte in {retryAfter} Sekunden erneut versuchen.",
    ),
    "IDEMPOTENCY_KEY_REUSED": (
        "This Idempotency-Key was used for another request.",
        "Dieser Idempotency-Key wurde bereits für eine andere Anfrage verwendet.",
    ),
    "IDEMPOTENCY_IN_PROGRESS": (
        "The first request with this Idempotency-Key is still running.",
        "Die erste Anfrage mit diesem Idempotency-Key läuft noch.",
    ),
    "QUERY_TOO_COMPLEX": (
        "The document asks for too much at once ({what}: {requested}, allowed {maximum}).",
        "Das Dokument fragt zu viel auf einmal ({what}: {requested}, erlaubt {maximum}).",
    ),
    "query.time": (
        "Answering this took longer than {maximum} seconds and was stopped.",
        "Die Antwort hat länger als {maximum} Sekunden gebraucht und wurde abgebrochen.",
    ),
    "QUERY_TOO_DEEP": (
        "The document is nested too deeply ({requested}, allowed {maximum}).",
        "Das Dokument ist zu tief verschachtelt ({requested}, erlaubt {maximum}).",
    ),
    "CURSOR_EXPIRED": (
        "This cursor is older than what is kept. Load again.",
        "Diese Position ist älter als der aufbewahrte Verlauf. Bitte neu laden.",
    ),
    "EPOCH_CHANGED": (
        "This cursor belongs to another stream. Load again.",
        "Diese Position gehört zu einem anderen Verlauf. Bitte neu laden.",
    ),
    "CURSOR_AHEAD": (
        "This cursor is newer than the stream. Load again.",
        "Diese Position liegt hinter dem Ende des Verlaufs. Bitte neu laden.",
    ),
    "FILE_TOO_LARGE": ("The file is larger than {maxBytes} bytes.", "Die Datei ist größer als {maxBytes} Bytes."),
    "UNSUPPORTED_FILE_TYPE": (
        "Files of this kind are not accepted here.",
        "Dateien dieser Art werden hier nicht angenommen.",
    ),
    "DANGEROUS_FILE": ("Files of this kind may do harm.", "Dateien dieser Art können Schaden anrichten."),
    "FILE_CONTENT_MISMATCH": (
        "The content of this file is not what its name says.",
        "Der Inhalt dieser Datei ist nicht das, was ihr Name sagt.",
    ),
    "STORAGE_SERVICE_ERROR": (
        "Files cannot be stored or read at the moment.",
        "Dateien können gerade nicht gespeichert oder gelesen werden.",
    ),
    "INTERNAL_ERROR": (
        "Something went wrong on our side. The request id helps us find it.",
        "Bei uns ist etwas schiefgegangen. Mit der Request-ID finden wir die Ursache.",
    ),
    "TOTP_ENABLED": (
        "The second factor is in use already; disable it first.",
        "Der zweite Faktor ist bereits aktiv; bitte zuerst abschalten.",
    ),
    "TOTP_DISABLED": ("There is no second factor to disable.", "Es ist kein zweiter Faktor aktiv."),
    "password": (
        "This password is not strong enough: use capital and small letters, digits and special characters.",
        "Dieses Passwort ist nicht stark genug: bitte Groß- und Kleinbuchstaben, Ziffern und Sonderzeichen nutzen.",
    ),
    "length": ("Between {min} and {max} characters.", "Zwischen {min} und {max} Zeichen."),
    "range": ("Between {min} and {max}.", "Zwischen {min} und {max}."),
    "min": ("At least {min}.", "Mindestens {min}."),
    "max": ("At most {max}.", "Höchstens {max}."),
    "step": ("Only in steps of {step}.", "Nur in Schritten von {step}."),
    "items": ("At most {max} entries.", "Höchstens {max} Einträge."),
    "characters": ("Contains characters that are not allowed.", "Enthält unzulässige Zeichen."),
    "id": ("This id cannot be read.", "Diese ID ist nicht lesbar."),
    "format": ("Expected format: {format}.", "Erwartetes Format: {format}."),
    "cursor": ("This cursor belongs to another list.", "Dieser Cursor gehört zu einer anderen Liste."),
    "paging": (
        "Use either first/after, last/before or page.",
        "Entweder first/after, last/before oder page verwenden.",
    ),
    "depth": ("Nested deeper than {max}.", "Tiefer als {max} verschachtelt."),
}


def say(key: str, language: str = "en", **details: object) -> str:
    """The text of a code or rule for a person; `language` is `de` or `en`."""
    text = TEXTS.get(key)
    if text is None:
        return key.replace("_", " ").capitalize() + "."
    try:
        return text[1 if language == "de" else 0].format_map(details)
    except KeyError:
        return text[1 if language == "de" else 0]


def texts(entries: Mapping[str, tuple[str, str]]) -> None:
    """Add a domain's own texts; a key may be added once."""
    for key, value in entries.items():
        if TEXTS.setdefault(key, value) != value:
            raise ValueError(f"text {key!r} exists already")


class ApiError(Exception):
    """A top-level error. `field` is the path of the argument to blame; `extensions` go out as they are."""

    def __init__(
        self,
        code: ErrorCode,
        *,
        rule: str | None = None,
        field: Iterable[str] = (),
        status: int | None = None,
        **details: Any,
    ) -> None:
        super().__init__(code.value)
        self.code = code
        self.rule = rule
        self.field = list(field)
        self.status = status
        self.details = details

    def message(self, language: str = "en") -> str:
        return say(self.rule or self.code.value, language, **self.details)


@dataclass(frozen=True)
class Problem:
    """One entry of `userErrors`."""

    code: ErrorCode
    field: tuple[str, ...] = ()
    rule: str | None = None
    details: dict[str, Any] = dataclasses.field(default_factory=dict)

    def message(self, language: str = "en") -> str:
        return say(self.rule or self.code.value, language, **self.details)

    def under(self, *prefix: str) -> "Problem":
        """The same problem, seen from further outside."""
        return Problem(self.code, (*prefix, *self.field), self.rule, self.details)


class Refusal(Exception):
    """A mutation is refused; nothing of it stays. Carries every problem found, not only the first."""

    def __init__(self, problems: Iterable[Problem], shown: Mapping[str, Any] | None = None) -> None:
        self.problems = list(problems)
        self.shown = dict(shown or {})  # what the payload says all the same
        super().__init__(", ".join(p.code.value for p in self.problems))

    @classmethod
    def of(cls, code: ErrorCode, *path: str, rule: str | None = None, **details: Any) -> "Refusal":
        return cls([Problem(code, path, rule, details)])
