"""Who may do what: permission keys, the five built-in roles, token scopes.

A key is `<resource>.<action>`; `<key>.own` is the same right limited to own rows (created by, assigned to,
participant, or the contact's own). Holding the plain key includes its `.own` form, so a role never lists both.
An effective right needs both the permission and the scope of the token.
"""

from domain.access.custom import GRANTABLE, rights
from domain.access.keys import ADMIN_READS, GUARDED, KEYS, SELF, Audience, P, allows, audience, of, own
from domain.access.roles import (
    CUSTOMER_WRITES,
    DESCRIPTIONS,
    IN_PERSON,
    ROLE_PERMISSIONS,
    ROLE_SCOPES,
    Role,
    Scope,
    may_grant,
    may_use,
    outranks,
)
from domain.access.words import PERMISSIONS, ROLES, permission_id, role_id

__all__ = [
    "ADMIN_READS",
    "CUSTOMER_WRITES",
    "DESCRIPTIONS",
    "GRANTABLE",
    "GUARDED",
    "IN_PERSON",
    "KEYS",
    "PERMISSIONS",
    "ROLES",
    "ROLE_PERMISSIONS",
    "ROLE_SCOPES",
    "SELF",
    "Audience",
    "P",
    "Role",
    "Scope",
    "allows",
    "audience",
    "may_grant",
    "may_use",
    "of",
    "outranks",
    "own",
    "permission_id",
    "rights",
    "role_id",
]
