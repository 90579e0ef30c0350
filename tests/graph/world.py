"""What the tests through the schema share: the proof that nothing happened, streams without a socket, documents."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from graphql import parse

from domain.access import Role
from graph.engine.documents import Prepared
from graph.engine.reference import Subscription
from graph.schema import schema
from resolvers.kit.context import Context, Request, State
from tests.conftest import Signed
from tests.factories import property_input

DOCUMENTS = Path(__file__).parent / "documents"
ERRORS = "userErrors { code message field details }"
# Everything a mutation may write; the trail is left out, because refusals are recorded there.
WRITTEN = (
    *("property", "property_favorite", "property_valuation", "contact_person", "note", "tenant", "member"),
    *("invitation", "event_stream", "event_outbox"),
    *("plan_counter", "number_sequence", "idempotency_key", "project", "board", "board_column", "task", "task_label"),
    *("api_key", "mail"),
    *("task_label_link", "task_watcher", "task_dependency", "subtask", "comment", "comment_reaction", "task_log"),
    *("role", "member_role", "feature_flag", "preferences"),
    *("role", "member_role", "team", "team_member"),
)
CREATE = f"""
mutation ($input: PropertyCreateInput!) {{
  propertyCreate(input: $input) {{ property {{ id externalNumber title status version updatedAt }} {ERRORS} }}
}}"""
UPDATE = f"""
mutation ($id: ID!, $input: PropertyUpdateInput!) {{
  propertyUpdate(id: $id, input: $input) {{ property {{ id title version updatedAt }} {ERRORS} }}
}}"""
STATUS = f"""
mutation ($id: ID!, $input: PropertyStatusInput!) {{
  propertyStatusSet(id: $id, input: $input) {{
    property {{ id status version closedAt closingPrice {{ amount currency }} }} {ERRORS}
  }}
}}"""
DELETE = f"mutation ($id: ID!) {{ propertyDelete(id: $id) {{ property {{ id deletedAt }} {ERRORS} }} }}"


def document(name: str) -> str:
    """A screen's document as clients send it."""
    return (DOCUMENTS / f"{name}.graphql").read_text(encoding="utf-8")


async def rows(state: State, tenant: UUID, table: str, order: str = "1") -> list[dict[str, Any]]:
    """All rows of a table of one agency."""
    async with state.database.reads.read(tenant) as connection:
        found = await connection.fetch(f"select * from {table} where tenant_id = $1 order by {order}", tenant)
    return [dict(row) for row in found]


async def events(state: State, tenant: UUID) -> list[tuple[str, str, int, list[str]]]:
    """Type, kind, version and changed fields of every event of an agency, in order."""
    found = await rows(state, tenant, "event_outbox", "seq")
    return [(row["type"], row["kind"], row["version"], row["changed"]) for row in found]


async def snapshot(state: State, tenant: UUID) -> dict[str, Any]:
    """All that an agency has, as values to compare; the audit's place in the stream's head is left out."""
    found = {}
    async with state.database.reads.read(tenant) as connection:
        for table in WRITTEN:
            found[table] = await connection.fetchval(
                "select coalesce(jsonb_agg(to_jsonb(t) - 'audit_seq' - 'audit_head' order by to_jsonb(t)::text), '[]') "
                f"from {table} t where t.tenant_id = $1",
                tenant,
            )
    return found


@asynccontextmanager
async def untouched(state: State, *agencies: Signed) -> AsyncIterator[None]:
    """Asserts that no row of these agencies changed, and that no event was written."""
    before = [await snapshot(state, signed.agency.id) for signed in agencies]
    yield
    assert [await snapshot(state, signed.agency.id) for signed in agencies] == before


def problems(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Code and dotted path of every entry of `userErrors`."""
    return [(error["code"], ".".join(error["field"])) for error in payload["userErrors"]]


async def created(signed: Signed, **changes: Any) -> dict[str, Any]:
    """A property made by the agent."""
    payload = (await signed.agent.data(CREATE, input=property_input(**changes)))["propertyCreate"]
    assert payload["userErrors"] == []
    found: dict[str, Any] = payload["property"]
    return found


async def context_of(state: State, signed: Signed, role: Role) -> Context:
    """What the transport would open for a person's socket."""
    request = Request(request_id="test", ip="127.0.0.1", user_agent="tests", transport="ws")
    token = f"Bearer {signed.agency.people[role].token}"
    return await Context.open(state, request, authorization=token, tenant_header=None)


class Live:
    """A subscription run by the executor itself, without a socket; every event is answered under fresh rights."""

    def __init__(self, subscription: Subscription, context: Context) -> None:
        self._subscription = subscription
        self._events = aiter(subscription.stream)
        self._context = context

    @classmethod
    async def open(cls, context: Context, text: str, **variables: Any) -> "Live":
        prepared = Prepared(parse(text))
        subscription = await Subscription.open(
            schema._schema, prepared, context=context, variables=variables, operation_name=None
        )
        return cls(subscription, context)

    async def next(self) -> dict[str, Any]:
        """The next event; fails when none comes within five seconds."""
        async with asyncio.timeout(5):
            event = await anext(self._events)
        result = await self._subscription.answer(event, await self._context.renewed())
        assert result.errors is None, result.errors
        found: dict[str, Any] = (result.data or {})["propertyChanged"]
        return found

    async def close(self) -> None:
        assert isinstance(self._events, AsyncGenerator)
        await self._events.aclose()
