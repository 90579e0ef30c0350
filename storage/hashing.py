"""Password hashes (Argon2id): 130 ms and 64 MiB each, so in threads and only a few at a time.

A storm of sign-ins must leave room for those who are signed in: at most half of the processors compare passwords.
"""

import asyncio
import os
import secrets
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

PARALLEL = max(1, (os.cpu_count() or 2) // 2)
# One lane: a hash keeps one processor busy, not all of them.
_HASHER = PasswordHash((Argon2Hasher(parallelism=1),))
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
