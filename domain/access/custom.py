"""Roles an agency makes for itself: what they may hold, and what a member may do who has some of them."""

from functools import lru_cache

from domain.access.keys import P
from domain.access.roles import ROLE_PERMISSIONS, Role
from domain.access.words import PERMISSIONS
from domain.errors import texts

texts(
    {
        "SYSTEM_ROLE": ("Built-in roles are fixed.", "Eingebaute Rollen stehen fest."),
        "role.in_use": (
            "Members still have this role: {users}. Take it from them first.",
            "Diese Rolle haben noch Mitglieder: {users}. Bitte zuerst entziehen.",
        ),
    }
)

# What a custom role may hold: money stays with the OWNER.
GRANTABLE: frozenset[str] = frozenset(PERMISSIONS) - {P.BILLING_UPDATE}


def rights(role: Role, granted: str | None) -> frozenset[str]:
    """What a member may do: the built-in role, and the keys of custom roles, given as one text with blanks between.

    Members with the same rights share one set. A key that is no longer there grants nothing, and an `.own` form beside
    its plain key says nothing.
    """
    return _union(ROLE_PERMISSIONS[role], granted) if granted else ROLE_PERMISSIONS[role]


@lru_cache(maxsize=4096)
def _union(built_in: frozenset[str], granted: str) -> frozenset[str]:
    found = built_in | GRANTABLE.intersection(granted.split())
    found = frozenset(key for key in found if not (key.endswith(".own") and key.removesuffix(".own") in found))
    return built_in if found == built_in else found
