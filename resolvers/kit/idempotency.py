"""One effect per Idempotency-Key: the result of a mutation, kept as references and plain values."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import ApiError, ErrorCode, Problem
from models import IdempotencyKey
from models.base import Owned, metadata, now
from resolvers.kit.commands import Ref, Secret
from resolvers.kit.context import Viewer
from storage.secrets import Secrets

KEPT = timedelta(hours=24)
SEALED = "answer"
table_of_keys = metadata.tables["idempotency_key"]


async def stored_answer(
    session: AsyncSession, viewer: Viewer, key: str, path: str, body_hash: bytes
) -> dict[str, Any] | None:
    """The answer of an earlier request with this key. The lock comes first: of parallel requests one runs."""
    parts = f"{viewer.tenant_id}:{viewer.member_id}:{path}:{key}"
    number = int.from_bytes(hashlib.sha256(parts.encode()).digest()[:8], "big", signed=True)
    if not (await session.execute(text("select pg_try_advisory_xact_lock(:number)"), {"number": number})).scalar_one():
        raise ApiError(ErrorCode.IDEMPOTENCY_IN_PROGRESS, status=409)
    kept = table_of_keys.c
    await session.execute(
        delete(table_of_keys).where(
            kept.tenant_id == viewer.tenant_id, kept.member_id == viewer.member_id, kept.created_at < now() - KEPT
        )
    )
    stored = await session.get(IdempotencyKey, (viewer.tenant_id, viewer.member_id, key, path))
    if stored is None:
        return None
    if bytes(stored.body_hash) != body_hash:
        raise ApiError(ErrorCode.IDEMPOTENCY_KEY_REUSED, status=422)
    return stored.result


def result_of(returned: Any) -> dict[str, Any]:
    """Payload values of what a resolver returned; rows become references, read again after the commit."""
    if isinstance(returned, Owned):
        returned = {str(returned.__tablename__): returned}
    return {name: _reference(value) for name, value in returned.items()}


def _reference(value: Any) -> Any:
    if isinstance(value, Owned):
        return Ref(str(value.__tablename__), value.id)
    if isinstance(value, list):
        return [_reference(item) for item in value]
    return value


def encode_result(result: Any, secrets: Secrets) -> Any:
    """A payload as JSON: rows by their ids, so that a replay shows them as they are then, under the rights of then."""
    if isinstance(result, Ref):
        return {"$row": [result.table, str(result.id)]}
    if isinstance(result, Problem):
        return {"$problem": [result.code.value, list(result.field), result.rule, result.details]}
    if isinstance(result, Secret):
        return {"$sealed": secrets.seal(result, SEALED).hex()}
    if isinstance(result, dict):
        return {name: encode_result(value, secrets) for name, value in result.items()}
    if isinstance(result, list):
        return [encode_result(item, secrets) for item in result]
    return result


def decode_result(stored: Any, secrets: Secrets) -> Any:
    if isinstance(stored, dict):
        if stored.keys() == {"$row"}:
            return Ref(stored["$row"][0], UUID(stored["$row"][1]))
        if stored.keys() == {"$problem"}:
            code, field, rule, details = stored["$problem"]
            return Problem(ErrorCode(code), tuple(field), rule, details)
        if stored.keys() == {"$sealed"}:
            return Secret(secrets.open(bytes.fromhex(stored["$sealed"]), SEALED))
        return {name: decode_result(value, secrets) for name, value in stored.items()}
    if isinstance(stored, list):
        return [decode_result(item, secrets) for item in stored]
    return stored
