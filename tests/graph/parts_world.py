"""What the tests of the parts of tasks share: both executors at once, comments, labels, steps."""

from typing import Any

from domain.access import Role
from graph.engine.calls import Call
from resolvers.kit.context import State
from tests.conftest import Client, Signed
from tests.engine.executors import answer, context_for, engines, must_be_equal
from tests.graph.world import ERRORS

COMMENT = """
  id text version editedAt deletedAt author { id } deletedBy { id } parent { id } mentions { id }
  reactions { emoji count reactedByMe users { id } } replies { id text }
"""
SAY = f"""mutation ($task: ID!, $text: String!, $parent: ID) {{
  taskCommentAdd(taskId: $task, text: $text, parentId: $parent) {{ comment {{ {COMMENT} }} {ERRORS} }} }}"""
CHANGE = f"""mutation ($id: ID!, $text: String!) {{
  commentUpdate(id: $id, text: $text) {{ comment {{ {COMMENT} }} {ERRORS} }} }}"""
TAKE_BACK = f"mutation ($id: ID!) {{ commentDelete(id: $id) {{ comment {{ {COMMENT} }} {ERRORS} }} }}"
REACT = f"""mutation ($id: ID!, $emoji: String!) {{
  commentReactionToggle(id: $id, emoji: $emoji) {{ comment {{ {COMMENT} }} {ERRORS} }} }}"""
LABEL = "id name color description usageCount"
LABEL_CREATE = f"""mutation ($input: TaskLabelInput!) {{
  taskLabelCreate(input: $input) {{ taskLabel {{ {LABEL} }} {ERRORS} }} }}"""


async def same(
    state: State,
    signed: Signed,
    document: str,
    role: Role = Role.AGENT,
    *,
    language: str = "en",
    **variables: Any,
) -> Any:
    """The data that both executors answer to the byte; the first of them must have planned it."""
    token = signed.agency.people[role].token
    found = []
    for engine in engines(state.settings):
        context = await context_for(state, token, language=language)
        found.append(await answer(engine, Call(document, variables, None, {}), context))
    must_be_equal(*found)
    assert (found[0].planned, found[1].planned) == (True, False)
    assert "errors" not in found[0].body, found[0].body["errors"]
    return found[1].body["data"]


async def statements(state: State, signed: Signed, document: str, role: Role = Role.AGENT, **variables: Any) -> int:
    """How many statements the planned answer takes."""
    planned, _ = engines(state.settings)
    context = await context_for(state, signed.agency.people[role].token)
    found = await answer(planned, Call(document, variables, None, {}), context)
    assert found.planned, found.body.get("errors")
    assert "errors" not in found.body, found.body["errors"]
    return context.loaders.statements


async def said(client: Client, task: str, text: str = "Bitte prüfen", parent: str | None = None) -> dict[str, Any]:
    """A new comment."""
    payload = (await client.data(SAY, task=task, text=text, parent=parent))["taskCommentAdd"]
    assert payload["userErrors"] == []
    found: dict[str, Any] = payload["comment"]
    return found


async def label(client: Client, name: str = "Dringend", **given: Any) -> dict[str, Any]:
    """A new label."""
    payload = (await client.data(LABEL_CREATE, input={"name": name, **given}))["taskLabelCreate"]
    assert payload["userErrors"] == []
    found: dict[str, Any] = payload["taskLabel"]
    return found
