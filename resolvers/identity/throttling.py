"""What public sign-in fields have in common: the address as it is compared, and a rate per address."""

from domain.errors import Refusal
from resolvers.kit.context import Context
from resolvers.kit.execution import consume
from resolvers.kit.scalars import Unreadable, read_email


def read_address(raw: str, *path: str) -> str:
    """An e-mail address in the spelling it is known by."""
    try:
        return read_email(raw)
    except Unreadable as unreadable:
        raise Refusal([unreadable.problem.under(*path)]) from None


async def throttle_sign_in(context: Context, email: str) -> None:
    """At most a few attempts per network address and e-mail."""
    await consume(context, "sign_in", f"{context.request.ip}:{email}")
