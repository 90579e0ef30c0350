"""The endpoint over HTTP: who may come in (`doors`), what a request says (`reading`), its answer (`endpoint`)."""

from graph.http.doors import Application, Hosts, Origins
from graph.http.endpoint import ACCEPTED_HEADERS, EXPOSED_HEADERS, GraphQLOverHTTP, execute, note
from graph.http.reading import client_ip, headers_of, preferred_language, request_of

__all__ = [
    "ACCEPTED_HEADERS",
    "EXPOSED_HEADERS",
    "Application",
    "GraphQLOverHTTP",
    "Hosts",
    "Origins",
    "client_ip",
    "execute",
    "headers_of",
    "note",
    "preferred_language",
    "request_of",
]
