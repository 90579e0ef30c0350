"""Google as a witness of who somebody is (OpenID Connect): codes are exchanged, tokens are believed by signature alone.

What the provider says of itself and its keys is kept for an hour; a token signed with a key that is not among them has
them read anew, at most once a minute.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from domain.errors import ErrorCode, Refusal, texts
from settings import Settings

SECONDS = 5.0
KEPT, PAUSE = 3600.0, 60.0
LEEWAY = 60  # seconds between two clocks
ALGORITHMS = ["RS256", "ES256"]
LONGEST = 8_192  # characters of a token

texts(
    {
        "google.unconfigured": (
            "Sign-in with Google is not set up.",
            "Die Anmeldung mit Google ist nicht eingerichtet.",
        ),
        "google.away": (
            "Google does not answer. Try again later.",
            "Google antwortet nicht. Bitte später erneut versuchen.",
        ),
    }
)


@dataclass(frozen=True)
class Identity:
    """Who somebody is, as the provider vouches for it."""

    subject: str
    email: str
    first_name: str
    last_name: str


class Google:
    """Exchanges codes and reads tokens of the provider that is configured."""

    def __init__(self, settings: Settings, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._client_id = settings.google_client_id
        self._secret = settings.google_client_secret
        self._issuer = settings.google_issuer.rstrip("/")
        self._redirect = settings.google_redirect_uri
        self._transport = transport
        self._about: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at = float("-inf")

    async def exchange(self, code: str, verifier: str) -> str:
        """The id token for a code; INVALID_TOKEN for a code that is none, or not this verifier's."""
        self._configured()
        await self._refresh(KEPT)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "client_id": self._client_id,
            "client_secret": self._secret,
            "redirect_uri": self._redirect,
        }
        answer = await self._ask("POST", self._about["token_endpoint"], data=form)
        if answer.status_code in (400, 401):
            raise Refusal.of(ErrorCode.INVALID_TOKEN, "code")
        found = self._json(answer).get("id_token")
        if not isinstance(found, str):
            raise _away()
        return found

    async def identify(self, id_token: str, nonce: str | None, *path: str) -> Identity:
        """Whom an id token names; INVALID_TOKEN unless the provider signed it for us, just now, with this nonce."""
        self._configured()
        if len(id_token) > LONGEST or not id_token.isascii():
            raise Refusal.of(ErrorCode.INVALID_TOKEN, *path)
        claims = await self._verified(id_token, *path)
        audience = claims.get("aud")
        good = (
            claims.get("iss") in (self._issuer, self._issuer.removeprefix("https://"))
            and audience in (self._client_id, [self._client_id])
            and claims.get("azp", self._client_id) == self._client_id
            and _number(claims.get("exp")) > time.time()
            and _number(claims.get("iat")) <= time.time() + LEEWAY
            and (nonce is None or claims.get("nonce") == nonce)
        )
        subject, email = claims.get("sub"), claims.get("email")
        if not good or not isinstance(subject, str) or not 0 < len(subject) <= 255 or not isinstance(email, str):
            raise Refusal.of(ErrorCode.INVALID_TOKEN, *path)
        if claims.get("email_verified") not in (True, "true"):
            raise Refusal.of(ErrorCode.EMAIL_NOT_VERIFIED, *path)
        first, last = _names(claims, email)
        return Identity(subject, email, first, last)

    async def _verified(self, id_token: str, *path: str) -> dict[str, Any]:
        await self._refresh(KEPT)
        for attempt in (1, 2):
            assert self._keys is not None
            try:
                return dict(jwt.decode(id_token, self._keys, algorithms=ALGORITHMS).claims)
            except (JoseError, ValueError, KeyError, TypeError):
                # The key may be a new one.
                if attempt == 2 or not await self._refresh(PAUSE):
                    break
        raise Refusal.of(ErrorCode.INVALID_TOKEN, *path)

    async def _refresh(self, age: float) -> bool:
        """Read what the provider says of itself, if what we have is older; whether it was read."""
        if time.monotonic() - self._read_at < age:
            return False
        about = self._json(await self._ask("GET", f"{self._issuer}/.well-known/openid-configuration"))
        names = ("jwks_uri", "token_endpoint")
        scheme = self._issuer.partition(":")[0] + "://"
        if about.get("issuer") != self._issuer or not all(str(about.get(name)).startswith(scheme) for name in names):
            raise _away()
        found = self._json(await self._ask("GET", about["jwks_uri"]))
        try:
            self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError):
            raise _away() from None
        self._about, self._read_at = about, time.monotonic()
        return True

    def _configured(self) -> None:
        if not self._client_id:
            raise Refusal.of(ErrorCode.EXTERNAL_SERVICE_ERROR, rule="google.unconfigured")

    async def _ask(self, method: str, url: str, **options: Any) -> httpx2.Response:
        try:
            async with httpx2.AsyncClient(timeout=SECONDS, transport=self._transport) as client:
                return await client.request(method, url, **options)
        except httpx2.HTTPError:
            raise _away() from None

    @staticmethod
    def _json(answer: httpx2.Response) -> dict[str, Any]:
        try:
            found = answer.json() if answer.status_code == 200 else None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise _away()
        return found


def _away() -> Refusal:
    return Refusal.of(ErrorCode.EXTERNAL_SERVICE_ERROR, rule="google.away")


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")


def _names(claims: dict[str, Any], email: str) -> tuple[str, str]:
    """Given and family name, as far as the provider knows them; a person may change them afterwards."""
    first, _, last = (_plain(claims.get("name")) or email.partition("@")[0]).partition(" ")
    return (_plain(claims.get("given_name")) or first)[:100], (_plain(claims.get("family_name")) or last or first)[:100]


def _plain(value: Any) -> str:
    """A name on one line, without what cannot be seen."""
    shown = "".join(character if character.isprintable() else " " for character in str(value or ""))
    return " ".join(shown.split())
