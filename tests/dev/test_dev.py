"""The launcher's own rules: what it installs, what it hands on, what it says."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

import dev
from migrations.run import MigrationError
from settings import Settings
from storage.embedded import EmbeddedError

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    *("serve", "test", "check", "schema", "migrate", "revision", "seed", "tenant"),
    *("worker", "jobs", "psql", "dump", "reset", "lock", "bench"),
)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """dev.py as a program, in the environment of these tests instead of one that it makes."""
    program = "import sys, dev; dev.enter_environment = lambda pins: None; dev.run_and_exit()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_lock_without_a_package_keeps_all_others() -> None:
    first, last = "a==1 \\\n    --hash=sha256:1\n", "c==4\n"
    lock = f"{first}b==2 ; sys_platform == 'linux' \\\n    --hash=sha256:2 \\\n    --hash=sha256:3\n{last}"
    assert dev.without("b", lock) == first + last
    assert dev.without("d", lock) == lock


@pytest.mark.parametrize("lock", [dev.LOCK, dev.DEV_LOCK], ids=lambda path: path.name)
def test_every_pin_has_a_hash_and_no_address(lock: Path) -> None:
    lines = lock.read_text().splitlines()
    pins = [index for index, line in enumerate(lines) if line and not line.startswith((" ", "#"))]
    assert [lines[index] for index in pins if "==" not in lines[index]] == []
    assert [lines[index] for index in pins if "--hash=sha256:" not in lines[index + 1]] == []
    assert [line for line in lines if "://" in line] == []


def test_the_larger_lock_holds_the_smaller_one() -> None:
    def pins(lock: Path) -> set[str]:
        return {
            line.split(" ")[0] for line in lock.read_text().splitlines() if line and not line.startswith((" ", "#"))
        }

    assert pins(dev.LOCK) - pins(dev.DEV_LOCK) == set()


@pytest.mark.parametrize(
    ("given", "handed_on"),
    [
        (["test", "-k", "x or y", "--data"], ["-k", "x or y", "--data"]),
        (["psql", "-c", "select 1"], ["-c", "select 1"]),
        (["psql", "--data", "d", "-At"], ["-At"]),
        (["bench", "reads", "--size", "3"], ["--size", "3"]),
        (["check"], []),
    ],
)
def test_arguments_of_other_programs_are_handed_on_untouched(given: list[str], handed_on: list[str]) -> None:
    assert dev.parse(given).rest == handed_on


def test_a_dump_holds_nothing_that_changes_from_run_to_run() -> None:
    noise = "\\restrict abc\n-- Dumped from database version 18.4\n-- Dumped by pg_dump version 18.4\n"
    assert dev.plain_dump(f"--\n\n{noise}create;\n\\unrestrict abc\n\n") == "--\n\ncreate;\n"


def test_times_are_summed_per_folder(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite><testcase classname="tests.graph.test_a" time="1.5"/>'
        '<testcase classname="tests.graph.test_b.TestC" time="0.25"/><testcase classname="tests.test_d" time="1"/>'
        "</testsuite></testsuites>"
    )
    assert dev.times(report) == {"graph": (2, 1.75), "tests": (1, 1.0)}


def test_a_taken_port_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(dev.Failure) as refusal:
            dev.listen("127.0.0.1", port)
    assert str(refusal.value) == f"Cannot listen on 127.0.0.1 port {port}: Address already in use."


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [("127.0.0.1", 70000, "There is no port 70000."), ("192.0.2.1", 8000, "Cannot listen on 192.0.2.1 port 8000: ")],
)
def test_an_address_that_is_not_ours_is_explained(host: str, port: int, sentence: str) -> None:
    with pytest.raises(dev.Failure) as refusal:
        dev.listen(host, port)
    assert str(refusal.value).startswith(sentence)


def test_the_welcome_names_address_logins_and_data() -> None:
    with dev.listen("127.0.0.1", 0) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        text = dev.welcome(listener, Settings(environment="development"), "/somewhere", demo_data=True)
        assert f"GraphQL   {address}/graphql\n" in text
        assert "admin@acme-realestate.com / Admin123!" in text
        assert "Data      /somewhere\n" in text
        assert "Sign in" not in dev.welcome(listener, Settings(), "/somewhere", demo_data=False)


def test_a_password_never_stands_on_a_command_line() -> None:
    address, environment = dev.libpq("postgresql://me:very%20secret@127.0.0.1:5432/immonow")
    assert address == "postgresql://me@127.0.0.1:5432/immonow"
    assert environment["PGPASSWORD"] == "very secret"


def test_only_mistakes_of_ours_show_a_traceback() -> None:
    wrapped = RuntimeError("driver")
    wrapped.__cause__ = asyncpg.DiskFullError("no space")
    assert dev.explained(wrapped) == "The disk that holds the database is full."
    assert dev.explained(EmbeddedError("A sentence.")) == "A sentence."
    assert dev.explained(MigrationError("Another.")) == "Another."
    refused = "The database cannot be reached: [Errno 111] refused."
    assert dev.explained(ConnectionRefusedError(111, "refused")) == refused
    assert dev.explained(PermissionError(13, "Permission denied", "/x")) == "Permission denied: /x."
    missing = "The database has not this program's schema: run `python3 dev.py migrate`."
    assert dev.explained(asyncpg.UndefinedTableError('relation "jobs.pgqueuer" does not exist')) == missing
    assert dev.explained(KeyError("bug")) is None


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "sqlite:///x.db", "DATABASE_URL must be a PostgreSQL address (postgresql://…);"),
        ("ENVIRONMENT", "produktion", "ENVIRONMENT: Input should be "),
        ("ENVIRONMENT", "production", "JWT_SECRET_KEY must be set to at least 32 bytes of your own in production."),
    ],
)
def test_wrong_configuration_is_explained(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(dev.Failure) as refusal:
        dev.read_settings()
    assert str(refusal.value).startswith(sentence)


def test_what_went_wrong_is_one_line_and_code_1() -> None:
    done = run("migrate", DATABASE_URL="postgresql://a:b@127.0.0.1:1/x")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The database cannot be reached: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["serve", "--nonsense"], ["nonsense"], ["serve", "--port", "x"]])
def test_wrong_usage_is_code_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: dev.py")


def test_every_command_says_what_it_does() -> None:
    done = run("--help")
    assert done.returncode == 0
    for name in COMMANDS:
        assert f"\n    {name} " in done.stdout


def test_an_unknown_benchmark_is_explained() -> None:
    done = run("bench", "nonsense")
    assert done.returncode == 1
    assert done.stderr.startswith("There is no benchmark nonsense;")
