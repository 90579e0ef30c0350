"""The agency is changed, set up, followed; features are on for some; members come from allowed networks alone."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from domain.access import Role
from domain.tenants import BUSINESS_HOURS, is_active
from models.base import now
from resolvers.kit.context import State
from resolvers.kit.jobs import AgencyWork
from resolvers.platform import purge_expired
from storage.hashing import hash_password
from tests.conftest import Client, Signed
from tests.contract.strangers import listening
from tests.factories import platform
from tests.graph.world import created, problems, rows, untouched

ERRORS = "userErrors { code field message details }"
UPDATE = f"""
mutation ($input: TenantUpdateInput!) {{
  tenantUpdate(input: $input) {{
    tenant {{
      name slug companyEmail companyPhone website currency timezone language version
      branding {{ primaryColor secondaryColor logoUrl }}
      address {{ street houseNumber postalCode city state country showAddress formatted geo {{ latitude longitude }} }}
      legal {{ imprint vatId taxNumber registerCourt registerNumber termsText }}
    }}
    {ERRORS}
  }}
}}"""
SETTINGS = """
  passwordMinLength passwordClasses sessionMaxDays requireTotp ipAllowList defaultRole trashRetentionDays
  auditRetentionDays propertyNumberFormat invoiceNumberFormat watermarkImages businessHours aiEnabled
  aiRedactPersonalData emailSender { fromName fromEmail host port useTls username hasPassword verifiedAt }
  featureFlags { key isEnabled rolloutPercentage }"""
SET = f"""
mutation ($input: TenantSettingsUpdateInput!) {{
  tenantSettingsUpdate(input: $input) {{ settings {{ {SETTINGS} }} {ERRORS} }}
}}"""
FLAG_SET = f"""
mutation ($input: FeatureFlagInput!) {{
  featureFlagSet(input: $input) {{
    featureFlag {{ id key description isEnabled rolloutPercentage isActiveForViewer }} {ERRORS}
  }}
}}"""
FLAGS = "{ featureFlags { key description isEnabled rolloutPercentage isActiveForViewer } }"
USUAL = {
    "passwordMinLength": 8,
    "passwordClasses": ["UPPER", "LOWER", "DIGIT", "SPECIAL"],
    "sessionMaxDays": 7,
    "requireTotp": False,
    "ipAllowList": [],
    "defaultRole": "AGENT",
    "trashRetentionDays": 30,
    "auditRetentionDays": 365,
    "propertyNumberFormat": "OBJ-{YYYY}-{0000}",
    "invoiceNumberFormat": "RE-{YYYY}-{00000}",
    "watermarkImages": False,
    "businessHours": BUSINESS_HOURS,
    "aiEnabled": True,
    "aiRedactPersonalData": True,
    "emailSender": None,
    "featureFlags": [],
}


async def update(client: Client, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(UPDATE, input=given))["tenantUpdate"]
    return found


async def set_(client: Client, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(SET, input=given))["tenantSettingsUpdate"]
    return found


async def set_flag(client: Client, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(FLAG_SET, input=given))["featureFlagSet"]
    assert found["userErrors"] == []
    flag: dict[str, Any] = found["featureFlag"]
    return flag


# The agency itself


async def test_an_agency_is_changed(acme: Signed, state: State) -> None:
    payload = await update(
        acme.owner,
        name="  Acme Immobilien ",
        companyEmail="INFO@Acme.example",
        companyPhone="030 23125100",
        website="https://acme.example",
        currency="CHF",
        timezone="Europe/Zurich",
        language="en",
        branding={"primaryColor": "#aabbcc"},
        address={
            "street": "Goethestraße",
            "houseNumber": "5",
            "postalCode": "10115",
            "city": "Berlin",
            "geo": {"latitude": "52.52", "longitude": "13.405"},
        },
        legal={"imprint": "Acme GmbH", "vatId": "de 123 456 789", "registerCourt": "Berlin"},
    )
    assert payload == {
        "tenant": {
            "name": "Acme Immobilien",
            "slug": acme.agency.slug,
            "companyEmail": "info@acme.example",
            "companyPhone": "+493023125100",
            "website": "https://acme.example",
            "currency": "CHF",
            "timezone": "Europe/Zurich",
            "language": "en",
            "version": 2,
            "branding": {"primaryColor": "#aabbcc", "secondaryColor": "#1E40AF", "logoUrl": None},
            "address": {
                "street": "Goethestraße",
                "houseNumber": "5",
                "postalCode": "10115",
                "city": "Berlin",
                "state": "BE",
                "country": "DE",
                "showAddress": True,
                "formatted": "Goethestraße 5, 10115 Berlin",
                "geo": {"latitude": "52.520000", "longitude": "13.405000"},
            },
            "legal": {
                "imprint": "Acme GmbH",
                "vatId": "DE123456789",
                "taxNumber": None,
                "registerCourt": "Berlin",
                "registerNumber": None,
                "termsText": None,
            },
        },
        "userErrors": [],
    }
    (event,) = await rows(state, acme.agency.id, "event_outbox")
    assert (event["type"], event["entity_id"], event["version"]) == ("tenant.updated", acme.agency.id, 2)
    assert {"name", "address", "branding", "legal"} <= set(event["changed"])
    assert "slug" not in event["changed"]


async def test_null_empties_what_may_be_empty(acme: Signed) -> None:
    await update(
        acme.owner,
        website="https://acme.example",
        address={"city": "Berlin", "geo": {"latitude": "1", "longitude": "2"}},
        legal={"vatId": "DE123456789", "imprint": "Acme"},
    )
    payload = await update(acme.owner, website=None, address=None, legal=None)
    tenant = payload["tenant"]
    assert (tenant["website"], tenant["address"]["city"], tenant["address"]["geo"]) == (None, None, None)
    assert set(tenant["legal"].values()) == {None}
    assert problems(await update(acme.owner, name=None)) == [("MISSING_REQUIRED_FIELD", "input.name")]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"name": "A"}, [("VALIDATION_ERROR", "input.name")]),
        ({"name": "x" * 256}, [("VALIDATION_ERROR", "input.name")]),
        ({"branding": {"primaryColor": "#FFF"}}, [("VALIDATION_ERROR", "input.branding.primaryColor")]),
        ({"timezone": "Berlin"}, [("VALIDATION_ERROR", "input.timezone")]),
        ({"language": "fr"}, [("VALIDATION_ERROR", "input.language")]),
        ({"currency": "euro"}, [("INVALID_INPUT", "input.currency")]),
        ({"companyEmail": "acme"}, [("INVALID_INPUT", "input.companyEmail")]),
        ({"legal": {"vatId": "DE12"}}, [("VALIDATION_ERROR", "input.legal.vatId")]),
        ({"legal": {"termsText": "x" * 50_001}}, [("VALIDATION_ERROR", "input.legal.termsText")]),
        ({"address": {"postalCode": "1011"}}, [("VALIDATION_ERROR", "input.address.postalCode")]),
        ({"address": {"country": "Atlantis"}}, [("VALIDATION_ERROR", "input.address.country")]),
        ({"expectedVersion": 7}, [("CONFLICT", "input.expectedVersion")]),
        (
            {"name": "A", "language": "fr"},
            [("VALIDATION_ERROR", "input.name"), ("VALIDATION_ERROR", "input.language")],
        ),
    ],
)
async def test_what_cannot_be_changes_nothing(
    acme: Signed, state: State, given: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    async with untouched(state, acme):
        payload = await update(acme.owner, **given)
    assert (payload["tenant"], problems(payload)) == (None, found)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT, Role.CUSTOMER])
async def test_only_the_administration_changes_it(acme: Signed, state: State, role: Role) -> None:
    async with untouched(state, acme):
        for document, given in ((UPDATE, {"name": "Neu"}), (SET, {"aiEnabled": False}), (FLAG_SET, {"key": "a"})):
            assert await acme.as_(role).code(document, input=given) == "INSUFFICIENT_PERMISSIONS"


async def test_everybody_sees_how_the_page_to_sign_in_looks(acme: Signed, anonymous: Client, state: State) -> None:
    document = "query ($slug: String!) { publicBranding(slug: $slug) { primaryColor secondaryColor logoUrl } }"
    await update(acme.owner, branding={"primaryColor": "#112233"})
    shown = {"publicBranding": {"primaryColor": "#112233", "secondaryColor": "#1E40AF", "logoUrl": None}}
    assert await anonymous.data(document, slug=acme.agency.slug) == shown
    assert await acme.agent.data(document, slug=acme.agency.slug) == shown
    assert await anonymous.data(document, slug="nobody") == {"publicBranding": None}
    await platform(state, "update tenant set is_active = false where id = $1", acme.agency.id)
    assert await anonymous.data(document, slug=acme.agency.slug) == {"publicBranding": None}


# Settings


@pytest.mark.parametrize("role", Role)
async def test_settings_and_legal_facts_are_for_who_runs_the_business(acme: Signed, role: Role) -> None:
    data = await acme.as_(role).data(f"{{ tenant {{ settings {{ {SETTINGS} }} legal {{ imprint }} }} }}")
    sees = role in {Role.OWNER, Role.ADMIN, Role.MANAGER}
    assert data["tenant"] == {"settings": USUAL if sees else None, "legal": {"imprint": None} if sees else None}


async def test_settings_are_changed(acme: Signed, state: State) -> None:
    given = {
        "passwordMinLength": 12,
        "passwordClasses": ["LOWER", "DIGIT"],
        "sessionMaxDays": 1,
        "requireTotp": True,
        "ipAllowList": ["127.0.0.0/8", "2001:DB8::1"],
        "defaultRole": "MANAGER",
        "trashRetentionDays": 7,
        "auditRetentionDays": 730,
        "propertyNumberFormat": "{YY}/{000}",
        "invoiceNumberFormat": "R{0000}",
        "watermarkImages": True,
        "businessHours": {"MONDAY": [{"from": "08:00", "to": "12:30"}]},
        "aiEnabled": False,
        "aiRedactPersonalData": False,
    }
    # Whoever asks for a second factor has one; the others hold no right until they do.
    await platform(state, "update member set totp_enabled = true where tenant_id = $1", acme.agency.id)
    payload = await set_(acme.as_(Role.ADMIN), **given)
    shown = {**USUAL, **given, "ipAllowList": ["127.0.0.0/8", "2001:db8::1/128"]}
    assert payload == {"settings": shown, "userErrors": []}
    data = await acme.owner.data(f"{{ tenant {{ settings {{ {SETTINGS} }} }} }}")
    assert data["tenant"]["settings"] == shown
    (event,) = await rows(state, acme.agency.id, "event_outbox")
    assert (event["type"], event["changed"]) == ("tenant.updated", ["settings"])
    (entry,) = await rows(state, acme.agency.id, "audit_entry")
    told = [entry["old_values"]["settings"], entry["new_values"]["settings"]]
    assert [set(values) for values in told] == [set(given)] * 2
    assert [values["passwordMinLength"] for values in told] == [8, 12]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"passwordMinLength": 7}, "passwordMinLength"),
        ({"passwordMinLength": 65}, "passwordMinLength"),
        ({"sessionMaxDays": 0}, "sessionMaxDays"),
        ({"sessionMaxDays": 31}, "sessionMaxDays"),
        ({"trashRetentionDays": 3}, "trashRetentionDays"),
        ({"trashRetentionDays": 366}, "trashRetentionDays"),
        ({"auditRetentionDays": 364}, "auditRetentionDays"),
        ({"ipAllowList": ["127.0.0.0/8", "office"]}, "ipAllowList.1"),
        ({"ipAllowList": ["203.0.113.0/24"]}, "ipAllowList"),
        ({"ipAllowList": [f"10.0.{n}.0/24" for n in range(51)]}, "ipAllowList"),
        ({"defaultRole": "OWNER"}, "defaultRole"),
        ({"propertyNumberFormat": "OBJ"}, "propertyNumberFormat"),
        ({"invoiceNumberFormat": "{MM}-{000}"}, "invoiceNumberFormat"),
        ({"propertyNumberFormat": "{0000}" + "x" * 40}, "propertyNumberFormat"),
        ({"businessHours": {"MONDAY": [{"from": "18:00", "to": "09:00"}]}}, "businessHours.MONDAY.0"),
        ({"businessHours": "always"}, "businessHours"),
        ({"emailSender": {"fromName": "A", "fromEmail": "a@b.de", "host": "a b"}}, "emailSender.host"),
        ({"emailSender": {"fromName": "A", "fromEmail": "a@b.de", "port": 70_000}}, "emailSender.port"),
        ({"emailSender": {"fromName": "A", "fromEmail": "a@b.de", "password": "x" * 501}}, "emailSender.password"),
    ],
)
async def test_settings_out_of_bounds_change_nothing(
    acme: Signed, state: State, given: dict[str, Any], path: str
) -> None:
    async with untouched(state, acme):
        payload = await set_(acme.owner, **given)
    assert (payload["settings"], problems(payload)) == (None, [("VALIDATION_ERROR", f"input.{path}")])


async def test_the_password_of_the_mail_server_is_never_answered(acme: Signed, state: State) -> None:
    sender = {"fromName": "Acme", "fromEmail": "post@acme.example", "host": "smtp.acme.example", "username": "acme"}
    shown = {**sender, "port": 587, "useTls": True, "hasPassword": True, "verifiedAt": None}
    secret = " Geheim-4711 "
    payload = await set_(acme.owner, emailSender={**sender, "password": secret})
    assert payload["settings"]["emailSender"] == shown
    # Absent leaves the password, null takes it away.
    payload = await set_(acme.owner, emailSender={**sender, "port": 465, "useTls": False})
    assert payload["settings"]["emailSender"] == {**shown, "port": 465, "useTls": False}
    (row,) = await platform(state, "select email_password from tenant where id = $1", acme.agency.id)
    assert state.secrets.open(row["email_password"], f"email:{acme.agency.id}") == secret
    assert "4711" not in repr(await rows(state, acme.agency.id, "audit_entry"))
    payload = await set_(acme.owner, emailSender={**sender, "password": None})
    assert payload["settings"]["emailSender"] == {**shown, "hasPassword": False}
    payload = await set_(acme.owner, emailSender=None)
    assert payload["settings"]["emailSender"] is None
    blank = await set_(acme.owner, emailSender={"fromName": "  ", "fromEmail": "post@acme.example"})
    assert problems(blank) == [("MISSING_REQUIRED_FIELD", "input.emailSender.fromName")]


async def test_the_trash_is_kept_as_long_as_the_agency_says(acme: Signed, state: State) -> None:
    await set_(acme.owner, trashRetentionDays=10)
    made = [await created(acme) for _ in range(2)]
    for found in made:
        await acme.owner.data("mutation ($id: ID!) { propertyDelete(id: $id) { property { id } } }", id=found["id"])
    old = now() - timedelta(days=11)
    await platform(
        state,
        "update property set deleted_at = $2 where tenant_id = $1 and external_number = $3",
        acme.agency.id,
        old,
        made[0]["externalNumber"],
    )
    data = await acme.owner.data("{ trash { nodes { id deletedAt purgeAt } } }")
    wanted = (old + timedelta(days=10)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert next(item["purgeAt"] for item in data["trash"]["nodes"] if item["id"] == made[0]["id"]) == wanted
    await purge_expired(AgencyWork(state, "trash.purge", 1, acme.agency.id))
    data = await acme.owner.data("{ trash { nodes { id } } }")
    assert data["trash"]["nodes"] == [{"id": made[1]["id"]}]


# Networks


async def test_members_come_from_the_agencys_networks_alone(
    acme: Signed, rival: Signed, http: httpx2.AsyncClient, state: State
) -> None:
    assert (await set_(acme.owner, ipAllowList=["127.0.0.1"]))["userErrors"] == []
    assert (await acme.agent.data("{ tenant { slug } }"))["tenant"]["slug"] == acme.agency.slug
    # From elsewhere, as the database says from now on.
    await platform(state, "update tenant set ip_allow_list = '{203.0.113.0/24}' where id = $1", acme.agency.id)
    state.viewers.clear()
    body = await acme.agent("{ tenant { slug } }", _headers={"Accept-Language": "de"})
    (error,) = body["errors"]
    assert (error["extensions"]["code"], error["message"]) == (
        "INSUFFICIENT_PERMISSIONS",
        "Von dieser Adresse aus lässt die Agentur niemanden herein.",
    )
    assert await acme.agent.code("mutation { authLogout { ok } }") == "INSUFFICIENT_PERMISSIONS"
    assert (await rival.agent.data("{ tenant { slug } }"))["tenant"]["slug"] == rival.agency.slug


# Features for some


async def test_a_flag_is_made_changed_and_deleted(acme: Signed, state: State) -> None:
    made = await set_flag(acme.owner, key="new-board", description="Das neue Board")
    assert {**made, "id": ""} == {
        "id": "",
        "key": "new-board",
        "description": "Das neue Board",
        "isEnabled": False,
        "rolloutPercentage": 0,
        "isActiveForViewer": False,
    }
    on = await set_flag(acme.owner, key="new-board", isEnabled=True, rolloutPercentage=100)
    assert on == {**made, "isEnabled": True, "rolloutPercentage": 100, "isActiveForViewer": True}
    await set_flag(acme.owner, key="a-first")
    assert [flag["key"] for flag in (await acme.owner.data(FLAGS))["featureFlags"]] == ["a-first", "new-board"]
    # Who does not administer learns whether it is on, and no more.
    told = {"key": "new-board", "description": None, "isEnabled": None, "rolloutPercentage": None}
    assert (await acme.customer.data(FLAGS))["featureFlags"][1] == {**told, "isActiveForViewer": True}
    delete = f"mutation ($id: ID!) {{ featureFlagDelete(id: $id) {{ featureFlag {{ id }} {ERRORS} }} }}"
    gone = (await acme.owner.data(delete, id=made["id"]))["featureFlagDelete"]
    assert gone == {"featureFlag": None, "userErrors": []}
    again = (await acme.owner.data(delete, id=made["id"]))["featureFlagDelete"]
    assert problems(again) == [("NOT_FOUND", "id")]
    assert [flag["key"] for flag in (await acme.owner.data(FLAGS))["featureFlags"]] == ["a-first"]
    types = {(row["type"], tuple(row["changed"])) for row in await rows(state, acme.agency.id, "event_outbox")}
    assert types == {("tenant.updated", ("featureFlags",))}


async def test_a_share_of_the_members_has_it(acme: Signed) -> None:
    await set_flag(acme.owner, key="half", isEnabled=True, rolloutPercentage=50)
    for role, person in acme.agency.people.items():
        (flag,) = (await acme.as_(role).data("{ featureFlags { isActiveForViewer } }"))["featureFlags"]
        assert flag["isActiveForViewer"] is is_active("half", person.id, enabled=True, percentage=50)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"key": "a", "rolloutPercentage": 101}, ("VALIDATION_ERROR", "input.rolloutPercentage")),
        ({"key": "a", "rolloutPercentage": -1}, ("VALIDATION_ERROR", "input.rolloutPercentage")),
        ({"key": "  "}, ("MISSING_REQUIRED_FIELD", "input.key")),
        ({"key": "x" * 101}, ("VALIDATION_ERROR", "input.key")),
        ({"key": "a", "description": "x" * 501}, ("VALIDATION_ERROR", "input.description")),
        ({"key": "a", "isEnabled": None}, ("MISSING_REQUIRED_FIELD", "input.isEnabled")),
    ],
)
async def test_bad_flags_change_nothing(
    acme: Signed, state: State, given: dict[str, Any], found: tuple[str, str]
) -> None:
    async with untouched(state, acme):
        payload = (await acme.owner.data(FLAG_SET, input=given))["featureFlagSet"]
    assert (payload["featureFlag"], problems(payload)) == (None, [found])


# Live


async def test_the_agency_is_followed(acme: Signed, state: State) -> None:
    document = """subscription ($after: String) { tenantChanged(after: $after) {
      kind changedFields actor { id } tenant { name settings { aiEnabled } } } }"""
    token = acme.agency.people[Role.AGENT].token
    after = (await acme.agent.data("{ streamCursor }"))["streamCursor"]
    async with listening(state, token, document, after=after) as answers, asyncio.timeout(10):
        await update(acme.owner, name="Acme Neu")
        first = await anext(answers)
        await set_(acme.owner, aiEnabled=False)
        second = await anext(answers)
    owner = {"id": acme.agency.people[Role.OWNER].gid}
    told = {"kind": "UPDATED", "actor": owner, "tenant": {"name": "Acme Neu", "settings": None}}
    assert [first["data"]["tenantChanged"], second["data"]["tenantChanged"]] == [
        {**told, "changedFields": ["name"]},
        {**told, "changedFields": ["settings"]},
    ]


# Sessions


@pytest.mark.parametrize("days", [1, 30])
async def test_sessions_live_as_long_as_the_agency_says(
    acme: Signed, anonymous: Client, state: State, days: int
) -> None:
    await set_(acme.owner, sessionMaxDays=days)
    person = acme.agency.people[Role.AGENT]
    hashed = await hash_password("Agent123!")
    (account,) = await platform(
        state, "update account set password_hash = $2 where id = $1 returning email", person.account_id, hashed
    )
    login = """mutation ($e: EmailAddress!, $p: String!) {
      authLogin(email: $e, password: $p) { refreshToken userErrors { code } } }"""
    pair = (await anonymous.data(login, e=account["email"], p="Agent123!"))["authLogin"]
    newest = "select expires_at - last_used_at as left from session where member_id = $1 order by id desc limit 1"
    (found,) = await platform(state, newest, person.id)
    assert abs(found["left"] - timedelta(days=days)) < timedelta(seconds=5)
    rotate = "mutation ($t: String!) { authRefresh(refreshToken: $t) { refreshToken userErrors { code } } }"
    await anonymous.data(rotate, t=pair["refreshToken"])
    (found,) = await platform(state, newest, person.id)
    assert found["left"] == timedelta(days=days)
