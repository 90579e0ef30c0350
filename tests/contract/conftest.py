"""A look at the database that no policy narrows: to count what a refused call must not have touched."""

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio
from sqlalchemy import make_url

import tests.contract.strangers_people
import tests.contract.strangers_roles
import tests.contract.strangers_tenants  # noqa: F401 - likewise
from settings import Settings
from tests.contract import strangers_audit, strangers_jobs, strangers_sign_in, strangers_task_parts, strangers_tasks  # noqa: F401 - their probes are among the others from here on
from tests.factories import connected


@pytest_asyncio.fixture(scope="session")
async def admin(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The administrator's connection to this worker's database."""
    async with connected(make_url(settings.database_url)) as connection:
        yield connection
