"""How a stranger tries another agency's settings, features and stream; see `strangers`."""

import asyncio
import secrets
import string
from collections.abc import Awaitable, Callable
from typing import Any

from domain.access import Role
from domain.errors import ApiError
from models.base import uuid7
from tests.conftest import Signed
from tests.contract.strangers import (
    NODES_MADE,
    OF_NOBODY,
    PROBES,
    WORDS,
    Probe,
    World,
    agency_of,
    listening,
    mirror,
    nothing_more,
    other_position,
    position_of,
    probe,
)
from tests.contract.strangers_tasks import new_board

SET = "mutation($i: FeatureFlagInput!) { featureFlagSet(input: $i) { featureFlag { id key } userErrors { code } } }"


async def flag_set(signed: Signed) -> dict[str, str]:
    data = await signed.owner.data(SET, i={"key": f"flag-{uuid7().hex}", "description": "Neu"})
    found: dict[str, str] = data["featureFlagSet"]["featureFlag"]
    return found


async def new_flag(_world: World, signed: Signed) -> str:
    return (await flag_set(signed))["id"]


async def key_of_flag(_world: World, signed: Signed) -> str:
    return (await flag_set(signed))["key"]


NODES_MADE["FeatureFlag"] = new_flag
WORDS["Query.publicBranding(slug)"] = "what everybody sees on the page to sign in: two colours and a logo"
OF_NOBODY |= {
    "Query.publicBranding": "public on purpose",
    "Mutation.avatarUpload": "the own picture, see tests of the profile",
    "Mutation.tenantLogoUpload": "the own agency's logo, see tests of the profile",
    "Mutation.featureFlagSet": "makes or changes the own agency's flag of this key",
}

mirror("Query.featureFlags", "{ featureFlags { id key } }", key_of_flag)
mirror(
    "Mutation.tenantUpdate",
    'mutation { tenantUpdate(input: { website: "https://example.com" }) { tenant { id } userErrors { code } } }',
    agency_of,
)
mirror(
    "Mutation.tenantSettingsUpdate",
    "mutation { tenantSettingsUpdate(input: { watermarkImages: true })"
    " { settings { featureFlags { key } } userErrors { code } } }",
    key_of_flag,
)
probe(
    "Mutation.featureFlagDelete(id)",
    "mutation($x: ID!) { featureFlagDelete(id: $x) { featureFlag { id } userErrors { code field details } } }",
    new_flag,
)


async def preferred(signed: Signed) -> None:
    """Another currency each time, so that there is something to tell."""
    currency = "".join(secrets.choice(string.ascii_uppercase) for _ in range(3))
    document = "mutation($c: CurrencyCode!) { preferencesUpdate(input: { currency: $c }) { viewer { scopes } } }"
    await signed.owner.data(document, c=currency)


def _resumed(field: str, document: str, change: Callable[[Signed], Awaitable[Any]]) -> Probe:
    """What is heard from a place in the stream on: the kind, or the code of the refusal."""

    async def call(world: World, signed: Signed, name: str, _more: dict[str, Any]) -> Any:
        await change(signed)
        token = signed.agency.people[Role.OWNER].token
        try:
            async with listening(world.state, token, document, after=name) as answers, asyncio.timeout(10):
                return {"data": (await anext(answers))["data"]}
        except ApiError as error:
            return {"errors": [error.code.value]}

    return Probe(f"Subscription.{field}(after)", call, position_of, other_position, nothing_more)


PROBES["Subscription.tenantChanged(after)"] = _resumed(
    "tenantChanged", "subscription($after: String) { tenantChanged(after: $after) { kind } }", flag_set
)
PROBES["Subscription.viewerChanged(after)"] = _resumed(
    "viewerChanged", "subscription($after: String) { viewerChanged(after: $after) { reason } }", preferred
)

_VIEWER = " { viewer { tenant { id } preferences { defaultBoard { id } } } userErrors { code field details } } }"
mirror("Mutation.profileUpdate", 'mutation { profileUpdate(input: { bio: "Gern." })' + _VIEWER, agency_of)
mirror("Mutation.avatarRemove", "mutation { avatarRemove" + _VIEWER, agency_of)
probe(
    "Mutation.preferencesUpdate(input.defaultBoardId)",
    "mutation($x: ID!) { preferencesUpdate(input: { defaultBoardId: $x })" + _VIEWER,
    new_board,
)
