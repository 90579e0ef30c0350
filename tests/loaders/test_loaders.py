"""Batches: one statement for many questions, in the order they were asked, under the viewer's sight."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

import models
from domain.access import P, Role
from domain.errors import ApiError, ErrorCode
from graph.kit.field import NODES
from loaders.base import Condition, Loaders, Source
from loaders.paging import OrderKey, Page, Slice, decode_cursor, encode_cursor
from loaders.sql import StatementCache
from models.base import uuid7
from resolvers.kit.context import Context, Request, State
from tests.conftest import Signed
from tests.factories import make_properties

NEWEST = (OrderKey("created_at", lambda table: table.c.created_at, descending=True),)


async def loaders_of(state: State, signed: Signed, role: Role) -> Loaders:
    request = Request(request_id="test", ip="127.0.0.1", user_agent="tests")
    token = f"Bearer {signed.agency.people[role].token}"
    context = await Context.open(state, request, authorization=token, tenant_header=None)
    return context.loaders


def source_of(name: str) -> Source:
    return NODES.by_name[name].source


async def with_notes(state: State, signed: Signed, count: int, notes: int) -> list[models.Property]:
    made = await make_properties(state, signed.agency, [{"status": "AVAILABLE"} for _ in range(count)])
    author = signed.agency.people[Role.AGENT].id
    async with state.database.write(signed.agency.id) as session:
        for row in made:
            for n in range(notes):
                session.add(
                    models.Note(
                        tenant_id=signed.agency.id, property_id=row.id, author_id=author, body=f"{row.title} {n}"
                    )
                )
        await session.commit()
    return made


async def test_rows_by_id_are_one_statement_in_the_order_asked(state: State, acme: Signed, rival: Signed) -> None:
    made = await make_properties(state, acme.agency, [{} for _ in range(5)])
    (foreign,) = await make_properties(state, rival.agency, [{}])
    loaders = await loaders_of(state, acme, Role.AGENT)
    asked = [made[3].id, uuid7(), made[0].id, foreign.id, made[3].id]
    loader = loaders.one(source_of("Property"))
    found = await asyncio.gather(*(loader.load(id) for id in asked))
    assert [row["id"] if row else None for row in found] == [made[3].id, None, made[0].id, None, made[3].id]
    assert loaders.statements == 1


async def test_rows_a_viewer_must_not_see_are_not_there(state: State, acme: Signed) -> None:
    hidden, shown = await make_properties(state, acme.agency, [{}, {"status": "AVAILABLE"}])
    loaders = await loaders_of(state, acme, Role.CUSTOMER)
    loader = loaders.one(source_of("Property"))
    found = await asyncio.gather(loader.load(hidden.id), loader.load(shown.id))
    assert [row is None for row in found] == [True, False]


async def test_children_of_many_parents_are_one_statement(state: State, acme: Signed) -> None:
    made = await with_notes(state, acme, 4, 3)
    (bare,) = await make_properties(state, acme.agency, [{"external_number": "bare"}])
    loaders = await loaders_of(state, acme, Role.AGENT)
    source = source_of("Note")
    pages = loaders.page(source, "property_id", NEWEST, Page(limit=2))
    counts = loaders.count(source, "property_id")
    asked = [made[2].id, bare.id, made[0].id]
    slices: list[Slice] = await asyncio.gather(*(pages.load(id) for id in asked))
    assert [len(piece.rows) for piece in slices] == [2, 0, 2]
    assert [piece.has_next for piece in slices] == [True, False, True]
    totals = await asyncio.gather(*(counts.load(id) for id in asked))
    assert totals == [3, 0, 3]
    assert loaders.statements == 2


async def test_equal_questions_share_a_batch_and_others_do_not(state: State, acme: Signed) -> None:
    loaders = await loaders_of(state, acme, Role.AGENT)
    source = source_of("Note")
    one = loaders.page(source, "property_id", NEWEST, Page(limit=2))
    assert loaders.page(source, "property_id", NEWEST, Page(limit=2)) is one
    assert loaders.page(source, "property_id", NEWEST, Page(limit=3)) is not one
    assert loaders.page(source, "property_id", (), Page(limit=2)) is not one

    def body(value: str) -> Condition:
        return Condition(("body",), lambda table: (), {"f0": value})

    some = loaders.page(source, "property_id", NEWEST, Page(limit=2), body("x"))
    assert some is not one
    assert loaders.page(source, "property_id", NEWEST, Page(limit=2), body("y")) is not some


async def test_the_total_of_a_list_is_what_the_viewer_sees(state: State, acme: Signed) -> None:
    await make_properties(state, acme.agency, [{"status": "AVAILABLE"}, {}, {"status": "RESERVED"}, {"status": "SOLD"}])
    source = source_of("Property")
    for role, total in ((Role.AGENT, 4), (Role.CUSTOMER, 2)):
        loaders = await loaders_of(state, acme, role)
        assert await loaders.total(source) == total
        found = await loaders.listing(source, NEWEST, Page(limit=1))
        assert (len(found.rows), found.has_next, found.has_previous) == (1, True, False)
    assert source.permission == P.PROPERTY_READ


def test_statements_are_kept_by_form_and_the_oldest_go() -> None:
    built: list[int] = []

    def build(number: int) -> Any:
        built.append(number)
        return select(models.Property.__table__.c.id).limit(number)  # type: ignore[attr-defined]

    cache = StatementCache(size=2)
    first = cache.get(1, lambda: build(1))
    cache.get(2, lambda: build(2))
    assert cache.get(1, lambda: build(1)) is first
    cache.get(3, lambda: build(3))
    assert cache.get(1, lambda: build(1)) is first
    cache.get(2, lambda: build(2))
    assert built == [1, 2, 3, 2]


KEYS = (
    OrderKey("at", lambda table: table.c.created_at, descending=True),
    OrderKey("day", lambda table: table.c.available_from, nullable=True, kind=date),
)


@pytest.mark.parametrize(
    "values",
    [
        (datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC), date(2026, 1, 2)),
        (datetime(2026, 1, 2, tzinfo=UTC), None),
    ],
)
def test_a_cursor_brings_back_what_went_in(values: tuple[Any, ...]) -> None:
    id = uuid7()
    cursor = encode_cursor("list:1", KEYS, values, id)
    assert decode_cursor("list:1", KEYS, cursor, "after") == (*values, id)
    for scope, order in (("list:2", KEYS), ("list:1", KEYS[:1]), ("list:1", KEYS[::-1])):
        with pytest.raises(ApiError) as refused:
            decode_cursor(scope, order, cursor, "before")
        assert (refused.value.code, refused.value.field) == (ErrorCode.INVALID_INPUT, ["before"])


@pytest.mark.parametrize("cursor", ["", "?", "W10", "bnVsbA", "e30", "WyJsaXN0OjF8LWF0LGRheSJd", "\ud800", "ä"])
def test_a_garbled_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ApiError) as refused:
        decode_cursor("list:1", KEYS, cursor, "after")
    assert (refused.value.code, refused.value.rule) == (ErrorCode.INVALID_INPUT, "cursor")
