"""Strawberry as people write it: SQLModel rows, a session per request, dataloaders, the ASGI app under uvicorn."""

import os
from typing import Any
from uuid import UUID

import uvicorn
from context import Context, Viewer
from schema import schema
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from strawberry.asgi import GraphQL

engine = create_async_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg"),
    pool_size=int(os.environ["POOL_SIZE"]),
    max_overflow=0,
    connect_args={"server_settings": {"jit": "off", "application_name": "strawberry_orm"}},
)
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Endpoint(GraphQL[Context, None]):
    async def get_context(self, request: Any, response: Any) -> Context:
        session: AsyncSession = request.state.session
        headers = request.headers
        viewer = Viewer(UUID(headers["x-tenant-id"]), UUID(headers["x-member-id"]), headers["x-role"])
        return Context(session, viewer)


endpoint = Endpoint(schema)


async def graphql(request: Request) -> Response:
    """One session from the first to the last statement of a request."""
    async with sessions() as session:
        request.state.session = session
        return await endpoint.run(request)


async def ready(request: Request) -> Response:
    return PlainTextResponse("ready")


app = Starlette(routes=[Route("/graphql", graphql, methods=["POST"]), Route("/ready", ready)])

if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
