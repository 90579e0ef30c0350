"""What stays open: the endpoint over WebSocket, and subscriptions as server-sent events."""

from graph.live.connections import Connections
from graph.live.socket import GraphQLOverWebSocket

__all__ = ["Connections", "GraphQLOverWebSocket"]
