"""The test mail names no record; see `strangers`."""

from tests.contract.strangers import OF_NOBODY, WORDS

OF_NOBODY |= {"Mutation.testEmailSend": "sends a mail with samples and names no record"}
WORDS |= {
    "Mutation.testEmailSend(to)": "an address outside",
    "Mutation.testEmailSend(template)": "the name of a mail all agencies have",
}
