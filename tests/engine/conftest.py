"""The rich agencies, made once per worker, and both executors over them."""

import pytest
import pytest_asyncio

from resolvers.kit.context import State
from tests.engine.executors import Executors
from tests.engine.world import World, make_world


@pytest_asyncio.fixture(scope="session")
async def world(state: State) -> World:
    return await make_world(state)


@pytest.fixture(scope="session")
def both(world: World) -> Executors:
    return Executors.of(world)
