"""What the tests of tasks share: the default board, new tasks, the order of a column."""

from typing import Any

from resolvers.kit.context import State
from tests.conftest import Client, Signed
from tests.graph.world import ERRORS, rows

TASK = """
  id title description priority status rank position dueDate startDate completedAt progress estimatedHours actualHours
  storyPoints archived archivedAt isOverdue version deletedAt
  board { id } column { id name status } assignee { id } property { id } project { id }
  financing { status amount { amount currency } interestRate termYears }
  blocked { reason by { id } blockedByTask { id } }
"""
CREATE = f"mutation ($input: TaskCreateInput!) {{ taskCreate(input: $input) {{ task {{ {TASK} }} {ERRORS} }} }}"
UPDATE = f"""mutation ($id: ID!, $input: TaskUpdateInput!) {{
  taskUpdate(id: $id, input: $input) {{ task {{ {TASK} }} {ERRORS} }} }}"""
MOVE = f"""mutation ($id: ID!, $input: TaskMoveInput!) {{
  taskMove(id: $id, input: $input) {{
    task {{ {TASK} }} warnings {{ code message field details }} {ERRORS} }} }}"""
DELETE = f"mutation ($id: ID!) {{ taskDelete(id: $id) {{ task {{ {TASK} }} {ERRORS} }} }}"
ARCHIVE = f"""mutation ($id: ID!, $archived: Boolean) {{
  taskArchive(id: $id, archived: $archived) {{ task {{ {TASK} }} {ERRORS} }} }}"""
BLOCK = f"""mutation ($id: ID!, $reason: String!, $by: ID) {{
  taskBlock(id: $id, reason: $reason, blockedByTaskId: $by) {{ task {{ {TASK} }} {ERRORS} }} }}"""
UNBLOCK = f"""mutation ($id: ID!, $status: TaskStatus) {{
  taskUnblock(id: $id, status: $status) {{ task {{ {TASK} }} {ERRORS} }} }}"""
COLUMNS = "{ board { id columns { id name status position wipLimit color allowFrom isTerminal taskCount } } }"
CARDS = "query ($id: ID) { board(id: $id) { columns { status tasks { nodes { id title rank position } } } } }"
BOARD = """
  id name description wipLimit isDefault version deletedAt project { id }
  columns { id name status position wipLimit color allowFrom isTerminal taskCount }
"""
BOARD_CREATE = f"mutation ($input: BoardInput!) {{ boardCreate(input: $input) {{ board {{ {BOARD} }} {ERRORS} }} }}"
DUE = "2030-05-06T07:08:09.000Z"


async def new(client: Client, title: str = "Anrufen", **changes: Any) -> dict[str, Any]:
    """A task, made through the schema."""
    payload = (await client.data(CREATE, input={"title": title, "dueDate": DUE, **changes}))["taskCreate"]
    assert payload["userErrors"] == []
    found: dict[str, Any] = payload["task"]
    return found


async def several(client: Client, titles: str, **changes: Any) -> dict[str, str]:
    """Ids of tasks with one letter each, by that letter."""
    return {title: (await new(client, title, **changes))["id"] for title in titles}


async def moved(client: Client, id: str, **input: Any) -> dict[str, Any]:
    """The answer of a move."""
    found: dict[str, Any] = (await client.data(MOVE, id=id, input=input))["taskMove"]
    return found


async def column_of(client: Client, status: str, board: str | None = None) -> str:
    """The titles of a column in their order; every reader must see the same places."""
    data = await client.data(CARDS, id=board)
    (column,) = [column for column in data["board"]["columns"] if column["status"] == status]
    cards = column["tasks"]["nodes"]
    assert [card["position"] for card in cards] == list(range(len(cards)))
    assert sorted(cards, key=lambda card: card["rank"].encode()) == cards
    return "".join(card["title"] for card in cards)


async def columns(client: Client) -> dict[str, dict[str, Any]]:
    """The columns of the default board by their status."""
    return {column["status"]: column for column in (await client.data(COLUMNS))["board"]["columns"]}


async def second_board(client: Client, name: str = "Vermietung", **changes: Any) -> dict[str, Any]:
    payload = (await client.data(BOARD_CREATE, input={"name": name, **changes}))["boardCreate"]
    assert payload["userErrors"] == []
    found: dict[str, Any] = payload["board"]
    return found


async def lines(state: State, signed: Signed) -> list[tuple[str, list[dict[str, Any]]]]:
    """Action and changes of all lines of the logs, in order."""
    found = await rows(state, signed.agency.id, "task_log", "id")
    return [(row["action"], row["changes"]) for row in found]
