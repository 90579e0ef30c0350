"""Properties go out as files: through the list's filter and order, under the viewer's rights, and come in again."""

import csv
import io
from typing import Any

import httpx2
import openpyxl
import pytest

import jobs
from domain.access import Role
from resolvers.kit import exports
from resolvers.kit.context import State
from resolvers.kit.ids import split_id
from resolvers.kit.jobs import AgencyWork
from resolvers.kit.running import Started
from tests.conftest import Client, Signed
from tests.graph.test_imports import GERMAN, imported, result
from tests.graph.world import created, events, rows, untouched

EXPORT = """
mutation ($input: PropertyExportInput!) {
  propertiesExport(input: $input) { job { id state kind } userErrors { code message field } }
}"""
JOB = "query ($id: ID!) { job(id: $id) { state error result resultUrl total done } }"


async def exported(state: State, client: Client, signed: Signed, **given: Any) -> Any:
    """Ask for a file and have it made; the job as it is then."""
    answer = (await client.data(EXPORT, input={"format": "CSV", **given}))["propertiesExport"]
    assert answer["userErrors"] == []
    found = split_id(answer["job"]["id"])
    assert found is not None
    work = AgencyWork(state, "properties.export", 7, signed.agency.id)
    await jobs.JOBS["properties.export"].function(work, Started(found[1]))
    job = (await client.data(JOB, id=answer["job"]["id"]))["job"]
    assert (job["state"], job["error"]) == ("DONE", None)
    return job


async def table_of(http: httpx2.AsyncClient, job: Any, delimiter: str = ",") -> list[dict[str, str]]:
    response = await http.get(job["resultUrl"])
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=delimiter))


async def test_a_list_goes_out_as_it_is_shown(state: State, http: httpx2.AsyncClient, acme: Signed) -> None:
    await imported(state, acme, GERMAN)
    order = [{"field": "PRICE", "direction": "ASC"}]
    job = await exported(state, acme.manager, acme, orderBy=order)
    assert job["result"] == {"rows": 2}
    table = await table_of(http, job)
    assert [row["externalNumber"] for row in table] == ["A-1", "A-2"]
    first = {name: value for name, value in table[0].items() if value}
    assert first == {
        "title": "Schöne Wohnung",
        "externalNumber": "A-1",
        "type": "APARTMENT",
        "status": "PREPARATION",
        "usage": "RESIDENTIAL",
        "marketingType": "BUY",
        "price": "450000",
        "currency": "EUR",
        "priceOnRequest": "no",
        "commission.model": "DOUBLE",
        "livingArea": "85.5",
        "rooms": "3.5",
        "availableFrom": "2026-12-01",
        "isRented": "no",
        "location": "Berlin",
        "address.postalCode": "10115",
        "address.city": "Berlin",
        "address.state": "BE",
        "address.country": "DE",
        "features.balcony": "yes",
    }


async def test_a_filter_narrows_the_file(state: State, http: httpx2.AsyncClient, acme: Signed) -> None:
    await imported(state, acme, GERMAN)
    job = await exported(state, acme.manager, acme, filter={"type": {"eq": "HOUSE"}})
    assert [row["title"] for row in await table_of(http, job)] == ["Haus am See"]
    id = (await acme.manager.data('{ propertyByExternalNumber(externalNumber: "A-1") { id } }'))[
        "propertyByExternalNumber"
    ]["id"]
    job = await exported(state, acme.manager, acme, ids=[id])
    assert [row["title"] for row in await table_of(http, job)] == ["Schöne Wohnung"]
    job = await exported(state, acme.manager, acme, ids=[id], filter={"type": {"eq": "HOUSE"}})
    assert await table_of(http, job) == []


@pytest.mark.parametrize("language", ["de", "en"])
async def test_what_went_out_comes_in_again_and_changes_nothing(
    state: State, http: httpx2.AsyncClient, acme: Signed, language: str
) -> None:
    await imported(state, acme, GERMAN)
    client = acme.manager
    client.headers["Accept-Language"] = language
    job = await exported(state, client, acme)
    content = (await http.get(job["resultUrl"])).content
    before = await rows(state, acme.agency.id, "property", "id"), await events(state, acme.agency.id)
    assert (await imported(state, acme, content))["result"] == result(skipped=2)
    assert (await rows(state, acme.agency.id, "property", "id"), await events(state, acme.agency.id)) == before


async def test_no_cell_is_a_formula(state: State, http: httpx2.AsyncClient, acme: Signed) -> None:
    await created(acme, title='=HYPERLINK("http://evil.example")')
    assert (await table_of(http, await exported(state, acme.manager, acme)))[0]["title"].startswith("'=HYPERLINK")
    job = await exported(state, acme.manager, acme, format="XLSX")
    book = openpyxl.load_workbook(io.BytesIO((await http.get(job["resultUrl"])).content))
    (head, row) = list(book.active.iter_rows())
    cells = {name.value: cell for name, cell in zip(head, row, strict=True)}
    assert (cells["title"].value[:11], cells["title"].data_type) == ("'=HYPERLINK", "s")
    book.close()


async def test_a_spreadsheet_has_numbers_and_days(state: State, http: httpx2.AsyncClient, acme: Signed) -> None:
    await imported(state, acme, GERMAN)
    job = await exported(state, acme.manager, acme, format="XLSX", filter={"type": {"eq": "APARTMENT"}})
    response = await http.get(job["resultUrl"])
    assert "spreadsheetml" in response.headers["content-type"]
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    head, row = list(book.active.iter_rows(values_only=True))
    found = dict(zip(head, row, strict=True))
    assert (found["price"], found["livingArea"], found["availableFrom"].isoformat()[:10]) == (
        450_000,
        85.5,
        "2026-12-01",
    )
    book.close()


async def test_too_many_are_refused(state: State, acme: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    await imported(state, acme, GERMAN)
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    async with untouched(state, acme):
        answer = (await acme.manager.data(EXPORT, input={"format": "CSV"}))["propertiesExport"]
    assert answer == {
        "job": None,
        "userErrors": [
            {"code": "VALIDATION_ERROR", "message": "At most 1 records in one file.", "field": ["input"]},
        ],
    }


async def test_rights_are_those_of_the_moment_the_file_is_made(
    state: State, http: httpx2.AsyncClient, acme: Signed, rival: Signed
) -> None:
    await imported(state, acme, GERMAN)
    assert await acme.customer.code(EXPORT, input={"format": "CSV"}) == "INSUFFICIENT_PERMISSIONS"
    job = await exported(state, rival.manager, rival)
    assert await table_of(http, job) == []
    answer = (await acme.manager.data(EXPORT, input={"format": "CSV"}))["propertiesExport"]
    id = (await acme.owner.data('{ propertyByExternalNumber(externalNumber: "A-1") { id } }'))[
        "propertyByExternalNumber"
    ]["id"]
    await acme.owner.data("mutation ($id: ID!) { propertyDelete(id: $id) { userErrors { code } } }", id=id)
    found = split_id(answer["job"]["id"])
    assert found is not None
    work = AgencyWork(state, "properties.export", 7, acme.agency.id)
    await jobs.JOBS["properties.export"].function(work, Started(found[1]))
    job = (await acme.manager.data(JOB, id=answer["job"]["id"]))["job"]
    assert (job["result"], len(await table_of(http, job))) == ({"rows": 1}, 1)


async def test_an_export_is_in_the_trail(state: State, acme: Signed) -> None:
    await exported(state, acme.manager, acme)
    trail = await rows(state, acme.agency.id, "audit_entry", "seq")
    assert [(row["action"], row["operation"], row["actor_id"]) for row in trail][-1] == (
        "EXPORT",
        "propertiesExport",
        acme.agency.people[Role.MANAGER].id,
    )
