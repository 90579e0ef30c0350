"""Features that are on for some of the members."""

from typing import Any

import strawberry
from sqlalchemy import Text, func, select

import models
from domain.errors import ErrorCode, Refusal
from loaders.sql import STATEMENTS, param
from loaders.visibility import predicates, sight, table_of
from resolvers.kit.commands import Command, Ref, read_permission
from resolvers.kit.context import Context
from resolvers.tenants.inputs import FeatureFlagInput

MOST = 200
FLAG = table_of(models.FeatureFlag)


async def every(context: Context) -> list[Any]:
    """The features of the agency, by key, and whether they are on for the caller; at most 200."""
    seen = sight(read_permission(models.FeatureFlag), context.signed_in)
    statement = STATEMENTS.get(
        ("feature flags", seen),
        lambda: select(FLAG.c.id).where(*predicates(models.FeatureFlag, seen)).order_by(FLAG.c.key).limit(MOST),
    )
    return [Ref("feature_flag", row["id"], trash=False) for row in await context.loaders.fetch(statement, {})]


async def set_(command: Command, input: FeatureFlagInput) -> models.FeatureFlag:
    """Create a feature flag, or change the one of this key. It is on for a stable share of the members."""
    values, tenant = command.values(input), command.viewer.tenant_id
    seen = predicates(models.FeatureFlag, sight(None, command.viewer))
    statement = select(models.FeatureFlag).where(*seen, FLAG.c.key == param("key", Text)).with_for_update()
    row = await command.session.scalar(statement, {"tenant": tenant, "key": values["key"]})
    if row is not None:
        command.assign(row, values)
        return row
    made = select(func.count()).select_from(FLAG).where(*seen)
    if (await command.session.execute(made, {"tenant": tenant})).scalar_one() >= MOST:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", "key", rule="items", max=MOST)
    return await command.add(models.FeatureFlag(tenant_id=tenant, **values))


async def delete(command: Command, id: strawberry.ID) -> models.FeatureFlag:
    """Delete a feature flag; the feature is off for everybody."""
    row = await command.find(models.FeatureFlag, id)
    await command.session.delete(row)
    return row
