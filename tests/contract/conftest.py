"""A look at the database that no policy narrows: to count what a refused call must not have touched."""

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio
from sqlalchemy import make_url

import tests.contract.strangers_people
import tests.contract.strangers_roles  # noqa: F401 - likewise
from settings import Settings
from storage.database import dsn
from tests.contract import strangers_jobs, strangers_task_parts, strangers_tasks  # noqa: F401 - their probes are among the others from here on


@pytest_asyncio.fixture(scope="session")
async def admin(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The administrator's connection to this worker's database."""
    connection = await asyncpg.connect(dsn(make_url(settings.database_url)))
    yield connection
    await connection.close()
