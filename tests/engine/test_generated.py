"""Thousands of documents drawn from the schema, answered by both executors.

Every run draws others. A failure prints the smallest document found, its variables and a seed; `DIFFERENTIAL_SEED`
draws the same documents again, `DIFFERENTIAL_SECONDS` says how long each part goes on.
"""

import copy
import os
import random
import time
from collections import Counter

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


async def difference(both: Executors, document: Document, role: Role | None) -> Exception | None:
    """What the executors disagree about, if they do."""
    try:
        must_be_equal(*await both.answers(document.text, document.variables, role))
    except Exception as error:
        return error
    return None


async def smallest(both: Executors, document: Document, role: Role | None) -> Document:
    """The document without all that is not needed for the difference."""
    index, changed = 0, False
    while True:
        smaller = copy.deepcopy(document)
        edits = list(smaller.edits())
        if index < len(edits):
            edits[index]()
            if await difference(both, smaller, role):
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
    while time.monotonic() < until:
        rng = random.Random(f"{seed}:{part}:{number}")  # noqa: S311 - it hides nothing
        document = Draw(rng, schema._schema, world).document()
        for role in rng.sample(ROLES, 3):
            try:
                first, second = await both.answers(document.text, document.variables, role)
                must_be_equal(first, second)
            except Exception as error:
                small = await smallest(both, document, role)
                raise Different(
                    f"DIFFERENTIAL_SEED={seed} part {part} number {number} as {role}\n{small.text}\n"
                    f"{orjson.dumps(small.variables, option=orjson.OPT_INDENT_2).decode()}\n"
                    f"{await difference(both, small, role) or error!r}"
                ) from None
            counts[kind_of(first, role)] += 1
        number += 1
    print(f"seed {seed}, part {part}: {number} documents, {dict(counts)}")
    assert number >= FEWEST
    assert counts["planned"] >= 0.95 * (counts["planned"] + counts["not planned"]), (seed, counts)


def kind_of(answer: Answer, role: Role | None) -> str:
    """What became of a call."""
    if "data" not in answer.body:
        return "refused"
    if "errors" in answer.body:
        return "errors"
    if role is None:
        return "anonymous"
    return "planned" if answer.planned else "not planned"
