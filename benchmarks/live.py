"""From the commit into the clients' hands: 200 subscribers of ours beside a bare notification server's, in one run.

    python3 dev.py bench live [--clients N] [--events N]

Ours are real clients, `graphql-ws` over `ws` in one Node process; each change is read, checked against rights and
executed before it is sent. The bare server (`peers/notify`) passes on every notification to all sockets, and its
clients are bare `ws`. The clock begins when the committing client knows of the commit, which now and then is after
others do. Both stay connected and take turns of a few events, so that a noisy second meets both. Ours may take four
times as long at the 99th percentile.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import AsyncExitStack

import uvloop
from _agencies import Agency
from _live import Following, Writer, agencies, bare_channel, clients, signed_in
from _load import Broken, connected, started
from _server import fresh_database, percentile
from screens import OURS, PEERS, install_node_packages, our_server

TURN = 10  # events of one server, then it is the other's turn
WARM_UP = 30
PAUSE = 0.01
BAR = 4.0


async def run(url: str, places: list[Agency], arguments: argparse.Namespace) -> bool:
    peer = our_server(OURS, "planned")
    # Several workers tell each other by NOTIFY: so our server hears of what this program commits.
    environment = {**peer.environment, "DATABASE_URL": url, "WORKERS": "2", "LIMIT_SOCKETS_PER_USER": "1000"}
    async with AsyncExitStack() as stack:
        ours = stack.enter_context(started(peer.command, peer.cwd, environment))
        environment = {"DATABASE_URL": url, "CHANNEL": bare_channel(places[1].id)}
        bare = stack.enter_context(started([sys.executable, "server.py"], PEERS / "notify", environment))
        connection = await stack.enter_async_context(connected(url))
        writers = [Writer(connection, place) for place in places]
        count, params = arguments.clients, signed_in(places[0], "AGENT")
        followed = [
            Following("ours", ours, await stack.enter_async_context(clients(ours, count, params)), writers[0]),
            Following("bare", bare, await stack.enter_async_context(clients(bare, count)), writers[1]),
        ]
        seen: dict[str, list[float]] = {}
        for one in followed:
            await one.begin()
            for _ in range(WARM_UP):
                await one.event()
        for _ in range(arguments.events // TURN):
            for one in followed:
                for _ in range(TURN):
                    committed, heard = await one.event()
                    seen.setdefault(one.name, []).extend((at - committed) / 1e6 for at in heard.at)
                    await asyncio.sleep(PAUSE)
    return judge(seen, arguments)


def judge(seen: dict[str, list[float]], arguments: argparse.Namespace) -> bool:
    print(
        f"{arguments.events} changes to {arguments.clients} clients each, in turns of {TURN}: ms from commit to client"
    )
    print(f"{'':<8}{'p50':>8}{'p90':>8}{'p99':>8}{'most':>8}")
    for name, values in seen.items():
        shown = "".join(f"{percentile(values, share):>8.2f}" for share in (0.5, 0.9, 0.99, 1.0))
        print(f"{name:<8}{shown}")
    found = percentile(seen["ours"], 0.99) / percentile(seen["bare"], 0.99)
    print(f"{'pass' if found <= BAR else 'FAIL'}: p99 to the bare server's {found:.2f}, at most {BAR}")
    return found <= BAR


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--events", type=int, default=200, help="per server")
    arguments = parser.parse_args()
    install_node_packages()
    with fresh_database() as url:
        places = asyncio.run(agencies(url, 2))
        try:
            return 0 if uvloop.run(run(url, places, arguments)) else 1
        except Broken as error:
            print(error, file=sys.stderr)
            return 1


if __name__ == "__main__":
    raise SystemExit(main())
