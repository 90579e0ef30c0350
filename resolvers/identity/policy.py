"""What a person's agencies ask of a password."""

from functools import reduce
from uuid import UUID

from domain.passwords import PasswordClass, Policy
from resolvers.identity.memberships import memberships
from resolvers.kit.context import State

DEFAULT = Policy()


async def policy_of(state: State, account_id: UUID) -> Policy:
    """The strictest of a person's agencies: one password opens them all."""
    asked = [
        Policy(row["password_min_length"], frozenset(map(PasswordClass, row["password_classes"])))
        for row in await memberships(state, account_id)
    ]
    return reduce(Policy.and_also, asked) if asked else DEFAULT
