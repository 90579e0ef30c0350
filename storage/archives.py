"""Old entries of an audit trail, put into files: the chain goes on where the last file ends.

A line of a file is `{"seq": …, "hash": "…", "entry": …}`. What stands behind `"entry": `, up to the last brace, is to
the byte what the hash covers besides the hash of the line before; the first line of all follows nothing, the first one
of a later file the last one of the file before.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast
from uuid import UUID

import asyncpg
from sqlalchemy import text

from models.base import now, uuid7
from storage.database import Database
from storage.files import FileStore, new_key
from storage.trail import floor

LINES = 50_000  # of a file
BATCH = 2_000
IN_MEMORY = 1 << 20

_OLD = """
select e.seq, e.timestamp, e.hash, app.trail_text(e) as entry
  from audit_entry e where e.tenant_id = $1 and e.seq > $2 order by e.seq limit $3
"""
_NOTE = text(
    """
    insert into audit_archive (tenant_id, id, created_at, first_seq, last_seq, last_hash, file_key, file_hash)
    values (:tenant, :id, :at, :first, :last, :hash, :key, :digest)
    """
)
_REMOVE = text("select app.remove_archived_entries()")


class BrokenTrail(Exception):
    """The trail is not what was written: it stays as it is until somebody has looked at it."""


@dataclass
class _Lines:
    """What goes into a file."""

    first: int
    last: int
    hash: bytes
    digest: Any


async def archive(database: Database, files: FileStore, tenant: UUID, before: datetime) -> int:
    """Archive one file full of entries from before then; how many they were. Raises BrokenTrail.

    An entry behind a younger one stays with it: what is archived is the beginning of the chain.
    """
    with SpooledTemporaryFile(IN_MEMORY) as spooled:
        file = cast(BinaryIO, spooled)
        async with database.reads.read(tenant) as connection:
            lines = await _write(connection, tenant, before, file)
        if lines is None:
            return 0
        key = new_key(tenant, "audit", "jsonl")
        file.seek(0)
        name = f"audit-{lines.first}-{lines.last}.jsonl"
        await files.put(key, file, name=name, content_type="application/x-ndjson")
    async with database.write(tenant) as session:
        await session.execute(
            _NOTE,
            {
                "tenant": tenant,
                "id": uuid7(),
                "at": now(),
                "first": lines.first,
                "last": lines.last,
                "hash": lines.hash,
                "key": key,
                "digest": lines.digest.digest(),
            },
        )
        removed = (await session.execute(_REMOVE)).scalar_one()
        if removed != lines.last - lines.first + 1:
            raise BrokenTrail(f"{removed} entries would go, not those from {lines.first} to {lines.last}")
        await session.commit()
    return int(removed)


async def _write(connection: asyncpg.Connection[Any], tenant: UUID, before: datetime, file: BinaryIO) -> _Lines | None:
    """Write old entries, each checked against the one before it."""
    seq, hash = await floor(connection, tenant)
    lines = _Lines(seq + 1, seq, hash, hashlib.sha256())
    while lines.last - lines.first + 1 < LINES:
        rows = await connection.fetch(_OLD, tenant, lines.last, BATCH)
        for row in rows:
            if row["timestamp"] >= before:
                return lines if lines.last >= lines.first else None
            found = hashlib.sha256(lines.hash + row["entry"].encode()).digest()
            if row["seq"] != lines.last + 1 or row["hash"] != found:
                raise BrokenTrail(f"entry {row['seq']} does not fit")
            line = f'{{"seq": {row["seq"]}, "hash": "{found.hex()}", "entry": {row["entry"]}}}\n'.encode()
            file.write(line)
            lines.digest.update(line)
            lines.last, lines.hash = row["seq"], found
        if len(rows) < BATCH:
            break
    return lines if lines.last >= lines.first else None
