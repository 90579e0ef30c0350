"""Servers that streams are read from."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from app import Server, compose
from graph import logs
from graph.schema import schema
from resolvers.kit.context import State
from tests.http.world import World, settings
from tests.live.reading import Clients, serving


@dataclass
class Served:
    """A world behind a real server."""

    world: World
    server: Server
    clients: Clients

    def __post_init__(self) -> None:
        self.ask = self.clients.ask


@pytest.fixture
def serve() -> Iterator[Any]:
    """Serve a world with settings of the test's own."""

    @asynccontextmanager
    async def start(**changes: Any) -> AsyncIterator[Served]:
        world = World(settings(**changes))
        logs.configure(world.settings)
        async with serving(world.app) as (server, clients):
            yield Served(world, server, clients)

    yield start
    structlog.reset_defaults()


@pytest.fixture
async def served(serve: Any) -> AsyncIterator[Served]:
    async with serve() as found:
        yield found


@pytest.fixture
async def clients(state: State) -> AsyncIterator[Clients]:
    """Clients of the real application, which works on the database of these tests."""

    @asynccontextmanager
    async def opening() -> AsyncIterator[State]:
        yield state

    async with serving(compose(state.settings, schema._schema, opening)) as (_, found):
        yield found
