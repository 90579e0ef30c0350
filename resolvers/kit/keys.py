"""API keys as a way to say who one is. What the key may do is asked anew each time, as it is for a session."""

import time
from collections import OrderedDict
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update

from domain.access import ROLE_SCOPES, Role, Scope
from domain.errors import ApiError, ErrorCode
from models.base import metadata, now
from resolvers.kit.viewers import SESSIONS_SQL, VIEWER_SQL
from storage import directory
from storage.database import Database
from storage.tokens import KEY_MARK, Claims, token_hash

MOST_KNOWN = 10_000
USE_NOTED = timedelta(minutes=1)

_KEYS = metadata.tables["api_key"]
# A key stands where a session does, with scopes of its own.
_GRANTED = """select s.scopes as key_scopes, s.prefix,
       s.last_used_at is null or s.last_used_at <= now() - interval '1 minute' as unnoted,"""
_STANDING = "from (select * from api_key where expires_at > now()) s"


def of_keys(sql: str) -> str:
    """A statement about those who came with sessions, asked about those who came with keys."""
    return sql.replace("select", _GRANTED, 1).replace("from session s", _STANDING, 1)


KEY_SQL, KEYS_SQL = of_keys(VIEWER_SQL), of_keys(SESSIONS_SQL)


def scopes_of(row: Any, role: Role) -> frozenset[Scope]:
    """What the role's tokens carry; of that, what the key was given by which somebody came."""
    held, given = frozenset(ROLE_SCOPES[role]), row.get("key_scopes")
    return held if given is None else held & {Scope(name) for name in given}


def is_key(token: str) -> bool:
    return token.startswith(KEY_MARK)


class KeyRing:
    """Keys that were found: whose a key is never changes."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Claims] = OrderedDict()

    async def read(self, database: Database, key: str) -> Claims:
        """Whose key it is; TOKEN_EXPIRED or INVALID_TOKEN otherwise."""
        if not key.isascii():
            raise ApiError(ErrorCode.INVALID_TOKEN, status=401)
        hash = token_hash(key)
        found = self._known.get(hash)
        if found is None:
            entry = await directory.find_key(database, hash)
            if entry is None:
                raise ApiError(ErrorCode.INVALID_TOKEN, status=401)
            found = Claims(
                entry.account_id,
                entry.tenant,
                entry.member_id,
                entry.session_id,
                entry.expires_at.timestamp(),
                by_key=True,
            )
            self._known[hash] = found
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(hash)
        if found.expires_at <= time.time():
            raise ApiError(ErrorCode.TOKEN_EXPIRED, status=401)
        return found


async def note_use(database: Database, tenant: UUID, key: UUID) -> None:
    """Remember that a key was used, unless that was done within the last minute."""
    before = now() - USE_NOTED
    # Not through a row: being used is no change that anybody should hear of.
    statement = (
        update(_KEYS)
        .where(_KEYS.c.tenant_id == tenant, _KEYS.c.id == key)
        .where(or_(_KEYS.c.last_used_at.is_(None), _KEYS.c.last_used_at <= before))
        .values(last_used_at=now())
    )
    async with database.write(tenant) as session:
        await session.execute(statement)
        await session.commit()
