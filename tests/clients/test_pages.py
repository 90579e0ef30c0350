"""The pages a browser gets: what they show on which server, their headers, and that the committed build is current."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from graph import pages
from settings import Settings

pytestmark = pytest.mark.xdist_group("clients")

WEB = Path(__file__).parent.parent.parent / "web"
BUILT = pages.STATIC / "graphiql"


def client(**values: Any) -> TestClient:
    settings = Settings(**values)

    async def graphiql(request: Request) -> Response:
        return pages.graphiql_response(settings)

    return TestClient(Starlette(routes=[*pages.routes(settings), Route("/graphql", graphiql)]))


def production(**values: Any) -> TestClient:
    return client(
        environment="production",
        jwt_secret_key="k" * 32,
        allowed_hosts=["api.example.com"],
        site_url="https://api.example.com",
        **values,
    )


@pytest.mark.parametrize("path", ["/", "/graphql", "/demo/board", "/static/landing.css", "/schema.graphql"])
def test_every_page_is_locked_down(path: str) -> None:
    answer = client().get(path)
    assert answer.status_code == 200
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-cache"


def test_pages_load_only_files_that_exist_and_are_ours() -> None:
    browser = client()
    for path in ("/", "/graphql", "/demo/board"):
        html = browser.get(path).text
        assert "<script>" not in html
        assert " style=" not in html
        loaded = re.findall(r'(?:src|href)="(\.{1,2}/static/[^"]+)"', html)
        assert loaded
        for address in loaded:
            assert browser.get(urljoin(path, address)).status_code == 200
        assert re.findall(r'(?:src|href)="(?!\.{1,2}/)[^"]*"', html) == []


def test_hashed_files_are_kept_for_ever() -> None:
    script = next(BUILT.glob("assets/index-*.js"))
    answer = client().get(f"/static/graphiql/assets/{script.name}")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


def test_demo_logins_are_offered_outside_production_only() -> None:
    assert "Admin123!" in client().get("/").text
    for path in ("/graphql", "/demo/board"):
        assert 'name="immonow-demo" content="true"' in client().get(path).text
        assert "immonow-demo" not in production(graphiql=True, demo_board=True).get(path).text
    assert "Admin123!" not in production(graphiql=True).get("/").text


def test_graphiql_can_be_switched_off() -> None:
    for closed in (production(), client(graphiql=False)):
        assert closed.get("/graphql").status_code == 404
        assert "./graphql" not in closed.get("/").text
    assert client().get("/graphql").headers["vary"] == "Accept"


def test_the_board_can_be_switched_off() -> None:
    for closed in (production(), client(demo_board=False)):
        assert closed.get("/demo/board").status_code == 404
        assert "demo/board" not in closed.get("/").text
    for opened in (client(), production(demo_board=True)):
        assert opened.get("/demo/board").status_code == 200
        assert "./demo/board" in opened.get("/").text


def test_the_board_may_not_even_write_styles_into_the_page() -> None:
    policy = client().get("/demo/board").headers["content-security-policy"]
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy


def test_files_outside_the_folder_stay_there() -> None:
    browser = client()
    for path in ("/static/../pages.py", "/static/%2e%2e/pages.py", "/static/graphiql", "/static/nothing.js"):
        assert browser.get(path).status_code == 404


def test_committed_build_is_what_the_sources_give(node: Any, tmp_path: Path) -> None:
    node.install(WEB)
    node.start("node_modules/vite/bin/vite.js", "build", "--outDir", tmp_path, "--emptyOutDir", cwd=WEB)

    def files(folder: Path) -> dict[str, bytes]:
        return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    made, committed = files(tmp_path), files(BUILT)
    assert sorted(made) == sorted(committed), "web/ changed: run `npm run build` there and commit graph/static/graphiql"
    assert [name for name in made if made[name] != committed[name]] == []
