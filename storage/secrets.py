"""Secrets that must be read again (the key of an authenticator app), encrypted under the server's key.

What only has to be recognised is stored by hash instead. A sealed text opens for the purpose it was sealed for and for
no other, so it cannot be moved to another row.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from settings import Settings

VERSION = b"\x01"
NONCE = 12  # bytes, as AES-GCM wants it


class Unopened(Exception):
    """A sealed text that was changed, sealed for another purpose or under another key."""


class Secrets:
    """Seals and opens texts with AES-256-GCM; tells texts apart without keeping them."""

    def __init__(self, settings: Settings) -> None:
        self._key = settings.jwt_secret_key.encode()
        self._cipher = AESGCM(self._derived(b"seal"))

    def seal(self, text: str, purpose: str) -> bytes:
        """The text, to be opened for this purpose alone: name what it is and whose, `totp:<account>`."""
        nonce = os.urandom(NONCE)
        return VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> str:
        """The text that was sealed; raises `Unopened`."""
        version, nonce, data = sealed[:1], sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        if version != VERSION:
            raise Unopened(purpose)
        try:
            return self._cipher.decrypt(nonce, data, purpose.encode()).decode()
        except (InvalidTag, ValueError):
            raise Unopened(purpose) from None

    def fingerprint(self, text: str, purpose: str) -> bytes:
        """The same for the same text, and of no use to whoever lacks the key: for counting what must not be kept."""
        return hmac.new(self._derived(purpose.encode()), text.encode(), hashlib.sha256).digest()

    def _derived(self, purpose: bytes) -> bytes:
        """A key of its own per purpose: what one of them reveals says nothing of another."""
        return hmac.new(self._key, b"secrets:" + purpose, hashlib.sha256).digest()
