"""Which mails there are."""

from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID


class Language(Enum):
    """Languages mails are written in."""

    DE = "de"
    EN = "en"


class MailTemplate(Enum):
    """The mails the server sends by itself."""

    VERIFICATION = "verification"
    WELCOME = "welcome"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a mail
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a mail
    ADDRESS_TAKEN = "address_taken"
    INVITATION = "invitation"
    NEW_DEVICE = "new_device"
    ACCOUNT_LOCKED = "account_locked"
    TEST = "test"


@dataclass(frozen=True)
class Link:
    """The secret a button carries, by what it is derived from: never the secret itself."""

    purpose: str
    id: UUID
    version: int = 0


@dataclass(frozen=True)
class Kind:
    """A mail: the page its button opens, whether that takes a secret, and the values its text needs and may have."""

    page: str
    secret: bool = False
    needs: frozenset[str] = field(default_factory=frozenset)
    knows: frozenset[str] = field(default_factory=frozenset)


def _names(*names: str) -> frozenset[str]:
    return frozenset(names)


KINDS: dict[MailTemplate, Kind] = {
    MailTemplate.VERIFICATION: Kind("/verify-email", True, _names("name")),
    MailTemplate.WELCOME: Kind("/", needs=_names("name")),
    MailTemplate.PASSWORD_RESET: Kind("/reset-password", True, _names("name")),
    MailTemplate.PASSWORD_CHANGED: Kind("/forgot-password", needs=_names("name", "at"), knows=_names("ip")),
    MailTemplate.ADDRESS_TAKEN: Kind("/forgot-password", needs=_names("name"), knows=_names("ip")),
    MailTemplate.INVITATION: Kind(
        "/accept-invitation", True, _names("inviter", "expires"), knows=_names("name", "role")
    ),
    MailTemplate.NEW_DEVICE: Kind("/forgot-password", needs=_names("name", "device", "at"), knows=_names("ip")),
    MailTemplate.ACCOUNT_LOCKED: Kind("/forgot-password", needs=_names("name", "minutes"), knows=_names("ip")),
    MailTemplate.TEST: Kind("/", needs=_names("name")),
}


def language_of(tag: str) -> Language:
    """The language to write in for a BCP 47 tag: English for English, else German."""
    return Language.EN if tag.lower().partition("-")[0] == "en" else Language.DE
