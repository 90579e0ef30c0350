"""Comments on tasks: answers, mentions, reactions, changes, and what stays of one that was taken back."""

import pytest

from domain.access import Role
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.graph.parts_world import CHANGE, REACT, SAY, TAKE_BACK, said, same, statements
from tests.graph.tasks_world import DELETE, lines, new
from tests.graph.world import events, problems, untouched

LIST = """query ($id: ID!) { task(id: $id) { commentCount comments { totalCount nodes {
  id text author { name } parent { id } editedAt deletedAt mentions { id name }
  replies { id text author { id } mentions { id } reactions { emoji count } }
  reactions { emoji count reactedByMe __typename users { id name role } again: users { firstName } } } } } }"""
NONE = {"mentions": [], "reactions": [], "replies": [], "parent": None, "deletedAt": None, "deletedBy": None}


async def test_a_comment_is_the_callers(state: State, acme: Signed) -> None:
    task = (await new(acme.agent))["id"]
    comment = await said(acme.manager, task, "  Kunde ruft zurück \n")
    author = {"id": acme.agency.people[Role.MANAGER].gid}
    assert comment == {
        "id": comment["id"],
        "text": "Kunde ruft zurück",
        "version": 1,
        "editedAt": None,
        "author": author,
        **NONE,
    }
    assert (await events(state, acme.agency.id))[-1] == ("task.updated", "COMMENTED", 1, ["comments"])
    assert (await lines(state, acme))[1:] == [("COMMENTED", [])]


async def test_answers_stand_below_what_they_answer(state: State, acme: Signed) -> None:
    task = (await new(acme.agent))["id"]
    first = await said(acme.agent, task, "Eins")
    second = await said(acme.agent, task, "Zwei")
    answers = [(await said(acme.manager, task, text, first["id"]))["id"] for text in ("a", "b")]
    data = (await same(state, acme, LIST, id=task))["task"]
    assert (data["commentCount"], data["comments"]["totalCount"]) == (4, 2)
    nodes = data["comments"]["nodes"]
    assert [(node["id"], node["text"]) for node in nodes] == [(first["id"], "Eins"), (second["id"], "Zwei")]
    manager = {"id": acme.agency.people[Role.MANAGER].gid}
    assert nodes[0]["replies"] == [
        {"id": id, "text": text, "author": manager, "mentions": [], "reactions": []}
        for id, text in zip(answers, "ab", strict=True)
    ]
    assert nodes[1]["replies"] == []


async def test_an_answer_cannot_be_answered(state: State, acme: Signed, rival: Signed) -> None:
    task, other = (await new(acme.agent))["id"], (await new(acme.agent))["id"]
    first = await said(acme.agent, task)
    answer = await said(acme.agent, task, "Ja", first["id"])
    gone = await said(acme.agent, task, "Weg")
    await acme.agent.data(TAKE_BACK, id=gone["id"])
    foreign = await said(rival.agent, (await new(rival.agent))["id"])
    async with untouched(state, acme):
        for parent, where, code in (
            (answer["id"], task, "VALIDATION_ERROR"),
            (first["id"], other, "NOT_FOUND"),
            (gone["id"], task, "NOT_FOUND"),
            (foreign["id"], task, "NOT_FOUND"),
            (encode_id("Comment", uuid7()), task, "NOT_FOUND"),
            (task, task, "NOT_FOUND"),
            ("?", task, "INVALID_INPUT"),
        ):
            payload = (await acme.agent.data(SAY, task=where, text="x", parent=parent))["taskCommentAdd"]
            assert (payload["comment"], problems(payload)) == (None, [(code, "parentId")])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "MISSING_REQUIRED_FIELD"),
        (" \n\t", "MISSING_REQUIRED_FIELD"),
        ("x" * 5_001, "VALIDATION_ERROR"),
        ("a\u0000b", "INVALID_INPUT"),
    ],
    ids=lambda value: repr(value)[:20],
)
async def test_bad_texts(state: State, acme: Signed, text: str, code: str) -> None:
    task = (await new(acme.agent))["id"]
    comment = await said(acme.agent, task)
    async with untouched(state, acme):
        payload = (await acme.agent.data(SAY, task=task, text=text))["taskCommentAdd"]
        assert problems(payload) == [(code, "text")]
        payload = (await acme.agent.data(CHANGE, id=comment["id"], text=text))["commentUpdate"]
        assert problems(payload) == [(code, "text")]
    assert len((await said(acme.agent, task, "x" * 5_000))["text"]) == 5_000


async def test_members_are_called_by_their_id(state: State, acme: Signed, rival: Signed) -> None:
    task = (await new(acme.agent))["id"]
    owner, manager, agent = (acme.agency.people[role].gid for role in (Role.OWNER, Role.MANAGER, Role.AGENT))
    comment = await said(acme.agent, task, f"@[{owner}] und @[{manager}], nochmals @[{owner}], @[Haus] und @[{task}]")
    # By name: Manager Person before Owner Person.
    assert comment["mentions"] == [{"id": manager}, {"id": owner}]
    payload = (await acme.agent.data(CHANGE, id=comment["id"], text=f"Doch @[{agent}] und @[{owner}]"))["commentUpdate"]
    assert payload["comment"]["mentions"] == [{"id": agent}, {"id": owner}]
    async with untouched(state, acme):
        for stranger in (rival.agency.people[Role.AGENT].gid, encode_id("User", uuid7())):
            for document, name, key, id in (
                (SAY, "taskCommentAdd", "task", task),
                (CHANGE, "commentUpdate", "id", comment["id"]),
            ):
                payload = (await acme.agent.data(document, **{key: id}, text=f"Hallo @[{stranger}]"))[name]
                assert problems(payload) == [("VALIDATION_ERROR", "text")]


async def test_no_text_calls_more_than_fifty(state: State, acme: Signed) -> None:
    task = (await new(acme.agent))["id"]
    text = " ".join(f"@[{encode_id('User', uuid7())}]" for _ in range(51))
    async with untouched(state, acme):
        payload = (await acme.agent.data(SAY, task=task, text=text))["taskCommentAdd"]
        assert [(error["code"], error["details"]) for error in payload["userErrors"]] == [
            ("VALIDATION_ERROR", {"max": 50})
        ]


async def test_only_the_author_changes_a_comment(state: State, acme: Signed) -> None:
    task = (await new(acme.agent))["id"]
    comment = await said(acme.agent, task)
    async with untouched(state, acme):
        for client in (acme.manager, acme.owner):
            payload = (await client.data(CHANGE, id=comment["id"], text="Neu"))["commentUpdate"]
            assert problems(payload) == [("INSUFFICIENT_PERMISSIONS", "id")]
    payload = (await acme.agent.data(CHANGE, id=comment["id"], text="Neu"))["commentUpdate"]
    assert (payload["comment"]["text"], payload["comment"]["version"]) == ("Neu", 2)
    assert payload["comment"]["editedAt"] is not None
    assert (await events(state, acme.agency.id))[-1] == ("task.updated", "UPDATED", 1, ["comments"])
    assert (await lines(state, acme))[-1] == ("UPDATED", [{"field": "comments", "from": None, "to": None}])
    async with untouched(state, acme):
        payload = (await acme.agent.data(CHANGE, id=comment["id"], text=" Neu "))["commentUpdate"]
        assert (payload["comment"]["version"], payload["userErrors"]) == (2, [])


async def test_what_was_taken_back_stays_without_its_text(state: State, acme: Signed) -> None:
    task = (await new(acme.agent))["id"]
    owner = acme.agency.people[Role.OWNER].gid
    comment = await said(acme.agent, task, f"Vertraulich @[{owner}]")
    answer = await said(acme.manager, task, "Gut", comment["id"])
    await acme.manager.data(REACT, id=comment["id"], emoji="👍")
    payload = (await acme.agent.data(TAKE_BACK, id=comment["id"]))["commentDelete"]
    found = payload["comment"]
    assert (found["text"], found["mentions"], found["reactions"]) == ("", [], [])
    assert found["deletedBy"] == {"id": acme.agency.people[Role.AGENT].gid}
    assert found["deletedAt"] is not None
    assert found["replies"] == [{"id": answer["id"], "text": "Gut"}]
    data = (await same(state, acme, LIST, id=task))["task"]
    assert (data["commentCount"], data["comments"]["totalCount"]) == (1, 1)
    assert (data["comments"]["nodes"][0]["text"], data["comments"]["nodes"][0]["deletedAt"]) == ("", found["deletedAt"])
    async with untouched(state, acme):
        for document, name, more in (
            (TAKE_BACK, "commentDelete", {}),
            (CHANGE, "commentUpdate", {"text": "Neu"}),
            (REACT, "commentReactionToggle", {"emoji": "👍"}),
        ):
            payload = (await acme.agent.data(document, id=comment["id"], **more))[name]
            assert problems(payload) == [("NOT_FOUND", "id")]


async def test_managers_take_back_what_others_said(state: State, acme: Signed) -> None:
    task = (await new(acme.agent))["id"]
    theirs, mine = await said(acme.manager, task), await said(acme.agent, task)
    async with untouched(state, acme):
        payload = (await acme.agent.data(TAKE_BACK, id=theirs["id"]))["commentDelete"]
        assert problems(payload) == [("INSUFFICIENT_PERMISSIONS", "id")]
    payload = (await acme.manager.data(TAKE_BACK, id=mine["id"]))["commentDelete"]
    assert (payload["comment"]["text"], payload["userErrors"]) == ("", [])


async def test_reactions_are_put_and_taken_away(state: State, acme: Signed) -> None:
    task = (await new(acme.agent))["id"]
    comment = await said(acme.agent, task)
    people = acme.agency.people
    for client, emoji in ((acme.agent, "👍"), (acme.manager, "❤️"), (acme.manager, "👍"), (acme.owner, "❤️")):
        payload = (await client.data(REACT, id=comment["id"], emoji=emoji))["commentReactionToggle"]
        assert payload["userErrors"] == []
    await acme.owner.data(REACT, id=comment["id"], emoji="❤️")  # away again
    data = await same(state, acme, LIST, id=task)
    assert data["task"]["comments"]["nodes"][0]["reactions"] == [
        {
            "emoji": "👍",
            "count": 2,
            "reactedByMe": True,
            "__typename": "Reaction",
            "users": [
                {"id": people[Role.AGENT].gid, "name": "Agent Person", "role": "AGENT"},
                {"id": people[Role.MANAGER].gid, "name": "Manager Person", "role": "MANAGER"},
            ],
            "again": [{"firstName": "Agent"}, {"firstName": "Manager"}],
        },
        {
            "emoji": "❤️",
            "count": 1,
            "reactedByMe": False,
            "__typename": "Reaction",
            "users": [{"id": people[Role.MANAGER].gid, "name": "Manager Person", "role": "MANAGER"}],
            "again": [{"firstName": "Manager"}],
        },
    ]
    seen = (await same(state, acme, LIST, Role.OWNER, id=task))["task"]["comments"]["nodes"][0]["reactions"]
    assert [one["reactedByMe"] for one in seen] == [False, False]
    assert [event[1:] for event in (await events(state, acme.agency.id))[2:]] == [("UPDATED", 1, ["comments"])] * 5
    assert [changes for _, changes in (await lines(state, acme))[-2:]] == [
        [{"field": "reactions", "from": None, "to": "❤️"}],
        [{"field": "reactions", "from": "❤️", "to": None}],
    ]


@pytest.mark.parametrize("emoji", ["", "a", "👍👍", ":+1:", "<b>", "\u0000"])
async def test_what_is_no_emoji(state: State, acme: Signed, emoji: str) -> None:
    comment = await said(acme.agent, (await new(acme.agent))["id"])
    async with untouched(state, acme):
        payload = (await acme.agent.data(REACT, id=comment["id"], emoji=emoji))["commentReactionToggle"]
        assert problems(payload) == [("VALIDATION_ERROR", "emoji")]


async def test_no_more_than_twenty_kinds_of_emoji(state: State, acme: Signed) -> None:
    comment = await said(acme.agent, (await new(acme.agent))["id"])
    emojis = [chr(0x1F600 + number) for number in range(21)]
    for emoji in emojis[:20]:
        await acme.agent.data(REACT, id=comment["id"], emoji=emoji)
    async with untouched(state, acme):
        payload = (await acme.manager.data(REACT, id=comment["id"], emoji=emojis[20]))["commentReactionToggle"]
        assert problems(payload) == [("VALIDATION_ERROR", "emoji")]
    payload = (await acme.manager.data(REACT, id=comment["id"], emoji=emojis[0]))["commentReactionToggle"]
    assert [one["count"] for one in payload["comment"]["reactions"]] == [2, *[1] * 19]


async def test_customers_read_comments_of_own_tasks_and_write_none(state: State, acme: Signed) -> None:
    customer = acme.agency.people[Role.CUSTOMER].gid
    own, other = (await new(acme.agent, watcherIds=[customer]))["id"], (await new(acme.agent))["id"]
    comment, hidden = await said(acme.agent, own), await said(acme.agent, other)
    await acme.agent.data(REACT, id=comment["id"], emoji="👍")
    data = await same(state, acme, LIST, Role.CUSTOMER, id=own)
    node = data["task"]["comments"]["nodes"][0]
    assert (node["text"], node["reactions"][0]["count"], node["reactions"][0]["users"][0]["role"]) == (
        "Bitte prüfen",
        1,
        None,
    )
    assert (await same(state, acme, LIST, Role.CUSTOMER, id=other)) == {"task": None}
    by_id = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await acme.customer.data(by_id, id=comment["id"]))["node"] == {"id": comment["id"]}
    assert (await acme.customer.data(by_id, id=hidden["id"]))["node"] is None
    async with untouched(state, acme):
        assert await acme.customer.code(SAY, task=own, text="Hallo") == "INSUFFICIENT_PERMISSIONS"
        assert await acme.customer.code(REACT, id=comment["id"], emoji="👍") == "INSUFFICIENT_PERMISSIONS"


async def test_comments_of_a_deleted_task_are_gone_with_it(acme: Signed) -> None:
    task = (await new(acme.agent))["id"]
    comment = await said(acme.agent, task)
    await acme.agent.data(DELETE, id=task)
    assert (await acme.agent.data("query ($id: ID!) { node(id: $id) { id } }", id=comment["id"]))["node"] is None
    payload = (await acme.agent.data(CHANGE, id=comment["id"], text="Neu"))["commentUpdate"]
    assert problems(payload) == [("NOT_FOUND", "id")]


async def test_many_comments_take_one_statement_and_pages_go_forward(state: State, acme: Signed) -> None:
    task = (await new(acme.agent))["id"]
    for number in range(22):
        comment = await said(acme.agent, task, f"{number}")
        await said(acme.agent, task, "Ja", comment["id"])
    assert await statements(state, acme, LIST, id=task) == 1
    page = """query ($id: ID!, $after: String) { task(id: $id) { comments(after: $after) {
      nodes { text } pageInfo { endCursor hasNextPage } } } }"""
    first = (await same(state, acme, page, id=task))["task"]["comments"]
    assert [node["text"] for node in first["nodes"]] == [str(number) for number in range(20)]
    rest = (await same(state, acme, page, id=task, after=first["pageInfo"]["endCursor"]))["task"]["comments"]
    assert ([node["text"] for node in rest["nodes"]], rest["pageInfo"]["hasNextPage"]) == (["20", "21"], False)
