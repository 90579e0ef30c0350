"""What stays open: the endpoint over WebSocket, and subscriptions as server-sent events."""

from graph.live.connections import Connections
from graph.live.protocol import WebSocketProtocol
from graph.live.socket import GraphQLOverWebSocket
from graph.live.sse import EventStreams

__all__ = ["Connections", "EventStreams", "GraphQLOverWebSocket", "WebSocketProtocol"]
