"""What is sealed opens for its purpose alone, and for nobody without the key."""

import pytest

from settings import Settings
from storage.secrets import Secrets, Unopened

TEXT = "JBSWY3DPEHPK3PXP äöü"


@pytest.fixture
def secrets() -> Secrets:
    return Secrets(Settings(environment="test", jwt_secret_key="a" * 32))


def test_what_was_sealed_opens(secrets: Secrets) -> None:
    sealed = secrets.seal(TEXT, "totp:1")
    assert secrets.open(sealed, "totp:1") == TEXT
    assert TEXT.encode() not in sealed


def test_no_two_sealed_texts_are_alike(secrets: Secrets) -> None:
    assert len({secrets.seal(TEXT, "totp:1") for _ in range(100)}) == 100


@pytest.mark.parametrize("place", [0, 1, 12, 13, 20, -1])
def test_a_changed_byte_opens_nothing(secrets: Secrets, place: int) -> None:
    sealed = bytearray(secrets.seal(TEXT, "totp:1"))
    sealed[place] ^= 1
    with pytest.raises(Unopened):
        secrets.open(bytes(sealed), "totp:1")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + bytes(12), b"\x01" + bytes(40)])
def test_what_was_never_sealed_opens_nothing(secrets: Secrets, sealed: bytes) -> None:
    with pytest.raises(Unopened):
        secrets.open(sealed, "totp:1")


def test_another_purpose_or_another_key_opens_nothing(secrets: Secrets) -> None:
    sealed = secrets.seal(TEXT, "totp:1")
    with pytest.raises(Unopened):
        secrets.open(sealed, "totp:2")
    with pytest.raises(Unopened):
        Secrets(Settings(environment="test", jwt_secret_key="b" * 32)).open(sealed, "totp:1")


def test_a_fingerprint_is_told_by_text_purpose_and_key(secrets: Secrets) -> None:
    other = Secrets(Settings(environment="test", jwt_secret_key="b" * 32))
    found = {
        secrets.fingerprint("a@example.com", "sign_in"),
        secrets.fingerprint("b@example.com", "sign_in"),
        secrets.fingerprint("a@example.com", "reset"),
        other.fingerprint("a@example.com", "sign_in"),
    }
    assert len(found) == 4
    assert secrets.fingerprint("a@example.com", "sign_in") in found
