"""Fixtures around the world of the transport: `world`, `client`, `sockets`."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import structlog
from httpx2 import AsyncClient
from starlette.testclient import TestClient

from graph import logs
from tests.http.world import World, settings


@pytest.fixture
def make_world() -> Iterator[Any]:
    """Build an application for settings of the test's own."""

    def make(**changes: Any) -> World:
        made = World(settings(**changes))
        logs.configure(made.settings)
        return made

    yield make
    structlog.reset_defaults()


@pytest.fixture
async def world(make_world: Any) -> AsyncIterator[World]:
    made = make_world()
    async with made.app.router.lifespan_context(made.app):
        yield made


@pytest.fixture
async def client(world: World) -> AsyncIterator[AsyncClient]:
    async with world.client() as found:
        yield found


@pytest.fixture
def sockets(make_world: Any) -> Iterator[Any]:
    """A world and a test client that runs it in a thread of its own, for WebSockets."""
    opened = contextlib.ExitStack()

    def start(**changes: Any) -> tuple[World, TestClient]:
        made = make_world(**changes)
        return made, opened.enter_context(TestClient(made.app))

    yield start
    opened.close()
