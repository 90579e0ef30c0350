"""How a stranger tries API keys; see `strangers`."""

from tests.conftest import Signed
from tests.contract.strangers import NODES_MADE, OF_NOBODY, WORDS, World, probe


async def new_key(_world: World, signed: Signed) -> str:
    document = 'mutation { apiKeyCreate(input: { name: "Website", scopes: [READ] }) { apiKey { id } } }'
    return str((await signed.owner.data(document))["apiKeyCreate"]["apiKey"]["id"])


NODES_MADE |= {"ApiKey": new_key}
OF_NOBODY |= {
    "Mutation.apiKeyCreate": "makes a key and names no record",
    "Mutation.authLoginWithGoogle": "opens the login Google vouches for; see tests of Google",
    "Mutation.linkedAccountRemove": "is about the caller's own login",
}
WORDS |= {
    "Mutation.authLoginWithGoogle(idToken)": "signed by Google",
    "Mutation.authLoginWithGoogle(code)": "a secret of Google's",
    "Mutation.authLoginWithGoogle(codeVerifier)": "a secret of the client's",
    "Mutation.authLoginWithGoogle(nonce)": "compared with what Google signed",
    "Mutation.authLoginWithGoogle(password)": "a secret",
    "Mutation.authLoginWithGoogle(totpCode)": "a secret",
    "Mutation.authLoginWithGoogle(tenantName)": "the name of an agency to be made",
}

probe(
    "Mutation.apiKeyRevoke(id)",
    "mutation ($x: ID!) { apiKeyRevoke(id: $x) { apiKey { id name } userErrors { code field details } } }",
    new_key,
)
