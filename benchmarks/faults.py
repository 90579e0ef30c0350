"""Writers and subscribers while servers, Redis and PostgreSQL are killed: is any event lost or doubled?

`python3 dev.py bench faults --seconds 60 --events 10000 --seed 1`; without a seed the dice are new each time.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import time

from tests.faults.campaign import Orders, campaign


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument(
        "--hints", choices=("postgres", "redis"), help="who carries hints; default: one after the other"
    )
    given = parser.parse_args()
    carriers = [given.hints] if given.hints else ["postgres", "redis"]
    failed = False
    for carrier in carriers:
        if carrier == "redis" and shutil.which("redis-server") is None:
            print("redis-server is not installed: left out")
            continue
        orders = Orders(
            given.seed,
            given.seconds,
            given.events,
            rarity=max(25, given.events // 100),
            redis=carrier == "redis",
            writers=16,
            subscribers=12,
        )
        report = await campaign(orders)
        print(f"{carrier}: {report}", flush=True)
        failed = failed or bool(report.wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
