"""Thousands of documents drawn from the schema, answered by both executors.

Every run draws others. A failure prints the smallest document found, its variables and a seed; `DIFFERENTIAL_SEED`
draws the same documents again, `DIFFERENTIAL_SECONDS` says how long each part goes on.
"""

import copy
import os
import random
import time
from collections import Counter
from typing import Any

import orjson
import pytest

from domain.access import Role
from graph.engine.operations import Answer
from graph.schema import schema
from tests.engine.documents import Document, Draw
from tests.engine.executors import Different, Executors, must_be_equal
from tests.engine.world import World

PARTS = 4
SECONDS = float(os.environ.get("DIFFERENTIAL_SECONDS", "5"))
FEWEST = 20  # of a part, on the slowest machine
ROLES: tuple[Role | None, ...] = (*Role, None)


async def difference(
    both: Executors, document: Document, variables: dict[str, Any], role: Role | None
) -> Exception | None:
    """What the executors disagree about, if they do."""
    try:
        must_be_equal(*await both.answers(document.text, variables, role))
    except Exception as error:
        return error
    return None


async def smallest(both: Executors, document: Document, variables: dict[str, Any], role: Role | None) -> Document:
    """The document without all that is not needed for the difference."""
    index, changed = 0, False
    while True:
        smaller = copy.deepcopy(document)
        edits = list(smaller.edits())
        if index < len(edits):
            edits[index]()
            if await difference(both, smaller, variables, role):
                document, changed = smaller, True
            else:
                index += 1
        elif changed:
            index, changed = 0, False
        else:
            return document


@pytest.mark.parametrize("part", range(PARTS))
async def test_generated_documents_are_answered_alike(world: World, part: int) -> None:
    seed = os.environ.get("DIFFERENTIAL_SEED") or str(random.SystemRandom().randrange(10**9))
    limits = world.state.settings.limits.model_copy(
        update={"aliases": 1_000, "directives": 1_000, "repeated_fields": 5_000, "fragment_spreads": 1_000}
    )
    both = Executors.of(world, world.state.settings.model_copy(update={"limits": limits}))
    counts: Counter[str] = Counter()
    until, number = time.monotonic() + SECONDS, 0
    while time.monotonic() < until or number < FEWEST:
        rng = random.Random(f"{seed}:{part}:{number}")  # noqa: S311 - it hides nothing
        draw = Draw(rng, schema._schema, world)
        document = draw.document()
        # Each with its variables for three callers, and with others for the first of them: plans are used again.
        given, roles = document.variables, rng.sample(ROLES, 3)
        calls = [*((given, role) for role in roles), (draw.other_variables(document), roles[0])]
        for variables, role in calls[: 4 if given else 3]:
            try:
                first, second = await both.answers(document.text, variables, role)
                must_be_equal(first, second)
            except Exception as error:
                small = await smallest(both, document, variables, role)
                left = {name: value for name, value in variables.items() if f"${name}" in small.text}
                raise Different(
                    f"DIFFERENTIAL_SEED={seed} part {part} number {number} as {role}\n{small.text}\n"
                    f"{orjson.dumps(left, option=orjson.OPT_INDENT_2).decode()}\n"
                    f"{await difference(both, small, variables, role) or error!r}"
                ) from None
            counts[kind_of(first, role)] += 1
        number += 1
    print(f"seed {seed}, part {part}: {number} documents, {dict(counts)}")
    # What is refused below a list without rows is no error, and is not planned: two such documents are no matter.
    assert counts["not planned"] <= 0.05 * counts["planned"] + 6, (seed, counts)


def kind_of(answer: Answer, role: Role | None) -> str:
    """What became of a call."""
    if "data" not in answer.body:
        return "refused"
    if "errors" in answer.body:
        return "errors"
    if role is None:
        return "anonymous"
    return "planned" if answer.planned else "not planned"
