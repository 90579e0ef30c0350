"""What a job is declared as: a function with a name, for one agency or for the platform, on order or at its times.

Jobs run at least once: whoever writes one makes sure that the second time finds nothing left to do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_type_hints
from uuid import UUID

from croniter import croniter  # type: ignore[import-untyped]
from pydantic import TypeAdapter

from resolvers.kit.context import State

PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class Work:
    """One attempt at a job of the platform."""

    state: State
    name: str
    id: int


@dataclass(frozen=True)
class AgencyWork(Work):
    """One attempt at a job of an agency."""

    tenant_id: UUID


class Hopeless(Exception):
    """No further attempt can do this job: it is held at once. The message is kept with it and quotes nobody."""


@dataclass(frozen=True)
class Job:
    """A job as declared."""

    name: str
    function: Callable[..., Awaitable[None]]
    cron: str | None
    of_agency: bool
    payload: TypeAdapter[Any] | None
    patience: timedelta

    def read(self, payload: Mapping[str, Any]) -> tuple[Any, ...]:
        """Arguments of the function besides the work. Raises `ValueError` for a payload that is not its own."""
        return () if self.payload is None else (self.payload.validate_python(payload),)


JOBS: dict[str, Job] = {}

Function = Callable[..., Awaitable[None]]


def job(
    name: str, *, cron: str | None = None, patience: timedelta = PATIENCE, registry: dict[str, Job] = JOBS
) -> Callable[[Function], Function]:
    """Declare a job. Its first parameter says whose it is, `AgencyWork` or `Work`; a second one is its payload.

    `cron` is when it is due by itself: by each agency's own clock, or in UTC for the platform. An attempt that takes
    longer than `patience` has failed.
    """

    def declare(function: Function) -> Function:
        hints = [hint for parameter, hint in get_type_hints(function).items() if parameter != "return"]
        good = hints[:1] in ([Work], [AgencyWork]) and name not in registry
        if not good or (cron is not None and (len(hints) > 1 or not croniter.is_valid(cron))):
            raise TypeError(f"{name} cannot be declared: {function}")
        payload = TypeAdapter(hints[1]) if len(hints) > 1 else None
        registry[name] = Job(name, function, cron, hints[0] is AgencyWork, payload, patience)
        return function

    return declare


def encoded(payload: Any) -> dict[str, Any]:
    """A payload as it lies in the queue: ids and plain values, no personal data."""
    if payload is None:
        return {}
    plain: dict[str, Any] = TypeAdapter(type(payload)).dump_python(payload, mode="json")
    return plain
