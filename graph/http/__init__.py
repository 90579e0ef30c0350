"""The endpoint over HTTP: who may come in (`doors`), what a request says (`reading`), its answer (`endpoint`)."""

from graph.http.doors import Application, middleware
from graph.http.endpoint import GraphQLOverHTTP, execute, note
from graph.http.reading import client_ip, headers_of, preferred_language, request_of

__all__ = [
    "Application",
    "GraphQLOverHTTP",
    "client_ip",
    "execute",
    "headers_of",
    "middleware",
    "note",
    "preferred_language",
    "request_of",
]
