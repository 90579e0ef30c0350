"""Files by their signed links, for servers that keep files in a folder of their own."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from resolvers.kit.context import State
from storage.files import Folder, disposition

# Nothing in a file of somebody may run as a part of this site.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, max-age=300",
}


async def _download(request: Request) -> Response:
    state: State = request.app.state.server
    store, said = state.files, request.query_params
    path = store.fetched(request.path_params["key"], said) if isinstance(store, Folder) else None
    if path is None:
        raise HTTPException(404, "There is no such file, or the link has expired.")
    kind = said["type"]
    return FileResponse(
        path, media_type=kind, headers=HEADERS | {"Content-Disposition": disposition(said["name"], kind)}
    )


def routes() -> list[Route]:
    """The address of signed links. The signature decides alone: links work without signing in, until they expire."""
    return [Route("/files/{key:path}", _download)]
