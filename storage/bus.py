"""What processes tell each other: hints that something was committed, and signals that nobody stores.

A hint is a tenant id and nothing else. It only saves waiting: every reader also looks by itself once a second. A signal
is a topic and a short text of ids. Both may be lost; whoever signals says it again. One channel, one subscription per
process, routed in Python.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import structlog
from broadcaster import Broadcast

from settings import Settings
from storage.database import dsn, logins

CHANNEL = "immonow"
TOPIC = ":"  # ends the topic of a signal; no hint holds one
PUBLISH_TIMEOUT = 0.2
POLL = 1.0
NOBODY = UUID(int=0)

log = structlog.get_logger(__name__)


class Bus:
    """Wakes the readers of an agency's stream after a commit. This one knows of one process, others of many.

    Carries signals between processes, too; the one that signals hears itself or not, as the broker likes.
    """

    def __init__(self, settings: Settings) -> None:
        self._broadcast = Broadcast("memory://")
        self._waiting: dict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._hearing: dict[str, Callable[[str], None]] = {}
        self._listener: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self._broadcast.connect()
        self._listener = asyncio.create_task(self._listen(), name="bus-listener")

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            # Its end is waited for, not its result: that one was cancelled must not hide that this one is.
            await asyncio.wait([self._listener])
            await self._broadcast.disconnect()

    async def hint(self, tenant: UUID) -> None:
        """Say that `tenant` has new events; best effort, a lost hint costs at most a second."""
        self._wake(tenant)
        await self._tell(str(tenant))

    async def signal(self, topic: str, text: str) -> None:
        """Tell the other processes something short that is true now; best effort, in the order of the calls."""
        await self._tell(f"{topic}{TOPIC}{text}")

    def hear(self, topic: str, listener: Callable[[str], None]) -> None:
        """Hand the signals of a topic to `listener`."""
        self._hearing[topic] = listener

    async def _tell(self, message: str) -> None:
        if self._listener is None:
            return
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                await self._broadcast.publish(CHANNEL, message)
        except Exception as error:
            # Events are stored, readers find them by themselves; signals are repeated. Only the operator must know.
            log.warning("bus message lost", error=repr(error))

    @contextlib.contextmanager
    def listening(self, tenant: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever `tenant` may have something new. Clear it before reading, not after."""
        waiter = asyncio.Event()
        self._waiting[tenant].add(waiter)
        try:
            yield waiter
        finally:
            self._waiting[tenant].discard(waiter)
            if not self._waiting[tenant]:
                del self._waiting[tenant]

    def _wake(self, tenant: UUID) -> None:
        for waiter in self._waiting.get(tenant, ()):
            waiter.set()

    def _receive(self, message: str) -> None:
        topic, signals, text = message.partition(TOPIC)
        if not signals:
            self._wake(UUID(message))
        elif topic in self._hearing:
            self._hearing[topic](text)

    async def _listen(self) -> None:
        """Forward what was published; when that breaks readers poll, until it is tried again."""
        while True:
            try:
                async with self._broadcast.subscribe(CHANNEL) as subscriber:
                    messages: Any = subscriber
                    async for event in messages:
                        self._receive(event.message)
            except Exception as error:
                log.warning("bus subscription lost", error=repr(error))
            await asyncio.sleep(POLL)


class SharedBus(Bus):
    """A bus over a broker, which may be away: then this process hears itself alone, and tries again.

    A broker that came back does not know of the old subscription, and nothing else would tell: whatever is said must be
    heard here too, or the connection is made anew.
    """

    PATIENCE = 2.0
    HEARTBEAT = 10.0
    REQUESTS = 3

    def __init__(self, settings: Settings, address: str) -> None:
        super().__init__(settings)
        self._address = address
        self._echo = asyncio.Event()
        self._pending: dict[str, None] = {}
        self._more = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._keeper = asyncio.create_task(self._keep(), name="bus-keeper")

    async def close(self) -> None:
        if self._keeper is not None:
            # In the middle of connecting, a client library may take the request to end for a failure of its own.
            for _ in range(self.REQUESTS):
                self._keeper.cancel()
                ended, _ = await asyncio.wait([self._keeper], timeout=self.PATIENCE)
                if ended:
                    break

    async def _tell(self, message: str) -> None:
        """The others hear of it soon, after what waits already; said twice, it counts when it was said last."""
        self._pending.pop(message, None)
        self._pending[message] = None
        self._more.set()

    async def _keep(self) -> None:
        while True:
            self._broadcast = Broadcast(self._address)
            try:
                async with asyncio.timeout(self.PATIENCE):
                    await self._broadcast.connect()
                # One connection does one thing at a time: first it listens, then one task alone speaks.
                async with self._broadcast.subscribe(CHANNEL) as subscriber:
                    hearing = asyncio.create_task(self._hear(subscriber))
                    try:
                        await self._speak()
                    finally:
                        hearing.cancel()
            except Exception as error:
                # Readers look by themselves meanwhile.
                log.warning("bus connection lost", error=repr(error))
            finally:
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(self.PATIENCE):
                        await self._let_go()
            await asyncio.sleep(POLL)

    async def _let_go(self) -> None:
        """End what belongs to the connection; the broadcaster's own way out stops half-way when it never was there."""
        listener: asyncio.Task[None] | None = getattr(self._broadcast, "_listener_task", None)
        if listener is not None:
            listener.cancel()
        await self._broadcast._backend.disconnect()

    async def _hear(self, messages: Any) -> None:
        async for event in messages:
            self._echo.set()
            self._receive(event.message)

    async def _speak(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.HEARTBEAT):
                    await self._more.wait()
            self._more.clear()
            # Without news a hint that concerns nobody shows whether the connection still lives.
            messages, self._pending = self._pending or {str(NOBODY): None}, {}
            self._echo.clear()
            for message in messages:
                async with asyncio.timeout(self.PATIENCE):
                    await self._broadcast.publish(CHANNEL, message)
            async with asyncio.timeout(self.PATIENCE):
                await self._echo.wait()


class PostgresBus(SharedBus):
    """The bus of workers without Redis, by LISTEN and NOTIFY."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, dsn(logins(settings).app))


class RedisBus(SharedBus):
    """The bus of servers that share a Redis."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, settings.redis_url)


def bus_of(settings: Settings) -> Bus:
    """The bus these settings ask for."""
    if settings.redis_url:
        return RedisBus(settings)
    return PostgresBus(settings) if settings.workers > 1 else Bus(settings)
