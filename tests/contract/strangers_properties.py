"""How a stranger would try what may be done with many properties, and with copies of them."""

from typing import Any

from tests.conftest import Signed
from tests.contract.strangers import NODES_MADE, World, new_property, probe
from tests.contract.strangers_tasks import agent_of

_ERRORS = "userErrors { code field details }"
_BULK = f" {{ results {{ property {{ title deletedAt }} {_ERRORS} }} succeededCount failedCount {_ERRORS} }} }}"


async def own_property(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await new_property(world, signed)}


probe(
    "Mutation.propertyDuplicate(id)",
    f"mutation($x: ID!) {{ propertyDuplicate(id: $x) {{ property {{ title }} {_ERRORS} }} }}",
    new_property,
)
probe(
    "Mutation.propertiesUpdate(ids)",
    "mutation($x: ID!) { propertiesUpdate(ids: [$x], input: { status: AVAILABLE })" + _BULK,
    new_property,
)
probe(
    "Mutation.propertiesUpdate(input.assignedAgentId)",
    "mutation($x: ID!, $own: ID!) { propertiesUpdate(ids: [$own], input: { assignedAgentId: $x })" + _BULK,
    agent_of,
    more=own_property,
)
probe("Mutation.propertiesDelete(ids)", "mutation($x: ID!) { propertiesDelete(ids: [$x])" + _BULK, new_property)
probe(
    "Mutation.propertyFavoriteToggle(id)",
    f"mutation($x: ID!) {{ propertyFavoriteToggle(id: $x) {{ isFavorite node {{ id }} {_ERRORS} }} }}",
    new_property,
)
VALUED = f"""mutation($x: ID!) {{ propertyValuationAdd(propertyId: $x, input: {{ value: {{ amount: "450000.00" }} }})
  {{ propertyValuation {{ id value {{ amount }} }} {_ERRORS} }} }}"""
probe("Mutation.propertyValuationAdd(propertyId)", VALUED, new_property)


async def new_valuation(world: World, signed: Signed) -> str:
    """A valuation of a property of the agency."""
    made = await signed.owner.data(VALUED, x=await new_property(world, signed))
    return str(made["propertyValuationAdd"]["propertyValuation"]["id"])


NODES_MADE["PropertyValuation"] = new_valuation
