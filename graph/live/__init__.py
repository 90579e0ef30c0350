"""What stays open: the endpoint over WebSocket."""

from graph.live.socket import GraphQLOverWebSocket, Sockets

__all__ = ["GraphQLOverWebSocket", "Sockets"]
