"""The live board: its sources compile against the committed schema, give the committed build, and stay in step."""

import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from graph import pages
from models.base import uuid7
from settings import Settings
from storage.events import Cursor

pytestmark = pytest.mark.xdist_group("clients")

ROOT = Path(__file__).parent.parent.parent
WEB = ROOT / "web" / "board"
BUILT = pages.STATIC / "board"
MAXIMUM = 600_000  # bytes, all files together


def test_the_sources_compile_and_give_the_committed_build(node: Any, tmp_path: Path) -> None:
    node.install(WEB)
    node.start("codegen.mjs", cwd=WEB)
    node.start("node_modules/typescript/bin/tsc", "--project", "tsconfig.json", cwd=WEB)
    node.start("node_modules/vite/bin/vite.js", "build", "--outDir", tmp_path, "--emptyOutDir", cwd=WEB)

    def files(folder: Path) -> dict[str, bytes]:
        return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    made, committed = files(tmp_path), files(BUILT)
    assert sorted(made) == sorted(committed), "run `npm run build` in web/board and commit graph/static/board"
    assert [name for name in made if made[name] != committed[name]] == []
    assert sum(map(len, committed.values())) < MAXIMUM


def test_two_windows_stay_in_step(live_server: Any, settings: Settings, node: Any) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = node.script(
        "board.mjs",
        base=f"http://127.0.0.1:{port}",
        other=live_server.url,
        python=sys.executable,
        command=[str(ROOT / "dev.py"), "serve", "--port", str(port)],
        environment=live_server.environment,
        chromium=chromium,
        logins=live_server.logins,
        elsewhen=Cursor(uuid7(), 1).encode(),
        pictures=os.environ.get("PICTURES", ""),
    )
    assert said["viewers"].startswith("Sehen dieses Board an: ")
    assert said["viewers"].count("(Sie)") == 1
    assert " und " in said["viewers"]
    assert said["milliseconds"] < 1_000
    stays = "bleibt, wo es war."
    assert said["limit"] == [
        f"„Emil“ {stays}",
        "Das Limit von 2 ist erreicht (In Arbeit).",
        "Trotzdem verschieben",
    ]
    assert said["beyond"] == ["„Emil“ wurde verschoben.", "Das Limit von 2 ist erreicht (In Arbeit)."]
    assert said["forbidden"] == [
        f"„Cäsar“ {stays}",
        "Aus „Offen“ kommen keine Aufgaben nach „Fertig“. Diese Spalte nimmt sie aus: In Arbeit.",
    ]
    assert said["reason"] == "Blockiert: Notar im Urlaub"
    before = {
        "TODO": ["1", "Dora"],
        "IN_PROGRESS": ["3 / 2", "Emil", "Anton", "Berta"],
        "BLOCKED": ["1", "Cäsar"],
        "DONE": ["0"],
    }
    assert said["before"] == [before, before]
    assert said["lost"] == [f"„Dora“ {stays}", "Der Server antwortet nicht. Es wurde nichts geändert."]
    after = {
        "TODO": ["0"],
        "IN_PROGRESS": ["2 / 2", "Berta", "Dora"],
        "BLOCKED": ["2", "Emil", "Cäsar"],
        "DONE": ["1", "Anton"],
    }
    assert said["after"] == [after, after]
    assert said["resumed"] == [{"behindTheLast": True, "repeated": 0}] * 2
    assert said["asked"] == [1, 1], "whatever happened came as events; the board was read once"
    assert "(Sie)" in said["alone"]
    assert " und " not in said["alone"]
    assert said["outside"] == []
    assert said["complaints"] == []
