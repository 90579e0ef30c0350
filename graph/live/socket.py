"""The endpoint over WebSocket: the `graphql-transport-ws` protocol and nothing else.

Every operation is a task of its own and runs with the rights of the moment: the context is renewed before each query,
each mutation and each event of a subscription. Whatever a client sends, the socket answers or closes with a reason.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from contextlib import aclosing
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
from graph.engine.errors import database_away
from graph.engine.fanout import SendNow
from graph.engine.operations import Accepted, Answer, Engine, refusal, throttle, too_many
from graph.engine.persisted import PersistedOperations
from graph.engine.reference import RequestRefused
from graph.http import client_ip, execute, headers_of, note, request_of
from graph.live import messages
from graph.live.connections import Connections
from graph.live.messages import Closing, Message, id_of, payload_of, read_message, text_of
from graph.live.operation import BAD_TOKEN, LOST_RIGHT, answers, keep
from graph.live.protocol import send_now
from graph.logs import new_id, request_id
from resolvers.kit.context import Context, Request, State
from settings import Settings

INIT_SECONDS = 10.0

log = structlog.get_logger("socket")


class GraphQLOverWebSocket:
    """`/graphql` for WebSockets. The application state holds `server` (State) and `connections`."""

    def __init__(self, engine: Engine, persisted: PersistedOperations) -> None:
        self.engine = engine
        self.persisted = persisted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        state: State = websocket.app.state.server
        if not may_connect(websocket, state.settings):
            await websocket.close(messages.FORBIDDEN, "Origin not allowed")  # before the handshake: HTTP 403
            return
        if messages.PROTOCOL not in websocket.scope.get("subprotocols", []):
            await websocket.accept()
            await websocket.close(messages.NO_PROTOCOL, "Subprotocol not acceptable")
            return
        await websocket.accept(messages.PROTOCOL)
        socket = Socket(websocket, self.engine, self.persisted, state, websocket.app.state.connections)
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
        self,
        websocket: WebSocket,
        engine: Engine,
        persisted: PersistedOperations,
        state: State,
        connections: Connections,
    ) -> None:
        self.websocket = websocket
        self.engine = engine
        self.persisted = persisted
        self.state = state
        self.connections = connections
        self.id = request_id(websocket.headers.get("x-request-id"))
        self.ip = client_ip(websocket.scope, state.settings)
        self.caller: str | None = None
        self.context: Context | None = None
        self.initialising = False
        self.operations: dict[str, asyncio.Task[None]] = {}
        # Operation id → the context its stream was opened with, which knows how far it was sent.
        self.streams: dict[str, Context] = {}
        self._watch: asyncio.Task[None] | None = None
        self._ending: asyncio.Future[Closing] = asyncio.get_running_loop().create_future()

    # Life of the socket

    async def run(self) -> None:
        """Serve until one side closes; leaves no task behind."""
        started = time.perf_counter()
        await self.connections.add(self)
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
            self.connections.remove(self)
            self._log(code, started)

    def end(self, closing: Closing) -> None:
        """Let the socket close as soon as the running step is done; the first reason counts."""
        if not self._ending.done():
            self._ending.set_result(closing)

    async def stop(self) -> None:
        """The server stops: say so before connections are cut."""
        closing = Closing(messages.GOING_AWAY, "Server stops")
        await self._send_close(closing)
        self.end(closing)

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
                    return Closing(messages.INIT_TIMEOUT, "Connection initialisation timeout")
        except Closing as closing:
            return closing
        except (WebSocketDisconnect, OSError):
            return None
        except Exception:
            log.exception("internal error", request_id=self.id)
            return Closing(messages.BROKEN, "Internal error")

    async def _receive(self) -> Message | None:
        received = await self.websocket.receive()
        if received["type"] == "websocket.disconnect":
            return None
        allowance = await self.state.limiter.hit("socket_frames", self.id)
        if allowance.retry_after is not None:
            metrics.refused()
            raise Closing(messages.TOO_MANY, "Too many requests")
        return read_message(received, self.state.settings.limits.frame_bytes)

    async def _handle(self, message: Message) -> None:
        match message["type"]:
            case "connection_init":
                await self._init(payload_of(message))
            case "ping":
                payload = payload_of(message)
                await self.send({"type": "pong"} | ({"payload": payload} if payload is not None else {}))
            case "pong":
                payload_of(message)
            case "subscribe":
                self._subscribe(message)
            case "complete":
                await self._complete(id_of(message))
            case _:
                raise Closing(messages.MALFORMED, "Unknown message type")

    async def _init(self, payload: dict[str, Any] | None) -> None:
        if self.initialising:
            raise Closing(messages.TOO_MANY, "Too many initialisation requests")
        self.initialising = True
        payload = payload or {}
        request = request_of(headers_of(self.websocket.scope), self.ip, self.id)
        request.transport = "ws"
        try:
            context = await Context.open(
                self.state,
                request,
                authorization=text_of(payload, "authorization"),
                tenant_header=text_of(payload, "tenantId"),
            )
            cursor = await context.stream_cursor() if context.viewer is not None else None
        except ApiError as error:
            allowance = await throttle(self.state, None, self.ip)
            if allowance.retry_after is not None:
                metrics.refused()
                raise Closing(messages.TOO_MANY, "Too many requests") from None
            raise Closing.of(error) from None
        except Exception as error:
            if not database_away(error):
                raise
            raise Closing(messages.TRY_AGAIN, "Try again later") from None
        if not self.connections.admit(self, context):
            raise Closing(messages.TOO_MANY, "Too many sockets")
        acknowledged: Message = {"type": "connection_ack"}
        if cursor is not None:
            acknowledged["payload"] = {"cursor": cursor}
        self.context = context
        self._watch = asyncio.create_task(self._keep(), name="socket-watch")
        await self.send(acknowledged)

    def _subscribe(self, message: Message) -> None:
        if self.context is None:
            raise Closing(messages.UNAUTHORIZED, "Unauthorized")
        id = id_of(message)
        if id in self.operations:
            raise Closing(messages.DUPLICATE, f"Subscriber for {id} already exists")
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
            self.streams.pop(id, None)

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
        except MalformedCall as error:
            self.end(Closing(messages.MALFORMED, str(error)))
        except Closing as closing:
            self.end(closing)
        except (ApiError, InvalidDocument, RequestRefused) as error:
            await self._refuse(id, refusal(error, request), line)
        except Exception as error:
            if self._connected:
                await self._refuse(id, refusal(error, request), line)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            log.info("operation", request_id=request.request_id, socket=self.id, ms=milliseconds, **line)

    async def _renewed(self, request: Request) -> Context:
        """The caller with the rights of this moment; one who may not be here any longer ends the socket."""
        assert self.context is not None
        try:
            context = await self.context.renewed()
        except ApiError as error:
            raise Closing.of(error, request.language) from None
        context.request = request
        context.response_headers = {}
        return context

    async def _stream(self, id: str, accepted: Accepted, context: Context) -> None:
        """Send an answer per event until the stream or the client ends it."""
        self.streams[id] = context
        # The text of an answer is the same for many: only this is put around it.
        envelope = f'{{"id":{orjson.dumps(id).decode()},"type":"next","payload":'
        at_once = self._at_once(envelope.encode())
        try:
            async with aclosing(answers(self.engine, accepted, context, at_once)) as deliveries:
                async for delivery in deliveries:
                    await self.websocket.send_text(f"{envelope}{delivery.content}}}")
        except ApiError as error:
            if error.code in BAD_TOKEN | LOST_RIGHT:
                raise Closing.of(error, context.request.language) from None
            raise
        except Exception as error:
            if not database_away(error):
                raise
            # Clients take an error for the last word of an operation; whose socket closes connects again and resumes.
            raise Closing(messages.TRY_AGAIN, "Try again later") from None
        self._free(id)
        await self.send({"id": id, "type": "complete"})

    def _at_once(self, envelope: bytes) -> SendNow | None:
        send = send_now(self.websocket.scope)
        return None if send is None else lambda content: send(b"".join((envelope, content, b"}")))

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

    async def send(self, message: Message) -> None:
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
        try:
            await keep(self.context, self._ping)
        except Closing as closing:
            self.end(closing)
        except ApiError as error:
            self.end(Closing.of(error, self.context.request.language))
        except Exception as error:
            if not database_away(error) and self._connected:
                log.error("internal error", request_id=self.id, exc_info=error)
            self.end(Closing(messages.TRY_AGAIN, "Try again later"))

    async def _ping(self) -> None:
        """Tell where each operation stands: behind what was sent, or further when its source has passed events over."""
        cursors = {id: found.stream_position for id, found in self.streams.items() if found.stream_position is not None}
        try:
            async with asyncio.timeout(self.state.settings.limits.unread_seconds):
                await self.send({"type": "ping", "payload": {"cursors": cursors}})
        except TimeoutError:
            # What it has not read waits in the stream, behind the cursor of what it has.
            raise Closing(messages.TOO_SLOW, "Too slow") from None
