"""Who vouches for a person besides ourselves."""

from enum import Enum


class IdentityProvider(Enum):
    """A provider one may sign in with."""

    GOOGLE = "GOOGLE"


DESCRIPTIONS: dict[type[Enum], tuple[str, dict[str, str]]] = {
    IdentityProvider: ("A provider one may sign in with.", {"GOOGLE": "A Google account (OpenID Connect)."}),
}
