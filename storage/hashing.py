"""Password hashes (Argon2id): 130 ms and 64 MiB each, so in threads and only a few at a time."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

PARALLEL = 2

_HASHER = PasswordHash((Argon2Hasher(),))
_THREADS = ThreadPoolExecutor(PARALLEL, thread_name_prefix="argon2")
# Compared when an e-mail is unknown, so that the answer takes as long as for a known one.
_NOBODY = _HASHER.hash(secrets.token_urlsafe())


async def hash_password(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def verify_password(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; takes the same time when nothing is stored."""
    loop = asyncio.get_running_loop()
    matches = await loop.run_in_executor(_THREADS, _HASHER.verify, password, stored or _NOBODY)
    return matches and bool(stored)
