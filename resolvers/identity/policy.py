"""What a person's agencies ask of a password."""

from functools import reduce
from uuid import UUID

from domain.errors import ErrorCode, Problem, Refusal
from domain.passwords import PasswordClass, Policy
from resolvers.identity.memberships import memberships
from resolvers.kit.context import State

DEFAULT = Policy()


async def policy_of(state: State, account_id: UUID) -> Policy:
    """The strictest of a person's agencies: one password opens them all."""
    asked = [
        policy(row["password_min_length"], row["password_classes"]) for row in await memberships(state, account_id)
    ]
    return reduce(Policy.and_also, asked) if asked else DEFAULT


def policy(min_length: int, classes: list[str]) -> Policy:
    """What one agency asks for."""
    return Policy(min_length, frozenset(map(PasswordClass, classes)))


def demand(asked: Policy, password: str, email: str, *path: str) -> None:
    """Refuse a password that lacks something, and say all that it lacks."""
    missing = asked.missing(password, email)
    if missing:
        raise Refusal([Problem(ErrorCode.VALIDATION_ERROR, path, "password", {"missing": missing})])
