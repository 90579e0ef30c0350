"""How a stranger tries the people of an agency; see `strangers`."""

from domain.access import Role
from models.base import uuid7
from tests.conftest import Signed
from tests.contract.strangers import World, agent_of, mirror, other_cursor, probe


async def word_of(world: World, signed: Signed) -> str:
    """A word that stands with the agency's agent and nobody else."""
    word = f"Abteilung{uuid7().hex}"
    await world.admin.execute(
        "update member set department = $2 where id = $1", signed.agency.people[Role.AGENT].id, word
    )
    return word


def other_word(_word: str) -> str:
    return f"Abteilung{uuid7().hex}"


async def newest_user_cursor(_world: World, signed: Signed) -> str:
    data = await signed.owner.data("{ users(first: 1) { edges { cursor } } }")
    return str(data["users"]["edges"][0]["cursor"])


async def oldest_user_cursor(_world: World, signed: Signed) -> str:
    data = await signed.owner.data(
        "{ users(last: 1, orderBy: [{ field: CREATED_AT, direction: ASC }]) { edges { cursor } } }"
    )
    return str(data["users"]["edges"][0]["cursor"])


probe("Query.user(id)", "query($x: ID!) { user(id: $x) { id name email } }", agent_of)
probe("Query.employees(search)", "query($x: String!) { employees(search: $x) { id name } }", word_of, other=other_word)
probe(
    "Query.employees(department)",
    "query($x: String!) { employees(department: $x) { id name } }",
    word_of,
    other=other_word,
)
probe(
    "Query.users(after)",
    "query($x: String!) { users(after: $x) { nodes { id } totalCount pageInfo { hasNextPage } } }",
    newest_user_cursor,
    other=other_cursor,
)
probe(
    "Query.users(before)",
    "query($x: String!) { users(before: $x, orderBy: [{ field: CREATED_AT, direction: ASC }], last: 2)"
    " { nodes { id } pageInfo { hasNextPage } } }",
    oldest_user_cursor,
    other=other_cursor,
)
mirror("Query.users", "{ users { nodes { id name } } }", agent_of)
mirror("Query.employees", "{ employees { id name } }", agent_of)
