"""The server process: made once, started in a session of its own, ended with its parent."""

# ruff: noqa: S603, S607 - starting PostgreSQL's programs is what this module is for

import ctypes
import errno
import os
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

from storage.embedded.folder import EmbeddedError, explain, is_held, kept, locked, make_folder, write_private
from storage.embedded.programs import complaint, environment, major_version, may_enter, nobody, programs, readable_copy

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


def running_url(data_dir: Path) -> str | None:
    """Administrative address of the server that another process runs on this folder."""
    try:
        lines = (data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
        password = (data_dir / "postgres.password").read_text()
    except OSError:
        return None
    if not is_held(data_dir) or len(lines) < 8 or lines[7].strip() != "ready":
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
            raise EmbeddedError(explain(error, self.data_dir)) from error
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
        make_folder(self.data_dir)
        self._lock = locked(self.data_dir)
        folder = programs()
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._step_down()
            folder = readable_copy(folder, self.data_dir)
        password = kept(self.data_dir / "postgres.password", lambda: secrets.token_urlsafe(24))
        version = major_version(folder)
        if not self.cluster.exists():
            self._create(folder, version, password)
        found = (self.cluster / "PG_VERSION").read_text().strip()
        if found != str(version):
            raise EmbeddedError(
                f"The data in {self.data_dir} belongs to PostgreSQL {found}, but this program brings version {version}."
            )
        self._await_predecessor()
        for attempt in range(3):  # another program may take the free port before PostgreSQL does
            port = _free_port()
            problem = self._launch(folder, port)
            if problem is None:
                return _address(password, port)
            if "could not bind" not in problem or attempt == 2:
                raise self._failed(f"did not start: {problem}")
        raise AssertionError("unreachable")

    def _step_down(self) -> None:
        """As root, choose the account to run as: whoever owns the cluster already, else nobody."""
        uid, gid = (self.cluster.stat().st_uid, self.cluster.stat().st_gid) if self.cluster.exists() else (0, 0)
        if uid == 0:
            uid, gid = nobody()
        self._account = {"user": uid, "group": gid, "extra_groups": []}
        if self.throwaway:
            self.data_dir.chmod(0o711)
        if not may_enter(self.data_dir, self._account):
            raise EmbeddedError(
                f"As root, PostgreSQL runs as the user nobody, who may not enter {self.data_dir}: "
                "choose a data folder that others may enter, or start this as another user."
            )

    def _create(self, folder: Path, version: int, password: str) -> None:
        """Make the cluster beside its place and move it there when complete: an interrupted attempt leaves no half."""
        partial, password_file = self.data_dir / "postgres.partial", self.data_dir / "postgres.password.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        write_private(password_file, password)
        if self._account:
            for path in (partial, password_file):
                os.chown(path, self._account["user"], self._account["group"])
        # The builtin locale sorts alike on every machine; before version 17 the system's C.UTF-8 comes nearest.
        builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        locale = builtin if version >= 17 else ["--locale=C.UTF-8"]
        options = ["-U", "postgres", "-A", "scram-sha-256", f"--pwfile={password_file}", "-E", "UTF8"]
        if self.throwaway:
            options.append("--no-sync")
        try:
            self._run([str(folder / "initdb"), "-D", str(partial), *options, *locale])
            self._run(
                [str(folder / "postgres"), "--single", "-D", str(partial), "postgres"],
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
            env=environment(),
            **self._account,
            check=False,
        )
        if done.returncode != 0 or "FATAL" in done.stderr:
            raise self._failed(f"could not be set up: {complaint(done.stderr)}")

    def _failed(self, what: str) -> Exception:
        if os.strerror(errno.ENOSPC) in what:
            return OSError(errno.ENOSPC, what)
        return EmbeddedError(f"The bundled PostgreSQL {what}.")

    def _await_predecessor(self) -> None:
        """After `kill -9` the last PostgreSQL may still be closing down; a leftover pid file may name a stranger."""
        pid_file = self.cluster / "postmaster.pid"
        end = time.monotonic() + STOP_SECONDS
        while (pid := _recorded_pid(pid_file)) is not None and _is_postgres(pid, self.cluster):
            if time.monotonic() > end:
                raise EmbeddedError(f"A PostgreSQL left from before (process {pid}) still uses {self.data_dir}.")
            time.sleep(0.02)
        pid_file.unlink(missing_ok=True)

    def _launch(self, folder: Path, port: int) -> str | None:
        """Start the process and wait until it is ready; answers what went wrong, if anything."""
        parameters = SERVER | {"port": str(port)} | (THROWAWAY if self.throwaway else {})
        command = [str(folder / "postgres"), "-D", str(self.cluster)]
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
                env=environment(),
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
        return complaint(log.read_text(errors="replace"))

    def _watch(self, pid: int) -> None:
        """Where the kernel sends no signal at the parent's death, the end of a pipe tells it to a small shell."""
        self._watchdog = subprocess.Popen(
            ["/bin/sh", "-c", 'read -r line; kill -INT "$1"', "sh", str(pid)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            **self._account,
        )


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


def _is_postgres(pid: int, cluster: Path) -> bool:
    if sys.platform == "linux":  # small systems have no ps
        try:
            return os.fsencode(cluster) in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
    listing = subprocess.run(["ps", "-p", str(pid), "-o", "args="], capture_output=True, text=True, check=False)
    return str(cluster) in listing.stdout


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
