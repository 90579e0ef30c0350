"""How a stranger tries sign-in; see `strangers`."""

from tests.contract.strangers import OF_NOBODY, WORDS

WORDS.update(
    {
        "Query.passwordStrength(password)": "a secret",
        "Mutation.passwordChange(currentPassword)": "a secret",
        "Mutation.passwordChange(newPassword)": "a secret",
        "Mutation.passwordResetRequest(email)": "the name of a person, not of a record; every one is answered alike",
        "Mutation.passwordResetConfirm(token)": "a secret of 256 bits: who has it is its owner",
        "Mutation.passwordResetConfirm(newPassword)": "a secret",
        "Mutation.emailVerify(token)": "a secret of 256 bits: who has it is its owner",
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
    }
)
