"""The demo data: complete, believable, made once, made anew after an interruption, never in production."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import make_url

from app import compose, opened
from domain.tasks import TaskStatus, name_of
from graph.schema import schema
from migrations import demo
from migrations.run import MigrationError
from settings import Settings
from tests.conftest import Client, _fresh_database, unlimited
from tests.factories import connected

pytestmark = pytest.mark.xdist_group("demo")  # loaded once, not once per worker

CONTENTS = {path.stem: json.loads(path.read_text()) for path in sorted(demo.DATA.glob("*.json"))}
PROPERTIES = [(name, entry) for name, content in CONTENTS.items() for entry in content["properties"]]
TABLES = (
    *("account", "account_tenant", "tenant_slug", "token_directory", "tenant", "member", "session", "property"),
    *("note", "contact_person", "plan_counter", "number_sequence", "event_stream", "event_outbox", "audit_entry"),
)
LOGIN = """
mutation ($email: EmailAddress!, $password: String!) {
  authLogin(email: $email, password: $password) { accessToken userErrors { code field } }
}"""


SIGN_INS = {"session", "token_directory", "audit_entry", "event_outbox"}


async def rows(connection: asyncpg.Connection) -> dict[str, int]:
    return {table: await connection.fetchval(f"select count(*) from {table}") for table in TABLES}


@pytest_asyncio.fixture(scope="module")
async def demo_settings() -> Settings:
    """A database of its own: the demo looks at all agencies of a database."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    url = await _fresh_database(os.environ["DATABASE_URL"], f"immonow_demo_{worker}")
    return Settings(environment="test", database_url=url, rate_limits=unlimited())


@pytest_asyncio.fixture(scope="module")
async def admin(demo_settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    async with connected(make_url(demo_settings.database_url)) as connection:
        yield connection


@pytest_asyncio.fixture(scope="module")
async def loaded(demo_settings: Settings, admin: asyncpg.Connection) -> asyncpg.Connection:
    """The demo data, loaded after a load that was cut off in the middle; a look at it past all policies."""
    assert await demo.is_empty(demo_settings) is True
    loading = asyncio.create_task(demo.load(demo_settings))
    async with asyncio.timeout(60):
        while await admin.fetchval("select count(*) from property") < 5:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)
        loading.cancel()  # once: what is told to stop puts its things away
        await asyncio.wait([loading])
    assert loading.cancelled()
    assert await admin.fetchval("select count(*) from property") < 60
    assert await demo.is_empty(demo_settings) is True

    await demo.load(demo_settings)
    assert await demo.is_empty(demo_settings) is False
    return admin


@pytest_asyncio.fixture(scope="module")
async def visitor(demo_settings: Settings, loaded: asyncpg.Connection) -> AsyncIterator[Client]:
    app = compose(demo_settings, schema._schema, lambda: opened(demo_settings))
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, client=("127.0.0.1", 50_000))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
            yield Client(http, None)


async def sign_in(visitor: Client, email: str, password: str) -> Client:
    done = (await visitor.data(LOGIN, email=email, password=password))["authLogin"]
    assert done["userErrors"] == []
    return Client(visitor.http, done["accessToken"])


async def test_loading_again_changes_nothing(demo_settings: Settings, loaded: asyncpg.Connection) -> None:
    before = await rows(loaded)
    latest = await loaded.fetchval("select max(updated_at) from property")
    await demo.load(demo_settings)
    assert await rows(loaded) == before
    assert await loaded.fetchval("select max(updated_at) from property") == latest


async def test_nothing_of_the_cut_off_load_is_left(loaded: asyncpg.Connection) -> None:
    members = sum(len(content["members"]) for content in CONTENTS.values())
    agencies = "select slug from tenant where name = any($1) order by slug"
    names = [content["tenant"]["name"] for content in CONTENTS.values()]
    assert [row["slug"] for row in await loaded.fetch(agencies, names)] == [
        "acme-real-estate",
        "premium-properties-llc",
    ]
    ours = "where tenant_id in (select id from tenant where slug in ('acme-real-estate', 'premium-properties-llc'))"
    assert await loaded.fetchval(f"select count(*) from member {ours}") == members
    assert await loaded.fetchval(f"select count(*) from property {ours}") == len(PROPERTIES)
    assert await loaded.fetchval("select count(*) from tenant_slug where tenant not in (select id from tenant)") == 0
    assert await loaded.fetchval("select count(*) from account where id not in (select account_id from member)") == 0
    assert (
        await loaded.fetchval("select count(*) from token_directory where tenant not in (select id from tenant)") == 0
    )


async def test_an_interrupted_agency_is_made_anew_and_the_other_stays(
    demo_settings: Settings, loaded: asyncpg.Connection
) -> None:
    tenant = "select id from tenant where slug = $1"
    acme = await loaded.fetch(
        "select id, updated_at from property where tenant_id = $1", await loaded.fetchval(tenant, "acme-real-estate")
    )
    premium = await loaded.fetchval(tenant, "premium-properties-llc")
    await loaded.execute("update tenant set trial_ends_at = now() where id = $1", premium)
    before = await rows(loaded)
    await demo.load(demo_settings)
    after = await rows(loaded)
    # Other tests have signed in meanwhile; that went with the agency.
    assert {name: after[name] for name in after.keys() - SIGN_INS} == {
        name: before[name] for name in before.keys() - SIGN_INS
    }
    assert await loaded.fetchval("select count(*) from tenant where id = $1", premium) == 0
    for row in acme:
        kept = await loaded.fetchrow("select id, updated_at from property where id = $1", row["id"])
        assert dict(kept) == dict(row)


@pytest.mark.parametrize(
    ("email", "password", "role"),
    [
        ("admin@acme-realestate.com", "Admin123!", "ADMIN"),
        ("manager@acme-realestate.com", "Manager123!", "MANAGER"),
        ("mike@acme-realestate.com", "Agent123!", "AGENT"),
    ],
)
async def test_the_promised_logins(visitor: Client, email: str, password: str, role: str) -> None:
    client = await sign_in(visitor, email, password)
    found = await client.data(
        """{
          viewer { user { email role isActive } tenant { slug name isActive } }
          tenant { maxUsers maxProperties storageLimitGb propertyNumberFormat branding { primaryColor secondaryColor } }
          properties { totalCount }
        }"""
    )
    tenant = CONTENTS["acme"]["tenant"]
    assert found == {
        "viewer": {
            "user": {"email": email, "role": role, "isActive": True},
            "tenant": {"slug": "acme-real-estate", "name": "Acme Real Estate", "isActive": True},
        },
        "tenant": {
            "maxUsers": None,
            "maxProperties": None,
            "storageLimitGb": 500,
            "propertyNumberFormat": tenant["propertyNumberFormat"] if role == "ADMIN" else None,
            "branding": tenant["branding"],
        },
        "properties": {"totalCount": 48},
    }


async def test_every_member_of_the_files_may_sign_in(visitor: Client) -> None:
    for content in CONTENTS.values():
        for member in content["members"]:
            client = await sign_in(visitor, member["email"], member["password"])
            user = (await client.data("{ viewer { user { name role department position phone } } }"))["viewer"]["user"]
            assert user == {
                "name": f"{member['firstName']} {member['lastName']}",
                "role": member["role"],
                "department": member.get("department"),
                "position": member.get("position"),
                "phone": member["phone"],
            }


async def test_the_agencies_are_paid_for(loaded: asyncpg.Connection) -> None:
    for content in CONTENTS.values():
        tenant = content["tenant"]
        row = await loaded.fetchrow(
            "select id, plan, billing_cycle, subscription_status, trial_ends_at, current_period_end, website, "
            "currency, timezone, language from tenant where slug = $1",
            tenant["slug"],
        )
        assert (row["plan"], row["billing_cycle"]) == ("ENTERPRISE", tenant["billingCycle"])
        assert (row["subscription_status"], row["trial_ends_at"]) == ("ACTIVE", None)
        assert row["current_period_end"] > datetime.now(UTC) + timedelta(days=364)
        for name in ("website", "currency", "timezone", "language"):
            assert row[name] == tenant[name]
        used = await loaded.fetch("select resource, used from plan_counter where tenant_id = $1", row["id"])
        assert {entry["resource"]: entry["used"] for entry in used} == {
            "USERS": sum(member["role"] != "CUSTOMER" for member in content["members"]),
            "PROPERTIES": len(content["properties"]),
            "DOCUMENTS": 0,
            "STORAGE": 0,
            "AI_REQUESTS": 0,
        }


async def test_every_property_lived_as_the_files_say(loaded: asyncpg.Connection) -> None:
    today = datetime.now(UTC).date()
    for name, entry in PROPERTIES:
        row = await loaded.fetchrow(
            "select p.*, m.email as agent, c.name as creator from property p "
            "join tenant t on t.id = p.tenant_id "
            "join member m on m.tenant_id = p.tenant_id and m.id = p.assigned_agent_id "
            "join member c on c.tenant_id = p.tenant_id and c.id = p.created_by_id "
            "where t.slug = $1 and p.title = $2",
            CONTENTS[name]["tenant"]["slug"],
            entry["input"]["title"],
        )
        statuses, days = entry["status"], entry["daysAgo"]
        closed = statuses[-1] in {"SOLD", "RENTED"}
        assert (row["status"], row["agent"]) == (statuses[-1], entry["assignedAgent"])
        ago = {
            column: None if row[column] is None else (today - row[column].astimezone(UTC).date()).days
            for column in ("created_at", "status_changed_at", "first_available_at", "closed_at", "updated_at")
        }
        expected = {
            "created_at": days[0],
            "status_changed_at": days[-1],
            "first_available_at": days[statuses.index("AVAILABLE")] if "AVAILABLE" in statuses else None,
            "closed_at": days[-1] if closed else None,
            "updated_at": days[-1],
        }
        # The fixture may have loaded a moment before midnight.
        assert ago in (expected, {key: value if value is None else value + 1 for key, value in expected.items()})
        closing = entry.get("closingPrice")
        assert row["closing_price"] == (round(float(closing["amount"]) * 100) if closing else None)
        notes = await loaded.fetch(
            "select body, pinned, author_id from note where property_id = $1 order by created_at, id", row["id"]
        )
        assert [(note["body"], note["pinned"]) for note in notes] == [
            (note["body"], note.get("pinned", False)) for note in entry["notes"]
        ]
        assert {note["author_id"] for note in notes} <= {row["assigned_agent_id"]}
        [person] = await loaded.fetch("select name, user_id from contact_person where property_id = $1", row["id"])
        assert person["user_id"] == row["assigned_agent_id"]


async def test_numbers_follow_the_agency_and_age(loaded: asyncpg.Connection) -> None:
    for name, content in CONTENTS.items():
        found = await loaded.fetch(
            "select external_number from property p join tenant t on t.id = p.tenant_id where t.slug = $1 "
            "order by p.created_at, p.external_number",
            content["tenant"]["slug"],
        )
        numbers = [row["external_number"] for row in found]
        assert len(set(numbers)) == len(content["properties"])
        pattern = {"acme": "OBJ-20", "premium": "PP-2"}[name]
        assert all(number.startswith(pattern) for number in numbers)


async def test_what_happened_is_audited_and_in_the_stream(loaded: asyncpg.Connection) -> None:
    for content in CONTENTS.values():
        tenant = await loaded.fetchval("select id from tenant where slug = $1", content["tenant"]["slug"])
        operations = Counter(
            row["operation"]
            for row in await loaded.fetch("select operation from audit_entry where tenant_id = $1", tenant)
        )
        entries = content["properties"]
        assert operations["propertyCreate"] == len(entries)
        assert operations["propertyStatusSet"] == sum(len(entry["status"]) - 1 for entry in entries)
        assert operations["propertyNoteAdd"] == sum(len(entry["notes"]) for entry in entries)
        assert operations["authRegister"] == 1
        outcomes = "select count(*) from audit_entry where tenant_id = $1 and outcome <> 'SUCCESS'"
        assert await loaded.fetchval(outcomes, tenant) == 0
        created = "select count(*) from event_outbox where tenant_id = $1 and type = 'property.created'"
        assert await loaded.fetchval(created, tenant) == len(entries)
        open_sessions = "select count(*) from session where tenant_id = $1 and revoked_at is null and user_agent = $2"
        assert await loaded.fetchval(open_sessions, tenant, "demo data") == 0


async def test_production_is_refused(demo_settings: Settings, loaded: asyncpg.Connection) -> None:
    before = await rows(loaded)
    with pytest.raises(MigrationError, match="not loaded in production"):
        await demo.load(demo_settings.model_copy(update={"environment": "production"}))
    assert await rows(loaded) == before


async def test_one_agency_by_command(demo_settings: Settings, loaded: asyncpg.Connection, visitor: Client) -> None:
    given = {"email": "chef@neu-und-soehne.example", "password": "Geheim123!", "company": "Neu & Söhne"}
    await demo.create_tenant(demo_settings, **given)
    client = await sign_in(visitor, given["email"], given["password"])
    found = (await client.data("{ viewer { user { role } tenant { name slug subscription { status } } } }"))["viewer"]
    assert found == {
        "user": {"role": "OWNER"},
        "tenant": {"name": "Neu & Söhne", "slug": "neu-soehne", "subscription": {"status": "TRIALING"}},
    }
    before = await rows(loaded)
    with pytest.raises(MigrationError, match="bereits vergeben"):
        await demo.create_tenant(demo_settings, **given)
    with pytest.raises(MigrationError, match="password"):
        await demo.create_tenant(demo_settings, email="other@example.com", password="short", company="Andere")
    assert await rows(loaded) == before
    # An agency of somebody's own: the next start must not load the demo beside it.
    assert await demo.is_empty(demo_settings) is False


async def test_the_boards_are_as_lively_as_the_files_say(loaded: asyncpg.Connection) -> None:
    for content in CONTENTS.values():
        tenant = await loaded.fetchval("select id from tenant where slug = $1", content["tenant"]["slug"])
        found = await loaded.fetch(
            """select t.title, t.status, m.email as assignee, c.name as column, p.title as property, t.blocked_reason,
                      t.due_date::date - current_date as due, current_date - t.created_at::date as age,
                      array(select l.name from task_label_link k join task_label l on l.id = k.label_id
                             where k.task_id = t.id order by 1) as labels,
                      (select count(*) from comment s where s.task_id = t.id) as comments
                 from task t join member m on m.id = t.assignee_id join board_column c on c.id = t.column_id
                 left join property p on p.id = t.property_id
                where t.tenant_id = $1 and c.status = t.status order by t.status, t.rank""",
            tenant,
        )
        expected = sorted(content["board"]["tasks"], key=lambda entry: entry["status"])
        assert [dict(row) for row in found] == [
            {
                "title": entry["title"],
                "status": entry["status"],
                "assignee": entry["assignee"],
                "column": name_of(TaskStatus(entry["status"]), "de"),
                "property": entry.get("property"),
                "blocked_reason": entry.get("blocked"),
                "due": entry["dueInDays"],
                "age": entry["daysOld"],
                "labels": sorted(entry.get("labels", [])),
                "comments": len(entry.get("comments", [])),
            }
            for entry in expected
        ]
        late = "select count(*) from task_log where tenant_id = $1 and created_at > now()"
        assert await loaded.fetchval(late, tenant) == 0
