"""Figures for Prometheus: what was executed, how long it took, what it read, what was refused, what is open.

Counting happens in every request, so a figure is a number in one flat row of memory; names and labels exist only when
somebody asks. Each worker has a row of its own and the answer is their sum, whichever worker is asked.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from domain.errors import ErrorCode

KINDS = ("query", "mutation", "subscription")
EXECUTORS = {True: "planned", False: "reference"}
BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
POOLS = ("read", "write")
OUTCOMES = ("done", "retried", "held")

# Where each figure stands in a row. Operation names come from clients and are no labels: there is no end of them.
SECONDS, STATEMENTS, COST = range(len(BOUNDS) + 1, len(BOUNDS) + 4)  # behind the counts per bound
_WIDTH = COST + 1
_labels = [(kind, planned) for kind in KINDS for planned in EXECUTORS]
OPERATIONS = {label: index * _WIDTH for index, label in enumerate(_labels)}
ERRORS = {code.value: len(_labels) * _WIDTH + index for index, code in enumerate(ErrorCode)}
REFUSED = len(_labels) * _WIDTH + len(ERRORS)
ATTEMPTS = {outcome: REFUSED + 1 + index for index, outcome in enumerate(OUTCOMES)}
JOB_SECONDS = REFUSED + 1 + len(OUTCOMES)
SOCKETS, SUBSCRIPTIONS = JOB_SECONDS + 1, JOB_SECONDS + 2
IN_USE = {pool: SUBSCRIPTIONS + 1 + index for index, pool in enumerate(POOLS)}
SIZE_OF = {pool: SUBSCRIPTIONS + 1 + len(POOLS) + index for index, pool in enumerate(POOLS)}
ROW = SUBSCRIPTIONS + 1 + 2 * len(POOLS)
ROW_BYTES = 8 * ROW

_rows = memoryview(bytearray(ROW_BYTES)).cast("d")
_own = _rows


def share(memory: memoryview, row: int) -> None:
    """Count in this row of a memory that all workers see. What a worker before had open is open no more."""
    global _rows, _own
    _rows = memory.cast("B").cast("d")
    _own = _rows[row * ROW : (row + 1) * ROW]
    for index in range(SOCKETS, ROW):
        _own[index] = 0.0


# Counting


def operation(kind: str, planned: bool, seconds: float, statements: int, cost: int, codes: Sequence[str]) -> None:
    """One operation was executed, or one event of a subscription was answered."""
    at = OPERATIONS[kind, planned]
    _own[at + bisect_left(BOUNDS, seconds)] += 1
    _own[at + SECONDS] += seconds
    _own[at + STATEMENTS] += statements
    _own[at + COST] += cost
    if codes:
        errors(codes)


def errors(codes: Sequence[str]) -> None:
    """An answer carried errors of these codes."""
    for code in codes:
        _own[ERRORS[code]] += 1


def refused() -> None:
    """The limiter refused a request."""
    _own[REFUSED] += 1


def job(outcome: str, seconds: float) -> None:
    """An attempt at a job ended: it was done, is to be tried again, or is held."""
    _own[ATTEMPTS[outcome]] += 1
    _own[JOB_SECONDS] += seconds


def sockets(change: int) -> None:
    """So many more sockets and event streams are open."""
    _own[SOCKETS] += change


def subscriptions(change: int) -> None:
    """So many more subscriptions run."""
    _own[SUBSCRIPTIONS] += change


def pool(name: str, in_use: int, size: int) -> None:
    """How many connections of a pool are at work, of how many it may have."""
    _own[IN_USE[name]] = in_use
    _own[SIZE_OF[name]] = size


# Telling


class _Figures(Collector):
    def __init__(self, jobs: Mapping[str, int]) -> None:
        self._jobs = jobs

    def collect(self) -> Iterator[Metric]:
        sums = [sum(_rows[index::ROW]) for index in range(ROW)]
        labels = ["kind", "executor"]
        seconds = HistogramMetricFamily("immonow_operation_seconds", "Time to execute an operation.", labels=labels)
        statements = CounterMetricFamily("immonow_statements", "Statements run for operations.", labels=labels)
        cost = CounterMetricFamily("immonow_cost", "Cost of the operations executed.", labels=labels)
        for (kind, planned), at in OPERATIONS.items():
            values = [kind, EXECUTORS[planned]]
            counts = accumulate(sums[at : at + len(BOUNDS) + 1])
            bounds = [*map(str, BOUNDS), "+Inf"]
            seconds.add_metric(values, list(zip(bounds, counts, strict=True)), sums[at + SECONDS])
            statements.add_metric(values, sums[at + STATEMENTS])
            cost.add_metric(values, sums[at + COST])
        yield from (seconds, statements, cost)
        by_code = CounterMetricFamily("immonow_errors", "Answers that carried an error of a code.", labels=["code"])
        for code, at in ERRORS.items():
            by_code.add_metric([code], sums[at])
        yield by_code
        yield CounterMetricFamily("immonow_requests_refused", "Requests beyond the caller's rate.", value=sums[REFUSED])
        attempts = CounterMetricFamily("immonow_job_attempts", "Attempts at jobs in servers.", labels=["outcome"])
        for outcome, at in ATTEMPTS.items():
            attempts.add_metric([outcome], sums[at])
        yield attempts
        yield CounterMetricFamily("immonow_job_seconds", "Time that attempts at jobs took.", value=sums[JOB_SECONDS])
        waiting = GaugeMetricFamily("immonow_jobs", "Jobs in the queue, whoever works on it.", labels=["state"])
        for state, count in self._jobs.items():
            waiting.add_metric([state], count)
        yield waiting
        yield GaugeMetricFamily("immonow_sockets", "Open WebSockets and event streams.", value=sums[SOCKETS])
        yield GaugeMetricFamily("immonow_subscriptions", "Running subscriptions.", value=sums[SUBSCRIPTIONS])
        in_use = GaugeMetricFamily("immonow_pool_in_use", "Database connections at work.", labels=["pool"])
        size = GaugeMetricFamily("immonow_pool_size", "Database connections a pool may have.", labels=["pool"])
        for name in POOLS:
            in_use.add_metric([name], sums[IN_USE[name]])
            size.add_metric([name], sums[SIZE_OF[name]])
        yield from (in_use, size)


def exposed(accept: str, jobs: Mapping[str, int]) -> tuple[bytes, str]:
    """All figures as a text of the preferred format, and its media type; `jobs` is how many are in which state."""
    registry = CollectorRegistry()
    registry.register(_Figures(jobs))
    if len(_rows) == ROW:  # the processor time and memory of one worker among several would tell nothing
        ProcessCollector(registry=registry)
    encode, media = choose_encoder(accept)
    encoder: Callable[[CollectorRegistry], bytes] = encode
    return encoder(registry), media
