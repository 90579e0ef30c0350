"""Old entries of the audit trail go into a file, and the chain goes on."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

import jobs
from models.base import now
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from resolvers.kit.jobs import AgencyWork
from storage import archives
from storage.archives import BrokenTrail
from storage.database import dsn
from tests.conftest import Signed
from tests.factories import connected
from tests.graph.world import created, rows

VERIFY = "{ auditVerify { ok checked firstBrokenId } }"
LIST = "{ auditEntries(filter: { action: { eq: CREATE } }) { nodes { resourceTitle } } }"
AGED = """
do $$ declare entry audit_entry; head bytea := ''; begin
  update audit_entry set timestamp = now() - make_interval(days => %d) where tenant_id = '%s' and seq <= %d;
  for entry in select * from audit_entry where tenant_id = '%s' order by seq loop
    head := sha256(head || convert_to(app.trail_text(entry), 'UTF8'));
    update audit_entry set hash = head where id = entry.id; end loop;
  update event_stream set audit_head = head where tenant_id = '%s'; end $$
"""


async def aged(state: State, signed: Signed, count: int, days: int) -> None:
    """Make the first entries old, as if they had been written then."""
    id = signed.agency.id
    async with connected(state.database.logins.admin) as admin:
        await admin.execute(AGED % (days, id, count, id, id))


async def archive(state: State, signed: Signed) -> None:
    await jobs.JOBS["audit.archive"].function(AgencyWork(state, "audit.archive", 7, signed.agency.id))


async def entries(state: State, signed: Signed) -> list[dict[str, Any]]:
    return await rows(state, signed.agency.id, "audit_entry", "seq")


async def files(state: State, signed: Signed) -> list[list[bytes]]:
    """The lines of every archive, in order."""
    found = []
    for row in await rows(state, signed.agency.id, "audit_archive", "first_seq"):
        with await state.files.get(row["file_key"]) as file:
            content = file.read()
        assert hashlib.sha256(content).digest() == row["file_hash"]
        found.append(content.splitlines())
    return found


async def test_old_entries_go_into_a_file_and_the_chain_goes_on(state: State, acme: Signed, rival: Signed) -> None:
    for title in ("Äpfel", "Birnen", "Kirschen", "Pflaumen"):
        await created(acme, title=title)
    await created(rival)
    await aged(state, acme, 3, 366)
    await aged(state, rival, 1, 364)
    before = await entries(state, acme)
    await archive(state, rival)
    await archive(state, acme)
    assert [entry["seq"] for entry in await entries(state, acme)] == [4]
    assert len(await entries(state, rival)) == 1
    (lines,) = await files(state, acme)
    head = b""
    for line, entry in zip(lines, before, strict=False):
        told = json.loads(line)
        assert (told["seq"], told["hash"]) == (entry["seq"], entry["hash"].hex())
        assert told["entry"]["resource_title"] == entry["resource_title"]
        head = hashlib.sha256(head + line.split(b'"entry": ', 1)[1][:-1]).digest()
        assert head == entry["hash"]
    assert len(lines) == 3
    (row,) = await rows(state, acme.agency.id, "audit_archive")
    assert (row["first_seq"], row["last_seq"], row["last_hash"]) == (1, 3, before[2]["hash"])
    assert (await acme.owner.data(VERIFY))["auditVerify"] == {"ok": True, "checked": 1, "firstBrokenId": None}
    listed = (await acme.owner.data(LIST))["auditEntries"]["nodes"]
    assert listed == [{"resourceTitle": "Pflaumen"}]

    await archive(state, acme)  # nothing is left to do
    assert len(await files(state, acme)) == 1


async def test_files_follow_one_another(state: State, acme: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        await created(acme, title=str(number))
    await aged(state, acme, 5, 400)
    monkeypatch.setattr(archives, "LINES", 2)
    monkeypatch.setattr(archives, "BATCH", 2)
    await archive(state, acme)
    assert [len(lines) for lines in await files(state, acme)] == [2, 2, 1]
    assert await entries(state, acme) == []
    await created(acme, title="Danach")
    assert (await acme.owner.data(VERIFY))["auditVerify"] == {"ok": True, "checked": 1, "firstBrokenId": None}
    (last,) = [entry for entry in await entries(state, acme) if entry["action"] == "CREATE"]
    async with connected(state.database.logins.admin) as admin:
        await admin.execute(
            "update audit_archive set last_hash = '' where last_seq = 5 and tenant_id = $1", acme.agency.id
        )
    broken = (await acme.owner.data(VERIFY))["auditVerify"]
    assert (broken["ok"], broken["firstBrokenId"]) == (False, encode_id("AuditEntry", last["id"]))


async def test_what_was_tampered_with_is_not_archived(state: State, acme: Signed) -> None:
    for title in ("Eins", "Zwei"):
        await created(acme, title=title)
    await aged(state, acme, 2, 400)
    async with connected(state.database.logins.admin) as admin:
        await admin.execute(
            "update audit_entry set actor_name = 'Niemand' where seq = 2 and tenant_id = $1", acme.agency.id
        )
    before = await entries(state, acme)
    with pytest.raises(BrokenTrail):
        await archive(state, acme)
    assert await entries(state, acme) == before
    assert await rows(state, acme.agency.id, "audit_archive") == []


async def test_nothing_younger_than_a_year_can_be_removed(state: State, acme: Signed) -> None:
    """Not even by a server that claims to have archived it."""
    await created(acme, title="Alt")
    await created(acme, title="Neu")
    await aged(state, acme, 1, 366)
    connection = await asyncpg.connect(dsn(state.database.logins.app))
    try:
        await connection.execute("select set_config('app.tenant_id', $1, false)", str(acme.agency.id))
        assert await connection.fetchval("select app.remove_archived_entries()") == 0
        await connection.execute(
            "insert into audit_archive values ($1, gen_random_uuid(), $2, 1, 100, '', 'none', '')",
            acme.agency.id,
            now() - timedelta(days=1),
        )
        assert await connection.fetchval("select app.remove_archived_entries()") == 1
    finally:
        await connection.close()
    assert [entry["resource_title"] for entry in await entries(state, acme)] == ["Neu"]
    assert (await acme.owner.data(VERIFY))["auditVerify"]["ok"] is False
