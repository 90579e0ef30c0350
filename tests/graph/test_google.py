"""Sign-in with Google, against a provider of the test's own with keys of its own."""

import base64
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id
from storage import google
from storage.google import Google
from tests.conftest import Client
from tests.factories import platform
from tests.graph.test_identity import PASSWORD, as_, registered

ISSUER, CLIENT, SECRET = "https://accounts.test", "client.test", "the client's secret"
ENTER = """
mutation ($idToken: String, $code: String, $codeVerifier: String, $nonce: String, $password: String,
  $tenantName: String) {
  authLoginWithGoogle(idToken: $idToken, code: $code, codeVerifier: $codeVerifier, nonce: $nonce, password: $password,
    tenantName: $tenantName) {
    accessToken user { id email firstName lastName emailVerified role } tenant { name slug }
    userErrors { code field message details }
  }
}"""
LINKS = "{ viewer { linkedAccounts { id provider email connectedAt } } }"
REMOVE = """
mutation {
  linkedAccountRemove(provider: GOOGLE) { viewer { linkedAccounts { id } } userErrors { code field details } }
}"""


@dataclass
class Provider:
    """Google, as far as it matters."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    asked: list[str] = field(default_factory=list)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)  # code → challenge and id token
    broken: bool = False

    def app(self) -> Starlette:
        async def about(_: Request) -> Response:
            self.asked.append("about")
            if self.broken:
                return Response("busy", 503)
            return JSONResponse({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys", "token_endpoint": f"{ISSUER}/token"})

        async def keys(_: Request) -> Response:
            self.asked.append("keys")
            return JSONResponse({"keys": [self.key.as_dict(private=False)]})

        async def token(request: Request) -> Response:
            form = await request.form()
            challenge, id_token = self.codes.pop(str(form["code"]), ("", ""))
            verifier = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
            good = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() == challenge
            if (form["client_id"], form["client_secret"], good) != (CLIENT, SECRET, True):
                return JSONResponse({"error": "invalid_grant"}, 400)
            return JSONResponse({"id_token": id_token, "token_type": "Bearer"})

        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", about),
                Route("/keys", keys),
                Route("/token", token, methods=["POST"]),
            ]
        )

    def token(self, email: str, key: Any = None, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """An id token for an address; `changes` of None leave a claim out."""
        at = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": CLIENT,
            "sub": hashlib.sha256(email.encode()).hexdigest()[:20],
            "email": email,
            "email_verified": True,
            "given_name": "Erika",
            "family_name": "Muster",
            "iat": at,
            "exp": at + 3600,
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header or {"alg": "RS256", "kid": "one"}, claims, key or self.key)


@pytest.fixture
def provider(state: State) -> Iterator[Provider]:
    found = Provider()
    settings = state.settings.model_copy(
        update={"google_client_id": CLIENT, "google_client_secret": SECRET, "google_issuer": ISSUER}
    )
    state.google = Google(settings, httpx2.ASGITransport(app=found.app()))
    yield found
    del state.google


def address() -> str:
    return f"erika-{uuid7().hex}@example.com"


async def enter(client: Client, **given: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.data(ENTER, **given))["authLoginWithGoogle"]
    return answer


def wrong(answer: dict[str, Any]) -> list[tuple[str, list[str]]]:
    assert answer["accessToken"] is None
    return [(error["code"], error["field"]) for error in answer["userErrors"]]


async def accounts(state: State, email: str) -> list[dict[str, Any]]:
    return await platform(
        state,
        "select account.*, link.subject from account left join linked_account link on link.account_id = account.id"
        " where account.email = $1",
        email,
    )


async def test_a_new_person_makes_an_agency(state: State, provider: Provider, anonymous: Client) -> None:
    email = address()
    token = provider.token(email)
    answer = await enter(anonymous, idToken=token, tenantName="  Muster   Immobilien ")
    assert answer["userErrors"] == []
    assert {**answer["user"], "id": None} == {
        "id": None,
        "email": email,
        "firstName": "Erika",
        "lastName": "Muster",
        "emailVerified": True,
        "role": "OWNER",
    }
    assert answer["tenant"]["name"] == "Muster Immobilien"
    (account,) = await accounts(state, email)
    assert account["password_hash"] is None
    assert account["email_verified_at"] is not None
    # From now on the token alone is enough.
    again = await enter(anonymous, idToken=token)
    assert (again["userErrors"], again["user"]) == ([], answer["user"])
    (link,) = (await as_(anonymous, again["accessToken"]).data(LINKS))["viewer"]["linkedAccounts"]
    assert (link["provider"], link["email"]) == ("GOOGLE", email)
    # There is no password that could be guessed.
    login = "mutation ($e: EmailAddress!, $p: String!) { authLogin(email: $e, password: $p) { userErrors { code } } }"
    for password in ("", PASSWORD):
        refused = (await anonymous.data(login, e=email, p=password))["authLogin"]
        assert refused["userErrors"] == [{"code": "INVALID_CREDENTIALS"}]


async def test_a_new_person_must_say_what_to_make(state: State, provider: Provider, anonymous: Client) -> None:
    email = address()
    answer = await enter(anonymous, idToken=provider.token(email))
    assert wrong(answer) == [("VALIDATION_ERROR", ["tenantName"])]
    for name in ("", "A", "x" * 256):
        answer = await enter(anonymous, idToken=provider.token(email), tenantName=name)
        assert wrong(answer) == [("VALIDATION_ERROR", ["tenantName"])]
    assert await accounts(state, email) == []


async def test_a_login_is_linked_by_its_password_once(state: State, provider: Provider, anonymous: Client) -> None:
    done = await registered(anonymous)
    token = provider.token(done["email"])
    for given in ({}, {"tenantName": "Another agency"}):
        answer = await enter(anonymous, idToken=token, **given)
        assert wrong(answer) == [("BUSINESS_RULE", ["password"])]
    answer = await enter(anonymous, idToken=token, password="Wrong-1234")
    assert wrong(answer) == [("INVALID_CREDENTIALS", ["password"])]
    assert [row["subject"] for row in await accounts(state, done["email"])] == [None]
    answer = await enter(anonymous, idToken=token, password=PASSWORD)
    assert (answer["userErrors"], answer["user"]["id"]) == ([], done["user"]["id"])
    answer = await enter(anonymous, idToken=token)
    assert (answer["userErrors"], answer["user"]["id"]) == ([], done["user"]["id"])


async def test_another_google_account_with_the_address_is_somebody_else(provider: Provider, anonymous: Client) -> None:
    done = await registered(anonymous)
    await enter(anonymous, idToken=provider.token(done["email"]), password=PASSWORD)
    answer = await enter(anonymous, idToken=provider.token(done["email"], sub="somebody-else"))
    assert wrong(answer) == [("BUSINESS_RULE", ["password"])]


async def test_a_code_with_its_verifier(provider: Provider, anonymous: Client) -> None:
    email, verifier = address(), "verifier" * 8
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    for code in ("one", "two"):
        provider.codes[code] = (challenge, provider.token(email))
    answer = await enter(anonymous, code="one", codeVerifier="another" * 8, tenantName="Muster")
    assert wrong(answer) == [("INVALID_TOKEN", ["code"])]
    answer = await enter(anonymous, code="two", codeVerifier=verifier, tenantName="Muster")
    assert (answer["userErrors"], answer["user"]["email"]) == ([], email)
    answer = await enter(anonymous, code="two", codeVerifier=verifier)
    assert wrong(answer) == [("INVALID_TOKEN", ["code"])]
    answer = await enter(anonymous, code="three")
    assert wrong(answer) == [("MISSING_REQUIRED_FIELD", ["codeVerifier"])]


STRANGER = RSAKey.generate_key(2048, {"kid": "one"})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": STRANGER}, "INVALID_TOKEN"),
        ({"key": OctKey.import_key(SECRET), "header": {"alg": "HS256", "kid": "one"}}, "INVALID_TOKEN"),
        ({"aud": "another client"}, "INVALID_TOKEN"),
        ({"aud": [CLIENT, "another client"]}, "INVALID_TOKEN"),
        ({"aud": None}, "INVALID_TOKEN"),
        ({"azp": "another client"}, "INVALID_TOKEN"),
        ({"iss": "https://evil.test"}, "INVALID_TOKEN"),
        ({"exp": int(time.time()) - 1}, "INVALID_TOKEN"),
        ({"exp": None}, "INVALID_TOKEN"),
        ({"exp": "tomorrow"}, "INVALID_TOKEN"),
        ({"iat": int(time.time()) + 7200}, "INVALID_TOKEN"),
        ({"sub": None}, "INVALID_TOKEN"),
        ({"sub": ""}, "INVALID_TOKEN"),
        ({"nonce": "another"}, "INVALID_TOKEN"),
        ({"nonce": None}, "INVALID_TOKEN"),
        ({"email_verified": False}, "EMAIL_NOT_VERIFIED"),
        ({"email_verified": None}, "EMAIL_NOT_VERIFIED"),
        ({"email": "nobody"}, "INVALID_INPUT"),
    ],
)
async def test_tokens_that_are_not_believed(
    state: State, provider: Provider, anonymous: Client, changes: dict[str, Any], code: str
) -> None:
    email = address()
    token = provider.token(changes.pop("email", email), **{"nonce": "n", **changes})
    answer = await enter(anonymous, idToken=token, nonce="n", tenantName="Muster")
    assert wrong(answer) == [(code, ["idToken"])]
    assert await accounts(state, email) == []


@pytest.mark.parametrize("token", ["", "a.b.c", "ä", "x" * 9_000, "eyJhbGciOiJub25lIn0.e30."])
async def test_what_is_no_token(provider: Provider, anonymous: Client, token: str) -> None:
    assert wrong(await enter(anonymous, idToken=token)) == [("INVALID_TOKEN", ["idToken"])]


async def test_the_issuer_may_leave_its_scheme_out_as_google_does(provider: Provider, anonymous: Client) -> None:
    token = provider.token(address(), iss=ISSUER.removeprefix("https://"))
    assert (await enter(anonymous, idToken=token, tenantName="Muster"))["userErrors"] == []


@pytest.mark.parametrize(
    ("claims", "names"),
    [
        ({"given_name": None, "family_name": None, "name": "Erika von Muster"}, ("Erika", "von Muster")),
        ({"given_name": "Eri\r\nka\u0000", "family_name": " "}, ("Eri ka", "")),
        ({"given_name": "E" * 300, "family_name": "M" * 300}, ("E" * 100, "M" * 100)),
    ],
)
async def test_names_as_google_tells_them(
    provider: Provider, anonymous: Client, claims: dict[str, Any], names: tuple[str, str]
) -> None:
    email = address()
    answer = await enter(anonymous, idToken=provider.token(email, **claims), tenantName="Muster")
    local = email.partition("@")[0]
    assert (answer["user"]["firstName"], answer["user"]["lastName"]) == (names[0] or local, names[1] or local)


async def test_keys_change(provider: Provider, anonymous: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong(await enter(anonymous, idToken=provider.token(address()))) == [("VALIDATION_ERROR", ["tenantName"])]
    provider.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    token = provider.token(address(), header={"alg": "RS256", "kid": "two"})
    # Whoever sends nonsense cannot have them read anew all the time.
    assert wrong(await enter(anonymous, idToken=token)) == [("INVALID_TOKEN", ["idToken"])]
    assert provider.asked == ["about", "keys"]
    monkeypatch.setattr(google, "PAUSE", 0.0)
    assert wrong(await enter(anonymous, idToken=token)) == [("VALIDATION_ERROR", ["tenantName"])]
    assert provider.asked == ["about", "keys"] * 2


async def test_google_may_be_away(provider: Provider, anonymous: Client) -> None:
    provider.broken = True
    answer = await enter(anonymous, idToken=provider.token(address()), tenantName="Muster")
    assert wrong(answer) == [("EXTERNAL_SERVICE_ERROR", [])]
    provider.broken = False
    answer = await enter(anonymous, idToken=provider.token(address()), tenantName="Muster")
    assert answer["userErrors"] == []


async def test_where_it_is_not_set_up(anonymous: Client) -> None:
    answer = await enter(anonymous, idToken="a.b.c")
    assert wrong(answer) == [("EXTERNAL_SERVICE_ERROR", [])]
    assert answer["userErrors"][0]["message"] == "Sign-in with Google is not set up."


@pytest.mark.parametrize("given", [{}, {"idToken": "a.b.c", "code": "x", "codeVerifier": "y"}])
async def test_one_way_at_a_time(provider: Provider, anonymous: Client, given: dict[str, str]) -> None:
    assert wrong(await enter(anonymous, **given)) == [("VALIDATION_ERROR", ["idToken"])]


async def test_a_link_is_removed_unless_it_is_the_only_way_in(provider: Provider, anonymous: Client) -> None:
    only = await enter(anonymous, idToken=provider.token(address()), tenantName="Muster")
    refused = (await as_(anonymous, only["accessToken"]).data(REMOVE))["linkedAccountRemove"]
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("BUSINESS_RULE", ["provider"])]
    assert len((await as_(anonymous, only["accessToken"]).data(LINKS))["viewer"]["linkedAccounts"]) == 1
    done = await registered(anonymous)
    token = provider.token(done["email"])
    linked = await enter(anonymous, idToken=token, password=PASSWORD)
    client = as_(anonymous, linked["accessToken"])
    answer = (await client.data(REMOVE))["linkedAccountRemove"]
    assert answer == {"viewer": {"linkedAccounts": []}, "userErrors": []}
    assert wrong(await enter(anonymous, idToken=token)) == [("BUSINESS_RULE", ["password"])]
    again = (await client.data(REMOVE))["linkedAccountRemove"]
    assert [(error["code"], error["field"]) for error in again["userErrors"]] == [("NOT_FOUND", ["provider"])]


async def test_a_closed_door_is_closed_for_google_too(state: State, provider: Provider, anonymous: Client) -> None:
    done = await enter(anonymous, idToken=(token := provider.token(address())), tenantName="Muster")
    member = decode_id(done["user"]["id"], "User")
    await platform(state, "update member set status = 'DEACTIVATED' where id = $1", member)
    assert wrong(await enter(anonymous, idToken=token)) == [("INVALID_CREDENTIALS", [])]
