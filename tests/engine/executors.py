"""Both executors side by side: one call, two answers, equal to the byte."""

from dataclasses import dataclass, replace
from typing import Any

import orjson

from domain.access import Role
from domain.errors import ApiError
from graph.engine.documents import InvalidDocument
from graph.engine.operations import Answer, Call, Engine, refusal
from graph.schema import schema
from models.base import uuid7
from resolvers.kit.context import Context, Request, State
from settings import Settings
from tests.engine.world import World


class Different(AssertionError):
    """The two executors do not say the same."""


def engines(settings: Settings) -> tuple[Engine, Engine]:
    """The planned one and the reference; a document is read once for both."""
    planned = Engine(schema._schema, settings.model_copy(update={"engine": "planned"}))
    reference = Engine(schema._schema, settings.model_copy(update={"engine": "reference"}))
    reference.documents = planned.documents
    return planned, reference


async def context_for(state: State, token: str | None, *, language: str = "en", tenant: str | None = None) -> Context:
    """A caller as the transport recognises one."""
    request = Request(request_id=uuid7().hex, ip="127.0.0.1", user_agent="tests", language=language)
    authorization = f"Bearer {token}" if token else None
    return await Context.open(state, request, authorization=authorization, tenant_header=tenant)


async def answer(engine: Engine, call: Call, context: Context) -> Answer:
    """What a transport would send."""
    try:
        accepted = engine.accept(call)
    except (ApiError, InvalidDocument) as error:
        return refusal(error, context.request)
    return await engine.execute(accepted, context)


def told(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The errors without what differs between two equal requests. Resolvers that wait together fail in any order."""
    found = []
    for error in body.get("errors", ()):
        extensions = {
            name: value for name, value in error["extensions"].items() if name not in ("timestamp", "requestId")
        }
        found.append({**error, "extensions": extensions})
    return sorted(found, key=orjson.dumps)


@dataclass
class Executors:
    """Asks both executors and compares."""

    world: World
    planned: Engine
    reference: Engine

    @classmethod
    def of(cls, world: World, settings: Settings | None = None) -> "Executors":
        return cls(world, *engines(settings or world.state.settings))

    async def answers(
        self,
        document: str,
        variables: dict[str, Any] | None = None,
        who: Role | str | None = Role.OWNER,
        *,
        name: str | None = None,
        language: str = "en",
        tenant: str | None = None,
        extensions: dict[str, Any] | None = None,
    ) -> tuple[Answer, Answer]:
        """Both answers to one call of somebody with a role, a token or neither; each has a context of its own."""
        call, state = Call(document, variables or {}, name, extensions or {}), self.world.state
        token = self.world.token(who) if who is None or isinstance(who, Role) else who
        first = await answer(self.planned, call, await context_for(state, token, language=language, tenant=tenant))
        second = await answer(self.reference, call, await context_for(state, token, language=language, tenant=tenant))
        return first, second

    async def compare(
        self,
        document: str,
        variables: dict[str, Any] | None = None,
        who: Role | str | None = Role.OWNER,
        *,
        planned: bool | None = None,
        **more: Any,
    ) -> Answer:
        """The answer that both give, as plain data. Signed in and without errors it must have been planned."""
        first, second = await self.answers(document, variables, who, **more)
        must_be_equal(first, second)
        if planned is None:
            planned = who is not None and "errors" not in first.body
        assert first.planned is planned, f"planned: {first.planned}, {first.reason}, {first.body.get('errors')}"
        assert second.planned is False
        return replace(second, planned=first.planned)


def must_be_equal(first: Answer, second: Answer) -> None:
    """Data byte for byte, errors by path, message, places and extensions; raises Different."""
    mine, other = orjson.dumps(first.body.get("data")), orjson.dumps(second.body.get("data"))
    if mine != other:
        pairs = enumerate(zip(mine, other, strict=False))
        at = next((place for place, (a, b) in pairs if a != b), min(len(mine), len(other)))
        part = slice(max(0, at - 300), at + 300)
        raise Different(f"data at {at}:\nplanned   {mine[part]!r}\nreference {other[part]!r}")
    if told(first.body) != told(second.body):
        raise Different(f"errors:\nplanned   {told(first.body)}\nreference {told(second.body)}")
    if ("data" in first.body, first.refused, first.away) != ("data" in second.body, second.refused, second.away):
        raise Different(f"refusal:\nplanned   {first}\nreference {second}")
