"""How a stranger tries API keys; see `strangers`."""

from tests.conftest import Signed
from tests.contract.strangers import NODES_MADE, OF_NOBODY, World, probe


async def new_key(_world: World, signed: Signed) -> str:
    document = 'mutation { apiKeyCreate(input: { name: "Website", scopes: [READ] }) { apiKey { id } } }'
    return str((await signed.owner.data(document))["apiKeyCreate"]["apiKey"]["id"])


NODES_MADE |= {"ApiKey": new_key}
OF_NOBODY |= {"Mutation.apiKeyCreate": "makes a key and names no record"}

probe(
    "Mutation.apiKeyRevoke(id)",
    "mutation ($x: ID!) { apiKeyRevoke(id: $x) { apiKey { id name } userErrors { code field details } } }",
    new_key,
)
