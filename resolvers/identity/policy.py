"""What a person's agencies ask of a password."""

from uuid import UUID

from domain.passwords import Policy
from resolvers.kit.context import State

DEFAULT = Policy()


async def policy_of(state: State, account_id: UUID) -> Policy:
    """The strictest of a person's agencies: one password opens them all."""
    return DEFAULT
