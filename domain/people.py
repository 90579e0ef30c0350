"""Rules about members and invitations: who takes a seat, whom one may change, what an invitation still opens."""

from datetime import datetime, timedelta
from enum import Enum

from domain.access import Role, outranks
from domain.errors import texts

INVITED_FOR = timedelta(days=7)


class InvitationStatus(Enum):
    """Whether an invitation can still be accepted."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


DESCRIPTIONS: dict[type[Enum], tuple[str, dict[str, str]]] = {
    InvitationStatus: (
        "Whether an invitation can still be accepted.",
        {
            "PENDING": "It can be accepted, and holds a seat.",
            "ACCEPTED": "The person is a member.",
            "EXPIRED": "Its time is up; it can be sent again.",
            "REVOKED": "It was taken back.",
        },
    ),
}

_NAMES = {
    Role.OWNER: ("Owner", "Inhaber/in"),
    Role.ADMIN: ("Administrator", "Administration"),
    Role.MANAGER: ("Manager", "Leitung"),
    Role.AGENT: ("Agent", "Makler/in"),
    Role.CUSTOMER: ("Customer", "Kundin/Kunde"),
}

texts(
    {
        "LAST_OWNER": (
            "An agency always has an owner: make somebody else one first.",
            "Eine Agentur hat immer eine Inhaberin oder einen Inhaber: Geben Sie die Rolle vorher weiter.",
        ),
        "SELF": ("Nobody does this to oneself.", "Das geht nicht mit dem eigenen Zugang."),
        "OTHER_PERSON": (
            "This invitation is for somebody else. Sign out first.",
            "Diese Einladung gilt einer anderen Person. Bitte zuerst abmelden.",
        ),
        "invitation.joined": (
            "You belong to the agency now. Sign in with your own password.",
            "Sie gehören jetzt zur Agentur. Bitte melden Sie sich mit Ihrem Passwort an.",
        ),
        "invitation.done": (
            "This invitation was accepted or taken back.",
            "Diese Einladung wurde angenommen oder zurückgezogen.",
        ),
    }
)


def takes_seat(role: Role, *, active: bool = True) -> bool:
    """Whether a member counts against the plan: customers and those who cannot sign in do not."""
    return active and role is not Role.CUSTOMER


def may_change(actor: Role, member: Role) -> bool:
    """Whether somebody may change the rights of a member: not of whoever stands above."""
    return not outranks(member, actor)


def role_name(role: Role, language: str) -> str:
    """What a role is called in a mail."""
    return _NAMES[role][1 if language == "de" else 0]


def invitation_status(
    accepted_at: datetime | None, revoked_at: datetime | None, expires_at: datetime, now: datetime
) -> InvitationStatus:
    """Where an invitation stands at a moment."""
    if accepted_at is not None:
        return InvitationStatus.ACCEPTED
    if revoked_at is not None:
        return InvitationStatus.REVOKED
    return InvitationStatus.PENDING if now < expires_at else InvitationStatus.EXPIRED
