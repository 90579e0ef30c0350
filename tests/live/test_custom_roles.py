"""Custom roles on open streams: what is given or taken counts within a second, without a new subscription."""

import asyncio

from domain.access import P, Role
from domain.errors import ApiError, ErrorCode
from resolvers.kit.context import State
from tests.conftest import Signed
from tests.contract.strangers import listening
from tests.graph.roles_world import UPDATE, give, new_role
from tests.graph.tasks_world import new

PROMISED = 1.3  # a second, and what a look at the rights takes
TASKS = "subscription { taskChanged { id task { title } } }"
TEAMS = "subscription { teamChanged { id } }"


async def test_more_and_less_is_heard_as_rights_come_and_go(state: State, acme: Signed) -> None:
    insight = await new_role(acme.owner, "Einblick", P.TASK_READ)
    mine = acme.agency.people[Role.CUSTOMER].gid
    async with listening(state, acme.customer.token, TASKS) as answers, asyncio.timeout(20):
        pending = asyncio.ensure_future(anext(answers))
        await asyncio.sleep(0.2)
        await new(acme.agent, "verborgen")
        await give(acme, Role.CUSTOMER, insight)
        await asyncio.sleep(PROMISED)
        await new(acme.agent, "gezeigt")
        assert (await pending)["data"]["taskChanged"]["task"] == {"title": "gezeigt"}
        pending = asyncio.ensure_future(anext(answers))
        # A change of the role counts as much as taking it away.
        await acme.owner.data(UPDATE, id=insight, i={"permissionKeys": ["audit.read"]})
        await asyncio.sleep(PROMISED)
        await new(acme.agent, "wieder verborgen")
        await new(acme.agent, "eigene", assigneeId=mine)
        assert (await pending)["data"]["taskChanged"]["task"] == {"title": "eigene"}


async def test_a_stream_that_a_role_opened_ends_with_it(state: State, acme: Signed) -> None:
    await give(acme, Role.CUSTOMER, await new_role(acme.owner, "Einblick", P.TENANT_READ))
    async with listening(state, acme.customer.token, TEAMS) as answers, asyncio.timeout(20):
        pending = asyncio.ensure_future(anext(answers))
        await asyncio.sleep(PROMISED)
        assert not pending.done()
        await give(acme, Role.CUSTOMER)
        try:
            ended = await pending
        except ApiError as error:
            ended = error.code
        assert ended is ErrorCode.INSUFFICIENT_PERMISSIONS
