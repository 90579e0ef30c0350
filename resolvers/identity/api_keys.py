"""Keys for programs: they call with the rights their maker has at that moment, narrowed to the scopes of the key."""

import secrets
from datetime import timedelta
from typing import Any

import strawberry
from sqlalchemy import func, select

import models
from domain.access import Scope
from domain.errors import ErrorCode, Refusal, texts
from loaders.visibility import table_of
from models.base import now
from resolvers.identity.sessions import forget_once_committed
from resolvers.kit.commands import Command, Secret
from resolvers.kit.inputs import Input
from storage import directory
from storage.tokens import KEY_MARK, key_prefix

MOST_PER_MEMBER = 50
LONGEST_DAYS = 365

texts(
    {
        "API_KEY_LIMIT": (
            "You have {max} API keys. Revoke one first.",
            "Sie haben {max} API-Schlüssel. Bitte zuerst einen widerrufen.",
        ),
        "scope.not_held": (
            "A key may do no more than its maker: {scope} is missing.",
            "Ein Schlüssel darf nicht mehr als wer ihn anlegt: {scope} fehlt.",
        ),
    }
)


@strawberry.input(description="A new API key.")
class ApiKeyCreateInput(Input, of=models.ApiKey):
    name: str
    scopes: list[Scope]
    expires_in_days: int | None = strawberry.field(default=90, description="Days until it ends, 1 to 365.")

    @classmethod
    def refine(cls, values: dict[str, Any], report: Any) -> None:
        if "name" in values and len(values["name"]) < 3:
            report(ErrorCode.VALIDATION_ERROR, "name", rule="length", min=3, max=100)
        if not 1 <= values["expires_in_days"] <= LONGEST_DAYS:
            report(ErrorCode.VALIDATION_ERROR, "expiresInDays", rule="range", min=1, max=LONGEST_DAYS)
        if values.get("scopes") == []:
            report(ErrorCode.MISSING_REQUIRED_FIELD, "scopes")


async def create(command: Command, input: ApiKeyCreateInput) -> dict[str, Any]:
    """Make an API key for oneself. Its secret is answered once: `Authorization: Bearer imk_…` calls with it."""
    values, viewer = command.values(input), command.viewer
    beyond = [(at, scope) for at, scope in enumerate(input.scopes) if scope not in viewer.scopes]
    if beyond:
        raise Refusal(
            [
                problem
                for at, scope in beyond
                for problem in Refusal.of(
                    ErrorCode.VALIDATION_ERROR, "input", "scopes", str(at), rule="scope.not_held", scope=scope.value
                ).problems
            ]
        )
    columns = table_of(models.ApiKey).c
    mine = select(func.count()).where(
        columns.tenant_id == viewer.tenant_id,
        columns.member_id == viewer.member_id,
        columns.revoked_at.is_(None),
        columns.expires_at > now(),
    )
    if (await command.session.execute(mine)).scalar_one() >= MOST_PER_MEMBER:
        raise Refusal.of(ErrorCode.BUSINESS_RULE, rule="API_KEY_LIMIT", max=MOST_PER_MEMBER)
    secret = KEY_MARK + secrets.token_urlsafe(32)
    row = await command.add(
        models.ApiKey(
            tenant_id=viewer.tenant_id,
            member_id=viewer.member_id,
            name=values["name"],
            prefix=key_prefix(secret),
            scopes=values["scopes"],
            expires_at=now() + timedelta(days=values["expires_in_days"]),
        )
    )
    await directory.store_key(
        command.session,
        secret,
        account=viewer.account_id,
        tenant=viewer.tenant_id,
        member=viewer.member_id,
        key=row.id,
        expires_at=row.expires_at,
    )
    return {"api_key": row, "secret": Secret(secret)}


async def revoke(command: Command, id: strawberry.ID) -> models.ApiKey:
    """End an API key at once: a key of one's own, or with `apiKey.manage` anybody's. Repeating it is fine."""
    row = await command.find(models.ApiKey, id)
    if row.revoked_at is None:
        row.revoked_at = now()
        await directory.revoke_tokens(command.session, row.tenant_id, row.id)
        forget_once_committed(command.context.state, command.session, [row.id])
    return row
