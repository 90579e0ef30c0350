"""No event is lost or doubled, whichever process dies.

`FAULT_SECONDS` and `FAULT_EVENTS` make it longer, `FAULT_SEED` repeats its dice; `dev.py bench faults` is the long one.
"""

import os
import shutil
import time

import pytest

from tests.faults.campaign import Orders, campaign

SECONDS = float(os.environ.get("FAULT_SECONDS", "10"))
EVENTS = int(os.environ.get("FAULT_EVENTS", "300"))
SEED = int(os.environ.get("FAULT_SEED", time.time_ns() % 1_000_000))


@pytest.mark.parametrize("redis", [False, True], ids=["postgres", "redis"])
async def test_nothing_is_lost_or_doubled_whatever_dies(redis: bool) -> None:
    if redis and shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    print(f"FAULT_SEED={SEED}")
    report = await campaign(Orders(SEED, SECONDS, EVENTS, redis=redis))
    print(report)
    assert report.wrong == [], str(report)
    assert report.events >= EVENTS
