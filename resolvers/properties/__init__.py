"""Properties: what comes in, the life cycle, the stream."""

from resolvers.properties.actions import (
    MAX_CONTACT_PERSONS,
    by_external_number,
    create,
    delete,
    delete_one,
    duplicate,
    set_status,
    update,
    update_one,
)
from resolvers.properties.filters import PropertyFilter, PropertyOrder
from resolvers.properties.live import changed

__all__ = [
    "MAX_CONTACT_PERSONS",
    "PropertyFilter",
    "PropertyOrder",
    "by_external_number",
    "changed",
    "create",
    "delete",
    "delete_one",
    "duplicate",
    "set_status",
    "update",
    "update_one",
]
