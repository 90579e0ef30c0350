"""What people say of themselves, how they want to see things, their picture, and news of their own account."""

import asyncio
import json
import time
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from domain.access import Role
from jobs import pictures
from resolvers.identity import live
from resolvers.kit.context import State
from resolvers.kit.images import MOST_BYTES, Removed
from resolvers.kit.jobs import AgencyWork
from storage.files import MissingFile
from tests.conftest import Client, Signed
from tests.contract.strangers import listening
from tests.factories import platform
from tests.graph.world import created, problems, rows, untouched

ERRORS = "userErrors { code field message details }"
PROFILE = f"""
mutation ($input: ProfileUpdateInput!) {{
  profileUpdate(input: $input) {{
    viewer {{ user {{ firstName lastName name phone bio position department website locale timezone }} }} {ERRORS}
  }}
}}"""
SEEN = "theme language timezone dateFormat currency listDensity defaultBoard { name } emailSignature dashboardLayout"
PREFERENCES = f"""
mutation ($input: PreferencesUpdateInput!) {{
  preferencesUpdate(input: $input) {{ viewer {{ preferences {{ {SEEN} }} }} {ERRORS} }}
}}"""
USUAL = {
    "theme": "AUTO",
    "language": "de",
    "timezone": "Europe/Berlin",
    "dateFormat": "DD.MM.YYYY",
    "currency": "EUR",
    "listDensity": "COMFORTABLE",
    "defaultBoard": None,
    "emailSignature": None,
    "dashboardLayout": [],
}
WIDGET = {"id": "tasks", "x": 0, "y": 0, "w": 6, "h": 4}
UPLOAD = f"mutation ($file: Upload!) {{ avatarUpload(file: $file) {{ viewer {{ user {{ avatarUrl }} }} {ERRORS} }} }}"
LOGO = (
    f"mutation ($file: Upload!) {{ tenantLogoUpload(file: $file) {{ tenant {{ branding {{ logoUrl }} }} {ERRORS} }} }}"
)


async def profile(client: Client, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(PROFILE, input=given))["profileUpdate"]
    return found


async def prefer(client: Client, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(PREFERENCES, input=given))["preferencesUpdate"]
    return found


# Profile


@pytest.mark.parametrize("role", Role)
async def test_everybody_changes_the_own_profile(acme: Signed, state: State, role: Role) -> None:
    payload = await profile(
        acme.as_(role),
        firstName="Eva",
        phone="0171 2345678",
        bio="Gern.\nImmer.",
        position="Maklerin",
        website="https://eva.example",
        locale="de-AT",
        timezone="Europe/Vienna",
    )
    assert payload == {
        "viewer": {
            "user": {
                "firstName": "Eva",
                "lastName": "Person",
                "name": "Eva Person",
                "phone": "+491712345678",
                "bio": "Gern.\nImmer.",
                "position": "Maklerin",
                "department": None,
                "website": "https://eva.example",
                "locale": "de-AT",
                "timezone": "Europe/Vienna",
            }
        },
        "userErrors": [],
    }
    (event,) = await rows(state, acme.agency.id, "event_outbox")
    assert (event["type"], event["entity_id"]) == ("user.updated", acme.agency.people[role].id)
    (entry,) = [row for row in await rows(state, acme.agency.id, "audit_entry") if row["operation"] == "profileUpdate"]
    assert (entry["outcome"], entry["resource_type"], entry["resource_id"]) == (
        "SUCCESS",
        "User",
        acme.agency.people[role].id,
    )


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"firstName": None}, ("MISSING_REQUIRED_FIELD", "input.firstName")),
        ({"firstName": "  "}, ("MISSING_REQUIRED_FIELD", "input.firstName")),
        ({"lastName": "x" * 101}, ("VALIDATION_ERROR", "input.lastName")),
        ({"firstName": "Eva\r\nBcc: all@example.com"}, ("INVALID_INPUT", "input.firstName")),
        ({"position": "Chef\u2028in"}, ("INVALID_INPUT", "input.position")),
        ({"firstName": "Eva\x00"}, ("INVALID_INPUT", "input.firstName")),
        ({"bio": "x" * 2001}, ("VALIDATION_ERROR", "input.bio")),
        ({"phone": "1"}, ("INVALID_INPUT", "input.phone")),
        ({"website": "javascript:alert(1)"}, ("INVALID_INPUT", "input.website")),
        ({"locale": "fr-FR"}, ("VALIDATION_ERROR", "input.locale")),
        ({"timezone": "Europe/Bielefeld"}, ("VALIDATION_ERROR", "input.timezone")),
    ],
)
async def test_a_bad_profile_changes_nothing(
    acme: Signed, state: State, given: dict[str, Any], found: tuple[str, str]
) -> None:
    async with untouched(state, acme):
        payload = await profile(acme.agent, **given)
    assert (payload["viewer"], problems(payload)) == (None, [found])


# Preferences


async def test_preferences_are_the_usual_ones_until_somebody_chooses(acme: Signed) -> None:
    query = f"{{ viewer {{ preferences {{ {SEEN} }} }} }}"
    assert (await acme.agent.data(query))["viewer"]["preferences"] == USUAL
    board = (await acme.agent.data("{ board { id name } }"))["board"]
    chosen = {
        "theme": "DARK",
        "language": "en",
        "timezone": "Europe/London",
        "dateFormat": "YYYY-MM-DD",
        "currency": "GBP",
        "listDensity": "COMPACT",
        "dashboardLayout": [WIDGET],
    }
    payload = await prefer(acme.agent, **chosen, defaultBoardId=board["id"])
    shown = {**chosen, "defaultBoard": {"name": board["name"]}, "emailSignature": None}
    assert payload == {"viewer": {"preferences": shown}, "userErrors": []}
    assert (await acme.agent.data(query))["viewer"]["preferences"] == shown
    assert (await acme.manager.data(query))["viewer"]["preferences"] == USUAL
    # What is absent stays, null empties what may be empty.
    payload = await prefer(acme.agent, theme="LIGHT", defaultBoardId=None)
    assert payload["viewer"]["preferences"] == {**shown, "theme": "LIGHT", "defaultBoard": None}


async def test_a_customer_has_preferences_too(acme: Signed) -> None:
    payload = await prefer(acme.customer, theme="DARK")
    assert payload["viewer"]["preferences"] == {**USUAL, "theme": "DARK"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<p>Grüße<br>Eva</p>", "<p>Grüße<br>Eva</p>"),
        ("<p onclick='x()'>a</p><script>alert(1)</script><style>p{}</style>", "<p>a</p>"),
        ('<a href="javascript:alert(1)">x</a>', '<a rel="noopener noreferrer">x</a>'),
        (
            '<a href="https://acme.example" target="_blank">x</a>',
            '<a href="https://acme.example" rel="noopener noreferrer">x</a>',
        ),
        ('<img src="https://spy.example/1.gif"><iframe src="https://x.example"></iframe>ok', "ok"),
        ("<svg><script>1</script></svg>", None),
        ("<p>offen", "<p>offen</p>"),
    ],
)
async def test_a_signature_is_html_without_anything_active(acme: Signed, given: str, kept: str | None) -> None:
    payload = await prefer(acme.agent, emailSignature=given)
    assert payload["viewer"]["preferences"]["emailSignature"] == kept


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"theme": None}, ("MISSING_REQUIRED_FIELD", "input.theme")),
        ({"language": "fr"}, ("VALIDATION_ERROR", "input.language")),
        ({"timezone": "Mars"}, ("VALIDATION_ERROR", "input.timezone")),
        ({"dateFormat": "DD-MM"}, ("VALIDATION_ERROR", "input.dateFormat")),
        ({"currency": "eur"}, ("INVALID_INPUT", "input.currency")),
        ({"defaultBoardId": "nonsense"}, ("INVALID_INPUT", "input.defaultBoardId")),
        ({"emailSignature": "x" * 5001}, ("VALIDATION_ERROR", "input.emailSignature")),
        ({"emailSignature": "&" * 5000}, ("VALIDATION_ERROR", "input.emailSignature")),
        ({"dashboardLayout": {"id": "tasks"}}, ("VALIDATION_ERROR", "input.dashboardLayout")),
        ({"dashboardLayout": [{**WIDGET, "x": 99}]}, ("VALIDATION_ERROR", "input.dashboardLayout.0.x")),
        ({"dashboardLayout": [{**WIDGET, "id": "a\x00"}]}, ("VALIDATION_ERROR", "input.dashboardLayout.0.id")),
    ],
)
async def test_bad_preferences_change_nothing(
    acme: Signed, state: State, given: dict[str, Any], found: tuple[str, str]
) -> None:
    async with untouched(state, acme):
        payload = await prefer(acme.agent, **given)
    assert (payload["viewer"], problems(payload)) == (None, [found])


# First steps


async def test_the_first_steps_are_counted_from_rows(acme: Signed, state: State) -> None:
    query = """{ viewer { onboarding {
      emailVerified profileComplete firstPropertyCreated firstContactCreated teamInvited progress } } }"""
    await platform(state, "update member set email_verified = false where tenant_id = $1", acme.agency.id)
    found = (await acme.owner.data(query))["viewer"]["onboarding"]
    steps = {
        "emailVerified": False,
        "profileComplete": False,
        "firstPropertyCreated": False,
        "firstContactCreated": False,
        "teamInvited": True,
        "progress": "20.00",
    }
    assert found == steps
    await profile(acme.owner, position="Inhaberin")
    await created(acme)
    await platform(state, "update member set email_verified = true where tenant_id = $1", acme.agency.id)
    done = {"emailVerified": True, "profileComplete": True, "firstPropertyCreated": True, "progress": "80.00"}
    assert (await acme.owner.data(query))["viewer"]["onboarding"] == {**steps, **done}


# Pictures


def drawn(kind: str, size: tuple[int, int] = (800, 400), mode: str = "RGB") -> bytes:
    """A picture: left half red, right half blue."""
    found = Image.new(mode, size, "red")
    found.paste(Image.new(mode, (size[0] // 2, size[1]), "blue"), (size[0] // 2, 0))
    written = BytesIO()
    found.save(written, kind)
    return written.getvalue()


def parts_of(document: str) -> dict[str, str]:
    """What a request with a file says besides the file."""
    return {
        "operations": json.dumps({"query": document, "variables": {"file": None}}),
        "map": json.dumps({"0": ["variables.file"]}),
    }


async def send(client: Client, document: str, content: bytes, name: str = "bild.png") -> dict[str, Any]:
    """The payload of a mutation that takes a file."""
    headers = {"Authorization": f"Bearer {client.token}", "GraphQL-Require-Preflight": "1"}
    answer = await client.http.post("/graphql", data=parts_of(document), files={"0": (name, content)}, headers=headers)
    body = answer.json()
    assert "errors" not in body, body
    (payload,) = body["data"].values()
    found: dict[str, Any] = payload
    return found


async def send_refused(client: Client, document: str, content: bytes) -> str:
    """The code of the error at the top."""
    headers = {"Authorization": f"Bearer {client.token}", "GraphQL-Require-Preflight": "1"}
    answer = await client.http.post("/graphql", data=parts_of(document), files={"0": ("a", content)}, headers=headers)
    return str(answer.json()["errors"][0]["extensions"]["code"])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_is_cropped_and_written_anew(acme: Signed, state: State, kind: str) -> None:
    payload = await send(acme.agent, UPLOAD, drawn(kind))
    assert payload["userErrors"] == []
    url = payload["viewer"]["user"]["avatarUrl"]
    answer = await acme.agent.http.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    with Image.open(BytesIO(answer.content)) as found:
        assert (found.format, found.size) == ("WEBP", (512, 512))
        red, blue = found.convert("RGB").getpixel((10, 256)), found.convert("RGB").getpixel((500, 256))
    assert red[0] > 200 > 60 > red[2]  # type: ignore[index]
    assert blue[2] > 200 > 60 > blue[0]  # type: ignore[index]
    # Others see it, too.
    gid = acme.agency.people[Role.AGENT].gid
    query = "query ($id: ID!) { node(id: $id) { ... on User { avatarUrl } } }"
    assert (await acme.customer.data(query, id=gid))["node"]["avatarUrl"] is not None
    (row,) = await platform(state, "select avatar_key from member where id = $1", acme.agency.people[Role.AGENT].id)
    removed = await acme.agent.data(f"mutation {{ avatarRemove {{ viewer {{ user {{ avatarUrl }} }} {ERRORS} }} }}")
    assert removed["avatarRemove"] == {"viewer": {"user": {"avatarUrl": None}}, "userErrors": []}
    # The file follows, by a job.
    jobs = await platform(state, "select payload from jobs.pgqueuer where entrypoint = 'pictures.remove'")
    assert [row["avatar_key"] in job["payload"].decode() for job in jobs].count(True) == 1
    await pictures.remove(AgencyWork(state, "pictures.remove", 1, acme.agency.id), Removed(row["avatar_key"]))
    with pytest.raises(MissingFile):
        await state.files.get(row["avatar_key"])


async def test_a_logo_is_shown_as_a_whole(acme: Signed, anonymous: Client) -> None:
    payload = await send(acme.owner, LOGO, drawn("PNG", (1024, 256), "RGBA"))
    assert payload["userErrors"] == []
    answer = await acme.owner.http.get(payload["tenant"]["branding"]["logoUrl"])
    with Image.open(BytesIO(answer.content)) as found:
        assert (found.format, found.size) == ("WEBP", (512, 128))
    shown = await anonymous.data("query ($s: String!) { publicBranding(slug: $s) { logoUrl } }", s=acme.agency.slug)
    assert (await anonymous.http.get(shown["publicBranding"]["logoUrl"])).content == answer.content
    body = await send_refused(acme.agent, LOGO, drawn("PNG"))
    assert body == "INSUFFICIENT_PERMISSIONS"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (SVG, "UNSUPPORTED_FILE_TYPE"),
        (b"", "UNSUPPORTED_FILE_TYPE"),
        (b"GIF89a" + bytes(100), "UNSUPPORTED_FILE_TYPE"),
        (drawn("GIF"), "UNSUPPORTED_FILE_TYPE"),
        (drawn("PNG")[:200], "UNSUPPORTED_FILE_TYPE"),
        (drawn("PNG", (10_000, 5_000), "1"), "UNSUPPORTED_FILE_TYPE"),  # 50 million points in a few kilobytes
        (drawn("PNG") + bytes(MOST_BYTES), "FILE_TOO_LARGE"),
    ],
    ids=["svg", "empty", "gif-like", "gif", "cut", "bomb", "large"],
)
async def test_what_is_no_picture_is_refused(acme: Signed, state: State, content: bytes, code: str) -> None:
    async with untouched(state, acme):
        for client, document in ((acme.agent, UPLOAD), (acme.owner, LOGO)):
            assert problems(await send(client, document, content)) == [(code, "file")]


# News of the own account

NEWS = """subscription ($after: String) {
  viewerChanged(after: $after) { cursor prevCursor reason viewer { user { firstName } permissions } } }"""


async def here(client: Client) -> str:
    found: str = (await client.data("{ streamCursor }"))["streamCursor"]
    return found


async def test_the_own_profile_and_preferences_are_told_and_nobody_elses(acme: Signed, state: State) -> None:
    token = acme.agency.people[Role.AGENT].token
    async with listening(state, token, NEWS, after=await here(acme.agent)) as answers, asyncio.timeout(10):
        await profile(acme.manager, firstName="Mona")
        await profile(acme.agent, firstName="Eva")
        first = (await anext(answers))["data"]["viewerChanged"]
        await prefer(acme.agent, theme="DARK")
        second = (await anext(answers))["data"]["viewerChanged"]
    assert [found["reason"] for found in (first, second)] == ["PROFILE", "PROFILE"]
    assert first["viewer"]["user"] == {"firstName": "Eva"}
    assert second["prevCursor"] == first["cursor"]


async def test_a_change_of_rights_is_told(acme: Signed, state: State) -> None:
    person = acme.agency.people[Role.AGENT]
    async with listening(state, person.token, NEWS, after=await here(acme.agent)) as answers, asyncio.timeout(10):
        waiting = asyncio.ensure_future(anext(answers))
        await platform(state, "update member set role = 'MANAGER' where id = $1", person.id)
        await state.bus.hint(acme.agency.id)
        found = (await waiting)["data"]["viewerChanged"]
    assert (found["reason"], "user.read" in found["viewer"]["permissions"]) == ("RIGHTS", True)


async def test_the_end_of_the_session_is_the_last_news(acme: Signed, state: State) -> None:
    person = acme.agency.people[Role.AGENT]
    async with listening(state, person.token, NEWS, after=await here(acme.agent)) as answers, asyncio.timeout(10):
        waiting = asyncio.ensure_future(anext(answers))
        await acme.agent.data("mutation { authLogout { ok } }")
        found = (await waiting)["data"]["viewerChanged"]
        assert (found["reason"], found["viewer"]) == ("SESSION_REVOKED", None)
        with pytest.raises(StopAsyncIteration):
            await anext(answers)


async def test_the_end_of_the_token_is_told_in_time(
    acme: Signed, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = acme.agency.people[Role.AGENT]
    left = state.tokens.read(person.token).expires_at - time.time()
    monkeypatch.setattr(live, "EXPIRY_NOTICE", left - 0.2)
    async with listening(state, person.token, NEWS, after=await here(acme.agent)) as answers, asyncio.timeout(10):
        found = (await anext(answers))["data"]["viewerChanged"]
        assert (found["reason"], found["viewer"]["user"]["firstName"]) == ("TOKEN_EXPIRING", "Agent")
        await profile(acme.agent, firstName="Eva")  # and it goes on
        assert (await anext(answers))["data"]["viewerChanged"]["reason"] == "PROFILE"
