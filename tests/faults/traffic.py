"""Writers that repeat until they are acknowledged, and subscribers that vanish and resume by their cursor."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage
from websockets.typing import Subprotocol

from storage.events import Cursor
from tests.faults.processes import Server
from tests.faults.verdict import Listener, Told

WRITE = """
mutation ($id: ID!, $body: String!) {
  propertyNoteAdd(propertyId: $id, input: { body: $body }) { note { id } userErrors { code } }
}"""
FOLLOW = """
subscription ($ids: [ID!], $after: String) {
  propertyChanged(ids: $ids, after: $after) { cursor prevCursor kind id property { title } }
}"""
# What may go wrong while something is down; everything else is a fault of the server.
PASSING = {"INTERNAL_ERROR", "EXTERNAL_SERVICE_ERROR", "IDEMPOTENCY_IN_PROGRESS", "CONFLICT"}
PASSING_CODES = {1001, 1005, 1006, 1011, 1012, 1013}


class Unexpected(Exception):
    """The server said something that no fault excuses."""


class Writer:
    """Leaves notes on one property, one after the other; each is repeated with its key until it is acknowledged."""

    def __init__(self, name: str, property_id: str, token: str, servers: Sequence[Server], random: Random) -> None:
        self.acknowledged: list[str] = []
        self.attempts = 0
        self._name = name
        self._property = property_id
        self._token = token
        self._servers = servers
        self._random = random

    async def run(self, stop: asyncio.Event) -> None:
        async with httpx2.AsyncClient(timeout=5) as client:
            while not stop.is_set():
                body = f"{self._name} {len(self.acknowledged)}"
                while not await self._written(client, body):  # noqa: ASYNC110 - nobody would tell
                    await asyncio.sleep(self._random.uniform(0.02, 0.2))
                self.acknowledged.append(body)

    async def _written(self, client: httpx2.AsyncClient, body: str) -> bool:
        self.attempts += 1
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": body.replace(" ", "-")}
        call = {"query": WRITE, "variables": {"id": self._property, "body": body}}
        server = self._random.choice(self._servers)
        try:
            answer = (await client.post(f"{server.url}/graphql", json=call, headers=headers)).json()
        except (httpx2.HTTPError, OSError, json.JSONDecodeError):
            return False
        payload = (answer.get("data") or {}).get("propertyNoteAdd") or {"note": None, "userErrors": []}
        codes = {error["code"] for error in payload["userErrors"]}
        codes |= {error["extensions"]["code"] for error in answer.get("errors", ())}
        if codes - PASSING:
            raise Unexpected(f"a write was answered by {answer}")
        return payload["note"] is not None or (not codes and payload["userErrors"] == [] and "errors" not in answer)


class Subscriber:
    """Hears the changes of properties, all or a few; vanishes at random and resumes behind what it heard."""

    def __init__(
        self, name: str, token: str, servers: Sequence[Server], random: Random, ids: Sequence[str] | None = None
    ) -> None:
        self.ids = ids
        self.listener = Listener(name, -1)
        self.connections = 0
        self.ends: Counter[str] = Counter()
        self.known = asyncio.Event()  # set once it has a place to resume from
        self._token = token
        self._servers = servers
        self._random = random
        self._place: str | None = None

    @property
    def position(self) -> int:
        return self.listener.heard[-1].seq if self.listener.heard else self.listener.start

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            server = self._random.choice(self._servers)
            try:
                async with asyncio.timeout(10):
                    live = await connect(
                        server.socket_url, subprotocols=[Subprotocol("graphql-transport-ws")], compression=None
                    )
                self.connections += 1
                try:
                    async with asyncio.timeout(self._random.uniform(0.2, 4.0)):
                        await self._listen(live)
                except TimeoutError:
                    # Half of them say goodbye, the others are just gone.
                    if self._random.random() < 0.5:
                        live.transport.abort()
                finally:
                    await live.close()
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd is not None else 1006
                if code not in PASSING_CODES:
                    raise Unexpected(f"a subscriber was closed: {closed}") from closed
                self.ends[str(code)] += 1
            except (OSError, TimeoutError, InvalidHandshake, InvalidMessage, EOFError):
                self.ends["unreachable"] += 1
            await asyncio.sleep(self._random.uniform(0.0, 0.3))

    async def _listen(self, live: ClientConnection) -> None:
        await live.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {self._token}"}}))
        variables: dict[str, Any] = {}
        while True:
            message = json.loads(await live.recv())
            match message["type"]:
                case "connection_ack":
                    if self._place is None:
                        self._place = message["payload"]["cursor"]
                        self.listener.start = Cursor.decode(self._place).seq
                        self.known.set()
                    variables = {"ids": self.ids, "after": self._place}
                    call = {"query": FOLLOW, "variables": variables}
                    await live.send(json.dumps({"type": "subscribe", "id": "1", "payload": call}))
                case "ping":
                    self._place = message["payload"]["cursors"].get("1", self._place)
                case "next":
                    self._hear(message["payload"])
                case _:
                    codes = {error["extensions"]["code"] for error in message.get("payload", ())}
                    if message["type"] != "error" or codes - PASSING:
                        raise Unexpected(f"a subscription ended by {message}, following {variables['after']}")
                    self.ends.update(codes)
                    return

    def _hear(self, answer: dict[str, Any]) -> None:
        if answer.get("errors"):
            raise Unexpected(f"an event was answered by {answer}")
        change = answer["data"]["propertyChanged"]
        place, previous = Cursor.decode(change["cursor"]), Cursor.decode(change["prevCursor"])
        self.listener.heard.append(Told(place.seq, previous.seq))
        self._place = change["cursor"]
