"""Sign-in with Google. An address that has a login already is linked once with its password, never by itself."""

from typing import Annotated, Any

import strawberry

import models
from domain.errors import ErrorCode, Refusal, texts
from domain.plans import BillingCycle, PlanKey
from domain.providers import IdentityProvider
from resolvers.identity import guard
from resolvers.identity.registration import found_with_owner
from resolvers.identity.sessions import Also
from resolvers.identity.signing_in import let_in
from resolvers.identity.throttling import read_address, throttle_sign_in
from resolvers.kit.commands import Command
from resolvers.kit.context import Context
from resolvers.kit.ids import encode_id
from storage import accounts, directory, linked_accounts
from storage.google import Identity
from storage.hashing import verify_password

GOOGLE = IdentityProvider.GOOGLE

texts(
    {
        "LINK_CONFIRMATION": (
            "There is a login with this address. Enter its password once to link it with Google.",
            "Mit dieser Adresse gibt es bereits ein Konto. Bitte einmal dessen Passwort eingeben, um es mit Google zu"
            " verknüpfen.",
        ),
        "ONLY_WAY_IN": (
            "This is the only way to sign in. Set a password first.",
            "Das ist der einzige Weg, sich anzumelden. Bitte zuerst ein Passwort festlegen.",
        ),
        "google.one_of": ("Send either idToken or code.", "Entweder idToken oder code angeben."),
        "google.new": (
            "Nobody has this address yet. Name the agency to be made.",
            "Diese Adresse hat noch niemand. Bitte den Namen der neuen Agentur angeben.",
        ),
    }
)


async def login(
    command: Command,
    id_token: Annotated[str | None, strawberry.argument(description="Id token from Google.")] = None,
    code: Annotated[str | None, strawberry.argument(description="Authorization code, instead of `idToken`.")] = None,
    code_verifier: Annotated[
        str | None, strawberry.argument(description="PKCE verifier of the code; required with it.")
    ] = None,
    nonce: Annotated[
        str | None, strawberry.argument(description="What the id token must contain, when one was asked for.")
    ] = None,
    password: Annotated[
        str | None,
        strawberry.argument(description="Password of the login with this address; asked for once, to link it."),
    ] = None,
    totp_code: Annotated[str | None, strawberry.argument(description="Second factor, of a login that has one.")] = None,
    tenant_name: Annotated[
        str | None, strawberry.argument(description="Name of the agency to be made, for a person who is new.")
    ] = None,
) -> dict[str, Any]:
    """Sign in with Google, link an existing login by its password, or make a new agency."""
    context, state = command.context, command.context.state
    who = await _who(command, id_token, code, code_verifier, nonce)
    address = read_address(who.email, "idToken" if id_token is not None else "code")
    await throttle_sign_in(context, address)
    linked = await linked_accounts.account_of(state.database, GOOGLE, who.subject)
    if linked is not None:
        account = await accounts.account(state.database, linked)
        return await _enter(command, account, totp_code)
    known = await directory.account_by_email(state.database, address)
    if known is not None:
        return await _link(command, known, who, password, totp_code)
    if tenant_name is None:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "tenantName", rule="google.new")
    name = " ".join(tenant_name.split())
    if not 2 <= len(name) <= 255 or not name.isprintable():
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "tenantName", rule="length", min=2, max=255)
    values = {
        "email": address,
        "first_name": who.first_name,
        "last_name": who.last_name,
        "tenant_name": name,
        "plan_key": PlanKey.FREE.value,
        "billing_cycle": BillingCycle.MONTHLY.value,
    }

    async def vouched(session: Any, account_id: Any) -> None:
        await _connect(session, account_id, who)
        await accounts.verify(session, account_id)

    return await found_with_owner(command, values, None, vouched)


async def _who(
    command: Command, id_token: str | None, code: str | None, verifier: str | None, nonce: str | None
) -> Identity:
    google = command.context.state.google
    if (id_token is None) == (code is None):
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "idToken", rule="google.one_of")
    if id_token is not None:
        return await google.identify(id_token, nonce, "idToken")
    if not verifier:
        raise Refusal.of(ErrorCode.MISSING_REQUIRED_FIELD, "codeVerifier")
    assert code is not None
    return await google.identify(await google.exchange(code, verifier), nonce, "code")


async def _enter(
    command: Command, account: models.Account, totp_code: str | None, also: Also | None = None
) -> dict[str, Any]:
    """Sign in; a wrong second factor counts as it does beside a password."""
    await guard.admit(command.context, account.email)
    try:
        return await let_in(command, account.email, account, None, totp_code, also)
    except Refusal as refusal:
        if totp_code is None or refusal.problems[0].code is not ErrorCode.INVALID_CREDENTIALS:
            raise
    await guard.fail(command.context, command.operation, account.email, account.id, "totpCode")


async def _link(
    command: Command, account: models.Account, who: Identity, password: str | None, totp_code: str | None
) -> dict[str, Any]:
    """Link a login whose password is given; without it nothing is told but that it is needed."""
    context = command.context
    if password is None:
        raise Refusal.of(ErrorCode.BUSINESS_RULE, "password", rule="LINK_CONFIRMATION")
    await guard.admit(context, account.email)
    if not await verify_password(password, account.password_hash):
        await guard.fail(context, command.operation, account.email, account.id, "password")

    async def confirmed(session: Any) -> None:
        await _connect(session, account.id, who)

    return await _enter(command, account, totp_code, confirmed)


async def _connect(session: Any, account_id: Any, who: Identity) -> None:
    if not await linked_accounts.link(session, account_id, GOOGLE, who.subject, who.email.lower()):
        raise Refusal.of(ErrorCode.CONFLICT)  # linked by a request beside this one


async def linked(context: Context) -> list[dict[str, Any]]:
    """What the caller's login is linked with."""
    return [
        {
            "id": encode_id("LinkedAccount", found.id),
            "provider": found.provider,
            "email": found.email,
            "connected_at": found.connected_at,
        }
        for found in await linked_accounts.links(context.state.database, context.signed_in.account_id)
    ]


async def unlink(
    command: Command,
    provider: Annotated[IdentityProvider, strawberry.argument(description="Whose account it is.")],
) -> dict[str, Any]:
    """Sign in with this provider no more; refused while it is the only way to sign in."""
    account = await accounts.account(command.context.state.database, command.viewer.account_id)
    if not account.password_hash:
        raise Refusal.of(ErrorCode.BUSINESS_RULE, "provider", rule="ONLY_WAY_IN")
    if not await linked_accounts.unlink(command.session, account.id, provider):
        raise Refusal.of(ErrorCode.NOT_FOUND, "provider")
    return {"done": True}
