"""How a stranger tries sign-in; see `strangers`."""

from resolvers.kit.ids import encode_id
from storage.tokens import token_hash
from tests.conftest import Signed
from tests.contract.strangers import NODES_MADE, OF_NOBODY, WORDS, World, agency_of, probe, second_device

WORDS.update(
    {
        "Query.passwordStrength(password)": "a secret",
        "Mutation.passwordChange(currentPassword)": "a secret",
        "Mutation.passwordChange(newPassword)": "a secret",
        "Mutation.passwordResetRequest(email)": "the name of a person, not of a record; every one is answered alike",
        "Mutation.passwordResetConfirm(token)": "a secret of 256 bits: who has it is its owner",
        "Mutation.passwordResetConfirm(newPassword)": "a secret",
        "Mutation.emailVerify(token)": "a secret of 256 bits: who has it is its owner",
        "Mutation.authLogin(totpCode)": "a secret",
        "Mutation.totpEnable(code)": "a secret",
        "Mutation.totpDisable(password)": "a secret",
        "Mutation.totpDisable(code)": "a secret",
    }
)
OF_NOBODY.update(
    {
        "Query.passwordStrength": "rates what was typed",
        "Mutation.passwordChange": "changes the caller's own login",
        "Mutation.passwordResetRequest": "answers everybody alike, see tests of passwords",
        "Mutation.passwordResetConfirm": "changes the login whose secret it is given",
        "Mutation.emailVerify": "changes the login whose secret it is given",
        "Mutation.emailVerificationResend": "writes to the caller",
        "Mutation.totpStart": "changes the caller's own login",
        "Mutation.totpEnable": "changes the caller's own login",
        "Mutation.totpDisable": "changes the caller's own login",
    }
)


async def session_of(world: World, signed: Signed) -> str:
    """A further session of the owner."""
    token = await second_device(world, signed)
    id = await world.admin.fetchval("select session_id from token_directory where hash = $1", token_hash(token))
    return encode_id("Session", id)


NODES_MADE["Session"] = session_of
probe(
    "Mutation.sessionRevoke(id)",
    "mutation ($x: ID!) { sessionRevoke(id: $x) { ok userErrors { code field details } } }",
    session_of,
)
probe(
    "Mutation.authSwitchTenant(tenantId)",
    "mutation ($x: ID!) { authSwitchTenant(tenantId: $x) { tenant { id } user { id } userErrors { code field } } }",
    agency_of,
)
