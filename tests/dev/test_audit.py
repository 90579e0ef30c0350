"""The audit trails as an operator verifies them."""

from resolvers.kit.context import State
from settings import Settings
from tests.conftest import Signed
from tests.dev.test_jobs import said
from tests.factories import connected, platform
from tests.graph.world import created, rows


async def test_the_command_names_the_first_entry_that_does_not_fit(
    state: State, settings: Settings, acme: Signed, rival: Signed
) -> None:
    for title in ("Eins", "Zwei", "Drei"):
        await created(acme, title=title)
    await created(rival)
    slugs = {row["id"]: row["slug"] for row in await platform(state, "select id, slug from tenant")}
    mine, other = slugs[acme.agency.id], slugs[rival.agency.id]
    entries = await rows(state, acme.agency.id, "audit_entry", "seq")
    whole = f"{mine}: 3 entries, all as they were written, head {entries[-1]['hash'].hex()}\n"
    assert said(settings, "audit", "verify", "--agency", mine) == (0, whole, "")

    async with connected(state.database.logins.admin) as admin:
        await admin.execute("update audit_entry set actor_name = 'Niemand' where id = $1", entries[1]["id"])
    broken = f"{mine}: BROKEN at entry {entries[1]['id']}, number 2 of those looked at\n"
    assert said(settings, "audit", "verify", "--agency", mine) == (1, broken, "")
    code, out, err = said(settings, "audit", "verify")
    assert (code, err) == (1, "")
    lines = out.splitlines(keepends=True)
    assert broken in lines
    assert any(line.startswith(f"{other}: 1 entries, all as they were written, head ") for line in lines)
    assert said(settings, "audit", "verify", "--agency", "nobody") == (1, "There is no such agency.\n", "")
