"""Codes of authenticator apps (RFC 6238: SHA-1, six digits, thirty seconds), and codes for who has lost theirs."""

import base64
import hmac
import os
import re
from datetime import datetime

import pyotp

ISSUER = "ImmoNow"
SECONDS = 30
# Clocks differ: the code before and the one after are taken as well.
WINDOW = 1
RECOVERY_CODES = 10

_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """A key for an app, 160 random bits."""
    return pyotp.random_base32()


def address(secret: str, email: str) -> str:
    """What an app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The time step a code belongs to; None when it is not one of this moment."""
    typed = code.replace(" ", "")
    if _CODE.fullmatch(typed) is None:
        return None
    app, present = pyotp.TOTP(secret), int(at.timestamp()) // SECONDS
    steps = range(present - WINDOW, present + WINDOW + 1)
    # All are compared, so that the time it takes tells nothing.
    found = [step for step in steps if hmac.compare_digest(app.generate_otp(step), typed)]
    return found[0] if found else None


def new_recovery_codes() -> list[str]:
    """Ten codes that are good once each, 80 random bits in four groups: `ABCD-EFGH-IJKL-MNOP`."""
    codes = [base64.b32encode(os.urandom(10)).decode() for _ in range(RECOVERY_CODES)]
    return ["-".join(code[start : start + 4] for start in range(0, 16, 4)) for code in codes]


def readable_recovery_code(typed: str) -> str | None:
    """A recovery code as it was given out, however it was typed; None when it cannot be one."""
    plain = re.sub(r"[\s-]", "", typed).upper()
    if re.fullmatch(r"[A-Z2-7]{16}", plain) is None:
        return None
    return "-".join(plain[start : start + 4] for start in range(0, 16, 4))
