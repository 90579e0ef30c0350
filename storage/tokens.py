"""Access tokens (signed, short) and refresh tokens (opaque, stored by hash, rotated)."""

import base64
import hashlib
import hmac
import time
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from domain.errors import ApiError, ErrorCode
from settings import Settings

ALGORITHM = "HS256"
AUDIENCE = "immonow"
HEADER = {"alg", "typ"}
KEY_MARK = "imk_"  # how every API key begins
KEY_PREFIX = 8
MOST_VERIFIED = 10_000  # a token and its claims take about a kilobyte


@dataclass(frozen=True)
class Claims:
    """What a valid access token, or an API key, says."""

    account_id: UUID
    tenant_id: UUID
    member_id: UUID
    session_id: UUID
    expires_at: float
    by_key: bool = False  # an API key said it; its id stands where that of a session does


class Tokens:
    """Signs and reads tokens under the server's key."""

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.jwt_secret_key.encode()
        self._key = OctKey.import_key(self._secret)
        self._issuer = settings.site_url
        # Signatures found to be right: that a text is signed never changes. Whether its time is up is asked each time.
        self._verified: OrderedDict[str, Claims] = OrderedDict()
        self.access_seconds = settings.access_token_expire_minutes * 60

    def access(
        self,
        *,
        account: UUID,
        tenant: UUID,
        slug: str,
        member: UUID,
        session: UUID,
        role: str,
        scopes: list[str],
        refresh: str,
        issued: int,
    ) -> str:
        """A signed token that names the caller for `access_seconds` from `issued` on.

        The same refresh token and moment give the same access token, so that parallel rotations answer one pair.
        """
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": str(account),
            "tid": str(tenant),
            "tslug": slug,
            "mid": str(member),
            "sid": str(session),
            "role": role,
            "scopes": scopes,
            "jti": hmac.new(self._secret, b"jti:" + refresh.encode(), hashlib.sha256).hexdigest()[:32],
            "iat": issued,
            "exp": issued + self.access_seconds,
            "type": "access",
        }
        return jwt.encode({"alg": ALGORITHM}, claims, self._key)

    def read(self, token: str) -> Claims:
        """The claims of an access token; TOKEN_EXPIRED or INVALID_TOKEN otherwise."""
        found = self._verified.get(token)
        if found is None:
            found = self._verify(token)
            self._verified[token] = found
            if len(self._verified) > MOST_VERIFIED:
                self._verified.popitem(last=False)
        else:
            self._verified.move_to_end(token)
        if found.expires_at <= time.time():
            raise ApiError(ErrorCode.TOKEN_EXPIRED, status=401)
        return found

    def _verify(self, token: str) -> Claims:
        try:
            found = jwt.decode(token, self._key, algorithms=[ALGORITHM])
            claims = found.claims
            # Nothing in a header may point to another key, or to rules of its own.
            ours = claims["type"] == "access" and claims["aud"] == AUDIENCE and claims["iss"] == self._issuer
            if not ours or not found.header.keys() <= HEADER:
                raise ValueError("claims")
            return Claims(
                UUID(claims["sub"]), UUID(claims["tid"]), UUID(claims["mid"]), UUID(claims["sid"]), float(claims["exp"])
            )
        except (JoseError, ValueError, KeyError, TypeError, AttributeError):
            raise ApiError(ErrorCode.INVALID_TOKEN, status=401) from None

    def successor(self, refresh: str) -> str:
        """The refresh token that follows `refresh`: derived, so that parallel rotations give one and the same."""
        return hmac.new(self._secret, b"refresh:" + refresh.encode(), hashlib.sha256).hexdigest()

    def link_secret(self, purpose: str, id: UUID, version: int = 0) -> str:
        """The secret of a link: derived, so that it stands nowhere; receivers keep its `token_hash` alone.

        A new version makes another secret for the same record.
        """
        message = f"link:{purpose}:{id}:{version}".encode()
        digest = hmac.new(self._secret, message, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def key_prefix(key: str) -> str:
    """What an API key is recognised by, in lists and in the trail."""
    return key.removeprefix(KEY_MARK)[:KEY_PREFIX]


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
