"""A look at the database that no policy narrows: to count what a refused call must not have touched."""

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio
from sqlalchemy import make_url

import tests.contract.probes  # noqa: F401 - those of all domains are there from here on
from settings import Settings
from tests.factories import connected


@pytest_asyncio.fixture(scope="session")
async def admin(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The administrator's connection to this worker's database."""
    async with connected(make_url(settings.database_url)) as connection:
        yield connection
