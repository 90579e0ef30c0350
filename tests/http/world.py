"""An application around a small schema: the transport's rules need no database."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
)
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette

from app import compose
from domain.access import Role
from domain.errors import ApiError, ErrorCode
from graph.schema import schema as built
from resolvers.kit.context import Context, State, Viewer, ViewerCache
from resolvers.kit.scalars import SCALARS
from resolvers.kit.uploads import Upload
from settings import RateLimits, Settings
from storage.ratelimits import RateLimiter
from storage.tokens import Tokens

GENEROUS = RateLimits(
    sign_in="1000000/minute",
    signed_in="1000000/minute",
    anonymous="1000000/minute",
    read="1000000/minute",
    write="1000000/minute",
    upload="1000000/minute",
)


class Database:
    """A database that can be away; nothing here reads rows."""

    def __init__(self) -> None:
        self.here = True

    async def ready(self) -> bool:
        return self.here


class Viewers(ViewerCache):
    """Viewers the test declares; a viewer that is not declared has no session."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[tuple[UUID, UUID], Viewer] = {}
        self.failure: Exception | None = None

    def get(self, key: tuple[UUID, UUID]) -> Viewer | None:
        if self.failure is not None:
            raise self.failure
        if key not in self.known:
            raise ApiError(ErrorCode.INVALID_TOKEN, status=401)
        return self.known[key]


class World:
    """The application, its state and what the resolvers of the test schema did."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database()
        self.viewers = Viewers()
        self.calls: list[str] = []
        self.contexts: list[Context] = []
        self.uploads: list[Upload] = []
        self.closed: list[str] = []
        self.following = 0
        self.events: asyncio.Queue[Any] = asyncio.Queue()
        self.state = State(
            settings,
            self.database,  # type: ignore[arg-type]
            RateLimiter(settings),
            None,  # type: ignore[arg-type]
            Tokens(settings),
            self.viewers,
        )
        self.app: Starlette = compose(settings, schema(self), self.opened)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[State]:
        yield self.state

    def sign_in(self, role: Role = Role.ADMIN, seconds: int | None = None) -> tuple[Viewer, str]:
        """A viewer and the token that names it."""
        tokens = self.state.tokens
        issued = int(time.time()) - (0 if seconds is None else tokens.access_seconds - seconds)
        account, tenant, member, session = (uuid4() for _ in range(4))
        token = tokens.access(
            account=account,
            tenant=tenant,
            slug="test",
            member=member,
            session=session,
            role=role.value,
            scopes=["read"],
            refresh=session.hex,
            issued=issued,
        )
        viewer = Viewer(
            tenant_id=tenant,
            member_id=member,
            account_id=account,
            session_id=session,
            name="Anna Muster",
            role=role,
            permissions=frozenset({"property.read"}),
            scopes=frozenset(),
            may_write=True,
            expires_at=issued + tokens.access_seconds,
        )
        self.viewers.known[session, tenant] = viewer
        return viewer, token

    def client(self, **options: Any) -> AsyncClient:
        return AsyncClient(transport=ASGITransport(app=self.app, **options), base_url="http://test")


def schema(world: World) -> GraphQLSchema:
    """A schema with one of everything the transport treats in its own way."""

    def note(name: str, value: Any = None) -> Any:
        def resolve(_source: Any, info: Any, **arguments: Any) -> Any:
            world.calls.append(name)
            world.contexts.append(info.context)
            return arguments.get("text", value)

        return resolve

    def fail(error: Exception) -> Any:
        def resolve(_source: Any, _info: Any) -> Any:
            raise error

        return resolve

    def store(_source: Any, info: Any, **arguments: Any) -> str:
        world.calls.append("store")
        world.contexts.append(info.context)
        files = [*arguments.get("files", ()), *([arguments["file"]] if "file" in arguments else ())]
        world.uploads += files
        return " ".join(f"{file.name}:{file.content_type}:{file.size}:{file.file.read(5).decode()}" for file in files)

    upload = GraphQLScalarType("Upload", parse_value=SCALARS[Upload].parse_value)
    color = GraphQLEnumType("Color", {"RED": 1})
    money = GraphQLObjectType("Money", {"amount": GraphQLField(GraphQLString)})
    item = GraphQLObjectType(
        "Item",
        lambda: {
            "id": GraphQLField(GraphQLString),
            "price": GraphQLField(money),
            "parent": GraphQLField(item),
            "other": GraphQLField(item),
            "children": GraphQLField(connection, paging),
            "plain": GraphQLField(GraphQLList(item)),
            "history": GraphQLField(GraphQLList(money)),
        },
    )
    edge = GraphQLObjectType("ItemEdge", lambda: {"cursor": GraphQLField(GraphQLString), "node": GraphQLField(item)})
    connection = GraphQLObjectType(
        "ItemConnection",
        lambda: {"edges": GraphQLField(GraphQLList(edge)), "nodes": GraphQLField(GraphQLList(item))},
    )
    paging = {name: GraphQLArgument(GraphQLInt) for name in ("first", "last")}
    query = GraphQLObjectType(
        "Query",
        {
            "hello": GraphQLField(GraphQLString, {"text": GraphQLArgument(GraphQLString)}, note("hello", "world")),
            "number": GraphQLField(
                GraphQLInt, {"value": GraphQLArgument(GraphQLNonNull(GraphQLInt))}, lambda *_, value: value
            ),
            "color": GraphQLField(color, resolve=lambda *_: "secret value"),
            "bug": GraphQLField(GraphQLString, resolve=fail(RuntimeError("select secret from account"))),
            "away": GraphQLField(GraphQLString, resolve=fail(ConnectionRefusedError(111, "secret"))),
            "forbidden": GraphQLField(
                GraphQLString, resolve=fail(ApiError(ErrorCode.INSUFFICIENT_PERMISSIONS, status=403))
            ),
            "limited": GraphQLField(
                GraphQLString, resolve=fail(ApiError(ErrorCode.RATE_LIMIT_EXCEEDED, status=429, retryAfter=7))
            ),
            "badField": GraphQLField(
                GraphQLString, resolve=fail(ApiError(ErrorCode.INVALID_INPUT, field=["page", "size"], rule="paging"))
            ),
            "item": GraphQLField(item),
            "items": GraphQLField(connection, paging),
            "byIds": GraphQLField(GraphQLList(item), {"ids": GraphQLArgument(GraphQLList(GraphQLString))}),
        },
    )
    mutation = GraphQLObjectType(
        "Mutation",
        {
            "touch": GraphQLField(GraphQLString, {"text": GraphQLArgument(GraphQLString)}, note("touch", "done")),
            "store": GraphQLField(
                GraphQLString,
                {name: GraphQLArgument(kind) for name, kind in (("file", upload), ("files", GraphQLList(upload)))},
                store,
            ),
        },
    )
    event = GraphQLObjectType("Tick", {"number": GraphQLField(GraphQLInt), "cursor": GraphQLField(GraphQLString)})

    async def follow(_source: Any, info: Any) -> AsyncIterator[Any]:
        world.following += 1
        try:
            while True:
                found = await world.events.get()
                if isinstance(found, Exception):
                    raise found
                if found is None:
                    return
                yield found
        finally:
            world.following -= 1
            world.closed.append("tick")

    def refuse(_source: Any, _info: Any) -> Any:
        raise ApiError(ErrorCode.INSUFFICIENT_PERMISSIONS, status=403)

    def tick(source: Any, info: Any) -> Any:
        world.contexts.append(info.context)
        return source

    subscription = GraphQLObjectType(
        "Subscription",
        {
            "tick": GraphQLField(event, subscribe=follow, resolve=tick),
            "never": GraphQLField(event, subscribe=refuse),
        },
    )
    # The engine wants to know Strawberry's scalars, although nothing here uses one.
    return GraphQLSchema(query, mutation, subscription, extensions=built._schema.extensions)


def settings(**changes: Any) -> Settings:
    # The schema is plain graphql-core: there is nothing in it that the planned executor could read.
    return Settings(**{"environment": "test", "rate_limits": GENEROUS, "engine": "reference"} | changes)
