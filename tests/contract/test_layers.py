"""Laws of the house that no linter knows: what the layers list, who opens connections, how SQL is written."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph import schema

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LINTER = PROJECT["tool"]["importlinter"]
PACKAGES = ("graph", "jobs", "resolvers", "loaders", "storage", "models", "domain")

# A file that passes this becomes a package of the same name, so imports do not change.
LONGEST = 400
LONGER = {
    "resolvers/kit/filters.py": "every operator of every typed filter, beside the SQL it becomes",
}


# Statements with a name inside that cannot be bound, and why it is not from outside.
BY_NAME = {"storage/embedded/server.py": "creates the bundled database by a constant name, before any tenant exists"}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        path = ROOT / folder
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def modules(package: str) -> set[str]:
    """Modules directly inside a package."""
    folder = ROOT / package
    files = {f"{package}.{path.stem}" for path in folder.glob("*.py") if path.stem != "__init__"}
    return files | {f"{package}.{path.parent.name}" for path in folder.glob("*/__init__.py")}


def contract(kind: str) -> dict:
    found = [item for item in LINTER["contracts"] if item["type"] == kind]
    assert len(found) == 1
    return found[0]


def layers() -> list[list[str]]:
    return [[name.strip() for name in layer.split("|")] for layer in contract("layers")["layers"]]


def test_the_layers_name_every_module_on_disk() -> None:
    listed = [name for layer in layers() for name in layer]
    assert len(listed) == len(set(listed))
    for package in ("graph", "resolvers"):
        assert {name for name in listed if name.startswith(package + ".")} == modules(package)
    assert {name for name in listed if "." not in name} == {"jobs", "loaders", "storage", "models", "domain"}
    assert set(LINTER["root_packages"]) == set(PACKAGES)


def test_imports_for_type_checking_count() -> None:
    assert LINTER["exclude_type_checking_imports"] is False


def test_floors_stand_in_order() -> None:
    order = {name: index for index, layer in enumerate(layers()) for name in layer}
    wanted = ["graph.http", "graph.schema", "graph.properties", "graph.kit", "jobs"]
    wanted += ["resolvers.properties", "resolvers.kit"]
    places = [order[name] for name in [*wanted, "loaders", "storage", "models", "domain"]]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


def test_every_domain_stands_in_the_schema() -> None:
    domains = {module.__name__ for module in schema.DOMAINS}
    found = layers()
    between = found[found.index(["graph.schema"]) + 1 : found.index(["graph.kit"])]
    assert domains == {name for layer in between for name in layer}


def test_rules_know_nothing_of_wires_and_tables() -> None:
    forbidden = contract("forbidden")
    assert forbidden["source_modules"] == ["domain"]
    assert set(forbidden["forbidden_modules"]) >= {"strawberry", "starlette", "sqlalchemy", "asyncpg", "boto3"}


def test_files_stay_readable() -> None:
    long = {}
    for path in sources(*PACKAGES, "migrations/run.py", "migrations/policies.py", "app.py", "settings.py"):
        if path.exists() and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST:
            long[str(path.relative_to(ROOT))] = lines
    assert set(long) <= set(LONGER), long


# --- SQL -------------------------------------------------------------------------------------------------------------

RUNS_SQL = {
    "execute", "executemany", "fetch", "fetchrow", "fetchval", "cursor", "prepare", "copy_from_query",
    "text", "literal_column", "exec_driver_sql", "DDL", "op", "scalar", "scalars",
}  # fmt: skip
SQL = re.compile(
    r"^\s*(select|insert\s+into|update|delete\s+from|with\s+\w+\s+as|create|alter|drop|truncate|grant|set\s+(role|local|session))\b",
    re.IGNORECASE,
)


def built(node: ast.expr) -> bool:
    """Whether an expression puts a text together from values."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        return any(isinstance(part, ast.JoinedStr) or _is_text(part) for part in ast.walk(node))
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("format", "join", "replace", "format_map")
    )


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def string_built_sql(code: str) -> list[int]:
    """Lines on which SQL is put together from values instead of being bound."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in RUNS_SQL and built(node.args[0]):
                found.append(node.lineno)
        if isinstance(node, ast.JoinedStr) and built(node):
            first = node.values[0]
            if isinstance(first, ast.Constant) and SQL.match(str(first.value)):
                found.append(node.lineno)
    return sorted(set(found))


def test_no_sql_is_built_from_strings() -> None:
    """The tenant's setting can be changed by SQL: what comes from outside is bound, never written into a statement."""
    found = {}
    for path in sources(*PACKAGES, "app.py", "settings.py"):
        if lines := string_built_sql(path.read_text(encoding="utf-8")):
            found[str(path.relative_to(ROOT))] = len(lines)
    assert found == dict.fromkeys(BY_NAME, 1)


@pytest.mark.parametrize(
    "code",
    [
        'connection.execute(f"select {x}")',
        'sql = f"""\n  select * from {table}"""',
        'session.execute(text("select " + name))',
        'connection.fetch("select %s" % name)',
        'connection.fetch("select {}".format(name))',
        'literal_column(f"{name}")',
        'x = f"update {table} set a = 1"',
        'y = f"delete from {table}"',
    ],
)
def test_the_lint_sees_what_it_is_for(code: str) -> None:
    assert string_built_sql(code) != []


@pytest.mark.parametrize("code", ['text("select :a")', 'log.info(f"took {x} ms")', 'execute("select $1", f"{name}")'])
def test_the_lint_lets_bound_values_pass(code: str) -> None:
    assert string_built_sql(code) == []


# --- doors -----------------------------------------------------------------------------------------------------------


def users(pattern: str) -> set[str]:
    """Files of the server in which a pattern occurs."""
    return {
        str(path.relative_to(ROOT))
        for path in sources(*PACKAGES, "app.py", "settings.py")
        if re.search(pattern, path.read_text(encoding="utf-8"))
    }


def test_connections_are_opened_in_one_place() -> None:
    assert users(r"asyncpg\.(connect|create_pool)\(|create_(async_)?engine\(") == {"storage/database.py"}


def test_the_tenant_is_named_in_one_place() -> None:
    assert users(r"set_config\('app\.") == {"storage/database.py"}


def test_the_directory_is_touched_in_few_places() -> None:
    places = {
        *("storage/directory.py", "storage/accounts.py", "storage/failures.py"),
        "storage/linked_accounts.py",
    }
    assert users(r"\.directory\(\)") == places
    names = "account|account_tenant|account_token|invitation_token|sign_in_failure|tenant_slug|token_directory"
    names += "|security_event|linked_account"
    assert users(rf"metadata\.tables\[\"({names})\"\]") == places
    classes = "Account|AccountTenant|AccountToken|InvitationToken|SecurityEvent|SignInFailure|TokenEntry|TenantSlug"
    classes += "|LinkedAccount"
    assert users(rf"\b(insert|update|select|delete)\((models\.)?({classes})\b") <= places


def test_the_queue_is_touched_in_one_place() -> None:
    assert users(r"\.queue\(\)") == {"storage/jobs.py"}
    assert users(r"\bpgqueuer\b") == {"storage/jobs.py", "storage/line.py"}


def test_only_upkeep_sees_all_agencies() -> None:
    assert users(r"\.platform\(\)") <= {"storage/jobs.py", "storage/upkeep.py"}


def test_the_environment_is_read_in_one_place() -> None:
    assert users(r"os\.environ|getenv\(") == set()


def test_the_platforms_login_is_not_used_by_requests() -> None:
    assert users(r"logins\.platform|\.platform\b.*\burl\b") <= {"storage/database.py"}
