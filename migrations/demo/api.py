"""The API in this process: executes documents as one person, without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from app import opened
from graph.engine.calls import Call
from graph.engine.operations import Engine
from graph.schema import schema
from migrations.run import MigrationError
from models.base import uuid7
from resolvers.kit.context import Context, Request, State
from settings import RateLimits, Settings

REGISTER = "mutation($input: RegisterInput!) { done: authRegister(input: $input) { accessToken %s } }"
LOGIN = (
    "mutation($email: EmailAddress!, $password: String!) "
    "{ done: authLogin(email: $email, password: $password) { accessToken %s } }"
)
LOGOUT = "mutation { done: authLogout { ok %s } }"
CREATE = "mutation($input: PropertyCreateInput!) { done: propertyCreate(input: $input) { property { id } %s } }"
STATUS = "mutation($id: ID!, $input: PropertyStatusInput!) { done: propertyStatusSet(id: $id, input: $input) { %s } }"
NOTE = (
    "mutation($id: ID!, $input: NoteInput!) "
    "{ done: propertyNoteAdd(propertyId: $id, input: $input) { note { id } %s } }"
)
PROBLEMS = "userErrors { message field }"


class DemoError(MigrationError):
    """The data cannot be loaded; the text is one sentence for a person."""


@dataclass(frozen=True)
class Api:
    """Executes documents as one person; a refusal is an error here."""

    state: State
    engine: Engine
    token: str | None = None

    async def context(self) -> Context:
        request = Request(uuid7().hex, "127.0.0.1", "demo data", "de")
        authorization = f"Bearer {self.token}" if self.token else None
        return await Context.open(self.state, request, authorization=authorization, tenant_header=None)

    async def __call__(self, document: str, **variables: Any) -> dict[str, Any]:
        accepted = self.engine.accept(Call(document % PROBLEMS, variables, None, {}))
        answer = await self.engine.execute(accepted, await self.context())
        content = answer.content
        problems = content.get("errors") or content["data"]["done"]["userErrors"]
        if problems:
            raise DemoError(
                "; ".join(f"{problem['message']} {problem.get('field', '')}".strip() for problem in problems)
            )
        done: dict[str, Any] = content["data"]["done"]
        return done

    def as_(self, token: str) -> Api:
        return replace(self, token=token)


@asynccontextmanager
async def opened_api(settings: Settings) -> AsyncIterator[Api]:
    """The API with rates that loading never reaches; the limiter is still asked."""
    plenty = RateLimits.model_validate(dict.fromkeys(RateLimits.model_fields, "1000000/minute"))
    settings = settings.model_copy(update={"rate_limits": plenty})
    async with opened(settings) as state:
        yield Api(state, Engine(schema._schema, settings))
