"""The two locks between agencies, tried through either executor alone: each holds without the other, both are needed.

`tests/storage/test_tenancy.py` tries the same over HTTP, where a plan may give up and the reference answers. Here every
read has to be planned. A plan keeps its compiled statements, so executors are new whenever a lock is switched.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import orjson
import pytest

from domain.access import Role
from graph.engine.operations import Call, Engine
from settings import Settings
from tests.conftest import Signed
from tests.contract.strangers import NODES_MADE, PROBES, Leak, Mirror, Probe, World, intrude
from tests.engine.executors import answer, context_for, engines
from tests.storage.test_tenancy import BEYOND_THE_LOCKS, open_settings, predicates_off, running

__all__ = ["open_settings"]  # a fixture

# Probes that name what they send, and send it as one call of the owner.
SENT = {
    name: probe
    for name, probe in PROBES.items()
    if name.startswith(("Query.", "Mutation.property", "Mutation.note", "Mutation.trash"))
}


class Sender:
    """Sends what a probe sends, to one executor, in the name of the owner of the agency whose turn it is."""

    def __init__(self, world: World, engine: Engine) -> None:
        self.planned: list[tuple[str, bool]] = []
        self._world = world
        self._engine = engine

    def of(self, signed: Signed) -> Any:
        async def send(text: str, **variables: Any) -> dict[str, Any]:
            context = await context_for(self._world.state, signed.agency.people[Role.OWNER].token)
            found = await answer(self._engine, Call(text, variables, None, {}), context)
            self.planned.append((text, found.planned))
            body: dict[str, Any] = orjson.loads(orjson.dumps(found.body))
            return {"data": body.get("data"), "errors": body["errors"]} if "errors" in body else {"data": body["data"]}

        return send

    def through(self, probe: Probe | Mirror) -> Probe | Mirror:
        """The same probe, sent by this sender."""
        more = probe.more

        async def mine(world: World, signed: Signed) -> dict[str, Any]:
            return {**await more(world, signed), "client": self.of(signed)}

        return replace(probe, more=mine)


def every_probe() -> Iterator[tuple[str, Probe | Mirror]]:
    """All that can be sent, and `node` and `nodes` for every type there is."""
    yield from SENT.items()
    for name in ("Query.node(id)", "Query.nodes(ids)"):
        probe = PROBES[name]
        assert isinstance(probe, Probe)
        for kind, make in NODES_MADE.items():
            yield f"{name} {kind}", replace(probe, make=make)


async def leaks(world: World, acme: Signed, rival: Signed, engine: Engine) -> tuple[set[str], Sender]:
    """Names of the probes by which a stranger notices or changes something, and how they were answered."""
    sender, found = Sender(world, engine), set()
    for name, probe in every_probe():
        try:
            await intrude(sender.through(probe), world, acme, rival)
        except Leak:
            found.add(name)
    return found, sender


@pytest.mark.parametrize("executor", ["planned", "reference"])
@pytest.mark.parametrize(("policy", "predicate"), [(True, False), (False, True), (True, True)])
async def test_one_lock_is_enough(
    settings: Settings, open_settings: Settings, policy: bool, predicate: bool, executor: str
) -> None:
    async with running(settings if policy else open_settings) as (world, acme, rival):
        engine = engines(world.state.settings)[executor == "reference"]
        with ExitStack() as switched:
            if not predicate:
                switched.enter_context(predicates_off())
            found, sender = await leaks(world, acme, rival, engine)
    assert found == set()
    if executor == "planned":
        refused = "mutation"  # what is refused at the top level is told by the reference
        assert [text for text, planned in sender.planned if not planned and not text.startswith(refused)] == []
        assert sum(planned for _, planned in sender.planned) > 60
    else:
        assert not any(planned for _, planned in sender.planned)


@pytest.mark.parametrize("executor", ["planned", "reference"])
async def test_without_both_locks_either_executor_leaks(open_settings: Settings, executor: str) -> None:
    async with running(open_settings) as (world, acme, rival):
        engine = engines(world.state.settings)[executor == "reference"]
        with predicates_off():
            found, _ = await leaks(world, acme, rival, engine)
    tried = {name for name, _ in every_probe()}
    assert found == tried - set(BEYOND_THE_LOCKS)
