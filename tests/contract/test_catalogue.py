"""What the database itself guarantees, read from its catalogue: a table that forgot a lock is found here."""

import asyncpg
import pytest

import models
from models.base import Owned
from storage.database import APP, OWNER, PLATFORM, SEARCH

# Tables without a policy: they answer which tenant a caller belongs to, see `models/identity.py`.
DIRECTORY = {
    "invitation_token",
    "linked_account",
    *("account", "account_tenant", "account_token", "sign_in_failure", "tenant_slug", "token_directory"),
    "security_event",
}
OTHERS = {"alembic_version"}

# Full-text search goes through a door of its own; these tables have a third policy for it.
SEARCHABLE = {"member", "property", "task"}

# The only index that does not begin with the tenant, each with its reason.
NOT_BY_TENANT = {
    "ix_mail_to_forget": "whom to forget is asked over all agencies",
    "uq_tenant_id": "every foreign key of a tenant_id refers to tenant(id)",
    "ix_member_search": "a GIN index cannot begin with a uuid; the tenant is a lexeme inside the vector",
    "ix_task_search": "a GIN index cannot begin with a uuid; the tenant is a lexeme inside the vector",
    "ix_property_search": "a GIN index cannot begin with a uuid; the tenant is a lexeme inside the vector",
}

APPEND_ONLY = {"audit_entry", "audit_archive", "event_outbox", "task_log"}


async def column(admin: asyncpg.Connection, sql: str, *args: object) -> list:
    return [row[0] for row in await admin.fetch(sql, *args)]


async def tenant_tables(admin: asyncpg.Connection) -> set[str]:
    """Tables of an agency's data: all that have a tenant_id, except the sign-in directory."""
    found = await column(
        admin,
        """select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
            where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
              and a.attname = 'tenant_id' and not a.attisdropped""",
    )
    return set(found) - DIRECTORY


async def test_every_table_is_known(admin: asyncpg.Connection) -> None:
    tables = set(
        await column(
            admin, "select relname from pg_class where relkind in ('r','p') and relnamespace = 'public'::regnamespace"
        )
    )
    assert tables == await tenant_tables(admin) | DIRECTORY | OTHERS
    assert tables - OTHERS == set(models.metadata.tables)


async def test_owned_models_are_tenant_tables(admin: asyncpg.Connection) -> None:
    owned = {
        str(model.__tablename__)
        for model in (getattr(models, name) for name in models.__all__)
        if isinstance(model, type) and issubclass(model, Owned)
    }
    assert owned - await tenant_tables(admin) == set()


async def test_every_tenant_table_is_enabled_and_forced(admin: asyncpg.Connection) -> None:
    locked = await column(
        admin,
        """select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r','p')
            and relrowsecurity and relforcerowsecurity""",
    )
    assert set(locked) == await tenant_tables(admin)


async def test_policies_are_exactly_the_known_ones(admin: asyncpg.Connection) -> None:
    mine = "(tenant_id = ( SELECT app.current_tenant() AS current_tenant))"
    expected = set()
    for table in await tenant_tables(admin):
        expected |= {
            (table, "tenant", "PERMISSIVE", APP, "ALL", mine, mine),
            (table, "platform", "PERMISSIVE", PLATFORM, "ALL", "true", "true"),
        }
    expected |= {(table, "search", "PERMISSIVE", SEARCH, "SELECT", "true", None) for table in SEARCHABLE}
    # Archived entries are taken away by a function of the owner, who sees nothing else.
    archived = "(tenant_id = ( SELECT app.current_tenant() AS current_tenant))"
    old = f"({archived} AND (\"timestamp\" < (now() - '365 days'::interval)))"
    expected |= {
        ("audit_entry", "archived", "PERMISSIVE", OWNER, "ALL", old, "false"),
        ("audit_archive", "archived", "PERMISSIVE", OWNER, "SELECT", archived, None),
    }
    rows = await admin.fetch(
        """select tablename, policyname, permissive, array_to_string(roles, ','), cmd, qual, with_check
             from pg_policies where schemaname = 'public'"""
    )
    assert {tuple(row) for row in rows} == expected


async def test_the_tenant_of_the_connection_is_the_only_source(admin: asyncpg.Connection) -> None:
    source = await admin.fetchval("select pg_get_function_sqlbody('app.current_tenant'::regproc)")
    assert source == "RETURN (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid"


async def test_keys_and_indexes_begin_with_the_tenant(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        """select i.relname, t.relname as table, x.indisprimary, x.indisunique,
                  (select attname from pg_attribute a where a.attrelid = t.oid and a.attnum = x.indkey[0]) as first
             from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
            where t.relnamespace = 'public'::regnamespace"""
    )
    tables = await tenant_tables(admin)
    otherwise = {row["relname"] for row in rows if row["table"] in tables and row["first"] != "tenant_id"}
    assert otherwise == set(NOT_BY_TENANT)
    assert {row["table"] for row in rows if row["indisprimary"] and row["first"] == "tenant_id"} >= tables


async def test_tenant_id_is_a_required_uuid(admin: asyncpg.Connection) -> None:
    good = await column(
        admin,
        """select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r','p') and a.attname = 'tenant_id'
              and a.attnotnull and a.atttypid = 'uuid'::regtype""",
    )
    assert set(good) >= await tenant_tables(admin)


async def test_foreign_keys_carry_the_tenant(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        """select c.conrelid::regclass::text as table, c.confrelid::regclass::text as target, c.confdeltype::text,
             (select array_agg(a.attname::text order by k.n) from unnest(c.conkey) with ordinality k(num, n)
                join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num) as columns,
             (select array_agg(a.attname::text order by k.n) from unnest(c.confkey) with ordinality k(num, n)
                join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.num) as targets,
             (select array_agg(a.attname::text) from unnest(c.confdelsetcols) k(num)
                join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num) as emptied
             from pg_constraint c where c.contype = 'f' and c.connamespace = 'public'::regnamespace"""
    )
    tables = await tenant_tables(admin)
    wrong = []
    for row in rows:
        if row["table"] not in tables:
            continue
        to_agency = row["columns"] == ["tenant_id"] and row["target"] == "tenant"
        composite = len(row["columns"]) == 2 and row["columns"][0] == row["targets"][0] == "tenant_id"
        # Emptying a key must not empty the tenant with it.
        careful = row["confdeltype"] != "n" or row["emptied"] == [row["columns"][-1]]
        if not (to_agency or composite) or not careful:
            wrong.append(dict(row))
    assert wrong == []
    # Nothing of an agency may hang on a row that no tenant owns.
    assert {row["target"] for row in rows if row["table"] in tables} <= tables
    # And every tenant table hangs on its agency.
    anchored = {row["table"] for row in rows if row["columns"] == ["tenant_id"] and row["target"] == "tenant"}
    assert anchored & tables == tables - {"tenant"}


async def test_definer_functions_are_the_search_door_and_the_archive(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        """select n.nspname || '.' || p.proname as name, r.rolname as owner, p.proconfig as config,
                  pg_get_function_identity_arguments(p.oid) as arguments, p.prorettype::regtype::text as answers,
                  p.provolatile::text as volatile, pg_get_function_sqlbody(p.oid) as body,
                  coalesce((select array_agg(distinct grantee::regrole::text order by grantee::regrole::text)
                     from aclexplode(p.proacl) where privilege_type = 'EXECUTE' and grantee <> 0), '{}') as callers,
                  exists (select from aclexplode(p.proacl) where grantee = 0) as public
             from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_roles r on r.oid = p.proowner
            where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema')"""
    )
    (remover,) = [row for row in rows if row["name"] == "app.remove_archived_entries"]
    assert (remover["owner"], remover["arguments"], remover["public"]) == (OWNER, "", False)
    assert (set(remover["callers"]), remover["config"]) == ({OWNER, APP}, ["search_path=pg_catalog, public"])
    assert "app.current_tenant()" in remover["body"]
    rows = [row for row in rows if row is not remover]
    assert {row["name"] for row in rows} == {f"app.search_{table}" for table in SEARCHABLE}
    for row in rows:
        assert row["owner"] == SEARCH
        assert row["config"] == ["search_path=pg_catalog, public"]
        assert (row["arguments"], row["answers"], row["volatile"]) == ("query text", "uuid", "s")
        assert set(row["callers"]) == {APP, PLATFORM, SEARCH}
        assert row["public"] is False
        assert "tenant_id = app.current_tenant()" in row["body"]


async def test_the_search_role_reads_ids_and_vectors_only(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        """select table_name::text, column_name::text, privilege_type::text
             from information_schema.column_privileges where grantee = $1""",
        SEARCH,
    )
    allowed = {(table, name, "SELECT") for table in SEARCHABLE for name in ("id", "tenant_id", "search")}
    assert {tuple(row) for row in rows} == allowed


async def test_no_view_looks_past_the_policies(admin: asyncpg.Connection) -> None:
    views = await column(
        admin,
        """select c.oid::regclass::text from pg_class c where c.relkind = 'v'
            and c.relnamespace in ('public'::regnamespace, 'app'::regnamespace)
            and not coalesce('security_invoker=true' = any(c.reloptions), false)""",
    )
    materialised = await column(admin, "select oid::regclass::text from pg_class where relkind = 'm'")
    assert (views, materialised) == ([], [])


async def test_no_rules_or_triggers_act_unseen(admin: asyncpg.Connection) -> None:
    # One counts the workers that a job has killed, one wakes the workers when there is a new job.
    triggers = await column(
        admin, "select tgrelid::regclass || ' ' || tgname from pg_trigger where not tgisinternal order by 1"
    )
    assert triggers == ["jobs.pgqueuer tg_count_deaths", "jobs.pgqueuer tg_pgqueuer_changed"]
    assert await column(admin, "select rulename from pg_rules where schemaname in ('public', 'app')") == []


@pytest.mark.parametrize("role", [APP, PLATFORM, SEARCH, OWNER])
async def test_no_role_of_ours_can_pass_a_policy(admin: asyncpg.Connection, role: str) -> None:
    row = await admin.fetchrow(
        """select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin
             from pg_roles where rolname = $1""",
        role,
    )
    assert row is not None
    assert tuple(row) == (False, False, False, False, False, role in (APP, PLATFORM))


@pytest.mark.parametrize("role", [APP, PLATFORM])
async def test_the_servers_logins_own_and_create_nothing(admin: asyncpg.Connection, role: str) -> None:
    member_of = await column(
        admin,
        "select r.rolname from pg_auth_members m join pg_roles r on r.oid = m.roleid where m.member = $1::regrole",
        role,
    )
    owned = await column(
        admin,
        """select objid::text from pg_shdepend where refobjid = $1::regrole and deptype = 'o'
            and dbid = (select oid from pg_database where datname = current_database())""",
        role,
    )
    may_create = await admin.fetchrow(
        """select has_schema_privilege($1::name, 'public', 'create'), has_schema_privilege($1::name, 'app', 'create'),
                  has_database_privilege($1::name, current_database(), 'create')""",
        role,
    )
    assert (member_of, owned, tuple(may_create)) == ([], [], (False, False, False))


async def test_rights_of_the_server_on_every_table(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        """select table_name::text, privilege_type::text from information_schema.role_table_grants
            where grantee = $1 and table_schema = 'public'""",
        APP,
    )
    held: dict[str, set[str]] = {}
    for table, privilege in rows:
        held.setdefault(table, set()).add(privilege)
    everything = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
    expected = dict.fromkeys(await tenant_tables(admin) | DIRECTORY, everything)
    expected |= dict.fromkeys(APPEND_ONLY, frozenset({"SELECT", "INSERT"}))
    expected |= {
        "event_stream": {"SELECT", "INSERT", "UPDATE"},  # the head moves, it is never taken away
        "security_event": {"INSERT"},  # written, never read by the server
        "alembic_version": {"SELECT"},  # readiness compares the schema's version
    }
    assert held == expected
    assert (
        await column(
            admin,
            "select distinct table_name::text from information_schema.table_privileges where grantee = 'PUBLIC'"
            " and table_schema = 'public'",
        )
        == []
    )


async def test_column_types_that_a_policy_can_use_with_an_index(admin: asyncpg.Connection) -> None:
    bad = await column(
        admin,
        """select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
             from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r','p') and a.attnum > 0
              and not a.attisdropped
              and (a.atttypid in ('numeric'::regtype, 'timestamp'::regtype, 'time'::regtype, 'timetz'::regtype,
                                  'money'::regtype, 'numeric[]'::regtype)
                   or t.typtype = 'e'
                   or (a.atttypid = 'timestamptz'::regtype and a.atttypmod <> 3))""",
    )
    # The queue has no policy, so its type may be what it is.
    enums = await column(
        admin,
        """select oid::regtype::text from pg_type where typtype = 'e'
            and typnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)""",
    )
    assert (bad, enums) == ([], ["jobs.pgqueuer_status"])


async def test_the_queue_stands_apart_and_holds_ids_only(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        """select table_name::text, string_agg(column_name, ' ' order by ordinal_position)
             from information_schema.columns where table_schema = 'jobs' group by table_name"""
    )
    assert dict(rows) == {
        "pgqueuer": "id priority queue_manager_id created updated heartbeat execute_after status entrypoint"
        " dedupe_key payload headers attempts slot",
        "pgqueuer_log": "id created job_id status priority entrypoint traceback aggregated",
        "pgqueuer_schedules": "id expression entrypoint heartbeat created updated next_run last_run status",
        "pgqueuer_statistics": "id created count priority status entrypoint",
        "agency_cron": "tenant_id name at",
        "platform_cron": "name at",
    }
    rights = await admin.fetch(
        """select grantee::text, table_name::text, string_agg(privilege_type, ' ' order by privilege_type)
             from information_schema.role_table_grants where table_schema = 'jobs' and grantee <> $1
            group by 1, 2""",
        OWNER,
    )
    everything = "DELETE INSERT SELECT UPDATE"
    queue = ("pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics")
    assert {tuple(row) for row in rights} == {
        *((role, table, everything) for role in (APP, PLATFORM) for table in queue),
        *((PLATFORM, table, "INSERT SELECT UPDATE") for table in ("agency_cron", "platform_cron")),
    }
    for role in (APP, PLATFORM):
        assert await admin.fetchval("select has_schema_privilege($1::name, 'jobs', 'create')", role) is False


async def test_no_extension_is_required(admin: asyncpg.Connection) -> None:
    assert await column(admin, "select extname from pg_extension") == ["plpgsql"]
