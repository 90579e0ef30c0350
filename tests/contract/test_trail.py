"""Every mutation of the schema leaves one entry of the audit trail: what was done, or that it was denied.

The calls are those with which strangers try everything: their owners' own calls succeed.
"""

from typing import Any

import asyncpg
import pytest
from graphql import GraphQLObjectType, get_named_type

import models
from domain.access import CUSTOMER_WRITES, Role
from domain.trail import MASK, NO_SECRETS, TYPES, is_secret, masked
from graph.kit.field import NODES
from graph.schema import schema
from models.base import Owned, metadata
from resolvers.kit.changes import _plain
from resolvers.kit.context import State
from resolvers.kit.inputs import node_names
from tests.conftest import Client, Signed
from tests.contract.strangers import OF_NOBODY, PROBES, Mirror, Probe, World, succeeded
from tests.contract.test_permissions import cell, document, takes_a_file

MUTATIONS = schema._schema.mutation_type
assert MUTATIONS is not None
# The way to call each mutation: of several probes the first whose own call succeeds.
CALLS = {
    name: [
        probe
        for key, probe in PROBES.items()
        if key.partition("(")[0] == f"Mutation.{name}" and not (isinstance(probe, Probe) and probe.never)
    ]
    for name in MUTATIONS.fields
}


@pytest.fixture
def world(state: State, admin: asyncpg.Connection, anonymous: Client) -> World:
    return World(state, admin, anonymous)


def test_every_mutation_has_a_call_or_is_of_nobody() -> None:
    assert [name for name, probes in CALLS.items() if not probes and f"Mutation.{name}" not in OF_NOBODY] == []


async def entries(admin: asyncpg.Connection, signed: Signed) -> list[asyncpg.Record]:
    found: list[asyncpg.Record] = await admin.fetch(
        "select operation, outcome, error_code, resource_type, resource_id, actor_id, ip_address, user_agent,"
        " request_id from audit_entry where tenant_id = $1 order by seq",
        signed.agency.id,
    )
    return found


@pytest.mark.parametrize("name", [name for name, probes in CALLS.items() if probes])
async def test_what_was_done_is_told_once_with_its_record(name: str, world: World, acme: Signed) -> None:
    probe = CALLS[name][0]
    if isinstance(probe, Mirror):
        await probe.mark(world, acme)
        given = await probe.more(world, acme)
        before = await entries(world.admin, acme)
        answer = await probe.call(world, acme, given)
    else:
        own = await probe.make(world, acme)
        given = await probe.more(world, acme)
        before = await entries(world.admin, acme)
        answer = await probe.call(world, acme, own, given)
    assert succeeded(answer), answer
    # Making ready may leave entries of its own; this mutation has one for each record it answers.
    told = [entry for entry in (await entries(world.admin, acme))[len(before) :] if entry["operation"] == name]
    assert [entry["outcome"] for entry in told] == ["SUCCESS"], told
    (entry,) = told
    assert entry["resource_type"] in node_names().values(), entry
    assert entry["resource_id"] is not None
    assert (entry["ip_address"], bool(entry["user_agent"]), bool(entry["request_id"])) == ("127.0.0.1", True, True)
    assert entry["actor_id"] in {person.id for person in acme.agency.people.values()}


@pytest.mark.parametrize("name", [name for name in MUTATIONS.fields if not takes_a_file("mutation", name)])
async def test_what_is_denied_is_told_once(name: str, world: World, acme: Signed) -> None:
    denied = [role for role in Role if cell(role.value, "mutation", name) == "no"]
    if not denied:
        return  # open to everybody who is signed in
    text, variables = document("mutation", name)
    for role in denied:
        before = await entries(world.admin, acme)
        body = await acme.as_(role)(text, **variables)
        assert body["errors"][0]["extensions"]["code"] == "INSUFFICIENT_PERMISSIONS"
        told = (await entries(world.admin, acme))[len(before) :]
        assert [(entry["operation"], entry["outcome"], entry["error_code"], entry["actor_id"]) for entry in told] == [
            (name, "DENIED", "INSUFFICIENT_PERMISSIONS", acme.agency.people[role].id)
        ]


def test_customers_write_what_the_list_says() -> None:
    """The exception of the matrix above is the list's, so that nothing denied is left untried."""
    open_ = {name for name in MUTATIONS.fields if cell(Role.CUSTOMER.value, "mutation", name) != "no"}
    assert CUSTOMER_WRITES & set(MUTATIONS.fields) <= open_


# Secrets

# Columns and inputs whose names say that they are secret: what is found is what the list of words is for.
SPELLINGS = {
    *("password", "newPassword", "password_hash", "refreshToken", "access_token", "totp_secret", "totpCode", "iban"),
    *(
        "bankIban",
        "IBAN",
        "document_number",
        "idDocumentNumber",
        "passportNumber",
        "apiKey",
        "credentials",
        "clientSecret",
    ),
    *("recovery_codes", "private_key", "smtp_password"),
}
HARMLESS = {
    "title",
    "urban",
    "pinned",
    "tokenType",
    "number",
    "externalNumber",
    "title_key",
    "documents",
    "apiKeyPrefix",
}


def test_secrets_are_known_by_their_names() -> None:
    assert {name for name in SPELLINGS if not is_secret(name)} == set()
    assert {name for name in HARMLESS if is_secret(name)} == set()
    assert masked("settings", {"smtp": {"password": "x", "host": "y"}, "keys": [{"iban": "DE"}]}) == {
        "smtp": {"password": MASK, "host": "y"},
        "keys": [{"iban": MASK}],
    }


def suspicious(name: str) -> bool:
    """A wider net than the list's: whatever sounds like a secret must be one, or be named as harmless."""
    low = name.lower().replace("_", "")
    return any(word in low for word in ("password", "secret", "token", "iban", "totp", "credential", "documentnumber"))


def columns() -> list[tuple[type[Owned], str]]:
    models_ = [getattr(models, name) for name in models.__all__]
    owned = [model for model in models_ if isinstance(model, type) and issubclass(model, Owned)]
    return [(model, column.name) for model in owned for column in metadata.tables[str(model.__tablename__)].c]


def test_every_column_that_sounds_like_a_secret_is_masked_or_named() -> None:
    open_ = [
        f"{model.__tablename__}.{name}"
        for model, name in columns()
        if suspicious(name) and name not in NO_SECRETS and _plain(model(), name, "geheim") != MASK
    ]
    assert open_ == []


def test_no_field_that_is_shown_sounds_like_a_stored_secret() -> None:
    """Records show none; payloads show tokens once, to whom they belong."""
    shown = [
        f"{type_name}.{name}"
        for type_name in NODES.by_name
        for name in _fields(type_name)
        if is_secret(name) and get_named_type(_fields(type_name)[name].type).name != "Boolean"
    ]
    assert shown == []


def _fields(type_name: str) -> dict[str, Any]:
    kind = schema._schema.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    return dict(kind.fields)


def test_every_type_of_record_has_a_name_for_people() -> None:
    assert set(node_names().values()) - set(TYPES) == set()
