"""What a person sees in a browser: the landing page, GraphiQL, the live board, the schema, and what they load."""

import re
from functools import lru_cache
from os import PathLike, stat_result
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from settings import Settings

STATIC = Path(__file__).parent / "static"
SCHEMA = Path(__file__).parent.parent / "schema.graphql"

# Nothing but our own files. Monaco, the editor inside GraphiQL, writes its colours as inline styles and carries its
# fonts and small images as data; its language workers are files of ours.
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "worker-src 'self' blob:",
        "connect-src 'self' ws: wss:",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
# The board carries no code that writes styles into the document.
BOARD_HEADERS = HEADERS | {"Content-Security-Policy": POLICY.replace(" 'unsafe-inline'", "")}
FOREVER = "public, max-age=31536000, immutable"


def routes(settings: Settings) -> list[BaseRoute]:
    """The pages beside the endpoint."""

    async def landing(request: Request) -> Response:
        return HTMLResponse(_page(STATIC / "landing.html", settings), headers=HEADERS)

    async def board(request: Request) -> Response:
        if not settings.demo_board_enabled:
            return PlainTextResponse("The board is switched off on this server.\n", status_code=404, headers=HEADERS)
        return HTMLResponse(_page(STATIC / "board" / "index.html", settings), headers=BOARD_HEADERS)

    return [
        Route("/", landing),
        Route("/demo/board", board),
        Route("/schema.graphql", _schema),
        Mount("/static", _Assets(directory=STATIC)),
    ]


def graphiql_response(settings: Settings) -> Response:
    """GraphiQL for a browser that opens the endpoint itself."""
    # The same address answers JSON to programs: a cache has to tell the two apart.
    headers = HEADERS | {"Vary": "Accept"}
    if not settings.graphiql_enabled:
        return PlainTextResponse("GraphiQL is switched off on this server.\n", status_code=404, headers=headers)
    return HTMLResponse(_page(STATIC / "graphiql" / "index.html", settings), headers=headers)


async def _schema(request: Request) -> Response:
    return FileResponse(SCHEMA, media_type="text/plain; charset=utf-8", headers=HEADERS)


class _Assets(StaticFiles):
    """Static files with the pages' headers; a file whose name carries a hash of its content never changes."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(HEADERS)
        if Path(full_path).parent.name == "assets":
            response.headers["Cache-Control"] = FOREVER
        return response


def _page(path: Path, settings: Settings) -> str:
    """A page without what does not hold on this server."""
    return _without(
        path,
        ("demo", settings.is_open),
        ("graphiql", settings.graphiql_enabled),
        ("board", settings.demo_board_enabled),
    )


@lru_cache(maxsize=8)
def _without(path: Path, *parts: tuple[str, bool]) -> str:
    """The text of a page; a part that may be left out stands between `<!--name-->` and `<!--/name-->`."""
    html = path.read_text("utf-8")
    for name, shown in parts:
        html = re.sub(rf"<!--{name}-->(.*?)<!--/{name}-->", r"\1" if shown else "", html, flags=re.DOTALL)
    return html
