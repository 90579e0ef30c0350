"""Demo data: two agencies that look lived-in, made through the API itself, so that every rule has been applied to them.

What the API cannot do (add a member, move time back) is written directly. The last transaction of an agency ends its
trial; an agency still in its trial is what a cut-off load has left behind, and is removed and made anew.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import URL

from domain.access import Role
from migrations.demo.api import REGISTER, DemoError, opened_api
from migrations.demo.life import make, make_old
from models.base import metadata
from settings import Settings
from storage.database import OWNER, dsn, logins

AGENCIES = ("acme", "premium")
LOCK = 7_301_964
DATA = Path(__file__).parent.parent / "demo_data"


async def load(settings: Settings) -> None:
    """Make the demo agencies that are missing; repeating it changes nothing."""
    if settings.environment == "production":
        raise DemoError("Demo data has well-known passwords and is not loaded in production.")
    async with _platform(settings) as platform:
        # Two servers that start at once on one database must not both load.
        await platform.execute("select pg_advisory_lock($1)", LOCK)
        contents = [orjson.loads((DATA / f"{name}.json").read_bytes()) for name in AGENCIES]
        missing = [content for content in contents if not await _is_made(platform, content)]
        if not missing:
            return
        for content in missing:
            await _remove(settings, await _tenant(platform, content))
        async with opened_api(settings) as api:
            made = [await make(api, content) for content in missing]
        for tenant, histories, cards in made:
            await make_old(platform, tenant, histories, cards)


async def is_empty(settings: Settings) -> bool:
    """Whether there is no agency yet, or nothing but what a cut-off load has left behind."""
    async with _platform(settings) as platform:
        contents = [orjson.loads((DATA / f"{name}.json").read_bytes()) for name in AGENCIES]
        ours = [tenant for content in contents if (tenant := await _tenant(platform, content)) is not None]
        others = await platform.fetchval("select count(*) from tenant where id <> all($1)", ours)
        return others == 0 and not all([await _is_made(platform, content) for content in contents])


async def create_tenant(settings: Settings, *, email: str, password: str, company: str) -> None:
    """Register one agency with its owner, as a visitor would."""
    async with opened_api(settings) as api:
        owner = {"email": email, "password": password, "firstName": "Owner", "lastName": company[:100]}
        await api(REGISTER, input=owner | {"tenantName": company, "acceptTerms": True})


@asynccontextmanager
async def _login(url: URL) -> AsyncIterator[asyncpg.Connection[Any]]:
    connection = await asyncpg.connect(dsn(url))
    try:
        yield connection
    finally:
        await connection.close()


def _platform(settings: Settings) -> AbstractAsyncContextManager[asyncpg.Connection[Any]]:
    return _login(logins(settings).platform)


async def _tenant(platform: asyncpg.Connection[Any], content: dict[str, Any]) -> UUID | None:
    """The agency of the demo's owner, whatever its slug has become."""
    found: UUID | None = await platform.fetchval(
        "select j.tenant_id from account a join account_tenant j on j.account_id = a.id "
        "join tenant t on t.id = j.tenant_id where a.email = $1 and t.name = $2",
        *_owner_and_name(content),
    )
    return found


def _owner_and_name(content: dict[str, Any]) -> tuple[str, str]:
    owner = next(member for member in content["members"] if member["role"] == Role.OWNER.value)
    return owner["email"], content["tenant"]["name"]


async def _is_made(platform: asyncpg.Connection[Any], content: dict[str, Any]) -> bool:
    tenant = await _tenant(platform, content)
    return bool(await platform.fetchval("select trial_ends_at is null from tenant where id = $1", tenant))


async def _remove(settings: Settings, tenant: UUID | None) -> None:
    """Remove an agency that was not finished, with the logins that belong to nothing else.

    No role of the server may take a trail away; the owner of the tables may, once a policy shows it that agency.
    """
    if tenant is None:
        return
    tables = [table.name for table in reversed(metadata.sorted_tables) if "tenant_id" in table.c]
    shown = [name for name in tables if name != "account_tenant"]
    async with _login(logins(settings).admin) as admin, admin.transaction():
        await admin.execute(f"set local role {OWNER}")
        for name in shown:
            await admin.execute(f"create policy unfinished on {name} to {OWNER} using (tenant_id = '{tenant}')")
        accounts = await admin.fetch("select account_id from account_tenant where tenant_id = $1", tenant)
        await admin.execute("delete from token_directory where tenant = $1", tenant)
        await admin.execute("delete from tenant_slug where tenant = $1", tenant)
        for name in tables:
            await admin.execute(f"delete from {name} where tenant_id = $1", tenant)
        left = await admin.fetch(
            "select id from account where id = any($1) and id not in (select account_id from account_tenant)",
            [row["account_id"] for row in accounts],
        )
        ids = [row["id"] for row in left]
        for table in reversed(metadata.sorted_tables):  # what belongs to a login and to no agency
            if "account_id" in table.c and "tenant_id" not in table.c:
                await admin.execute(f"delete from {table.name} where account_id = any($1)", ids)
        await admin.execute("delete from account where id = any($1)", ids)
        for name in shown:
            await admin.execute(f"drop policy unfinished on {name}")
