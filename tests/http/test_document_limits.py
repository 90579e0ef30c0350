"""Documents made to hurt are refused before they do; honest ones pass with the cost the rules say."""

import gc
import time
from collections.abc import Callable
from typing import Any

import pytest
from graphql import get_introspection_query
from httpx2 import AsyncClient

from domain.errors import ApiError
from graph.engine.documents import Documents, InvalidDocument
from graph.engine.limits import MOST
from tests.http.test_over_http import JSON, post
from tests.http.world import schema, settings


@pytest.fixture
def documents(world: Any) -> Documents:
    return Documents(schema(world), settings())


def refused(documents: Documents, query: str) -> tuple[str, dict[str, Any]]:
    with pytest.raises(ApiError) as caught:
        documents.prepare(query)
    return caught.value.code.value, caught.value.details


def cost(documents: Documents, query: str, **variables: Any) -> int:
    return documents.prepare(query).operation(None).cost.of(variables)


def chain(length: int, body: Callable[[str], str]) -> str:
    """Fragments that each spread the next."""
    links = [f"fragment f{i} on Item {{ {body(f'...f{i + 1}')} }}" for i in range(length)]
    return "{ item { ...f0 } } " + " ".join(links) + f" fragment f{length} on Item {{ id }}"


def largest_ordinary(number: int) -> str:
    """A document just within the limits, another text for each number so that no cache helps."""
    roots = " ".join(f"r{i}: item {{ {'parent { ' * 8} id {'} ' * 8} }}" for i in range(30))
    return f"query Q{number} {{ {roots} }}"


BOMBS = {
    "exponential fragments": (
        chain(11, lambda next: f"parent {{ {next} }} other {{ {next} }}"),
        ("QUERY_TOO_DEEP", {"what": "depth", "requested": 13, "maximum": 12}),
    ),
    "exponential spreads": (
        chain(40, lambda next: f"{next} {next}"),
        ("QUERY_TOO_COMPLEX", {"what": "fragment spreads", "requested": 61, "maximum": 60}),
    ),
    "long chain of fragments": (
        chain(450, lambda next: next),
        ("QUERY_TOO_COMPLEX", {"what": "fragment spreads", "requested": 61, "maximum": 60}),
    ),
    "5,000 aliases": (
        "{ " + " ".join(f"a{i}: hello" for i in range(5_000)) + " }",
        ("QUERY_TOO_COMPLEX", {"what": "tokens", "requested": 4_001, "maximum": 4_000}),
    ),
    "31 aliases": (
        "{ " + " ".join(f"a{i}: hello" for i in range(31)) + " }",
        ("QUERY_TOO_COMPLEX", {"what": "aliases", "requested": 31, "maximum": 30}),
    ),
    "depth 500": (
        "{ item " + "{ parent " * 500 + "{ id }" + " }" * 501,
        ("QUERY_TOO_DEEP", {"what": "depth", "requested": 13, "maximum": 12}),
    ),
    "depth 13": (
        "{ item " + "{ parent " * 11 + "{ id }" + " }" * 12,
        ("QUERY_TOO_DEEP", {"what": "depth", "requested": 13, "maximum": 12}),
    ),
    "repeated field": (
        "{ " + "hello " * 3_000 + "}",
        ("QUERY_TOO_COMPLEX", {"what": "repeated fields", "requested": 2_999, "maximum": 100}),
    ),
    "repeated in inline fragments": (
        "{ " + "... { item { id } } " * 400 + "}",
        ("QUERY_TOO_COMPLEX", {"what": "repeated fields", "requested": 798, "maximum": 100}),
    ),
    "repeated in many fragments": (
        "{ "
        + " ".join(f"...f{i}" for i in range(50))
        + " } "
        + " ".join(f"fragment f{i} on Query {{ item {{ id price {{ amount }} }} }}" for i in range(50)),
        ("QUERY_TOO_COMPLEX", {"what": "repeated fields", "requested": 196, "maximum": 100}),
    ),
    "directives": (
        "{ hello " + "@include(if: true) " * 51 + "}",
        ("QUERY_TOO_COMPLEX", {"what": "directives", "requested": 51, "maximum": 50}),
    ),
    "mutations": (
        "mutation { touch ...m } fragment m on Mutation { " + " ".join(f"t{i}: touch" for i in range(11)) + " }",
        ("QUERY_TOO_COMPLEX", {"what": "mutations", "requested": 12, "maximum": 10}),
    ),
    "steps": (
        "{ item { "
        + " ".join(f"a{i}: parent {{ ...f }}" for i in range(30))
        + " } } fragment f on Item { parent { parent { id } other { id } } other { parent { id } other { id } } }",
        ("QUERY_TOO_COMPLEX", {"what": "steps", "requested": 211, "maximum": 100}),
    ),
    "bytes": (
        '{ hello(text: "' + "ä" * 60_000 + '") }',
        ("QUERY_TOO_COMPLEX", {"what": "bytes", "requested": 120_019, "maximum": 102_400}),
    ),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_refused_at_once(documents: Documents, name: str) -> None:
    """Refusing costs less than accepting the largest ordinary document, measured beside it (`bench bombs` tells ms)."""
    query, expected = BOMBS[name]
    bombs, ordinary = [], []
    gc.disable()  # what other tests left behind is nobody's time here
    try:
        for attempt in range(7):
            started = time.process_time()
            assert refused(documents, query) == expected
            bombs.append(time.process_time() - started)
            started = time.process_time()
            documents.prepare(largest_ordinary(attempt))
            ordinary.append(time.process_time() - started)
    finally:
        gc.enable()
    assert min(bombs) < 2 * min(ordinary)


async def test_a_chain_deeper_than_the_stack_is_too_deep(world: Any) -> None:
    generous = settings().limits.model_copy(update={"fragment_spreads": 10_000, "depth": 10_000, "tokens": 40_000})
    documents = Documents(schema(world), settings().model_copy(update={"limits": generous}))
    query = chain(400, lambda next: f"... {{ ... {{ ... {{ {next} }} }} }}")
    assert refused(documents, query) == (
        "QUERY_TOO_DEEP",
        {"what": "depth", "requested": MOST, "maximum": 10_000},
    )


async def test_honest_documents_at_the_limit_pass(documents: Documents) -> None:
    documents.prepare("{ item " + "{ parent " * 10 + "{ id }" + " }" * 11)
    documents.prepare("{ " + " ".join(f"a{i}: hello" for i in range(30)) + " }")
    documents.prepare("mutation { " + " ".join(f"t{i}: touch" for i in range(10)) + " }")
    documents.prepare(chain(10, lambda next: f"parent {{ {next} }}"))


async def test_a_cycle_of_fragments_is_invalid(documents: Documents) -> None:
    with pytest.raises(InvalidDocument, match="within itself"):
        documents.prepare("{ item { ...a } } fragment a on Item { ...b } fragment b on Item { parent { ...a } }")


async def test_introspection_has_a_depth_of_its_own(documents: Documents) -> None:
    documents.prepare(get_introspection_query())
    nested = "{ item " + "{ parent " * 11 + "{ id }" + " }" * 11
    assert refused(documents, nested + " __schema { queryType { name } } }")[0] == "QUERY_TOO_DEEP"
    with pytest.raises(InvalidDocument, match="introspection depth"):
        documents.prepare("{ __schema { types { " + "fields { type { " * 6 + "name" + " } }" * 6 + " } } }")


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        ("{ hello }", {}, 0),
        ("{ item { id } }", {}, 1),
        ("{ item { price { amount } } }", {}, 1),
        ("{ item { history { amount } } }", {}, 1),
        ("{ item { parent { parent { id } } } }", {}, 3),
        ("{ items { nodes { id } } }", {}, 20),
        ("{ items(first: 7) { nodes { id } } }", {}, 7),
        ("{ items(last: 8) { edges { node { id } } } }", {}, 8),
        ("{ items(first: 10) { nodes { parent { id } } edges { node { id } } } }", {}, 30),
        ("{ items(first: 10) { nodes { children(first: 5) { nodes { id } } } } }", {}, 60),
        ("{ item { plain { id } } }", {}, 6),
        ('{ byIds(ids: ["a", "b", "c"]) { id } }', {}, 3),
        ("query ($ids: [String]) { byIds(ids: $ids) { id } }", {"ids": ["a", "b"]}, 2),
        ("query ($n: Int) { items(first: $n) { nodes { id } } }", {"n": 3}, 3),
        ("query ($n: Int) { items(first: $n) { nodes { id } } }", {}, 20),
        ("query ($n: Int = 4) { items(first: $n) { nodes { id } } }", {}, 4),
        ("query ($n: Int = 4) { items(first: $n) { nodes { id } } }", {"n": None}, 20),
        ("query ($n: Int) { items(first: $n) { nodes { id } } }", {"n": -5}, 0),
        ("query ($n: Int) { items(first: $n) { nodes { id } } }", {"n": 10**30}, 100),
        ("query ($n: Int) { items(first: $n) { nodes { id } } }", {"n": "x"}, 20),
        ("query ($n: Int) { items(first: $n) { nodes { id } } }", {"n": True}, 20),
        ("{ items(first: 2) { ...c } } fragment c on ItemConnection { nodes { id } }", {}, 2),
        ("{ __schema { types { name fields { name } } } }", {}, 0),
    ],
)
async def test_cost(documents: Documents, query: str, variables: dict[str, Any], expected: int) -> None:
    assert cost(documents, query, **variables) == expected
    assert cost(documents, query, **variables) == expected  # remembered


async def test_cost_follows_the_variables_of_each_request(documents: Documents) -> None:
    query = "query ($n: Int) { items(first: $n) { nodes { id } } }"
    assert [cost(documents, query, n=n) for n in (1, 2, 1, 3, *range(100))] == [1, 2, 1, 3, *range(100)]


async def test_a_costly_operation_is_not_executed(client: AsyncClient) -> None:
    query = "query ($n: Int) { items(first: $n) { nodes { children(first: $n) { nodes { id } } } } }"
    response = await post(client, {"query": query, "variables": {"n": 70}})
    assert (response.status_code, response.json().get("data")) == (200, {"items": None})
    assert response.json()["extensions"]["cost"] == {"requested": 4970, "maximum": 5000}
    for accept, status in (("application/graphql-response+json", 400), (JSON, 200)):
        response = await post(client, {"query": query, "variables": {"n": 71}}, accept)
        assert response.status_code == status
        assert "data" not in response.json()
        extensions = response.json()["errors"][0]["extensions"]
        assert extensions["code"] == "QUERY_TOO_COMPLEX"
        assert {key: extensions[key] for key in ("what", "requested", "maximum")} == {
            "what": "cost",
            "requested": 5112,
            "maximum": 5000,
        }


async def test_a_document_is_read_once(documents: Documents) -> None:
    assert documents.prepare("{ hello }") is documents.prepare("{ hello }")


async def test_memory_for_documents_is_bounded(documents: Documents) -> None:
    documents.MOST_DOCUMENTS, documents.MOST_TOKENS = 10, 100
    for number in range(20):
        documents.prepare(f"query q{number} {{ hello }}")
    assert len(documents._kept) == 10
    for number in range(20):
        documents.prepare(f"query p{number} {{ item {{ id price {{ amount }} parent {{ id }} }} }}")
    assert (len(documents._kept), documents._tokens) == (6, 96)
