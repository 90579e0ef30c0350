"""What people found a property to be worth."""

from datetime import date as Day
from typing import Annotated, ClassVar

import strawberry
from strawberry.types.maybe import Maybe

import models
from domain.errors import ErrorCode, Problem, Refusal, texts
from domain.properties import ValuationMethod
from loaders.paging import OrderKey
from models.base import now
from resolvers.kit.commands import Command
from resolvers.kit.inputs import Input, MoneyInput

NEWEST = (OrderKey("valued_on", lambda table: table.c.valued_on, descending=True, kind=Day),)
MOST = 100

texts({"valuation.future": ("The day lies in the future.", "Der Tag liegt in der Zukunft.")})


@strawberry.input(description="What a property was found to be worth.")
class PropertyValuationInput(Input, of=models.PropertyValuation):
    value: MoneyInput
    date: Maybe[Day | None] = strawberry.field(description="The day of which this is true; default today.")
    method: Maybe[ValuationMethod | None]
    source: Maybe[str | None]
    notes: Maybe[str | None]

    renames: ClassVar[dict[str, str]] = {"date": "valued_on"}


async def add(
    command: Command,
    property_id: Annotated[strawberry.ID, strawberry.argument(description="What was valued.")],
    input: PropertyValuationInput,
) -> models.PropertyValuation:
    """Record what a property was found to be worth."""
    values = command.values(input)
    row = await command.find(models.Property, property_id, "propertyId")
    today = now().date()
    values["valued_on"] = values.get("valued_on") or today
    if values["valued_on"] > today:
        raise Refusal([Problem(ErrorCode.VALIDATION_ERROR, ("input", "date"), "valuation.future")])
    given = {name: value for name, value in values.items() if value is not None}
    return await command.add(models.PropertyValuation(tenant_id=row.tenant_id, property_id=row.id, **given))
