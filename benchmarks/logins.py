"""A storm of sign-ins beside people who work: how much longer others wait while passwords are compared.

    python3 dev.py bench logins [--seconds N] [--rounds N]

One person reads a list again and again, alone and while others sign in over 16 connections, with right passwords and
with wrong ones. Rates are raised, delays off and addresses many, so that nothing holds the storm back. Rounds are short
and alternate. The median of the reader may at most double.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson
import uvloop
from _agencies import Agency, fill
from _load import Broken, Connection, Program, connected, post, started
from _server import HERE, PLENTY, PROGRAM, fresh_database, percentile

from settings import RateLimits
from storage.hashing import hash_password

CONNECTIONS = 16
PASSWORD = "Sonne123!"
MOST = 2.0
READ = "{ properties(first: 20) { nodes { id title status } } }"
LOGIN = """
mutation ($email: EmailAddress!, $password: String!) {
  authLogin(email: $email, password: $password) { accessToken userErrors { code } }
}"""


@dataclass
class Seen:
    """What the reader waited, and how many others signed in meanwhile."""

    waits: list[float] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)
    logins: int = 0
    seconds: float = 0.0


@contextlib.contextmanager
def serving(url: str) -> Iterator[Program]:
    rates = {f"RATE_LIMIT_{name.upper()}": PLENTY for name in RateLimits.model_fields}
    environment = {"DATABASE_URL": url, "PYTHONPATH": str(HERE), "LOG_FORMAT": "json", "SIGN_IN_DELAYS": "[]", **rates}
    with started([sys.executable, "-c", PROGRAM, "{port}"], HERE, environment) as program:
        yield program


async def with_passwords(url: str) -> list[str]:
    """Give everybody the same password; answers their addresses."""
    hashed = await hash_password(PASSWORD)
    async with connected(url) as connection:
        return [
            row["email"]
            for row in await connection.fetch("update account set password_hash = $1 returning email", hashed)
        ]


async def read_for(connection: Connection, request: bytes, seconds: float, seen: Seen) -> None:
    waits: list[float] = []
    ends = time.perf_counter() + seconds
    while (began := time.perf_counter()) < ends:
        body = await connection.ask(request)
        waits.append(time.perf_counter() - began)
        if b'"errors":' in body:
            raise Broken(f"errors in an answer: {body[:500].decode()}")
    seen.waits += waits
    seen.medians.append(statistics.median(waits))
    seen.seconds += seconds


async def storm(
    connection: Connection, requests: Iterator[bytes], expected: bytes, seen: Seen, over: list[bool]
) -> None:
    """Sign in again and again until it is over; the last answer is waited for, so that the next round begins quiet."""
    for request in requests:
        body = await connection.ask(request)
        if expected not in body:
            raise Broken(f"not the answer that was expected: {body[:500].decode()}")
        if over:
            return
        seen.logins += 1


async def run(url: str, agencies: list[Agency], arguments: argparse.Namespace) -> bool:
    addresses = await with_passwords(url)
    found = {name: Seen() for name in ("alone", "right passwords", "wrong passwords")}
    with serving(url) as program:

        def ask(query: str, headers: dict[str, str], **variables: str) -> bytes:
            return post(program.address, orjson.dumps({"query": query, "variables": variables}), headers)

        unknown = (f"nobody-{number}@example.com" for number in itertools.count())
        right = (ask(LOGIN, {}, email=address, password=PASSWORD) for address in itertools.cycle(addresses))
        wrong = (ask(LOGIN, {}, email=address, password="Falsch123!") for address in unknown)
        storms = {"right passwords": (right, b'"accessToken":"'), "wrong passwords": (wrong, b"INVALID_CREDENTIALS")}
        reading = ask(READ, {"Authorization": f"Bearer {agencies[0].people[0].token}"})
        reader = await Connection.open(program.address)
        await read_for(reader, reading, arguments.seconds, Seen())  # warm
        for _ in range(arguments.rounds):
            await read_for(reader, reading, arguments.seconds, found["alone"])
            for name, (requests, expected) in storms.items():
                over: list[bool] = []
                others = [await Connection.open(program.address) for _ in range(CONNECTIONS)]
                async with asyncio.TaskGroup() as group:
                    for one in others:
                        group.create_task(storm(one, requests, expected, found[name], over))
                    await read_for(reader, reading, arguments.seconds, found[name])
                    over.append(True)
                for one in others:
                    one.close()
                reader.close()  # the server ends what was idle for seconds
                reader = await Connection.open(program.address)
        reader.close()
    return judge(found)


def judge(found: dict[str, Seen]) -> bool:
    print(f"{os.cpu_count()} processors, {CONNECTIONS} connections sign in, one reads")
    print(f"{'':18}{'reads':>8}{'p50 ms':>9}{'p95 ms':>9}{'logins/s':>10}{'factor':>8}")
    alone = statistics.median(found["alone"].medians)
    factors = []
    for name, seen in found.items():
        median = statistics.median(seen.medians)
        factors.append(median / alone)
        print(
            f"{name:18}{len(seen.waits):>8,}{median * 1000:>9.2f}{percentile(seen.waits, 0.95) * 1000:>9.2f}"
            f"{seen.logins / seen.seconds:>10.1f}{median / alone:>8.2f}"
        )
    good = max(factors) <= MOST
    print(f"{'pass' if good else 'FAIL'}: at most ×{MOST}")
    return good


async def prepare_and_run(url: str, arguments: argparse.Namespace) -> bool:
    return await run(url, await fill(url, 3, 200), arguments)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with fresh_database() as url:
        try:
            return 0 if uvloop.run(prepare_and_run(url, arguments)) else 1
        except Broken as error:
            print(error, file=sys.stderr)
            return 1


if __name__ == "__main__":
    raise SystemExit(main())
