"""The data folder: made, locked, explained when it cannot be used, and the secrets kept in it."""

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

from settings import new_secret


class EmbeddedError(Exception):
    """The bundled PostgreSQL cannot serve; the text is one sentence for a person."""


def make_folder(folder: Path) -> None:
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
        raise EmbeddedError(explain(error, folder)) from error


def locked(data_dir: Path) -> IO[str]:
    file = (data_dir / "lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise EmbeddedError(f"Another server already runs on the data folder {data_dir}.") from None
    return file


def is_held(data_dir: Path) -> bool:
    try:
        locked(data_dir).close()
    except EmbeddedError:
        return True
    return False


def data_secret(data_dir: Path) -> str:
    """The signing secret that belongs to a data folder, made on first use: sessions outlive a restart."""
    make_folder(data_dir)
    return kept(data_dir / "secret.key", new_secret)


def kept(path: Path, make: Callable[[], str]) -> str:
    """Text of a private file, made on first use."""
    try:
        if not path.exists():
            partial = path.with_name(f"{path.name}.{os.getpid()}")
            write_private(partial, make())
            try:
                os.link(partial, path)  # unlike a rename this never replaces what another process made meanwhile
            except FileExistsError:
                pass
            finally:
                partial.unlink()
        return path.read_text()
    except OSError as error:
        raise EmbeddedError(explain(error, path.parent)) from error


def write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def explain(error: OSError, folder: Path) -> str:
    # Copying a tree reports all its failures at once, without a number.
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or os.strerror(errno.ENOSPC) in str(error)[:10_000]:
        return f"The disk that holds {folder} is full."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"The data folder {folder} cannot be read and written: {error.strerror} ({error.filename})."
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"The data folder {folder} is not a folder."
    return f"The data folder {folder} cannot be used: {error}."
