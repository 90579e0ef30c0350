"""The endpoint over HTTP: what a request says (`reading`) and how it is answered (`endpoint`)."""

from graph.http.endpoint import ACCEPTED_HEADERS, EXPOSED_HEADERS, GraphQLOverHTTP, execute, note
from graph.http.reading import client_ip, headers_of, preferred_language, request_of

__all__ = [
    "ACCEPTED_HEADERS",
    "EXPOSED_HEADERS",
    "GraphQLOverHTTP",
    "client_ip",
    "execute",
    "headers_of",
    "note",
    "preferred_language",
    "request_of",
]
