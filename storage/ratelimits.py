"""How often a caller may ask: windows counted in this process, or in Redis when several servers share them.

`limits` reads the notation and speaks to Redis. In the process a window is a counter and the time it ends at: the
in-memory storage of `limits` walks all its keys after every hit, which a server with many callers cannot afford.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import structlog
from limits import RateLimitItem, parse_many
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError

from settings import Settings

SWEEP_AFTER = 10_000
REDIS_PAUSE = 5.0
REDIS_TIMEOUT = 0.5
NEVER_HIT = (0, 0.0)

log = structlog.get_logger(__name__)


@dataclass(slots=True)  # not frozen: one is made per request, and freezing doubles what that costs
class Allowance:
    """What is left of a window; `retry_after` is given, in seconds, exactly when the hit is refused."""

    limit: int
    remaining: int
    reset: int
    retry_after: int | None = None


class Window(NamedTuple):
    """So many hits in so many seconds; `item` is what `limits` knows it as."""

    amount: int
    seconds: int
    item: RateLimitItem


@lru_cache(maxsize=256)
def windows(notation: str) -> tuple[Window, ...]:
    """The windows of a limit such as `60/minute;1000/hour`, shortest first."""
    found = [Window(item.amount, item.get_expiry(), item) for item in parse_many(notation)]
    return tuple(sorted(found, key=lambda window: window.seconds))


class Counters:
    """Fixed windows in this process; ended ones are swept out once in a while, so memory follows the callers."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._counts: dict[tuple[str, str, int], tuple[int, float]] = {}
        self._sweep_at = SWEEP_AFTER

    def hit(self, window: Window, category: str, key: str) -> tuple[int, float]:
        """What is left after this hit, below zero when it is one too many, and when the window ends."""
        now = self._clock()
        name = category, key, window.seconds
        count, end = self._counts.get(name, NEVER_HIT)
        if end <= now:
            count, end = 0, now + window.seconds
            if len(self._counts) >= self._sweep_at:
                self._sweep(now)
        count += 1
        self._counts[name] = count, end
        return window.amount - count, end

    def _sweep(self, now: float) -> None:
        self._counts = {name: window for name, window in self._counts.items() if window[1] > now}
        self._sweep_at = max(SWEEP_AFTER, 2 * len(self._counts))


class RateLimiter:
    """Counts hits per category and key; the figures of a category are a setting of the same name."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        rates = settings.rate_limits
        self._windows = {category: windows(getattr(rates, category)) for category in type(rates).model_fields}
        self._clock = clock
        self._counters = Counters(clock)
        self._redis: RedisStorage | None = None
        self._redis_from = 0.0
        if settings.redis_url:
            # The default implementation needs another client library than the one the bus uses.
            self._redis = RedisStorage(
                "async+" + settings.redis_url,
                wrap_exceptions=True,
                implementation="redispy",
                socket_connect_timeout=REDIS_TIMEOUT,
                socket_timeout=REDIS_TIMEOUT,
            )
            self._shared = FixedWindowRateLimiter(self._redis)

    async def hit(self, category: str, key: str) -> Allowance:
        """Consume one; the answer describes the tightest window, or the first that is used up."""
        tightest: Allowance | None = None
        for window in self._windows[category]:
            if self._redis is None:
                remaining, end = self._counters.hit(window, category, key)
            else:
                remaining, end = await self._count(window, category, key)
            if remaining < 0:
                wait = max(1, round(end - self._clock()))
                return Allowance(window.amount, 0, round(end), wait)
            if tightest is None or remaining < tightest.remaining:
                tightest = Allowance(window.amount, remaining, round(end))
        if tightest is None:
            raise ValueError(f"rate limit {category} has no window")
        return tightest

    async def _count(self, window: Window, category: str, key: str) -> tuple[int, float]:
        if self._clock() >= self._redis_from:
            try:
                allowed = await self._shared.hit(window.item, category, key)
                stats = await self._shared.get_window_stats(window.item, category, key)
                return stats.remaining if allowed else -1, stats.reset_time
            except (StorageError, RuntimeError) as error:
                # Without Redis each server counts for itself; asking it again at once would slow down every request.
                # uvloop says of a connection that was cut a moment ago that its handler is closed: a RuntimeError.
                self._redis_from = self._clock() + REDIS_PAUSE
                cause = error.storage_error if isinstance(error, StorageError) else error
                log.warning("rate limits are counted in this process", error=repr(cause))
        return self._counters.hit(window, category, key)

    async def check(self) -> bool | None:
        """Whether Redis answers; None when it is not configured."""
        return None if self._redis is None else await self._redis.check()

    async def close(self) -> None:
        if self._redis is not None:
            bridge: Any = self._redis.bridge
            await bridge.storage.aclose()
