"""Properties come in as tables: through the schema, by the job, with all that may be wrong with a file."""

import json
from typing import Any

import httpx2
import pytest

import jobs
from domain.access import Role
from domain.plans import PlanKey
from resolvers.kit.context import State
from resolvers.kit.ids import split_id
from resolvers.kit.jobs import AgencyWork
from resolvers.kit.running import Started
from tests.conftest import Client, Signed
from tests.factories import make_agency, platform
from tests.graph.world import events, rows, untouched

IMPORT = """
mutation ($input: PropertyImportInput!) {
  propertiesImport(input: $input) {
    job { id state kind }
    report {
      total created updated skipped failed
      rows { line key outcome id messages }
      columns { heading field suggestion sample }
    }
    userErrors { code message field }
  }
}"""
JOB = "query ($id: ID!) { job(id: $id) { state error result resultUrl progress total done } }"
LIST = """
{ properties(first: 100, orderBy: [{ field: TITLE, direction: ASC }]) { nodes {
  externalNumber title type status version price { amount currency } livingArea rooms availableFrom
  address { street postalCode city state } features { balcony cellar }
} } }"""
GERMAN = """Objektnummer;Titel;Objektart;Kaufpreis;Wohnfläche in m²;Zimmer;PLZ;Ort;Balkon;Verfügbar ab
A-1;Schöne Wohnung;Wohnung;450.000 €;85,5;3,5;10115;Berlin;ja;01.12.2026
A-2;Haus am See;Haus;1.250.000,00;210;6;14467;Potsdam;nein;
"""


async def send(client: Client, content: bytes | str, **given: Any) -> Any:
    """Send a file, as a form."""
    if isinstance(content, str):
        content = content.encode()
    variables = {"input": {"file": None, "format": "CSV", "dryRun": False, **given}}
    response = await client.http.post(
        "/graphql",
        headers={"Authorization": f"Bearer {client.token}", "GraphQL-Require-Preflight": "1", **client.headers},
        data={
            "operations": json.dumps({"query": IMPORT, "variables": variables}),
            "map": json.dumps({"0": ["variables.input.file"]}),
        },
        files={"0": ("Liste.csv", content, "text/csv")},
    )
    body = response.json()
    assert "errors" not in body, body["errors"]
    return body["data"]["propertiesImport"]


async def finished(state: State, signed: Signed, id: str) -> Any:
    """Carry the job of an import out, as a worker does; what the job says then."""
    found = split_id(id)
    assert found is not None
    work = AgencyWork(state, "properties.import", 7, signed.agency.id)
    await jobs.JOBS["properties.import"].function(work, Started(found[1]))
    return (await signed.owner.data(JOB, id=id))["job"]


async def imported(state: State, signed: Signed, content: bytes | str, **given: Any) -> Any:
    """Send a file and carry its job out."""
    answer = await send(signed.manager, content, **given)
    assert answer["userErrors"] == [], answer
    return await finished(state, signed, answer["job"]["id"])


async def errors_of(http: httpx2.AsyncClient, job: Any) -> list[str]:
    """The lines of the file of errors."""
    response = await http.get(job["resultUrl"])
    assert response.status_code == 200
    return response.content.decode("utf-8-sig").splitlines()[1:]


def result(created: int = 0, updated: int = 0, skipped: int = 0, failed: int = 0, dry: bool = False) -> dict[str, Any]:
    total = created + updated + skipped + failed
    return {
        "total": total,
        "created": created,
        "updated": updated,
        "skipped": skipped,
        "failed": failed,
        "dryRun": dry,
    }


async def listed(signed: Signed) -> list[Any]:
    found: list[Any] = (await signed.owner.data(LIST))["properties"]["nodes"]
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
async def test_a_german_table_comes_in(state: State, acme: Signed, encoding: str) -> None:
    job = await imported(state, acme, GERMAN.encode(encoding))
    assert (job["state"], job["result"], job["resultUrl"]) == ("DONE", result(created=2), None)
    assert (job["progress"], job["total"], job["done"]) == ("100.0", 2, 2)
    assert await listed(acme) == [
        {
            "externalNumber": "A-2",
            "title": "Haus am See",
            "type": "HOUSE",
            "status": "PREPARATION",
            "version": 1,
            "price": {"amount": "1250000.00", "currency": "EUR"},
            "livingArea": "210.00",
            "rooms": "6.0",
            "availableFrom": None,
            "address": {"street": None, "postalCode": "14467", "city": "Potsdam", "state": "BB"},
            "features": {"balcony": False, "cellar": False},
        },
        {
            "externalNumber": "A-1",
            "title": "Schöne Wohnung",
            "type": "APARTMENT",
            "status": "PREPARATION",
            "version": 1,
            "price": {"amount": "450000.00", "currency": "EUR"},
            "livingArea": "85.50",
            "rooms": "3.5",
            "availableFrom": "2026-12-01",
            "address": {"street": None, "postalCode": "10115", "city": "Berlin", "state": "BE"},
            "features": {"balcony": True, "cellar": False},
        },
    ]


async def test_every_row_has_its_event_its_audit_entry_and_its_place_in_the_plan(state: State, acme: Signed) -> None:
    before = len(await events(state, acme.agency.id))
    await imported(state, acme, GERMAN)
    told = (await events(state, acme.agency.id))[before:]
    assert [event[:3] for event in told] == [("property.created", "CREATED", 1)] * 2
    trail = await rows(state, acme.agency.id, "audit_entry", "seq")
    made = [
        (row["action"], row["resource_title"], row["operation"]) for row in trail if row["resource_type"] == "Property"
    ]
    assert made == [
        ("CREATE", "Schöne Wohnung", "propertiesImport"),
        ("CREATE", "Haus am See", "propertiesImport"),
    ]
    counters = await rows(state, acme.agency.id, "plan_counter")
    assert {row["resource"]: row["used"] for row in counters}["PROPERTIES"] == 2
    people = acme.agency.people
    assert {row["actor_id"] for row in trail[-2:]} == {people[Role.MANAGER].id}
    verified = (await acme.owner.data("{ auditVerify { ok firstBrokenId } }"))["auditVerify"]
    assert verified == {"ok": True, "firstBrokenId": None}


async def test_the_same_file_again_changes_nothing(state: State, acme: Signed) -> None:
    await imported(state, acme, GERMAN)
    before = await rows(state, acme.agency.id, "property", "id"), await events(state, acme.agency.id)
    job = await imported(state, acme, GERMAN)
    assert job["result"] == result(skipped=2)
    assert (await rows(state, acme.agency.id, "property", "id"), await events(state, acme.agency.id)) == before


async def test_what_differs_is_an_update(state: State, acme: Signed) -> None:
    await imported(state, acme, GERMAN)
    job = await imported(state, acme, GERMAN.replace("450.000", "440.000"))
    assert job["result"] == result(updated=1, skipped=1)
    found = {node["externalNumber"]: (node["price"]["amount"], node["version"]) for node in await listed(acme)}
    assert found == {"A-1": ("440000.00", 2), "A-2": ("1250000.00", 1)}
    assert (await events(state, acme.agency.id))[-1] == ("property.updated", "UPDATED", 2, ["price"])


async def test_what_happens_to_rows_that_exist(state: State, http: httpx2.AsyncClient, acme: Signed) -> None:
    await imported(state, acme, GERMAN)
    other = GERMAN.replace("450.000", "440.000")
    assert (await imported(state, acme, other, onExisting="SKIP"))["result"] == result(skipped=2)
    job = await imported(state, acme, other, onExisting="ERROR")
    assert job["result"] == result(failed=2)
    assert [line.split(";")[:4] for line in await errors_of(http, job)] == [
        ["2", "A-1", "externalNumber", "ALREADY_EXISTS"],
        ["3", "A-2", "externalNumber", "ALREADY_EXISTS"],
    ]


BAD = """externalNumber,title,type,price,livingArea,yearBuilt,floor,balcony
B-1,Gut,HOUSE,"450,000",85.5,1990,1,yes
B-2,,HOUSE,1,1,1990,1,yes
B-3,Schlecht,PALACE,viel,85.5,1990,1,vielleicht
B-4,Schlecht,HOUSE,-5,85.5,1700.5,1,yes
B-1,Doppelt,HOUSE,1,1,1990,1,yes
B-6,=SUM(A1),HOUSE,1,1,1990,1,yes
B-7,Breit,HOUSE,1,1,1990,1,yes,more
B-8,Kurz,HOUSE
"""


async def test_every_wrong_cell_is_named(state: State, http: httpx2.AsyncClient, acme: Signed) -> None:
    job = await imported(state, acme, BAD)
    assert (job["state"], job["result"]) == ("DONE", result(created=2, failed=6))
    assert [line.split(";") for line in await errors_of(http, job)] == [
        ["3", "B-2", "title", "MISSING_REQUIRED_FIELD", "A value is required."],
        ["4", "B-3", "type", "INVALID_INPUT", "None of the known values."],
        ["4", "B-3", "price", "INVALID_INPUT", "This is no number."],
        ["4", "B-3", "features.balcony", "INVALID_INPUT", "Yes or no is expected."],
        ["5", "B-4", "yearBuilt", "INVALID_INPUT", "This is no whole number."],
        ["6", "B-1", "externalNumber", "ALREADY_EXISTS", "Line 2 has the same externalNumber."],
        ["7", "B-6", "title", "INVALID_INPUT", "A formula is no value."],
        ["8", "", "", "VALIDATION_ERROR", "There are 9 cells, but 8 headings."],
    ]
    assert {node["externalNumber"] for node in await listed(acme)} == {"B-1", "B-8"}


async def test_all_or_nothing(state: State, http: httpx2.AsyncClient, acme: Signed) -> None:
    async with untouched(state, acme):
        answer = await send(acme.manager, BAD, allOrNothing=True)
    before = await rows(state, acme.agency.id, "property"), await events(state, acme.agency.id)
    job = await finished(state, acme, answer["job"]["id"])
    assert (job["state"], job["error"]) == ("FAILED", "Nothing was written: 6 rows are wrong.")
    assert job["result"] == result(created=2, failed=6)
    assert len(await errors_of(http, job)) == 8
    assert (await rows(state, acme.agency.id, "property"), await events(state, acme.agency.id)) == before
    job = await imported(state, acme, GERMAN, allOrNothing=True)
    assert (job["state"], job["result"]) == ("DONE", result(created=2))
    assert len(await listed(acme)) == 2


async def test_a_dry_run_reports_and_writes_nothing(state: State, acme: Signed) -> None:
    before = await rows(state, acme.agency.id, "property"), await events(state, acme.agency.id)
    answer = await send(acme.manager, GERMAN, dryRun=True)
    report = answer["report"]
    names = ("field", "suggestion", "sample")
    columns = {column["heading"]: tuple(column[name] for name in names) for column in report["columns"]}
    assert columns["Wohnfläche in m²"] == ("livingArea", "livingArea", "85,5")
    assert columns["Balkon"] == ("features.balcony", "features.balcony", "ja")
    assert {name: report[name] for name in ("total", "created", "failed")} == {"total": 2, "created": 2, "failed": 0}
    assert report["rows"][0] == {"line": 2, "key": "A-1", "outcome": "CREATED", "id": None, "messages": []}
    job = await finished(state, acme, answer["job"]["id"])
    assert (job["state"], job["result"]) == ("DONE", result(created=2, dry=True))
    assert (await rows(state, acme.agency.id, "property"), await events(state, acme.agency.id)) == before


async def test_columns_may_be_named(state: State, acme: Signed) -> None:
    content = "nr,sqft,usd\n1,1000,250000\n"
    columns = [
        {"field": "externalNumber", "text": "K-{nr}"},
        {"field": "title", "text": "House {nr} of {usd}"},
        {"field": "type", "text": "HOUSE"},
        {"field": "livingArea", "column": "sqft", "unit": "SQUARE_FEET"},
        {"field": "price", "column": "usd"},
        {"field": "currency", "text": "USD"},
    ]
    assert (await imported(state, acme, content, columns=columns))["result"] == result(created=1)
    (node,) = await listed(acme)
    assert (node["externalNumber"], node["title"], node["livingArea"], node["price"]) == (
        "K-1",
        "House 1 of 250000",
        "92.90",
        {"amount": "250000.00", "currency": "USD"},
    )


async def test_a_matching_that_cannot_be(acme: Signed) -> None:
    columns = [
        {"field": "tail", "column": "a"},
        {"field": "title", "column": "c"},
        {"field": "type", "column": "b"},
        {"field": "price"},
        {"field": "rooms", "text": "{c}", "column": "a"},
        {"field": "title", "text": "{d}"},
    ]
    answer = await send(acme.manager, "a,b,b\n1,2,3\n", columns=columns)
    assert answer["job"] is None
    assert [(error["message"], error["field"][2:]) for error in answer["userErrors"]] == [
        ("There is no such field.", ["0", "field"]),
        ("The file has no such column.", ["1", "column"]),
        ("The file has several columns of this name.", ["2", "column"]),
        ("Either a column or a text.", ["3"]),
        ("Either a column or a text.", ["4"]),
        ("This field is filled twice.", ["5", "field"]),
        ("The file has no such column.", ["5", "text"]),
    ]


async def test_columns_have_a_limit(acme: Signed) -> None:
    answer = await send(acme.manager, GERMAN, columns=[{"field": "title", "text": "x"}] * 101)
    assert [(error["code"], error["field"]) for error in answer["userErrors"]] == [
        ("VALIDATION_ERROR", ["input", "columns"])
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The first line must hold the headings."),
        (b"\n\n", "The first line must hold the headings."),
        (b"a;b\x00\n1;2", "The file holds NUL bytes: it is no CSV."),
        ("a;b\n1;2".encode("utf-16"), "Please save the file as UTF-8."),
        (";".join(f"c{i}" for i in range(5_000)).encode(), "At most 500 columns; there are 5000."),
        (b'"a;b\n' + b"x;y\n" * 100_000, "From line 1 on a quote is not closed, or a cell is too long."),
        (b"a;" + b"x" * 2_000_000, "Line 1 is longer than 1000000 signs."),
    ],
)
async def test_a_file_that_is_no_table_is_refused(state: State, acme: Signed, content: bytes, message: str) -> None:
    async with untouched(state, acme):
        answer = await send(acme.manager, content)
    assert answer["job"] is None
    assert [(error["message"], error["field"]) for error in answer["userErrors"]] == [(message, ["input", "file"])]


async def test_a_file_that_breaks_off_is_refused_by_the_job_as_a_whole(state: State, acme: Signed) -> None:
    job = await imported(state, acme, GERMAN + '"A-3;offen;Haus\n' + "x;y\n" * 50_000)
    assert (job["state"], job["error"]) == (
        "FAILED",
        "From line 4 on a quote is not closed, or a cell is too long.",
    )
    assert await listed(acme) == []


async def test_the_plan_ends_an_import_where_it_is_full(state: State, http: httpx2.AsyncClient) -> None:
    signed = Signed(await make_agency(state, "Klein", PlanKey.FREE), http)
    content = "title;type\n" + "".join(f"Haus {number:02};Haus\n" for number in range(30))
    job = await imported(state, signed, content)
    made = len(await listed(signed))
    assert job["result"] == result(created=made, failed=30 - made)
    assert 0 < made < 30
    assert (await errors_of(http, job))[0].split(";")[3] == "PLAN_LIMIT_REACHED"


async def test_a_job_begun_anew_makes_nothing_twice(state: State, acme: Signed) -> None:
    content = "title;type\n" + "".join(f"Haus {number:03};Haus\n" for number in range(40))
    answer = await send(acme.manager, content)
    await finished(state, acme, answer["job"]["id"])
    await platform(state, "update job set state = 'RUNNING' where id = $1", split_id(answer["job"]["id"])[1])  # type: ignore[index]
    job = await finished(state, acme, answer["job"]["id"])
    assert job["result"] == result(created=40)
    assert len(await listed(acme)) == 40


async def test_who_may_import(state: State, acme: Signed) -> None:
    async with untouched(state, acme):
        body = await acme.customer(IMPORT, input={"file": None, "format": "CSV"})
    assert "errors" in body
    assert (await send(acme.agent, GERMAN))["userErrors"] == []


async def test_a_number_of_somebody_elses_row_is_taken(state: State, acme: Signed, rival: Signed) -> None:
    """The same numbers in another agency are other records."""
    await imported(state, acme, GERMAN)
    async with untouched(state, acme):
        assert (await imported(state, rival, GERMAN))["result"] == result(created=2)
