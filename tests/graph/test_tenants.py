"""The agency as its members see it, and what its plan allows."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from domain.access import Role
from domain.plans import PlanKey
from models.base import now, uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Client, Signed
from tests.factories import connected, property_input

TENANT = """{
  tenant {
    id name slug companyEmail companyPhone website branding { primaryColor secondaryColor }
    usage { activeUsers propertiesCount }
    subscription { status currentPeriodEnd cancelAtPeriodEnd trialEndsAt }
    isActive maxUsers maxProperties storageLimitGb currency timezone language propertyNumberFormat
  }
}"""
LIMITS = "{ tenant { maxUsers maxProperties storageLimitGb } }"
USAGE = "{ tenant { usage { activeUsers propertiesCount } } }"
CREATE = """
mutation ($input: PropertyCreateInput!) {
  propertyCreate(input: $input) { property { id } userErrors { code message field details } }
}"""
DELETE = "mutation ($id: ID!) { propertyDelete(id: $id) { property { id } userErrors { code field } } }"
RESTORE = "mutation ($ids: [ID!]!) { trashRestore(ids: $ids) { restored { id } userErrors { code field details } } }"
NODE = "query ($id: ID!) { node(id: $id) { ... on Tenant { name slug usage { activeUsers } } } }"


@pytest_asyncio.fixture(scope="session")
async def sql(state: State) -> AsyncIterator[asyncpg.Connection]:
    """The platform's connection, which sees all agencies."""
    async with connected(state.database.logins.platform) as connection:
        yield connection


async def create(client: Client, **changes: Any) -> dict[str, Any]:
    done: dict[str, Any] = (await client.data(CREATE, input=property_input(**changes)))["propertyCreate"]
    return done


async def created(client: Client) -> str:
    done = await create(client)
    assert done["userErrors"] == []
    return str(done["property"]["id"])


async def set_plan(sql: asyncpg.Connection, agency: Signed, plan: str, status: str, trial: int | None = None) -> None:
    """Put an agency on a plan; `trial` is the trial's end in days from now."""
    ends = None if trial is None else now() + timedelta(days=trial)
    await sql.execute(
        "update tenant set plan = $2, subscription_status = $3, trial_ends_at = $4 where id = $1",
        agency.agency.id,
        plan,
        status,
        ends,
    )


async def written(sql: asyncpg.Connection, agency: Signed) -> tuple[int, ...]:
    """What a refused creation must not have touched."""
    tables = ("property", "contact_person", "event_outbox", "number_sequence")
    counts = [
        await sql.fetchval(f"select count(*) from {table} where tenant_id = $1", agency.agency.id) for table in tables
    ]
    return (*counts, await used(sql, agency))


async def used(sql: asyncpg.Connection, agency: Signed) -> int:
    found: int = await sql.fetchval(
        "select used from plan_counter where tenant_id = $1 and resource = 'PROPERTIES'", agency.agency.id
    )
    return found


# What is shown


@pytest.mark.parametrize("role", Role)
async def test_the_agency_as_each_role_sees_it(acme: Signed, sql: asyncpg.Connection, role: Role) -> None:
    await sql.execute(
        "update tenant set company_email = 'info@acme.example', company_phone = '+493023125100', "
        "website = 'https://acme.example', current_period_end = '2030-01-02T03:04:05.678Z' where id = $1",
        acme.agency.id,
    )
    reads_tenant = role is not Role.CUSTOMER
    assert (await acme.as_(role).data(TENANT))["tenant"] == {
        "id": acme.agency.gid,
        "name": "Acme",
        "slug": acme.agency.slug,
        "companyEmail": "info@acme.example",
        "companyPhone": "+493023125100",
        "website": "https://acme.example",
        "branding": {"primaryColor": "#3B82F6", "secondaryColor": "#1E40AF"},
        "usage": {"activeUsers": 5, "propertiesCount": 0} if reads_tenant else None,
        "subscription": {
            "status": "ACTIVE",
            "currentPeriodEnd": "2030-01-02T03:04:05.678Z",
            "cancelAtPeriodEnd": False,
            "trialEndsAt": None,
        }
        if reads_tenant
        else None,
        "isActive": True,
        "maxUsers": None,
        "maxProperties": None,
        "storageLimitGb": 500,
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "language": "de",
        "propertyNumberFormat": "OBJ-{YYYY}-{0000}" if role in {Role.OWNER, Role.ADMIN} else None,
    }


async def test_without_a_sign_in_there_is_no_agency(anonymous: Client) -> None:
    assert await anonymous.code(TENANT) == "UNAUTHENTICATED"


async def test_another_agency_is_not_there(acme: Signed, rival: Signed) -> None:
    own = {"name": "Acme", "slug": acme.agency.slug, "usage": {"activeUsers": 5}}
    assert await acme.owner.data(NODE, id=acme.agency.gid) == {"node": own}
    foreign = await acme.owner(NODE, id=rival.agency.gid)
    random = await acme.owner(NODE, id=encode_id("Tenant", uuid7()))
    assert foreign == random == {"data": {"node": None}}


# What is in use


async def test_usage_is_counted_from_rows(acme: Signed, rival: Signed, sql: asyncpg.Connection) -> None:
    ids = [await created(acme.agent) for _ in range(3)]
    await created(rival.agent)
    await acme.agent.data(DELETE, id=ids[0])
    await sql.execute(
        "update member set status = 'DEACTIVATED' where tenant_id = $1 and id = $2",
        acme.agency.id,
        acme.agency.people[Role.CUSTOMER].id,
    )
    assert await acme.owner.data(USAGE) == {"tenant": {"usage": {"activeUsers": 4, "propertiesCount": 2}}}
    assert await rival.owner.data(USAGE) == {"tenant": {"usage": {"activeUsers": 5, "propertiesCount": 1}}}


async def test_usage_counts_what_the_viewer_may_not_list_too(acme: Signed, sql: asyncpg.Connection) -> None:
    """A figure of the agency: the same for everybody who may see it."""
    for _ in range(2):
        done = await create(acme.agent, status="PREPARATION")
        assert done["userErrors"] == []
    for role in (Role.OWNER, Role.ADMIN, Role.MANAGER, Role.AGENT):
        assert await acme.as_(role).data(USAGE) == {"tenant": {"usage": {"activeUsers": 5, "propertiesCount": 2}}}


async def test_the_counter_follows_the_rows(acme: Signed, sql: asyncpg.Connection) -> None:
    ids = [await created(acme.owner) for _ in range(3)]
    assert await used(sql, acme) == 3
    await acme.owner.data(DELETE, id=ids[0])
    assert await used(sql, acme) == 2
    # Deleting what is deleted frees nothing a second time.
    again = (await acme.owner.data(DELETE, id=ids[0]))["propertyDelete"]
    assert again == {"property": None, "userErrors": [{"code": "NOT_FOUND", "field": ["id"]}]}
    assert await used(sql, acme) == 2
    restored = (await acme.owner.data(RESTORE, ids=[ids[0]]))["trashRestore"]
    assert restored == {"restored": [{"id": ids[0]}], "userErrors": []}
    assert await used(sql, acme) == 3
    refused = await create(acme.owner, title="")
    assert [error["code"] for error in refused["userErrors"]] == ["MISSING_REQUIRED_FIELD"]
    assert await used(sql, acme) == 3


# What the plan allows


@pytest.mark.parametrize(
    ("plan", "status", "trial", "limits"),
    [
        ("FREE", "ACTIVE", None, (2, 5, 1)),
        ("STARTER", "ACTIVE", None, (5, 25, 10)),
        ("PROFESSIONAL", "ACTIVE", None, (10, 100, 50)),
        ("ENTERPRISE", "ACTIVE", None, (None, None, 500)),
        # The trial has the limits of PROFESSIONAL, unless more is booked; after it, those of the plan.
        ("FREE", "TRIALING", 1, (10, 100, 50)),
        ("STARTER", "TRIALING", 1, (10, 100, 50)),
        ("ENTERPRISE", "TRIALING", 1, (10, 100, 50)),
        ("FREE", "TRIALING", -1, (2, 5, 1)),
        ("STARTER", "TRIALING", -1, (2, 5, 1)),
        # A trial's end that was never reset says nothing once the plan is paid.
        ("FREE", "ACTIVE", 1, (2, 5, 1)),
    ],
)
async def test_limits_of_each_plan(
    acme: Signed, sql: asyncpg.Connection, plan: str, status: str, trial: int | None, limits: tuple[Any, ...]
) -> None:
    await set_plan(sql, acme, plan, status, trial)
    assert (await acme.owner.data(LIMITS))["tenant"] == dict(
        zip(("maxUsers", "maxProperties", "storageLimitGb"), limits, strict=True)
    )


async def test_the_limit_of_the_plan_holds(acme: Signed, sql: asyncpg.Connection) -> None:
    await set_plan(sql, acme, "FREE", "ACTIVE")
    ids = [await created(acme.owner) for _ in range(5)]
    before = await written(sql, acme)
    refused = await create(acme.owner)
    assert refused == {
        "property": None,
        "userErrors": [
            {
                "code": "PLAN_LIMIT_REACHED",
                "message": "The plan allows 5 (PROPERTIES); all are in use.",
                "field": [],
                "details": {"resource": "PROPERTIES", "current": 5, "limit": 5, "requiredPlan": "STARTER"},
            }
        ],
    }
    assert await written(sql, acme) == before
    # The trash makes room, and what was put there does not come back beyond the limit.
    await acme.owner.data(DELETE, id=ids[0])
    await created(acme.owner)
    before = await written(sql, acme)
    refused = (await acme.owner.data(RESTORE, ids=[ids[0]]))["trashRestore"]
    assert [(error["code"], error["details"]["limit"]) for error in refused["userErrors"]] == [
        ("PLAN_LIMIT_REACHED", 5)
    ]
    assert await written(sql, acme) == before
    deleted = "select deleted_at is not null from property where tenant_id = $1 order by created_at limit 1"
    assert await sql.fetchval(deleted, acme.agency.id) is True


async def test_the_end_of_the_trial_brings_the_limits_of_the_plan(acme: Signed, sql: asyncpg.Connection) -> None:
    await set_plan(sql, acme, "FREE", "TRIALING", 1)
    for _ in range(6):
        await created(acme.owner)
    await set_plan(sql, acme, "FREE", "TRIALING", -1)
    before = await written(sql, acme)
    refused = await create(acme.owner)
    assert [(error["code"], error["details"]) for error in refused["userErrors"]] == [
        ("PLAN_LIMIT_REACHED", {"resource": "PROPERTIES", "current": 6, "limit": 5, "requiredPlan": "STARTER"})
    ]
    assert await written(sql, acme) == before
    # What is there stays readable and can be changed; nothing is taken away.
    assert await acme.owner.data(USAGE) == {"tenant": {"usage": {"activeUsers": 5, "propertiesCount": 6}}}


async def test_parallel_creations_stop_at_the_limit(acme: Signed, sql: asyncpg.Connection) -> None:
    await set_plan(sql, acme, PlanKey.FREE.value, "ACTIVE")
    answers = await asyncio.gather(*(create(acme.owner) for _ in range(20)))
    assert sorted([error["code"] for error in answer["userErrors"]] for answer in answers) == [
        *[[]] * 5,
        *[["PLAN_LIMIT_REACHED"]] * 15,
    ]
    assert await used(sql, acme) == 5
    assert await sql.fetchval("select count(*) from property where tenant_id = $1", acme.agency.id) == 5
    # A refused creation gives its number back: the numbers have no gap.
    numbers = await sql.fetch(
        "select external_number from property where tenant_id = $1 order by external_number", acme.agency.id
    )
    assert [row["external_number"][-4:] for row in numbers] == ["0001", "0002", "0003", "0004", "0005"]


async def test_one_agency_does_not_use_up_the_plan_of_another(
    acme: Signed, rival: Signed, sql: asyncpg.Connection
) -> None:
    for agency in (acme, rival):
        await set_plan(sql, agency, "FREE", "ACTIVE")
    for _ in range(5):
        await created(acme.owner)
    assert [error["code"] for error in (await create(acme.owner))["userErrors"]] == ["PLAN_LIMIT_REACHED"]
    await created(rival.owner)
    assert await used(sql, rival) == 1


# Whether the agency may write


@pytest.mark.parametrize("status", ["CANCELED", "UNPAID", "INCOMPLETE", "SUSPENDED"])
async def test_without_a_subscription_one_reads_only(acme: Signed, sql: asyncpg.Connection, status: str) -> None:
    id = await created(acme.owner)
    await set_plan(sql, acme, "ENTERPRISE", status)
    # Rights may be a second old; these two have not called yet, so theirs are read now.
    before = await written(sql, acme)
    for client in (acme.manager, acme.agent):
        refused = await create(client)
        assert (refused["property"], [(error["code"], error["field"]) for error in refused["userErrors"]]) == (
            None,
            [("SUBSCRIPTION_INACTIVE", [])],
        )
    assert await written(sql, acme) == before
    assert await acme.agent.data("query ($id: ID!) { property(id: $id) { id } }", id=id) == {"property": {"id": id}}
    shown = await acme.agent.data("{ tenant { subscription { status } usage { propertiesCount } } }")
    assert shown == {"tenant": {"subscription": {"status": status}, "usage": {"propertiesCount": 1}}}


@pytest.mark.parametrize(("status", "trial"), [("ACTIVE", None), ("PAST_DUE", None), ("TRIALING", 1), ("TRIALING", -1)])
async def test_with_a_subscription_one_writes(
    acme: Signed, sql: asyncpg.Connection, status: str, trial: int | None
) -> None:
    await set_plan(sql, acme, "STARTER", status, trial)
    await sql.execute("update tenant set current_period_end = now() - interval '1 day' where id = $1", acme.agency.id)
    await created(acme.agent)


async def test_the_grace_after_a_failed_payment_ends(acme: Signed, sql: asyncpg.Connection) -> None:
    await set_plan(sql, acme, "STARTER", "PAST_DUE")
    period = "update tenant set current_period_end = now() - $2::interval where id = $1"
    await sql.execute(period, acme.agency.id, timedelta(days=15))
    before = await written(sql, acme)
    refused = await create(acme.agent)
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("SUBSCRIPTION_INACTIVE", [])]
    assert await written(sql, acme) == before
