"""Global ids: base64url of `Type:uuid`, opaque to clients."""

import base64
import binascii
from uuid import UUID


def encode_id(type_name: str, id: UUID) -> str:
    return base64.urlsafe_b64encode(f"{type_name}:{id}".encode()).decode().rstrip("=")


def split_id(value: str) -> tuple[str, UUID] | None:
    """Type and uuid of a global id; None when it cannot be read."""
    try:
        name, _, id = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii").partition(":")
        found = UUID(id)
    except (binascii.Error, UnicodeError, ValueError):
        return None
    return (name, found) if name.isidentifier() and str(found) == id else None


def decode_id(value: str, type_name: str) -> UUID | None:
    """The uuid of an id of this type; None for every other."""
    found = split_id(value)
    return found[1] if found is not None and found[0] == type_name else None
