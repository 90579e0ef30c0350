"""The 21,613 house sales of King County come in as a file, and once more: time, memory, and that nothing changes.

python3 dev.py bench import_csv [path of kc_house_data.csv] [--budget SECONDS]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from _server import fresh_database, served

DEFAULT = Path(__file__).parent.parent.parent / "shared" / "data" / "kc_house_data.csv"
ROWS = 21_613
MEMORY = 300
COLUMNS = [
    {"field": "externalNumber", "text": "{id}-{date}"},
    {"field": "title", "text": "House of {yr_built} with {bedrooms} bedrooms in {zipcode}"},
    {"field": "type", "text": "HOUSE"},
    {"field": "marketingType", "text": "BUY"},
    {"field": "price", "column": "price"},
    {"field": "currency", "text": "USD"},
    {"field": "livingArea", "column": "sqft_living", "unit": "SQUARE_FEET"},
    {"field": "plotArea", "column": "sqft_lot", "unit": "SQUARE_FEET"},
    {"field": "bedrooms", "column": "bedrooms"},
    {"field": "yearBuilt", "column": "yr_built"},
    {"field": "address.postalCode", "column": "zipcode"},
    {"field": "address.country", "text": "US"},
    {"field": "address.region", "text": "Washington"},
    {"field": "address.geo.latitude", "column": "lat"},
    {"field": "address.geo.longitude", "column": "long"},
    {"field": "otherDescription", "text": "{bathrooms} bathrooms, {floors} floors, grade {grade}, view {view}."},
]
REGISTER = "mutation ($input: RegisterInput!) { authRegister(input: $input) { accessToken userErrors { message } } }"
IMPORT = """
mutation ($input: PropertyImportInput!) {
  propertiesImport(input: $input) { job { id } userErrors { message field } }
}"""
JOB = "query ($id: ID!) { job(id: $id) { state done total result error startedAt finishedAt } }"


async def register(http: httpx2.AsyncClient, database: str) -> None:
    """Found an agency on a plan that is large enough, and sign in."""
    person = {"email": "owner@example.com", "password": "Owner123!", "firstName": "Kim", "lastName": "County"}
    agency = {"tenantName": "King County", "planKey": "ENTERPRISE", "acceptTerms": True}
    body = await ask(http, REGISTER, input=person | agency)
    http.headers["Authorization"] = f"Bearer {body['authRegister']['accessToken']}"
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("update tenant set subscription_status = 'ACTIVE', trial_ends_at = null")
    finally:
        await connection.close()


async def ask(http: httpx2.AsyncClient, document: str, **variables: Any) -> Any:
    response = await http.post("/graphql", json={"query": document, "variables": variables})
    body = response.json()
    assert "errors" not in body, body["errors"]
    return body["data"]


async def import_file(http: httpx2.AsyncClient, name: str, content: bytes, process: int) -> dict[str, Any]:
    """Send the file and wait for the job; its seconds, what came of it, and the most memory the server had."""
    given = {"file": None, "format": "CSV", "dryRun": False, "columns": COLUMNS}
    form = {
        "operations": json.dumps({"query": IMPORT, "variables": {"input": given}}),
        "map": json.dumps({"0": ["variables.input.file"]}),
    }
    started = time.perf_counter()
    response = await http.post(
        "/graphql",
        data=form,
        files={"0": (name, content, "text/csv")},
        headers={"GraphQL-Require-Preflight": "1"},
    )
    answer = response.json()["data"]["propertiesImport"]
    assert answer["userErrors"] == [], answer
    while True:
        job = (await ask(http, JOB, id=answer["job"]["id"]))["job"]
        if job["state"] in ("DONE", "FAILED"):
            break
        await asyncio.sleep(0.5)
    return job | {"seconds": time.perf_counter() - started, "memory": most_memory(process)}


def most_memory(process: int) -> int:
    """The most memory a process ever had, in MiB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) // 1024


def server_process() -> int:
    """The server that `served` started: our only child that runs Python."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return next(int(child) for child in children if b"python" in Path(f"/proc/{child}/cmdline").read_bytes())


async def twice(database: str, address: str, path: Path) -> list[dict[str, Any]]:
    """Import the file, and again."""
    process, content = server_process(), path.read_bytes()  # noqa: ASYNC240 - nobody else waits
    async with httpx2.AsyncClient(base_url=address, timeout=120) as http:
        await register(http, database)
        found = []
        for name in ("first", "second"):
            found.append(await import_file(http, path.name, content, process))
            took, most = found[-1]["seconds"], found[-1]["memory"]
            print(
                f"{name}: {took:.1f} s, {most} MiB at most, {found[-1]['result']} {found[-1]['error'] or ''}",
                flush=True,
            )
        return found


def main(path: Path, budget: float) -> None:
    """Compare with what must be."""
    with fresh_database() as database, served(database) as address:
        first, second = asyncio.run(twice(database, address, path))
    if first["result"]["created"] != ROWS or second["result"]["skipped"] != ROWS:
        raise SystemExit("Not every row came in, or the second time changed something.")
    if first["seconds"] > budget or second["memory"] > MEMORY:
        raise SystemExit(f"More than {budget} s or {MEMORY} MiB.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, nargs="?", default=DEFAULT)
    parser.add_argument("--budget", type=float, default=60)
    arguments = parser.parse_args()
    main(arguments.path, arguments.budget)
