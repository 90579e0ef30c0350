"""Row-level security and the functions it needs, as SQL that revisions execute.

Every table of a tenant is enabled and forced with one policy for reading and writing. The owner has no policy of its
own, so even migrations see no rows; data migrations run as the platform role.
"""

from collections.abc import Iterable

from storage.database import APP, PLATFORM, SEARCH

FUNCTIONS = f"""
create function app.current_tenant() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.tenant_id', true), '')::uuid;

create function app.fold(input text) returns text language sql immutable parallel safe strict
  return trim(regexp_replace(regexp_replace(
    replace(lower(normalize(replace(replace(input, 'ß', 'ss'), 'ẞ', 'ss'), NFD)), '’', ' '),
    '[\\u0300-\\u036f]', '', 'g'), '[[:punct:][:space:]]+', ' ', 'g'));

create function app.spell_out(input text) returns text language sql immutable parallel safe strict
  return replace(replace(replace(replace(replace(replace(
    input, 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'Ä', 'Ae'), 'Ö', 'Oe'), 'Ü', 'Ue');

create function app.words(input text) returns tsvector language sql immutable parallel safe strict
  return to_tsvector('pg_catalog.german'::regconfig, app.fold(input))
      || to_tsvector('pg_catalog.simple'::regconfig, app.fold(input))
      || to_tsvector('pg_catalog.simple'::regconfig,
           case when input ~ '[äöüÄÖÜ]' then app.fold(app.spell_out(input)) else '' end);

create function app.tenant_lexeme(tenant uuid) returns text language sql immutable parallel safe strict
  return 'tenant' || replace(tenant::text, '-', '');

create function app.search_document(tenant uuid, first text, second text, third text) returns tsvector
  language sql immutable parallel safe
  return array_to_tsvector(array[app.tenant_lexeme(tenant)])
      || setweight(app.words(first), 'A') || setweight(app.words(second), 'B') || setweight(app.words(third), 'C');

create function app.search_query(input text) returns tsquery language sql immutable parallel safe strict
  return case when app.fold(input) = '' then ''::tsquery else
         to_tsquery('pg_catalog.german'::regconfig, replace(app.fold(input), ' ', ' & ') || ':*')
      || to_tsquery('pg_catalog.simple'::regconfig, replace(app.fold(input), ' ', ' & ') || ':*') end;

grant usage on schema app to {APP}, {PLATFORM}, {SEARCH};
"""

DROP_FUNCTIONS = """
drop function app.search_query(text);
drop function app.search_document(uuid, text, text, text);
drop function app.tenant_lexeme(uuid);
drop function app.words(text);
drop function app.spell_out(text);
drop function app.fold(text);
drop function app.current_tenant();
"""


def secure(*tables: str, app: str = "select, insert, update, delete") -> Iterable[str]:
    """Statements that put `tables` under the tenant policy and grant the server what it needs."""
    for table in tables:
        yield f"alter table {table} enable row level security"
        yield f"alter table {table} force row level security"
        yield (
            f"create policy tenant on {table} to {APP} using (tenant_id = (select app.current_tenant())) "
            f"with check (tenant_id = (select app.current_tenant()))"
        )
        yield f"create policy platform on {table} to {PLATFORM} using (true) with check (true)"
        yield f"grant {app} on {table} to {APP}"
        yield f"grant select, insert, update, delete on {table} to {PLATFORM}"


def directory(*tables: str, app: str = "select, insert, update, delete") -> Iterable[str]:
    """Statements for the few tables that must be readable before the tenant is known."""
    for table in tables:
        yield f"grant {app} on {table} to {APP}"
        yield f"grant select, insert, update, delete on {table} to {PLATFORM}"


def searchable(table: str) -> Iterable[str]:
    """The search door of one table: a function that returns ids, with the tenant written out.

    Full-text operators are not leakproof and cannot use an index under a policy. The function runs as a role that a
    select policy of its own lets through; the rows themselves are read under the caller's policy.
    """
    yield f"create policy search on {table} for select to {SEARCH} using (true)"
    yield f"grant select (id, tenant_id, search) on {table} to {SEARCH}"
    yield (
        f"create function app.search_{table}(query text) returns setof uuid language sql stable security definer "
        f"set search_path = pg_catalog, public begin atomic select id from {table} "
        f"where tenant_id = app.current_tenant() "
        f"and search @@ (app.tenant_lexeme(app.current_tenant())::tsquery && app.search_query(query)); end"
    )
    yield f"revoke all on function app.search_{table}(text) from public"
    yield f"grant execute on function app.search_{table}(text) to {APP}, {PLATFORM}"
    # Last: the owner inherits nothing from the search role, so afterwards it may no longer grant.
    yield f"alter function app.search_{table}(text) owner to {SEARCH}"
