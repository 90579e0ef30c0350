"""What stands before the endpoint: whom this server serves at all, and the short way past the router."""

from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from graph import logs
from graph.http.endpoint import ACCEPTED_HEADERS, EXPOSED_HEADERS
from settings import Settings

PREFLIGHT_SECONDS = 86_400


class Application(Starlette):
    """Starlette with a door of its own for the endpoint: routing and error pages would double what a request costs."""

    def __init__(self, endpoint: ASGIApp, **options: Any) -> None:
        super().__init__(**options)
        self.endpoint = endpoint

    def build_middleware_stack(self) -> ASGIApp:
        # Starlette would stand a layer of its own outside of these; the outermost of ours masks errors already.
        pages = ExceptionMiddleware(self.router, handlers=self.exception_handlers)
        app: ASGIApp = Doors(self.endpoint, pages)
        for cls, arguments, options in reversed(self.user_middleware):
            app = cls(app, *arguments, **options)
        return app


class Doors:
    """The endpoint on its path, the router everywhere else."""

    def __init__(self, endpoint: ASGIApp, pages: ASGIApp) -> None:
        self.endpoint = endpoint
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            await self.endpoint(scope, receive, send)
        else:
            await self.pages(scope, receive, send)


class Hosts(TrustedHostMiddleware):
    """Serves the configured hosts alone; one that is written as it is configured needs no further reading."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = scope["state"]["headers"].get(b"host", b"") if scope["type"] == "http" else b""
        if host.decode("latin-1") in self.allowed_hosts:
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class Origins(CORSMiddleware):
    """Lets pages of the configured origins read answers; what no page of another origin sends passes untouched."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and b"origin" not in scope["state"]["headers"]:
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def middleware(settings: Settings) -> list[Middleware]:
    """What stands around every request, outermost first."""
    found = [
        Middleware(
            logs.RequestLine, secure=settings.site_url.startswith("https://"), as_json=settings.log_format == "json"
        )
    ]
    if settings.allowed_hosts:
        found.append(Middleware(Hosts, allowed_hosts=settings.allowed_hosts, www_redirect=False))
    if settings.cors_origins:
        found.append(
            Middleware(
                Origins,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=ACCEPTED_HEADERS,
                expose_headers=EXPOSED_HEADERS,
                max_age=PREFLIGHT_SECONDS,
            )
        )
    return found
