"""The migrations make the tables of the models, can be undone, and the committed dump shows them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

import dev
from domain.access import ROLES, role_id
from domain.tasks import DEFAULT_COLUMNS
from migrations import run
from models.base import REVISION
from settings import Settings
from storage import trail
from storage.database import Database, dsn
from tests.factories import connected

HERE = Path(run.__file__).parent


@pytest_asyncio.fixture
async def empty(settings: Settings) -> AsyncIterator[Settings]:
    """A database in which nothing has happened yet."""
    here = make_url(settings.database_url)
    name = f"{here.database}_migrations"
    async with connected(here.set(database="postgres")) as connection:
        await connection.execute(f"drop database if exists {name} with (force)")
        await connection.execute(f"create database {name} template template0")
        yield settings.model_copy(update={"database_url": dsn(here.set(database=name))})
        await connection.execute(f"drop database {name} with (force)")


async def remains(settings: Settings) -> list[str]:
    """Tables, functions and types outside the system's own schemas."""
    async with connected(settings.database_url) as connection:
        rows = await connection.fetch(
            """select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname in ('public', 'app', 'jobs')
                union all
               select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                where n.nspname in ('public', 'app', 'jobs')
                order by 1"""
        )
        return [row["name"] for row in rows]


async def test_up_down_and_up_again(empty: Settings) -> None:
    await run.upgrade(empty)
    first = dev.dumped(empty.database_url)
    assert await run.check(empty) == []
    await run.downgrade(empty)
    assert await remains(empty) == ["alembic_version", "alembic_version_pkc"]
    await run.upgrade(empty)
    assert dev.dumped(empty.database_url) == first
    # The second upgrade of a finished database changes nothing.
    await run.upgrade(empty)
    assert dev.dumped(empty.database_url) == first
    assert (HERE / "schema.sql").read_text(encoding="utf-8") == first


async def test_ready_only_with_the_schema(empty: Settings) -> None:
    database = await Database.open(empty)
    await run.prepare(empty)
    assert await database.ready() is False
    await run.upgrade(empty)
    assert await database.ready() is True
    async with connected(empty.database_url) as connection:
        await connection.execute("update alembic_version set version_num = '9999_future'")
    assert await database.ready() is False
    await database.close()


async def test_a_schema_of_the_future_is_refused(empty: Settings) -> None:
    await run.upgrade(empty)
    async with connected(empty.database_url) as connection:
        await connection.execute("update alembic_version set version_num = '9999_future'")
    sentence = "The database has schema 9999_future, which is newer than this program knows."
    with pytest.raises(run.MigrationError, match=f"^{re.escape(sentence)}$"):
        await run.upgrade(empty)


def test_one_line_of_revisions() -> None:
    scripts = ScriptDirectory.from_config(run.config())
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
    assert scripts.get_current_head() == REVISION


# The removal of archived entries is a function, tried with its job.
TRIED = {"0003_tasks", "0012_roles", "0014_trail", "0019_archives_of_trails"}


async def test_agencies_that_are_there_get_their_first_board_and_the_built_in_roles(empty: Settings) -> None:
    await run.upgrade(empty, "0002")
    async with connected(empty.database_url) as connection:
        for language in ("de", "en"):
            await connection.execute(
                """insert into tenant (tenant_id, id, created_at, updated_at, name, slug, primary_color,
                                       secondary_color, plan, billing_cycle, subscription_status, is_active, currency,
                                       timezone, language, property_number_format)
                   select id, id, now(), now(), $1, $1, '', '', 'FREE', 'MONTHLY', 'ACTIVE', true, 'EUR', '', $1, ''
                     from gen_random_uuid() as id""",
                language,
            )
        await run.upgrade(empty)
        boards = await connection.fetch(
            """select t.language, b.name, b.is_default, b.version,
                      array_agg(array[c.status, c.name, c.wip_limit::text, c.color] order by c.position) as columns,
                      array_agg(c.position order by c.position) as positions
                 from board b join tenant t on t.id = b.tenant_id join board_column c on c.board_id = b.id
                group by 1, 2, 3, 4 order by 1"""
        )
        roles = await connection.fetch(
            """select t.language, r.id, r.key, r.name, r.description, r.permission_keys
                 from role r join tenant t on t.id = r.tenant_id order by t.language, r.key"""
        )
        forced = await connection.fetchval("select relforcerowsecurity from pg_class where relname = 'tenant'")
    assert [tuple(board)[:4] for board in boards] == [("de", "Aufgaben", True, 1), ("en", "Tasks", True, 1)]
    for board in boards:
        planned = [
            [plan.status.value, plan.name(board["language"]), plan.wip_limit and str(plan.wip_limit), plan.color]
            for plan in DEFAULT_COLUMNS
        ]
        assert (board["columns"], board["positions"]) == (planned, list(range(len(DEFAULT_COLUMNS))))
    assert [tuple(row) for row in roles] == [
        (language, role_id(role), role.value, name[word], description[word], [])
        for word, language in ((1, "de"), (0, "en"))
        for role, (name, description) in sorted(ROLES.items())
    ]
    assert forced is True


async def test_trails_that_are_there_get_chains_that_hold(empty: Settings) -> None:
    await run.upgrade(empty, "0013")
    async with connected(empty.database_url) as connection:
        tenant = await connection.fetchval(
            """insert into tenant (tenant_id, id, created_at, updated_at, name, slug, primary_color,
                                   secondary_color, plan, billing_cycle, subscription_status, is_active, currency,
                                   timezone, language, property_number_format)
               select id, id, now(), now(), 'a', 'a', '', '', 'FREE', 'MONTHLY', 'ACTIVE', true, 'EUR', '', 'de', ''
                 from gen_random_uuid() as id returning id"""
        )
        await connection.execute(
            """insert into event_stream (tenant_id, epoch, last_seq, min_seq, audit_seq, audit_head)
               values ($1, gen_random_uuid(), 0, 1, 3, 'x')""",
            tenant,
        )
        await connection.execute(
            """insert into audit_entry (tenant_id, id, seq, timestamp, actor_name, action, resource_type, old_values,
                                        new_values, outcome, operation, request_id, hash)
               select $1, gen_random_uuid(), n, now(), 'x', 'UPDATE', '', '{}', '{"a": 1.50}', 'SUCCESS', 'y', 'z', 'x'
                 from generate_series(1, 3) n""",
            tenant,
        )
        await run.upgrade(empty)
        assert await trail.verify(connection, tenant) == trail.Verification(True, 3)


def test_revisions_do_not_change_rows() -> None:
    """Forced policies blind the owner as well: an `update` in a revision changes 0 rows and says nothing.

    Unless it first takes off the force of what it reads, and is tried with agencies that are there.
    """
    found = []
    for path in sorted((HERE / "versions").glob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if path.stem in TRIED:
                continue
            if re.search(r"\b(insert\s+into|update\s+\w+\s+set|delete\s+from|bulk_insert)\b", line, re.IGNORECASE):
                found.append(f"{path.name}:{number}")
    assert found == []


def test_the_dump_has_nothing_of_the_machine() -> None:
    text = (HERE / "schema.sql").read_text(encoding="utf-8")
    assert "\\restrict" not in text
    assert "-- Dumped" not in text
    assert not re.search(r"^SET default_tablespace = '.+'", text, re.MULTILINE)
