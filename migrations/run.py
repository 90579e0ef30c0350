"""Brings a database to the schema of this code: roles first, then revisions as the owner of the tables."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import asyncpg
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel.sql.sqltypes import AutoString

import models
from models.base import BasisPoints, Choice, Halves, Hundredths, Minor
from settings import Settings
from storage.database import APP, OWNER, PLATFORM, SEARCH, dsn, logins, role_password

HERE = Path(__file__).parent


class MigrationError(Exception):
    """The database cannot be brought to this schema; the text is one sentence for a person."""


def config() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(HERE))
    configuration.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return configuration


def compare_options() -> dict[str, Any]:
    return {
        "render_item": _render,
        "compare_type": True,
        "compare_server_default": False,
        "include_schemas": False,
        "transaction_per_migration": True,
    }


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Column kinds of the house as the plain types they are stored as: a revision must not change with the models."""
    if kind != "type":
        return False
    if isinstance(item, Minor | Hundredths):
        return "sa.BigInteger()"
    if isinstance(item, Halves | BasisPoints):
        return "sa.Integer()"
    if isinstance(item, Choice):
        return "sa.Text()"
    if isinstance(item, AutoString):
        return f"sa.String({item.length})"
    return False


async def prepare(settings: Settings) -> None:
    """Create the roles and the schema of helper functions; repeating it changes nothing."""
    # Roles belong to the whole server: two databases prepared at the same moment meet in one row of its catalogue.
    for patience in (0.05, 0.1, 0.2, 0.4, 0.8):
        try:
            return await _prepare(settings)
        except (asyncpg.InternalServerError, asyncpg.UniqueViolationError, asyncpg.DuplicateObjectError):
            await asyncio.sleep(patience)
    await _prepare(settings)


async def _prepare(settings: Settings) -> None:
    connection = await asyncpg.connect(dsn(logins(settings).admin))
    try:
        version = int(await connection.fetchval("show server_version_num"))
        if version < 150000:
            raise MigrationError(f"PostgreSQL 15 or newer is required; this server is {version // 10000}.")
        existing = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
        for role, kind in ((OWNER, "nologin"), (APP, "login"), (PLATFORM, "login"), (SEARCH, "nologin")):
            if role not in existing:
                # The owner inherits nothing: it must hand functions to the search role, not see what that role sees.
                inherit = "noinherit" if role == OWNER else "inherit"
                await connection.execute(
                    f"create role {role} {kind} {inherit} nosuperuser nobypassrls nocreatedb nocreaterole"
                )
        # A derived password follows the server's secret; a login given by address keeps its own.
        for role, given in ((APP, settings.database_app_url), (PLATFORM, settings.database_platform_url)):
            if not given:
                await connection.execute(f"alter role {role} password '{role_password(settings, role)}'")
        me = await connection.fetchval("select current_user")
        database = await connection.fetchval("select current_database()")
        quoted = '"' + database.replace('"', '""') + '"'
        for statement in (
            f'grant {OWNER} to "{me}"',
            f"grant {SEARCH} to {OWNER}",
            f"grant connect on database {quoted} to {APP}, {PLATFORM}",
            f"grant create on database {quoted} to {OWNER}",
            f"grant create, usage on schema public to {OWNER}",
            f"grant usage on schema public to {APP}, {PLATFORM}, {SEARCH}",
            f"create schema if not exists app authorization {OWNER}",
            f"grant create on schema app to {SEARCH}",
        ):
            await connection.execute(statement)
    finally:
        await connection.close()


async def _as_owner(settings: Settings, work: Callable[[Connection], Any]) -> Any:
    engine = create_async_engine(logins(settings).admin.set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.execute(text(f"set role {OWNER}"))
            await connection.commit()
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _with(configuration: Config, connection: Connection) -> Config:
    configuration.attributes["connection"] = connection
    return configuration


async def upgrade(settings: Settings, revision: str = "head") -> None:
    """Bring the database up to `revision`; an unknown newer schema is refused."""
    await prepare(settings)

    def work(connection: Connection) -> None:
        found = MigrationContext.configure(connection).get_current_revision()
        scripts = ScriptDirectory.from_config(config())
        if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
            raise MigrationError(f"The database has schema {found}, which is newer than this program knows.")
        connection.commit()
        command.upgrade(_with(config(), connection), revision)
        connection.commit()

    await _as_owner(settings, work)


async def downgrade(settings: Settings, revision: str = "base") -> None:
    def work(connection: Connection) -> None:
        command.downgrade(_with(config(), connection), revision)
        connection.commit()

    await _as_owner(settings, work)


async def check(settings: Settings) -> list[str]:
    """Differences between the models and the migrated database, as text; empty when there are none."""

    def work(connection: Connection) -> list[str]:
        found = MigrationContext.configure(connection, opts=compare_options() | {"target_metadata": models.metadata})
        return [str(difference) for difference in compare_metadata(found, models.metadata)]

    return list(await _as_owner(settings, work))


async def revision(settings: Settings, message: str) -> None:
    """Write a new revision from the differences found."""

    def work(connection: Connection) -> None:
        command.revision(_with(config(), connection), message=message, autogenerate=True)

    await _as_owner(settings, work)
