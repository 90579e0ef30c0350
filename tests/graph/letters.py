"""What the tests of logins share: jobs carried out at once, mails of a person, the secrets of their links."""

import json
from typing import Any
from uuid import UUID

import jobs
import models
from domain.access import Role
from models.base import now
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id
from resolvers.kit.jobs import Work
from storage import directory
from tests.conftest import Client
from tests.factories import make_agency, platform
from tests.graph.test_identity import LOGIN, code_of


async def work_off(state: State, name: str) -> int:
    """Carry out all jobs of this name that are in the queue, once each; answers how many there were."""
    taken = await platform(state, "delete from jobs.pgqueuer where entrypoint = $1 returning id, payload", name)
    for row in taken:
        found = jobs.JOBS[name]
        order = json.loads(bytes(row["payload"]))
        await found.function(Work(state, name, row["id"]), *found.read(order["payload"]))
    return len(taken)


async def mails(state: State, address: str, template: str | None = None) -> list[dict[str, Any]]:
    """Mails to an address, oldest first."""
    return await platform(
        state,
        "select template, language, content, tenant_id from mail where recipient = $1 and coalesce($2, template)"
        " = template order by id",
        address,
        template,
    )


async def secret(state: State, address: str, template: str) -> str:
    """The secret the newest mail of a kind carries."""
    link = json.loads((await mails(state, address, template))[-1]["content"])["link"]
    return state.tokens.link_secret(link["purpose"], UUID(link["id"]), link["version"])


async def sign_in(client: Client, address: str, password: str, **more: Any) -> Client:
    """A client with a session of its own."""
    done = (await client.data(LOGIN, email=address, password=password, **more))["authLogin"]
    assert code_of(done) == [], done
    return Client(client.http, done["accessToken"])


async def alive(state: State, client: Client) -> bool:
    """Whether a session still opens anything, on a server that remembers nothing."""
    state.viewers.clear()
    return "errors" not in await client("{ viewer { user { id } } }")


def agency_of(done: dict[str, Any]) -> UUID:
    """The agency of a registration."""
    found = decode_id(done["tenant"]["id"], "Tenant")
    assert found is not None
    return found


async def second_agency(state: State, done: dict[str, Any]) -> tuple[UUID, UUID]:
    """Make who registered a member of a further agency; answers that agency and the member there."""
    agency = await make_agency(state, "Zweit")
    account = await directory.account_by_email(state.database, done["email"])
    assert account is not None
    async with state.database.write(agency.id) as session:
        member = models.Member(
            tenant_id=agency.id,
            account_id=account.id,
            email=done["email"],
            first_name="Erika",
            last_name="Muster",
            role=Role.AGENT.value,
            status="ACTIVE",
            joined_at=now(),
        )
        session.add(member)
        await session.flush()
        await directory.join(session, account.id, agency.id, member.id)
        await session.commit()
    return agency.id, member.id
