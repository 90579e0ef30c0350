"""Start-up: from the command to the first ready answer, first and second time, next to the bare imports.

    python3 dev.py bench startup [--times N]

The first start makes the data folder, starts the bundled PostgreSQL in it, migrates and loads no demo data; the second
one finds all of that. With DATABASE_URL only the server and its imports are measured, on a database that is migrated.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _server import HERE, PROGRAM, free_port, fresh_database, percentile, wait_until_ready

BARE = "import strawberry, sqlmodel, asyncpg, starlette"
# The launcher is started past its own environment check: the packages are here already.
LAUNCHER = """
import sys
import dev
sys.argv[0] = "dev.py"
dev.enter_environment = lambda pins: None
dev.run_and_exit()
"""


def imports(statement: str, times: int) -> list[float]:
    """Seconds of a whole Python process that only imports."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], cwd=HERE, check=True, env=environment())
        found.append(time.perf_counter() - started)
    return found


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HERE), "LOG_FORMAT": "json", **more}


def ready_after(command: list[str], port: int, env: dict[str, str]) -> float:
    """Seconds from starting a server to its first ready answer; the server is ended again."""
    process = subprocess.Popen(command, cwd=HERE, env=env, stdout=subprocess.DEVNULL)
    try:
        return wait_until_ready(f"http://127.0.0.1:{port}", process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def launched(folder: Path) -> float:
    port = free_port()
    command = [sys.executable, "-c", LAUNCHER, "serve", "--no-demo", "--port", str(port), "--data", str(folder)]
    env = environment()
    env.pop("DATABASE_URL", None)
    return ready_after(command, port, env)


def show(what: str, seconds: list[float]) -> None:
    print(f"{what:<58} {percentile(seconds, 0.5):5.2f} s   ({min(seconds):.2f} to {max(seconds):.2f})")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=5, help="repetitions; the median counts")
    times = parser.parse_args().times
    show(f"bare imports ({BARE.removeprefix('import ')})", imports(BARE, times))
    show("imports of the application (app)", imports("import app", times))
    with fresh_database() as url:
        found = []
        for _ in range(times):
            port = free_port()
            found.append(ready_after([sys.executable, "-c", PROGRAM, str(port)], port, environment(DATABASE_URL=url)))
        show("server on a database that runs: until /ready", found)
    first, second = [], []
    for _ in range(times):
        with tempfile.TemporaryDirectory(prefix="immonow-startup-") as folder:
            Path(folder).chmod(0o755)  # as root the database runs as somebody who must get there
            first.append(launched(Path(folder) / "data"))
            second.append(launched(Path(folder) / "data"))
    show("dev.py serve, first start: new folder, migrations", first)
    show("dev.py serve, second start", second)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
