"""The clients people really use, against a running server: conformance audits, code generation, Apollo Client,
graphql-ws, graphql-sse, EventSource and GraphiQL in a browser."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.xdist_group("clients")

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SCHEMA = ROOT / "schema.graphql"
SCREENS = ROOT / "tests" / "graph" / "documents"
DOCUMENTS = HERE / "documents"


def test_graphql_over_http_audits(live_server: Any, node: Any) -> None:
    results = node.script("audits.mjs", url=f"{live_server.url}/graphql")
    assert len(results) == 61
    assert [audit for audit in results if audit["status"] != "ok"] == []


def test_typescript_types_are_generated_and_compile(node: Any) -> None:
    folders = [SCREENS, DOCUMENTS]
    made = node.script(
        "types.mjs",
        schema=SCHEMA,
        out="generated",
        documents=[str(f) for f in folders],
        page=[str(ROOT / "web/src/documents"), str(ROOT / "web/src/examples")],
    )
    assert made["documents"] == sum(len(list(folder.glob("*.graphql"))) for folder in folders)
    assert made["invalid"] == []
    node.start("node_modules/typescript/bin/tsc", "--project", "tsconfig.json")


def test_apollo_client(live_server: Any, node: Any) -> None:
    said = node.script(
        "apollo.mjs",
        url=f"{live_server.url}/graphql",
        schema=SCHEMA,
        documents=DOCUMENTS,
        screens=SCREENS,
        login=live_server.logins["admin"],
    )
    one, two, three, four = said["created"]
    paged = said["paged"]
    assert [entry["id"] for entry in paged] == [four, three, two, one], "two pages of two, newest first"
    assert said["renamed"] == [entry | ({"title": "Umbenannt"} if entry["id"] == two else {}) for entry in paged]
    assert said["extended"] == [{"id": said["fresh"], "title": "Neu in der Liste"}, *said["renamed"]]
    assert said["requestsOfMutations"] == 2, "the two mutations and nothing else"
    assert said["cached"] == [True] * 4
    assert said["screens"] != {}
    assert said["screens"] == dict.fromkeys(said["screens"], True)


def test_graphql_ws_resumes_without_a_gap(live_server: Any, node: Any) -> None:
    said = node.script(
        "live.mjs", url=f"{live_server.url}/graphql", documents=DOCUMENTS, login=live_server.logins["manager"]
    )
    one, two, three = said["ids"]
    assert said["changes"] == [
        {"id": changed, "kind": "UPDATED", "changedFields": ["title"], "title": title}
        for changed, title in (
            (one, "Eins, neu"),
            (two, "Zwei, neu"),
            (three, "Drei, neu"),
            (one, "Eins, noch einmal"),
        )
    ]
    assert said["unbroken"] == [True] * 4


def test_server_sent_events_resume_without_a_gap(live_server: Any, node: Any) -> None:
    """graphql-sse and an EventSource, each cut off after the first of three changes."""
    said = node.script(
        "events.mjs", url=f"{live_server.url}/graphql", documents=DOCUMENTS, login=live_server.logins["manager"]
    )
    heard = {
        "changes": [{"kind": "UPDATED", "changedFields": ["title"]}] * 3,
        "unbroken": [True] * 3,
        "ids": [True] * 3,
        "once": [True],
    }
    assert said == {"graphqlSse": heard, "eventSource": heard}


def test_pages_in_a_browser(live_server: Any, node: Any) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    said = node.script(
        "browser.mjs",
        base=live_server.url,
        chromium=chromium,
        login=live_server.logins["admin"],
        pictures=os.environ.get("PICTURES", ""),
    )
    assert said["outside"] == []
    assert said["complaints"] == []
    assert said["landing"]["title"] == "ImmoNow GraphQL"
    assert {"./graphql", "./schema.graphql", "./health", "./live", "./ready"} <= set(said["landing"]["links"])
    assert len(said["list"]["nodes"]) == min(10, said["list"]["totalCount"])
    assert said["event"]["id"] == said["list"]["nodes"][0]["id"]
    assert said["event"]["property"]["title"].startswith("Changed ")
    assert said["viewer"] == live_server.logins["admin"]["email"]
    assert said["renewed"] is True
    assert said["kept"] is None
    assert said["refused"] == "INVALID_TOKEN", "signing out ends the session on the server, too"
