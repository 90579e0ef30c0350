"""A file that came with a request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO, TypeVar

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class Upload:
    """A file as a client sent it: on this server's disk until the request is answered, then gone."""

    name: str  # what it was called, without folders; for people to read, never a path
    content_type: str  # what the client calls it, to be believed by nobody
    file: BinaryIO = field(repr=False)
    size: int = 0
    sha256: str = ""

    async def read(self, how: Callable[[BinaryIO], T]) -> T:
        """What `how` makes of the file from its beginning, in a thread of its own."""

        def from_the_beginning() -> T:
            self.file.seek(0)
            return how(self.file)

        return await asyncio.to_thread(from_the_beginning)


def told(value: Any) -> Any:
    """A file as JSON tells of it, to compare two requests: by its content."""
    if isinstance(value, Upload):
        return {"file": value.sha256, "name": value.name}
    raise TypeError(f"{type(value).__name__} is no JSON")
