"""A subscription from its events to the texts that go to the client: the same for all transports."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import orjson

from domain.access import Audience
from domain.errors import ErrorCode
from graph import metrics
from graph.engine import reference
from graph.engine.errors import api_error, database_away, timestamp
from graph.engine.fanout import Circle, Delivery, SendNow
from graph.engine.planned import Outcome
from resolvers.kit.context import Context, Viewer
from resolvers.kit.streams import Change, Course, Following

if TYPE_CHECKING:
    from graph.engine.operations import Accepted, Engine


class Stream:
    """A running subscription, whose events are answered under the rights of their moment."""

    def __init__(
        self, engine: Engine, accepted: Accepted, subscription: reference.Subscription, context: Context
    ) -> None:
        self._engine = engine
        self._accepted = accepted
        self._subscription = subscription
        self._context = context
        self._seat = engine.circles.enter()
        given = accepted.call.variables
        # As text: bytes of orjson keep the kilobytes they were written into.
        content = {name: given[name] for name in accepted.operation.content if name in given}
        self._content = orjson.dumps(content).decode()

    async def deliveries(self, send_now: SendNow | None = None) -> AsyncGenerator[Delivery]:
        """The responses, one per event. ApiError when the stream, the rights or the token end it.

        With `send_now` those are missing here which it has sent.
        """
        source = self._subscription.stream
        found = self._followed(source, send_now) if isinstance(source, Following) else self._heard(source)
        try:
            async with aclosing(found) as deliveries:
                async for delivery in deliveries:
                    yield delivery
        finally:
            self._seat.leave()

    async def _followed(self, following: Following, send_now: SendNow | None) -> AsyncGenerator[Delivery]:
        async with following.course() as course:
            while True:
                if send_now is not None:
                    await self._stay(course, send_now)
                async with aclosing(course.batch()) as batch:
                    async for change in batch:
                        yield await self._shared(change)

    async def _stay(self, course: Course, send_now: SendNow) -> None:
        """Follow with the others, as long as nothing is in the way."""
        viewer, context = course.viewer if course.current else await course.look(), self._context
        circle = self._circle(viewer) if course.current and course.sees is Audience.ALL else None
        if circle is not None:
            await circle.stay(
                course,
                send_now,
                lambda change: self._text(change, Context(context.state, context.request, viewer, context.claims)),
            )
            await course.look()

    async def _heard(self, source: Any) -> AsyncGenerator[Delivery]:
        events = aiter(source)
        try:
            async for event in events:
                yield await self._alone(event)
        finally:
            if isinstance(events, AsyncGenerator):
                await events.aclose()

    def _circle(self, viewer: Viewer) -> Circle | None:
        """Those who get the same answers as this viewer; None when each is answered alone."""
        engine, accepted = self._engine, self._accepted
        variables = engine.planned.variables(accepted.operation, accepted.call.variables)
        if variables is None or engine.settings.engine == "reference":
            return None
        plan = engine.planned.plan(accepted.prepared, accepted.operation, viewer, variables)
        content = (accepted.prepared.digest, accepted.operation.name, self._content, self._context.request.language)
        who = viewer.member_id if plan.personal else None
        return self._seat.circle((viewer.tenant_id, content, viewer.permissions, viewer.scopes, who))

    async def _shared(self, change: Change) -> Delivery:
        """One execution for all who would get the same answer."""
        context = await self._renewed()
        circle = self._circle(context.viewer) if context.viewer is not None else None
        if circle is None:
            return await self._alone(change.values())
        event = (change.cursor, change.previous)
        text = await circle.answer(event, lambda: self._text(change, context))
        return Delivery(text, change.cursor.encode()) if text is not None else await self._alone(change.values())

    async def _text(self, change: Change, context: Context) -> str | None:
        """The response to a change, the same for all; None when it could not be planned."""
        outcome = await self._planned(change.values(), context)
        if outcome.result is None:
            return None
        extensions = {"cost": self._engine.cost(self._accepted), "timestamp": timestamp()}
        return orjson.dumps({"data": outcome.result.data, "extensions": extensions}).decode()

    async def _alone(self, event: Any) -> Delivery:
        """An execution of its own."""
        context = await self._renewed() if not _is_parting(event) else self._stranger()
        outcome = await self._planned(event, context)
        result = outcome.result or await self._subscription.answer(event, context)
        for error in result.errors or ():
            if database_away(error):
                # A row that could not be read looks like one that is gone. The stream ends before this event instead,
                # and whoever resumes it hears of it in full.
                raise error
            known = api_error(error)
            if known is not None and known.code is ErrorCode.INSUFFICIENT_PERMISSIONS and result.data is None:
                raise known
        answer = self._engine.answer(self._accepted, result, context.request)
        cursor = event.get("cursor") if isinstance(event, dict) else getattr(event, "cursor", None)
        return Delivery(orjson.dumps(answer.body).decode(), cursor if isinstance(cursor, str) else None)

    async def _planned(self, event: Any, context: Context) -> Outcome:
        engine, accepted, started = self._engine, self._accepted, time.perf_counter()
        outcome = Outcome(None)
        if engine.settings.engine == "planned":
            outcome = await engine.planned.event(
                accepted.prepared, accepted.operation, context, accepted.call.variables, event
            )
            if outcome.result is None:
                engine.note(accepted, outcome)
        seconds, planned = time.perf_counter() - started, outcome.result is not None
        metrics.operation("subscription", planned, seconds, context.statements, accepted.cost, ())
        return outcome

    def _stranger(self) -> Context:
        """Of the end of a session its holder hears as nobody."""
        return Context(self._context.state, self._context.request, None)

    async def _renewed(self) -> Context:
        context = await self._context.renewed()
        context.request = self._context.request
        return context


def _is_parting(event: Any) -> bool:
    """Whether this is the last word to somebody whose session is over."""
    return isinstance(event, dict) and event.get("parting") is True
