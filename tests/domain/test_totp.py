"""Codes of authenticator apps, with the numbers of RFC 6238."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from domain import totp

# Appendix B of the RFC, the last six of its eight digits.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_of_the_standard(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.step_of(SECRET, code, at) == seconds // 30
    assert totp.step_of(SECRET, f"{code[:3]} {code[3:]}", at) == seconds // 30


@pytest.mark.parametrize(("late", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_clocks_may_differ_by_one_step(late: int, taken: bool) -> None:
    at = datetime.fromtimestamp(1234567890 // 30 * 30, UTC)
    assert (totp.step_of(SECRET, "005924", at + timedelta(seconds=late)) is not None) is taken


@pytest.mark.parametrize("code", ["", "00592", "0059240", "005925", "abcdef", "٠٠٥٩٢٤", "-05924", "0x5924"])
def test_no_code(code: str) -> None:
    assert totp.step_of(SECRET, code, datetime.fromtimestamp(1234567890, UTC)) is None


def test_keys_and_recovery_codes_are_random() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(totp.readable_recovery_code(code.lower().replace("-", " ")) == code for code in codes)
    assert totp.readable_recovery_code("0000-1111-8888-9999") is None
    assert len({totp.new_secret() for _ in range(20)}) == 20
    assert len(base64.b32decode(totp.new_secret())) == 20
    assert totp.address(SECRET, "a@example.com").startswith("otpauth://totp/ImmoNow:a%40example.com?secret=")
