"""The agency itself: to look at, to change, to delete."""

from typing import Annotated, Any

import strawberry

import models
from domain.errors import ErrorCode, Refusal
from domain.tenants import admits
from resolvers.kit.address import settle
from resolvers.kit.commands import Command, Ref
from resolvers.kit.context import Context
from resolvers.kit.ids import encode_id
from resolvers.kit.images import picture, remove_later
from resolvers.kit.uploads import Upload
from resolvers.tenants.inputs import TenantSettingsUpdateInput, TenantUpdateInput
from storage import directory
from storage.files import new_key

BRANDING_SQL = "select primary_color, secondary_color, logo_key from tenant where tenant_id = $1 and is_active"


async def current(context: Context) -> Any:
    """The agency the token is for."""
    return Ref("tenant", context.signed_in.tenant_id)


async def branding(
    context: Context,
    slug: Annotated[str, strawberry.argument(description="Short name of the agency in addresses.")],
) -> Any:
    """How an agency looks, for its sign-in page; null when there is none."""
    database = context.state.database
    tenant = await directory.tenant_of_slug(database, slug)
    if tenant is None:
        return None
    async with database.reads.read(tenant) as connection:
        return await connection.fetchrow(BRANDING_SQL, tenant)


async def own(command: Command, expected: Any = None) -> models.Tenant:
    """The viewer's agency, locked."""
    return await command.find(models.Tenant, encode_id("Tenant", command.viewer.tenant_id), expected=expected)


async def update(command: Command, input: TenantUpdateInput) -> models.Tenant:
    """Change the agency: name, ways to reach it, address, colours, legal facts. Its slug never changes."""
    tenant = await own(command, input.expected_version)
    values = command.values(input)
    values.pop("expected_version", None)
    command.assign(tenant, values)
    problems = settle(tenant, values)
    if problems:
        raise Refusal([problem.under("input") for problem in problems])
    return tenant


async def update_settings(command: Command, input: TenantSettingsUpdateInput) -> dict[str, Any]:
    """Change the settings of the agency."""
    tenant = await own(command)
    values = command.values(input)
    address = command.context.request.ip
    if not admits(values.get("ip_allow_list", ()), address):
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", "ipAllowList", rule="own_address", address=address)
    if values.get("require_totp") and not (await command.get(models.Member, command.viewer.member_id)).totp_enabled:
        raise Refusal.of(ErrorCode.BUSINESS_RULE, "input", "requireTotp", rule="second_factor")
    if "sender_password" in values:
        password = values.pop("sender_password")
        secrets, purpose = command.context.state.secrets, sender_purpose(tenant)
        values["email_password"] = None if password is None else secrets.seal(password, purpose)
    if "email_from_address" in values or "email_password" in values:
        values["email_verified_at"] = None  # by a test mail with these very settings
    command.assign(tenant, values)
    return {"settings": tenant}


async def upload_logo(
    command: Command,
    file: Annotated[Upload, strawberry.argument(description="JPEG, PNG or WebP, at most 5 MiB.")],
) -> models.Tenant:
    """Set the logo of the agency; it is shown as a whole, at most 512 points wide and high."""
    key = new_key(command.viewer.tenant_id, "logos", "webp")
    found = await picture(file, "file", square=False)
    await command.context.state.files.put(key, found, name="logo.webp", content_type="image/webp")
    tenant = await own(command)
    await remove_later(command, tenant.logo_key)
    tenant.logo_key = key
    return tenant


def sender_purpose(tenant: models.Tenant) -> str:
    """What the password of the agency's mail server is sealed for."""
    return f"email:{tenant.id}"
