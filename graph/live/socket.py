"""The endpoint over WebSocket: the `graphql-transport-ws` protocol and nothing else.

Every operation is a task of its own and runs with the rights of the moment: the context is renewed before each query,
each mutation and each event of a subscription. Whatever a client sends, the socket answers or closes with a reason.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog
from graphql import OperationType
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from domain.errors import ApiError, ErrorCode
from graph import metrics
from graph.engine.calls import MalformedCall, read_call
from graph.engine.documents import InvalidDocument
from graph.engine.errors import api_error, database_away
from graph.engine.operations import Accepted, Answer, Engine, Stream, refusal, throttle, too_many
from graph.engine.persisted import PersistedOperations
from graph.engine.reference import RequestRefused
from graph.http import client_ip, execute, headers_of, note, request_of
from graph.logs import new_id, request_id
from resolvers.kit.context import Context, State
from settings import Settings

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10.0
PING_SECONDS = 15.0
ID_LENGTH = 128

GOING_AWAY = 1001
TOO_BIG = 1009
TRY_AGAIN = 1013
MALFORMED = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
NO_PROTOCOL = 4406
INIT_TIMEOUT = 4408
DUPLICATE = 4409
TOO_MANY = 4429
BROKEN = 4500
BAD_TOKEN = frozenset({ErrorCode.TOKEN_EXPIRED, ErrorCode.INVALID_TOKEN})

log = structlog.get_logger("socket")


class Closing(Exception):
    """Ends the socket with a code of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Sockets:
    """The open sockets of this process: counted per caller, closed together at the end."""

    def __init__(self) -> None:
        self._open: set[Socket] = set()
        self._callers: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, socket: Socket) -> None:
        self._open.add(socket)
        metrics.sockets(+1)

    def remove(self, socket: Socket) -> None:
        self._open.discard(socket)
        metrics.sockets(-1)
        if socket.caller is not None:
            self._callers[socket.caller] -= 1
            if not self._callers[socket.caller]:
                del self._callers[socket.caller]

    def admit(self, socket: Socket, caller: str, maximum: int) -> None:
        """Count a socket of a caller; refuses one too many."""
        if self._callers[caller] >= maximum:
            raise Closing(TOO_MANY, "Too many sockets")
        self._callers[caller] += 1
        socket.caller = caller

    async def close(self) -> None:
        """Tell every client that this server stops; clients connect again, to another one or later."""
        await asyncio.gather(*(socket.close(GOING_AWAY, "Server stops") for socket in list(self._open)))


class GraphQLOverWebSocket:
    """`/graphql` for WebSockets. The application state holds `server` (State) and `sockets` (Sockets)."""

    def __init__(self, engine: Engine, persisted: PersistedOperations) -> None:
        self.engine = engine
        self.persisted = persisted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        state: State = websocket.app.state.server
        if not may_connect(websocket, state.settings):
            await websocket.close(FORBIDDEN, "Origin not allowed")  # before the handshake: HTTP 403
            return
        if PROTOCOL not in websocket.scope.get("subprotocols", []):
            await websocket.accept()
            await websocket.close(NO_PROTOCOL, "Subprotocol not acceptable")
            return
        await websocket.accept(PROTOCOL)
        socket = Socket(websocket, self.engine, self.persisted, state, websocket.app.state.sockets)
        await socket.run()


def may_connect(websocket: WebSocket, settings: Settings) -> bool:
    """Browsers tell the page's origin: our own and the configured ones may connect. Programs send none."""
    origin = websocket.headers.get("origin")
    if origin is None or "*" in settings.cors_origins or origin in settings.cors_origins:
        return True
    own = urlsplit(settings.site_url)
    return origin == f"{own.scheme}://{own.netloc}" or urlsplit(origin).netloc == websocket.headers.get("host")


class Socket:
    """One connection."""

    def __init__(
        self, websocket: WebSocket, engine: Engine, persisted: PersistedOperations, state: State, sockets: Sockets
    ) -> None:
        self.websocket = websocket
        self.engine = engine
        self.persisted = persisted
        self.state = state
        self.sockets = sockets
        self.id = request_id(websocket.headers.get("x-request-id"))
        self.ip = client_ip(websocket.scope, state.settings)
        self.caller: str | None = None
        self.context: Context | None = None
        self.initialising = False
        self.operations: dict[str, asyncio.Task[None]] = {}
        # Operation id → cursor of its last event, told in every ping.
        self.cursors: dict[str, str] = {}
        self.sources: dict[str, Context] = {}
        self._watch: asyncio.Task[None] | None = None
        self._ending: asyncio.Future[Closing] = asyncio.get_running_loop().create_future()

    # Life of the socket

    async def run(self) -> None:
        """Serve until one side closes; leaves no task behind."""
        started = time.perf_counter()
        self.sockets.add(self)
        code = 1000
        reader = asyncio.create_task(self._read(), name="socket-reader")
        try:
            ends: list[asyncio.Future[Any]] = [reader, self._ending]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            closing = self._ending.result() if self._ending.done() else reader.result()
            if closing is not None:
                code = closing.code
                await self._send_close(closing)
        finally:
            await self._stop([reader, *self.operations.values(), *([self._watch] if self._watch else [])])
            self.sockets.remove(self)
            self._log(code, started)

    def end(self, code: int, reason: str) -> None:
        """Let the socket close as soon as the running step is done; the first reason counts."""
        if not self._ending.done():
            self._ending.set_result(Closing(code, reason))

    async def close(self, code: int, reason: str) -> None:
        """Close from outside."""
        await self._send_close(Closing(code, reason))
        self.end(code, reason)

    async def _send_close(self, closing: Closing) -> None:
        if self.websocket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect, OSError):
                await self.websocket.close(closing.code, closing.reason)

    async def _stop(self, tasks: list[asyncio.Task[Any]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _log(self, code: int, started: float) -> None:
        line: dict[str, Any] = {"ip": self.ip}
        if self.context is not None:
            note(line, self.context)
            line.pop("statements")
        log.info("socket", request_id=self.id, code=code, seconds=round(time.perf_counter() - started, 1), **line)

    # Messages of the client

    async def _read(self) -> Closing | None:
        """Handle messages until the client is gone (None) or the socket must be closed."""
        deadline = asyncio.get_running_loop().time() + INIT_SECONDS
        try:
            while True:
                try:
                    async with asyncio.timeout_at(deadline if self.context is None else None):
                        message = await self._receive()
                        if message is None:
                            return None
                        await self._handle(message)
                except TimeoutError:
                    return Closing(INIT_TIMEOUT, "Connection initialisation timeout")
        except Closing as closing:
            return closing
        except (WebSocketDisconnect, OSError):
            return None
        except Exception:
            log.exception("internal error", request_id=self.id)
            return Closing(BROKEN, "Internal error")

    async def _receive(self) -> dict[str, Any] | None:
        received = await self.websocket.receive()
        if received["type"] == "websocket.disconnect":
            return None
        allowance = await self.state.limiter.hit("socket_frames", self.id)
        if allowance.retry_after is not None:
            metrics.refused()
            raise Closing(TOO_MANY, "Too many requests")
        text = received.get("text")
        if text is None:
            raise Closing(MALFORMED, "Only text messages are understood")
        try:
            if len(text.encode()) > self.state.settings.limits.frame_bytes:
                raise Closing(TOO_BIG, "Message too big")
            message = orjson.loads(text)
        except ValueError:
            raise Closing(MALFORMED, "Message is not valid JSON") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closing(MALFORMED, "Message needs a type")
        return message

    async def _handle(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._init(_payload(message))
            case "ping":
                payload = _payload(message)
                await self.send({"type": "pong"} | ({"payload": payload} if payload is not None else {}))
            case "pong":
                _payload(message)
            case "subscribe":
                self._subscribe(message)
            case "complete":
                await self._complete(_id(message))
            case _:
                raise Closing(MALFORMED, "Unknown message type")

    async def _init(self, payload: dict[str, Any] | None) -> None:
        if self.initialising:
            raise Closing(TOO_MANY, "Too many initialisation requests")
        self.initialising = True
        payload = payload or {}
        request = request_of(headers_of(self.websocket.scope), self.ip, self.id)
        request.transport = "ws"
        try:
            context = await Context.open(
                self.state,
                request,
                authorization=_text(payload, "authorization"),
                tenant_header=_text(payload, "tenantId"),
            )
        except ApiError as error:
            allowance = await throttle(self.state, None, self.ip)
            if allowance.retry_after is not None:
                metrics.refused()
                raise Closing(TOO_MANY, "Too many requests") from None
            raise Closing(UNAUTHORIZED if error.code in BAD_TOKEN else FORBIDDEN, error.message()) from None
        except Exception as error:
            if not database_away(error):
                raise
            raise Closing(TRY_AGAIN, "Try again later") from None
        viewer = context.viewer
        caller = str(viewer.account_id) if viewer is not None else f"ip {self.ip}"
        self.sockets.admit(self, caller, self.state.settings.limits.sockets_per_user)
        acknowledged: dict[str, Any] = {"type": "connection_ack"}
        if viewer is not None:
            acknowledged["payload"] = {"cursor": await context.stream_cursor()}
        self.context = context
        self._watch = asyncio.create_task(self._keep(), name="socket-watch")
        await self.send(acknowledged)

    def _subscribe(self, message: dict[str, Any]) -> None:
        if self.context is None:
            raise Closing(UNAUTHORIZED, "Unauthorized")
        id = _id(message)
        if id in self.operations:
            raise Closing(DUPLICATE, f"Subscriber for {id} already exists")
        task = asyncio.create_task(self._operate(id, message.get("payload")), name=f"operation-{id}")
        self.operations[id] = task
        task.add_done_callback(lambda done: self._forget(id, done))

    async def _complete(self, id: str) -> None:
        task = self.operations.get(id)
        if task is not None:
            await self._stop([task])

    def _forget(self, id: str, task: asyncio.Task[None]) -> None:
        if self.operations.get(id) is task:
            del self.operations[id]
            self.cursors.pop(id, None)
            self.sources.pop(id, None)

    # Operations

    async def _operate(self, id: str, payload: object) -> None:
        """Run one operation; its errors end it alone, unless they concern the socket."""
        assert self.context is not None
        request = dataclasses.replace(self.context.request, request_id=new_id())
        line: dict[str, Any] = {}
        started = time.perf_counter()
        try:
            call = read_call(payload)
            if len(self.operations) > self.state.settings.limits.operations_per_socket:
                raise ApiError(ErrorCode.RATE_LIMIT_EXCEEDED, status=429, retryAfter=1)
            allowance = await throttle(self.state, self.context, self.ip)
            if allowance.retry_after is not None:
                metrics.refused()
                raise too_many(allowance)
            call = self.persisted.resolve(call)
            accepted = self.engine.accept(call)
            self.persisted.keep(call)
            line["operation"] = accepted.operation.name
            context = await self._renewed(request)
            if accepted.operation.kind is OperationType.SUBSCRIPTION:
                await self._stream(id, accepted, context)
            else:
                answer, line["codes"] = await execute(self.engine, accepted, context)
                note(line, context)
                await self._answer(id, answer)
        except (MalformedCall, Closing) as error:
            code, reason = (error.code, error.reason) if isinstance(error, Closing) else (MALFORMED, str(error))
            self.end(code, reason)
        except (ApiError, InvalidDocument, RequestRefused) as error:
            await self._refuse(id, refusal(error, request), line)
        except Exception as error:
            if self._connected:
                await self._refuse(id, refusal(error, request), line)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            log.info("operation", request_id=request.request_id, socket=self.id, ms=milliseconds, **line)

    def _cursors(self) -> dict[str, str]:
        """Where each operation stands: its last event, or further when its source has passed events over since."""
        for id, source in self.sources.items():
            if source.stream_position is not None:
                self.cursors[id] = source.stream_position
        return dict(self.cursors)

    async def _renewed(self, request: Any) -> Context:
        """The caller with the rights of this moment; a token that no longer holds ends the socket."""
        assert self.context is not None
        try:
            context = await self.context.renewed()
        except ApiError as error:
            if error.code in BAD_TOKEN:
                raise Closing(UNAUTHORIZED, error.message()) from None
            raise Closing(FORBIDDEN, error.message()) from None
        context.request = request
        context.response_headers = {}
        return context

    async def _stream(self, id: str, accepted: Accepted, context: Context) -> None:
        """Send an answer per event until the stream or the client ends it."""
        subscription = await self.engine.subscribe(accepted, context)
        self.sources[id] = context
        metrics.subscriptions(+1)
        try:
            await self._events(id, accepted, subscription, context.request)
        except ApiError as error:
            if error.code is ErrorCode.INSUFFICIENT_PERMISSIONS:
                raise Closing(FORBIDDEN, error.message(context.request.language)) from None
            if error.code in BAD_TOKEN:
                raise Closing(UNAUTHORIZED, error.message(context.request.language)) from None
            raise
        finally:
            metrics.subscriptions(-1)
            await subscription.close()

    async def _events(self, id: str, accepted: Accepted, subscription: Stream, request: Any) -> None:
        async for event in subscription.source:
            context = await self._renewed(request)
            result = await subscription.answer(event, context)
            for error in map(api_error, result.errors or ()):
                if error is not None and error.code is ErrorCode.INSUFFICIENT_PERMISSIONS and result.data is None:
                    raise error
            answer = self.engine.answer(accepted, result, request)
            await self.send({"id": id, "type": "next", "payload": answer.body})
            # Only after the event was sent may a ping name its cursor.
            cursor = event.get("cursor") if isinstance(event, dict) else getattr(event, "cursor", None)
            if isinstance(cursor, str):
                self.cursors[id] = cursor
        self._free(id)
        await self.send({"id": id, "type": "complete"})

    async def _answer(self, id: str, answer: Answer) -> None:
        self._free(id)
        if "data" not in answer.body:
            await self.send({"id": id, "type": "error", "payload": answer.body["errors"]})
            return
        await self.send({"id": id, "type": "next", "payload": answer.body})
        await self.send({"id": id, "type": "complete"})

    async def _refuse(self, id: str, answer: Answer, line: dict[str, Any]) -> None:
        line["codes"] = codes = answer.codes
        metrics.errors(codes)
        self._free(id)
        with contextlib.suppress(WebSocketDisconnect, OSError, RuntimeError):
            await self.send({"id": id, "type": "error", "payload": answer.body["errors"]})

    def _free(self, id: str) -> None:
        """Before the last message of an operation: on reading it the client may use the id again."""
        task = asyncio.current_task()
        assert task is not None
        self._forget(id, task)

    # The socket's own messages

    async def send(self, message: dict[str, Any]) -> None:
        # Text, never binary: browsers' clients read nothing else.
        await self.websocket.send_text(orjson.dumps(message).decode())

    @property
    def _connected(self) -> bool:
        return (
            self.websocket.application_state is WebSocketState.CONNECTED
            and self.websocket.client_state is WebSocketState.CONNECTED
        )

    async def _keep(self) -> None:
        """Ping, tell cursors, and end the socket when the token ends or its session is gone."""
        assert self.context is not None
        viewer = self.context.viewer
        try:
            while True:
                wait = PING_SECONDS
                if viewer is not None:
                    wait = min(wait, max(0.0, viewer.expires_at - time.time()))
                await asyncio.sleep(wait)
                if viewer is not None:
                    if viewer.expires_at <= time.time():
                        self.end(UNAUTHORIZED, ApiError(ErrorCode.TOKEN_EXPIRED).message())
                        return
                    await self._renewed(self.context.request)
                await self.send({"type": "ping", "payload": {"cursors": self._cursors()}})
        except Closing as closing:
            self.end(closing.code, closing.reason)
        except Exception as error:
            if not database_away(error) and self._connected:
                log.error("internal error", request_id=self.id, exc_info=error)
            self.end(TRY_AGAIN, "Try again later")


def _payload(message: dict[str, Any]) -> dict[str, Any] | None:
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise Closing(MALFORMED, "Payload must be an object")
    return payload


def _id(message: dict[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= ID_LENGTH:
        raise Closing(MALFORMED, f"Message needs an id of 1 to {ID_LENGTH} characters")
    return id


def _text(payload: dict[str, Any], key: str) -> str | None:
    value = payload.get(key)
    if value is not None and not isinstance(value, str):
        raise Closing(MALFORMED, f"`{key}` must be a text")
    return value
