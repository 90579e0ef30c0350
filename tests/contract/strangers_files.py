"""How a stranger tries exports; see `strangers`."""

from collections.abc import Awaitable, Callable
from typing import Any

import jobs
from resolvers.kit.ids import split_id
from resolvers.kit.jobs import AgencyWork
from resolvers.kit.running import Started
from tests.conftest import Signed
from tests.contract.strangers import (
    PROBES,
    Probe,
    World,
    assigned_agent,
    new_property,
    nothing_more,
    other_id,
    probe,
)

_EXPORT = "mutation($x: ID!) { propertiesExport(input: { format: CSV, %s }) { job { id } userErrors { code field } } }"


def _rows(condition: str) -> Callable[[World, Signed, str, dict[str, Any]], Awaitable[Any]]:
    """How many rows the file has that is made with this condition."""

    async def call(world: World, signed: Signed, name: str, more: dict[str, Any]) -> Any:
        answer = await signed.owner.data(_EXPORT % f"filter: {{ {condition} }}", x=name)
        id = answer["propertiesExport"]["job"]["id"]
        found = split_id(id)
        assert found is not None
        work = AgencyWork(world.state, "properties.export", 7, signed.agency.id)
        await jobs.JOBS["properties.export"].function(work, Started(found[1]))
        return {"data": await signed.owner.data("query($id: ID!) { job(id: $id) { state result } }", id=id)}

    return call


probe(
    "Mutation.propertiesExport(input.ids)", _EXPORT.replace("job { id }", "job { state }") % "ids: [$x]", new_property
)
for operator, value in (("eq", "$x"), ("ne", "$x"), ("in", "[$x]"), ("notIn", "[$x]")):
    name = f"Mutation.propertiesExport(input.filter.assignedAgentId.{operator})"
    PROBES[name] = Probe(
        name, _rows(f"assignedAgentId: {{ {operator}: {value} }}"), assigned_agent, other_id, nothing_more
    )
