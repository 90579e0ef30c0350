"""Start-up: from the command to the first ready answer, first and second time, and the memory of a server that waits.

    python3 dev.py bench startup [--times N]

Both stand next to what the bare imports take, so that what is ours can be told from what the libraries need. The first
start makes the data folder, starts the bundled PostgreSQL in it, migrates and loads no demo data; the second one finds
all of that. Memory is what a process of its own holds (RSS): the idle server has answered `/ready` and nothing else.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from _load import resident
from _server import HERE, PROGRAM, free_port, fresh_database, percentile, wait_until_ready

from graph.schema import schema

BARE = "import strawberry, sqlmodel, asyncpg, starlette"
# The launcher is started past its own environment check: the packages are here already.
LAUNCHER = """
import sys
import dev
sys.argv[0] = "dev.py"
dev.enter_environment = lambda pins: None
dev.run_and_exit()
"""


@dataclass
class Measured:
    """Several runs of one thing: seconds of each, and megabytes it then held."""

    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)


def imports(statement: str, times: int) -> Measured:
    """A whole Python process that only imports. Memory is taken in another one, which has to wait for that."""
    found = Measured()
    for _ in range(times):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], cwd=HERE, check=True, env=environment())
        found.seconds.append(time.perf_counter() - started)
        command = [sys.executable, "-c", f"{statement}\nprint(flush=True)\ninput()"]
        with subprocess.Popen(
            command, cwd=HERE, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as waits:
            assert waits.stdin is not None
            assert waits.stdout is not None
            waits.stdout.readline()
            found.megabytes.append(resident(waits.pid))
            waits.stdin.write(b"\n")
            waits.stdin.flush()
    return found


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HERE), "LOG_FORMAT": "json", **more}


def ready_after(command: list[str], port: int, env: dict[str, str]) -> tuple[float, float]:
    """Seconds from starting a server to its first ready answer and its megabytes then; the server is ended again."""
    process = subprocess.Popen(command, cwd=HERE, env=env, stdout=subprocess.DEVNULL)
    try:
        return wait_until_ready(f"http://127.0.0.1:{port}", process), resident(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def launched(folder: Path) -> float:
    port = free_port()
    command = [sys.executable, "-c", LAUNCHER, "serve", "--no-demo", "--port", str(port), "--data", str(folder)]
    env = environment()
    env.pop("DATABASE_URL", None)
    return ready_after(command, port, env)[0]


def show(what: str, seconds: list[float]) -> None:
    print(f"{what:<58} {percentile(seconds, 0.5):5.2f} s   ({min(seconds):.2f} to {max(seconds):.2f})")


def show_memory(what: str, megabytes: list[float], beside: float) -> None:
    found = percentile(megabytes, 0.5)
    ratio = f"{found / beside:.2f} times the bare imports"
    print(f"{what:<58} {found:5.0f} MB  ({min(megabytes):.0f} to {max(megabytes):.0f}), {ratio}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=5, help="repetitions; the median counts")
    times = parser.parse_args().times
    bare, ours, server = imports(BARE, times), imports("import app", times), Measured()
    show(f"bare imports ({BARE.removeprefix('import ')})", bare.seconds)
    show("imports of the application (app)", ours.seconds)
    with fresh_database() as url:
        for _ in range(times):
            port = free_port()
            command = [sys.executable, "-c", PROGRAM, str(port)]
            seconds, megabytes = ready_after(command, port, environment(DATABASE_URL=url))
            server.seconds.append(seconds)
            server.megabytes.append(megabytes)
        show("server on a database that runs: until /ready", server.seconds)
    first, second = [], []
    for _ in range(times):
        with tempfile.TemporaryDirectory(prefix="immonow-startup-") as folder:
            Path(folder).chmod(0o755)  # as root the database runs as somebody who must get there
            first.append(launched(Path(folder) / "data"))
            second.append(launched(Path(folder) / "data"))
    show("dev.py serve, first start: new folder, migrations", first)
    show("dev.py serve, second start", second)
    beside = percentile(bare.megabytes, 0.5)
    show_memory("memory of the bare imports", bare.megabytes, beside)
    show_memory("memory of the imports of the application", ours.megabytes, beside)
    show_memory("memory of a server that answered /ready alone", server.megabytes, beside)
    types = [name for name in schema._schema.type_map if not name.startswith("__")]
    print(f"{'GraphQL types of the schema':<58} {len(types):5}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
