"""Invitations: who may invite whom, what a link opens, for how long, and what it never does."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from domain.access import Role
from domain.plans import PlanKey
from jobs.invitations import release
from jobs.mail import send
from models.base import now, uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id, encode_id
from resolvers.kit.jobs import AgencyWork
from resolvers.kit.mail import Posted
from tests.conftest import Client, Signed
from tests.factories import make_agency, platform
from tests.graph.test_identity import LOGIN, REGISTER, register_input
from tests.graph.test_members import PASSWORD, events, last_entry, seats, use_seats
from tests.graph.world import ERRORS, problems, untouched

INVITATION = "invitation { id email firstName lastName role department status sentAt sendError expiresAt version }"
INVITE = f"mutation ($input: UserInviteInput!) {{ userInvite(input: $input) {{ {INVITATION} {ERRORS} }} }}"
RESEND = f"mutation ($id: ID!) {{ invitationResend(id: $id) {{ {INVITATION} {ERRORS} }} }}"
REVOKE = f"mutation ($id: ID!) {{ invitationRevoke(id: $id) {{ {INVITATION} {ERRORS} }} }}"
LIST = "query ($s: InvitationStatus) { invitations(status: $s) { id status invitedBy { id } } }"
PREVIEW = """query ($t: String!) { invitation(token: $t) {
  email firstName lastName role tenantName inviterName needsPassword } }"""
ACCEPT = f"""mutation ($t: String!, $p: String, $first: String, $last: String) {{
  invitationAccept(token: $t, password: $p, firstName: $first, lastName: $last) {{
    message accessToken refreshToken user {{ id email name role department phone isActive }}
    tenant {{ id }} memberships {{ role tenant {{ id }} }} {ERRORS} }} }}"""
ME = "{ viewer { user { id role } tenant { id } } }"
NOTHING = dict.fromkeys(("message", "accessToken", "refreshToken", "user", "tenant", "memberships"))


def invite_input(**changes: Any) -> dict[str, Any]:
    return {
        "email": f"gast-{uuid7().hex}@example.com",
        "firstName": "Gerda",
        "lastName": "Gast",
        "role": "AGENT",
        **changes,
    }


async def invited(client: Client, **changes: Any) -> dict[str, Any]:
    """A new invitation, made through the schema."""
    done = (await client.data(INVITE, input=invite_input(**changes)))["userInvite"]
    assert done["userErrors"] == []
    found: dict[str, Any] = done["invitation"]
    return found


def secret(state: State, invitation: dict[str, Any], version: int = 1) -> str:
    """What the mail's link carries."""
    id = decode_id(invitation["id"], "Invitation")
    assert id is not None
    return state.tokens.link_secret("invitation", id, version)


async def expire(state: State, invitation: dict[str, Any]) -> None:
    await platform(
        state,
        "update invitation set expires_at = now() - interval '1 second' where id = $1",
        decode_id(invitation["id"], "Invitation"),
    )


async def accounts_and_members(state: State) -> list[dict[str, Any]]:
    """A digest of what accepting may write, over the whole platform."""
    tables = ("account", "account_tenant", "member", "session", "token_directory", "invitation", "invitation_token")
    parts = [f"select '{t}' as name, md5(string_agg(x::text, '' order by x::text)) as sum from {t} x" for t in tables]
    parts.append("select 'counters', sum(used)::text from plan_counter")
    return await platform(state, " union all ".join(parts) + " order by 1")


async def refuses(
    state: State, client: Client, invitation: dict[str, Any], code: str, field: list[str], **variables: Any
) -> dict[str, Any]:
    """Accepting answers this problem, and nothing changes anywhere."""
    before = await accounts_and_members(state)
    token = variables.pop("t", None) or secret(state, invitation)
    payload = (await client.data(ACCEPT, t=token, **variables))["invitationAccept"]
    errors = payload.pop("userErrors")
    assert (payload, [(error["code"], error["field"]) for error in errors]) == (NOTHING, [(code, field)])
    assert await accounts_and_members(state) == before
    return dict(errors[0])


# Inviting


async def test_an_invitation_is_made_and_mailed(state: State, acme: Signed) -> None:
    given = invite_input(role="MANAGER", department="Verkauf", phone="030 23125000")
    done = (await acme.owner.data(INVITE, input=given))["userInvite"]
    row = done["invitation"]
    until = datetime.fromisoformat(row.pop("expiresAt"))
    assert abs(until - now() - timedelta(days=7)) < timedelta(seconds=30)
    assert done == {
        "invitation": {
            "id": row["id"],
            "email": given["email"],
            "firstName": "Gerda",
            "lastName": "Gast",
            "role": "MANAGER",
            "department": "Verkauf",
            "status": "PENDING",
            "sentAt": None,
            "sendError": None,
            "version": 1,
        },
        "userErrors": [],
    }
    assert await seats(state, acme) == 2
    assert await events(state, acme) == [("user.invited", "CREATED")]
    entry = await last_entry(state, acme)
    assert (entry["action"], entry["operation"]) == ("CREATE", "userInvite")
    (mail,) = await platform(
        state, "select id, template, recipient, content from mail where tenant_id = $1", acme.agency.id
    )
    assert (mail["template"], mail["recipient"]) == ("invitation", given["email"])
    token = secret(state, row)
    everything = str(await platform(state, "select * from invitation")) + str(mail) + str(entry)
    assert token not in everything
    assert (await acme.owner.data(LIST))["invitations"] == [
        {"id": row["id"], "status": "PENDING", "invitedBy": {"id": acme.agency.people[Role.OWNER].gid}}
    ]


async def test_how_sending_went_is_shown(state: State, acme: Signed) -> None:
    row = await invited(acme.owner)
    shown = "query ($id: ID!) { node(id: $id) { ... on Invitation { sentAt sendError version } } }"
    (mail,) = await platform(state, "select id from mail where tenant_id = $1", acme.agency.id)
    work = AgencyWork(state, "mail.send", 1, acme.agency.id)
    await send(work, Posted(mail["id"]))
    found = (await acme.owner.data(shown, id=row["id"]))["node"]
    assert (found["sentAt"] is not None, found["sendError"], found["version"]) == (True, None, 1)


async def test_who_may_invite_whom(state: State, acme: Signed) -> None:
    allowed = {
        Role.OWNER: set(Role),
        Role.ADMIN: set(Role) - {Role.OWNER},
        Role.MANAGER: {Role.AGENT, Role.CUSTOMER},
    }
    for inviter, roles in allowed.items():
        for role in Role:
            if role in roles:
                assert (await invited(acme.as_(inviter), role=role.value))["role"] == role.value
                continue
            async with untouched(state, acme):
                payload = (await acme.as_(inviter).data(INVITE, input=invite_input(role=role.value)))["userInvite"]
            assert problems(payload) == [("INSUFFICIENT_PERMISSIONS", "input.role")]
    for client in (acme.agent, acme.customer):
        assert await client.code(INVITE, input=invite_input()) == "INSUFFICIENT_PERMISSIONS"
    # Nor does a manager keep alive, or end, what only others may give.
    above = await invited(acme.owner, role="ADMIN")
    for document in (RESEND, REVOKE):
        async with untouched(state, acme):
            (payload,) = (await acme.manager.data(document, id=above["id"])).values()
        assert problems(payload) == [("INSUFFICIENT_PERMISSIONS", "id")]


async def test_nobody_is_invited_twice(state: State, acme: Signed, rival: Signed) -> None:
    row = await invited(acme.owner)
    member = await platform(state, "select email from member where id = $1", acme.agency.people[Role.AGENT].id)
    for email in (row["email"], f"  {row['email'].upper()} ", member[0]["email"]):
        async with untouched(state, acme):
            payload = (await acme.owner.data(INVITE, input=invite_input(email=email)))["userInvite"]
        assert problems(payload) == [("ALREADY_EXISTS", "input.email")]
    # Another agency learns nothing of it.
    assert (await invited(rival.owner, email=row["email"]))["status"] == "PENDING"
    assert (await invited(rival.owner, email=member[0]["email"]))["status"] == "PENDING"
    # Once taken back it may be made anew.
    await acme.owner.data(REVOKE, id=row["id"])
    again = await invited(acme.owner, email=row["email"])
    assert again["id"] != row["id"]


async def test_the_same_address_at_the_same_moment_is_invited_once(state: State, acme: Signed) -> None:
    given = invite_input()
    answers = await asyncio.gather(*(acme.owner.data(INVITE, input=given) for _ in range(5)))
    found = sorted(str(problems(answer["userInvite"])) for answer in answers)
    assert found == ["[('ALREADY_EXISTS', 'input.email')]"] * 4 + ["[]"]
    assert await seats(state, acme) == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"firstName": "Eva\r\nBcc: alle@example.com"}, [("INVALID_INPUT", "input.firstName")]),
        ({"lastName": "Kern\nTo: x"}, [("INVALID_INPUT", "input.lastName")]),
        ({"email": "eva@example.com\r\nBcc: x@example.com"}, [("INVALID_INPUT", "input.email")]),
        ({"email": "pаul@example.com"}, [("INVALID_INPUT", "input.email")]),  # with a Cyrillic letter
        (
            {"firstName": "x" * 101, "lastName": " "},
            [("VALIDATION_ERROR", "input.firstName"), ("MISSING_REQUIRED_FIELD", "input.lastName")],
        ),
        ({"department": "\u202eflow"}, [("INVALID_INPUT", "input.department")]),
        ({"phone": "keins"}, [("INVALID_INPUT", "input.phone")]),
    ],
)
async def test_bad_input_changes_nothing(state: State, acme: Signed, changes: dict[str, Any], expected: Any) -> None:
    async with untouched(state, acme):
        payload = (await acme.owner.data(INVITE, input=invite_input(**changes)))["userInvite"]
    assert (payload["invitation"], sorted(problems(payload))) == (None, sorted(expected))
    assert await platform(state, "select id from mail where tenant_id = $1", acme.agency.id) == []


# Seats


async def test_sixty_at_once_get_the_ten_seats_there_are(state: State, http: httpx2.AsyncClient) -> None:
    small = Signed(await make_agency(state, "Mittel", PlanKey.PROFESSIONAL), http)
    await use_seats(state, small, 0)
    answers = await asyncio.gather(*(small.owner.data(INVITE, input=invite_input()) for _ in range(60)))
    payloads = [answer["userInvite"] for answer in answers]
    assert sum(payload["userErrors"] == [] for payload in payloads) == 10
    refused = {str(payload["userErrors"]) for payload in payloads if payload["userErrors"]}
    assert len(refused) == 1
    error = next(payload["userErrors"][0] for payload in payloads if payload["userErrors"])
    assert (error["code"], error["details"]) == (
        "SEAT_LIMIT_EXCEEDED",
        {"resource": "USERS", "current": 10, "limit": 10, "requiredPlan": "ENTERPRISE"},
    )
    made = await platform(state, "select count(*) as n from invitation where tenant_id = $1", small.agency.id)
    mails = await platform(state, "select count(*) as n from mail where tenant_id = $1", small.agency.id)
    assert (made, mails, await seats(state, small)) == ([{"n": 10}], [{"n": 10}], 10)


async def test_seats_come_back(state: State, acme: Signed, anonymous: Client) -> None:
    """Revoking and expiring free a seat once; accepting keeps it, but for customers."""
    first, second = await invited(acme.owner), await invited(acme.owner)
    assert await seats(state, acme) == 3
    for _ in range(2):
        assert (await acme.owner.data(REVOKE, id=first["id"]))["invitationRevoke"]["invitation"]["status"] == "REVOKED"
        assert await seats(state, acme) == 2
    await expire(state, second)
    work = AgencyWork(state, "invitations.release", 1, acme.agency.id)
    for _ in range(2):
        await release(work)
        assert await seats(state, acme) == 1
    assert [row["status"] for row in (await acme.owner.data(LIST))["invitations"]] == ["EXPIRED", "REVOKED"]
    for role, used in (("AGENT", 2), ("CUSTOMER", 2)):
        row = await invited(acme.owner, role=role)
        done = (await anonymous.data(ACCEPT, t=secret(state, row), p=PASSWORD))["invitationAccept"]
        assert (role, done["userErrors"], await seats(state, acme)) == (role, [], used)


async def test_an_expired_seat_is_free_before_the_job_has_run(state: State, http: httpx2.AsyncClient) -> None:
    small = Signed(await make_agency(state, "Frei", PlanKey.FREE), http)
    row = await invited(small.owner)
    full = (await small.owner.data(INVITE, input=invite_input()))["userInvite"]
    assert problems(full) == [("SEAT_LIMIT_EXCEEDED", "")]
    await expire(state, row)
    await invited(small.owner)
    assert await seats(state, small) == 2
    # The expired one has no seat to come back to.
    async with untouched(state, small):
        again = (await small.owner.data(RESEND, id=row["id"]))["invitationResend"]
    assert problems(again) == [("SEAT_LIMIT_EXCEEDED", "")]


# Sending again, taking back


async def test_sent_again_the_old_link_is_void(state: State, acme: Signed, anonymous: Client) -> None:
    row = await invited(acme.owner)
    await expire(state, row)
    assert (await anonymous.data(PREVIEW, t=secret(state, row)))["invitation"] is None
    done = (await acme.owner.data(RESEND, id=row["id"]))["invitationResend"]
    assert (done["invitation"]["status"], done["invitation"]["version"], done["userErrors"]) == ("PENDING", 2, [])
    assert datetime.fromisoformat(done["invitation"]["expiresAt"]) > now() + timedelta(days=6)
    assert await seats(state, acme) == 2
    assert (await events(state, acme))[-1] == ("invitation.resent", "UPDATED")
    assert (await anonymous.data(PREVIEW, t=secret(state, row)))["invitation"] is None
    assert (await anonymous.data(PREVIEW, t=secret(state, row, 2)))["invitation"]["email"] == row["email"]
    await refuses(state, anonymous, row, "INVALID_TOKEN", ["token"], p=PASSWORD)


async def test_what_is_decided_stays(state: State, acme: Signed, anonymous: Client) -> None:
    taken, accepted = await invited(acme.owner), await invited(acme.owner)
    await acme.owner.data(REVOKE, id=taken["id"])
    await anonymous.data(ACCEPT, t=secret(state, accepted), p=PASSWORD)
    for row, document, status in (
        (taken, RESEND, "REVOKED"),
        (accepted, RESEND, "ACCEPTED"),
        (accepted, REVOKE, "ACCEPTED"),
    ):
        async with untouched(state, acme):
            (payload,) = (await acme.owner.data(document, id=row["id"])).values()
        error = payload["userErrors"][0]
        assert (error["code"], error["field"], error["details"]["from"]) == ("INVALID_TRANSITION", ["id"], status)
    unknown = encode_id("Invitation", uuid7())
    for document in (RESEND, REVOKE):
        (payload,) = (await acme.owner.data(document, id=unknown)).values()
        assert problems(payload) == [("NOT_FOUND", "id")]


@pytest.mark.parametrize("status", ["PENDING", "ACCEPTED", "EXPIRED", "REVOKED"])
async def test_lists_by_status(state: State, acme: Signed, anonymous: Client, status: str) -> None:
    rows = {name: await invited(acme.owner) for name in ("PENDING", "ACCEPTED", "EXPIRED", "REVOKED")}
    await acme.owner.data(REVOKE, id=rows["REVOKED"]["id"])
    await expire(state, rows["EXPIRED"])
    await anonymous.data(ACCEPT, t=secret(state, rows["ACCEPTED"]), p=PASSWORD)
    found = (await acme.manager.data(LIST, s=status))["invitations"]
    assert [(row["id"], row["status"]) for row in found] == [(rows[status]["id"], status)]


# Accepting


async def test_a_new_person_sets_a_password_and_is_in(state: State, acme: Signed, anonymous: Client) -> None:
    row = await invited(acme.owner, department="Verkauf", phone="+493023125000", role="MANAGER")
    token = secret(state, row)
    assert (await anonymous.data(PREVIEW, t=token))["invitation"] == {
        "email": row["email"],
        "firstName": "Gerda",
        "lastName": "Gast",
        "role": "MANAGER",
        "tenantName": "Acme",
        "inviterName": "Owner Person",
        "needsPassword": True,
    }
    done = (await anonymous.data(ACCEPT, t=token, p=PASSWORD, last="Gäste"))["invitationAccept"]
    access = done.pop("accessToken")
    assert done.pop("refreshToken") is not None
    user = done["user"]
    assert done == {
        "message": None,
        "user": {
            "id": user["id"],
            "email": row["email"],
            "name": "Gerda Gäste",
            "role": "MANAGER",
            "department": "Verkauf",
            "phone": "+493023125000",
            "isActive": True,
        },
        "tenant": {"id": acme.agency.gid},
        "memberships": [{"role": "MANAGER", "tenant": {"id": acme.agency.gid}}],
        "userErrors": [],
    }
    client = Client(anonymous.http, access)
    assert (await client.data(ME))["viewer"] == {
        "user": {"id": user["id"], "role": "MANAGER"},
        "tenant": {"id": acme.agency.gid},
    }
    assert [name for name, _ in await events(state, acme)] == ["user.invited", "user.joined", "invitation.updated"]
    (account,) = await platform(state, "select * from account where email = $1", row["email"])
    assert account["email_verified_at"] is not None
    answer = (await anonymous.data(LOGIN, email=row["email"], password=PASSWORD))["authLogin"]
    assert answer["userErrors"] == []
    # Once is enough.
    await refuses(state, anonymous, row, "INVALID_TOKEN", ["token"], p=PASSWORD)
    assert (await anonymous.data(PREVIEW, t=token))["invitation"] is None


async def test_two_who_accept_at_once_are_one_member(state: State, acme: Signed, anonymous: Client) -> None:
    row = await invited(acme.owner)
    answers = await asyncio.gather(
        *(anonymous.data(ACCEPT, t=secret(state, row), p=PASSWORD) for _ in range(4)), return_exceptions=False
    )
    found = sorted(str(problems(answer["invitationAccept"])) for answer in answers)
    assert found == ["[('INVALID_TOKEN', 'token')]"] * 3 + ["[]"]
    made = await platform(
        state, "select count(*) as n from member where tenant_id = $1 and email = $2", acme.agency.id, row["email"]
    )
    assert (made, await seats(state, acme)) == ([{"n": 1}], 2)


@pytest.mark.parametrize(
    ("variables", "code", "field"),
    [
        ({}, "MISSING_REQUIRED_FIELD", ["password"]),
        ({"p": ""}, "MISSING_REQUIRED_FIELD", ["password"]),
        ({"p": "kurz"}, "VALIDATION_ERROR", ["password"]),
        ({"p": PASSWORD, "first": "Eva\nBcc: x"}, "INVALID_INPUT", ["firstName"]),
        ({"p": PASSWORD, "last": "x" * 101}, "VALIDATION_ERROR", ["lastName"]),
        ({"p": PASSWORD, "t": "nothing"}, "INVALID_TOKEN", ["token"]),
        ({"p": PASSWORD, "t": "\x00"}, "INVALID_TOKEN", ["token"]),
    ],
)
async def test_what_accepting_refuses(
    state: State, acme: Signed, anonymous: Client, variables: dict[str, Any], code: str, field: list[str]
) -> None:
    await refuses(state, anonymous, await invited(acme.owner), code, field, **variables)


async def test_a_link_that_is_too_late_or_taken_back(state: State, acme: Signed, anonymous: Client) -> None:
    late, taken = await invited(acme.owner), await invited(acme.owner)
    await expire(state, late)
    await acme.owner.data(REVOKE, id=taken["id"])
    await refuses(state, anonymous, late, "TOKEN_EXPIRED", ["token"], p=PASSWORD)
    await refuses(state, anonymous, taken, "INVALID_TOKEN", ["token"], p=PASSWORD)
    for row in (late, taken):
        assert (await anonymous.data(PREVIEW, t=secret(state, row)))["invitation"] is None


async def test_who_has_a_login_joins_and_signs_in_with_it(
    state: State, acme: Signed, rival: Signed, anonymous: Client
) -> None:
    """The link alone gives nobody tokens of a login that exists."""
    owner = rival.agency.people[Role.OWNER]
    (known,) = await platform(
        state, "update account set email_verified_at = now() where id = $1 returning email", owner.account_id
    )
    row = await invited(acme.owner, email=known["email"])
    token = secret(state, row)
    assert (await anonymous.data(PREVIEW, t=token))["invitation"]["needsPassword"] is False
    done = (await anonymous.data(ACCEPT, t=token, p="Egal-123!"))["invitationAccept"]
    assert done == NOTHING | {
        "message": "You belong to the agency now. Sign in with your own password.",
        "userErrors": [],
    }
    there = {"X-Tenant-ID": acme.agency.gid}
    seen = await rival.owner(ME, _headers=there)
    assert seen["data"]["viewer"]["user"]["role"] == "AGENT"
    unchanged = await platform(state, "select password_hash from account where id = $1", owner.account_id)
    assert unchanged == [{"password_hash": ""}]


async def test_who_is_signed_in_enters_at_once(state: State, acme: Signed, rival: Signed) -> None:
    owner = rival.agency.people[Role.OWNER]
    (known,) = await platform(state, "select email from account where id = $1", owner.account_id)
    row = await invited(acme.owner, email=known["email"])
    done = (await rival.owner.data(ACCEPT, t=secret(state, row)))["invitationAccept"]
    assert (done["tenant"], done["userErrors"]) == ({"id": acme.agency.gid}, [])
    client = Client(rival.owner.http, done["accessToken"])
    assert (await client.data(ME))["viewer"]["tenant"] == {"id": acme.agency.gid}


async def test_another_persons_invitation(state: State, acme: Signed, rival: Signed) -> None:
    (known,) = await platform(
        state, "select email from account where id = $1", rival.agency.people[Role.OWNER].account_id
    )
    for email in (invite_input()["email"], known["email"]):
        row = await invited(acme.owner, email=email)
        error = await refuses(state, rival.agent, row, "BUSINESS_RULE", ["token"], p=PASSWORD)
        assert error["details"] == {"rule": "OTHER_PERSON"}


async def test_a_login_nobody_has_proven_is_not_trusted(state: State, acme: Signed, anonymous: Client) -> None:
    """Somebody registers with an address that is not theirs, and waits for its owner to be invited."""
    given = register_input(password="Angriff-123!")
    attacker = (await anonymous.data(REGISTER, input=given))["authRegister"]
    spy = Client(anonymous.http, attacker["accessToken"])
    there = {"X-Tenant-ID": acme.agency.gid}
    row = await invited(acme.owner, email=given["email"])
    token = secret(state, row)
    assert (await anonymous.data(PREVIEW, t=token))["invitation"]["needsPassword"] is True
    await refuses(state, anonymous, row, "MISSING_REQUIRED_FIELD", ["password"])
    done = (await anonymous.data(ACCEPT, t=token, p=PASSWORD))["invitationAccept"]
    assert (done["tenant"], done["userErrors"]) == ({"id": acme.agency.gid}, [])
    # The stranger is out: neither the session, nor the refresh token, nor the password opens anything.
    assert (await spy(ME, _headers=there))["errors"][0]["extensions"]["code"] == "INVALID_TOKEN"
    refresh = "mutation ($t: String!) { authRefresh(refreshToken: $t) { accessToken userErrors { code } } }"
    assert (await anonymous.data(refresh, t=attacker["refreshToken"]))["authRefresh"]["userErrors"] == [
        {"code": "INVALID_TOKEN"}
    ]
    old, new = [
        (await anonymous.data(LOGIN, email=given["email"], password=password))["authLogin"]["userErrors"]
        for password in ("Angriff-123!", PASSWORD)
    ]
    assert ([error["code"] for error in old], new) == (["INVALID_CREDENTIALS"], [])


async def test_a_suspended_agency_takes_nobody(state: State, acme: Signed, anonymous: Client) -> None:
    row = await invited(acme.owner)
    await platform(state, "update tenant set is_active = false where id = $1", acme.agency.id)
    assert (await anonymous.data(PREVIEW, t=secret(state, row)))["invitation"] is None
    await refuses(state, anonymous, row, "INVALID_TOKEN", ["token"], p=PASSWORD)
    assert isinstance(decode_id(row["id"], "Invitation"), UUID)


async def test_roles_and_teams_come_with_an_invitation(state: State, acme: Signed, anonymous: Client) -> None:
    """What there is no more of them when it is accepted is left out."""
    made = """mutation ($n: String!) { teamCreate(input: { name: $n }) { team { id } } }"""
    role = (
        """mutation ($n: String!) { roleCreate(input: { name: $n, permissionKeys: ["audit.read"] }) { role { id } } }"""
    )
    teams = [(await acme.owner.data(made, n=name))["teamCreate"]["team"]["id"] for name in ("Nord", "Weg")]
    roles = [(await acme.owner.data(role, n=name))["roleCreate"]["role"]["id"] for name in ("Prüfung", "Fort")]
    row = await invited(acme.owner, teamIds=teams, roleIds=roles)
    await acme.owner.data("mutation ($id: ID!) { teamDelete(id: $id) { userErrors { code } } }", id=teams[1])
    await acme.owner.data("mutation ($id: ID!) { roleDelete(id: $id) { userErrors { code } } }", id=roles[1])
    done = (await anonymous.data(ACCEPT, t=secret(state, row), p=PASSWORD))["invitationAccept"]
    assert done["userErrors"] == []
    text = "query ($id: ID!) { user(id: $id) { roles { name } teams { name } permissions } }"
    shown = (await acme.owner.data(text, id=done["user"]["id"]))["user"]
    assert (shown["roles"], shown["teams"]) == ([{"name": "Prüfung"}], [{"name": "Nord"}])
    assert "audit.read" in shown["permissions"]
    assert ("team.updated", "UPDATED") in await events(state, acme)
    change = f"mutation ($id: ID!, $t: [ID!]) {{ userUpdate(id: $id, input: {{ teamIds: $t }}) {{ {ERRORS} }} }}"
    assert (await acme.owner.data(change, id=done["user"]["id"], t=[]))["userUpdate"]["userErrors"] == []
    assert (await acme.owner.data(text, id=done["user"]["id"]))["user"]["teams"] == []


async def test_an_inviter_gives_no_more_than_they_hold(state: State, acme: Signed, rival: Signed) -> None:
    role = """mutation { roleCreate(input: { name: "Prüfung", permissionKeys: ["audit.read"] }) { role { id } } }"""
    own, foreign = [(await signed.owner.data(role))["roleCreate"]["role"]["id"] for signed in (acme, rival)]
    for client, id, expected in (
        (acme.manager, own, ("INSUFFICIENT_PERMISSIONS", "input.roleIds")),
        (acme.owner, foreign, ("NOT_FOUND", "input.roleIds.0")),
    ):
        async with untouched(state, acme):
            payload = (await client.data(INVITE, input=invite_input(roleIds=[id])))["userInvite"]
        assert problems(payload) == [expected]
