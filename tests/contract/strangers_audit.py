"""How a stranger tries the audit trail; see `strangers`."""

import asyncio
from typing import Any

from domain.access import Role
from domain.errors import ApiError
from tests.conftest import Signed
from tests.contract.strangers import (
    NODES_MADE,
    PROBES,
    Probe,
    World,
    agent_of,
    listening,
    mirror,
    new_property,
    nothing_more,
    other_cursor,
    other_position,
    probe,
)

# Asking is itself recorded: what was asked before must not be what differs.
_DEEDS = "action: { ne: READ_SENSITIVE }"
_LIST = "{ nodes { id resourceTitle } totalCount pageInfo { hasNextPage } }"


async def new_entry(world: World, signed: Signed) -> str:
    """The entry of a new property."""
    id = await new_property(world, signed)
    document = "query($id: ID!) { auditEntries(first: 1, filter: { resourceId: { eq: $id } }) { nodes { id } } }"
    return str((await signed.owner.data(document, id=id))["auditEntries"]["nodes"][0]["id"])


async def newest_cursor(world: World, signed: Signed) -> str:
    """The cursor of the newest of two entries: behind it lies the older one."""
    await new_property(world, signed)
    await new_property(world, signed)
    data = await signed.owner.data(f"{{ auditEntries(first: 1, filter: {{ {_DEEDS} }}) {{ edges {{ cursor }} }} }}")
    return str(data["auditEntries"]["edges"][0]["cursor"])


async def oldest_cursor(world: World, signed: Signed) -> str:
    """In ascending order, the cursor of an entry behind which a name of nothing would lie."""
    await new_property(world, signed)
    data = await signed.owner.data(
        "{ auditEntries(last: 1, orderBy: [{ field: TIMESTAMP, direction: ASC }],"
        f" filter: {{ {_DEEDS} }}) {{ edges {{ cursor }} }} }}"
    )
    return str(data["auditEntries"]["edges"][0]["cursor"])


async def acting_agent(world: World, signed: Signed) -> str:
    """A member who did one thing, beside which others did others."""
    await new_property(world, signed)
    document = 'mutation($id: ID!) { propertyNoteAdd(propertyId: $id, input: { body: "x" }) { note { id } } }'
    await signed.agent.data(document, id=await new_property(world, signed))
    return await agent_of(world, signed)


NODES_MADE["AuditEntry"] = new_entry

mirror("Query.auditEntries", "{ auditEntries { nodes { id resourceId } totalCount } }", new_property)
probe(
    "Query.auditEntries(after)",
    f"query($x: String!) {{ auditEntries(after: $x, filter: {{ {_DEEDS} }}) {_LIST} }}",
    newest_cursor,
    other=other_cursor,
)
probe(
    "Query.auditEntries(before)",
    "query($x: String!) { auditEntries(before: $x, last: 2, orderBy: [{ field: TIMESTAMP, direction: ASC }],"
    f" filter: {{ {_DEEDS} }}) {_LIST} }}",
    oldest_cursor,
    other=other_cursor,
)
for operator, value in (("eq", "$x"), ("ne", "$x"), ("in", "[$x]"), ("notIn", "[$x]")):
    probe(
        f"Query.auditEntries(filter.resourceId.{operator})",
        f"query($x: ID!) {{ auditEntries(filter: {{ {_DEEDS}, resourceId: {{ {operator}: {value} }} }}) {_LIST} }}",
        new_property,
    )
    probe(
        f"Query.auditEntries(filter.userId.{operator})",
        f"query($x: ID!) {{ auditEntries(filter: {{ {_DEEDS}, userId: {{ {operator}: {value} }} }}) {_LIST} }}",
        acting_agent,
    )


async def broken(world: World, signed: Signed) -> str:
    """The first entry of the trail, with which somebody has tampered: numbers of entries may be alike by chance."""
    await new_property(world, signed)
    await world.admin.execute(
        "update audit_entry set actor_name = 'niemand' where tenant_id = $1 and seq = 1", signed.agency.id
    )
    data = await signed.owner.data("{ auditVerify { firstBrokenId } }")
    return str(data["auditVerify"]["firstBrokenId"])


mirror("Query.auditVerify", "{ auditVerify { ok checked firstBrokenId } }", broken)


async def place_of(world: World, signed: Signed) -> str:
    """A place in the trail: that of an entry somebody heard of."""
    document = "subscription { auditRecorded { cursor } }"
    token = signed.agency.people[Role.OWNER].token
    async with listening(world.state, token, document) as answers:
        heard = asyncio.ensure_future(anext(answers))  # type: ignore[arg-type]
        while not heard.done():
            await new_property(world, signed)
            await asyncio.wait([heard], timeout=0.5)
        return str((await heard)["data"]["auditRecorded"]["cursor"])


async def _resumed(world: World, signed: Signed, name: str, _more: dict[str, Any]) -> Any:
    """What is heard from a place in the trail on, or the code of the refusal."""
    await new_property(world, signed)
    document = "subscription($after: String) { auditRecorded(after: $after) { kind auditEntry { operation } } }"
    token = signed.agency.people[Role.OWNER].token
    async with listening(world.state, token, document, after=name) as answers:
        try:
            async with asyncio.timeout(10):
                return {"data": (await anext(answers))["data"]}
        except ApiError as error:
            return {"errors": [error.code.value]}


PROBES["Subscription.auditRecorded(after)"] = Probe(
    "Subscription.auditRecorded(after)", _resumed, place_of, other_position, nothing_more
)


async def me(world: World, signed: Signed) -> str:
    return signed.agency.people[Role.OWNER].gid


mirror(
    "Mutation.auditExport",
    "mutation { auditExport { job { startedBy { id } } userErrors { code field details } } }",
    me,
)
