"""The role × permission matrix, written out as a table of its own, and the rules about roles."""

import pytest

from domain.access import (
    CUSTOMER_WRITES,
    DESCRIPTIONS,
    GRANTABLE,
    KEYS,
    PERMISSIONS,
    ROLE_PERMISSIONS,
    ROLE_SCOPES,
    Audience,
    Role,
    Scope,
    allows,
    audience,
    may_grant,
    may_use,
    outranks,
    own,
    permission_id,
    rights,
    role_id,
)

# One line per key: OWNER ADMIN MANAGER AGENT CUSTOMER; x = all rows, o = own rows only, - = not held.
MATRIX = """
property.read            x x x x o
property.create          x x x x -
property.update          x x x x -
property.delete          x x x x -
property.manage          x x x - -
property.export          x x x x -
property.publish         x x x o -
publication.read         x x x x -
energyCertificate.update x x x x -
energyCertificate.delete x x x - -
expose.read              x x x x o
expose.create            x x x x -
expose.update            x x x x -
expose.delete            x x x - -
contact.read             x x x x o
contact.create           x x x x -
contact.update           x x x x -
contact.delete           x x x x -
contact.manage           x x x - -
contact.export           x x x - -
lead.read                x x x x o
lead.create              x x x x -
lead.update              x x x x -
lead.delete              x x x x -
searchProfile.read       x x x x o
searchProfile.create     x x x x o
searchProfile.update     x x x x o
searchProfile.delete     x x x x -
match.read               x x x x o
match.update             x x x x o
task.read                x x x x o
task.create              x x x x -
task.update              x x x x -
task.delete              x x x x -
task.export              x x x x -
board.create             x x x x -
board.update             x x x x -
board.delete             x x x x -
document.read            x x x x o
document.create          x x x x -
document.update          x x x x -
document.delete          x x x x -
valuation.read           x x x x o
valuation.create         x x x x o
valuation.manage         x x x - -
appointment.read         x x x x o
appointment.create       x x x x -
appointment.update       x x x x -
appointment.delete       x x x x -
conversation.read        x x x o o
conversation.create      x x x x x
conversation.update      x x x o -
conversation.manage      x x x - -
campaign.read            x x x x -
campaign.create          x x x x -
campaign.update          x x x x -
campaign.delete          x x x - -
campaign.send            x x x - -
deal.read                x x x o o
deal.create              x x x x -
deal.update              x x x o -
deal.delete              x x x - -
deal.manage              x x x - -
portfolio.read           x x x x o
portfolio.create         x x x - -
portfolio.update         x x x - -
portfolio.delete         x x x - -
finance.read             x x x x o
finance.create           x x x x o
finance.update           x x x x -
invoice.read             x x x o o
invoice.create           x x x - -
invoice.update           x x x - -
invoice.delete           x x - - -
expense.read             x x x o -
expense.create           x x x - -
expense.update           x x x - -
expense.delete           x x - - -
social.read              x x x x -
social.create            x x x x -
social.update            x x x o -
social.delete            x x x - -
social.publish           x x x o -
social.manage            x x - - -
report.read              x x x x -
report.create            x x x - -
report.update            x x x - -
report.delete            x x x - -
report.export            x x x - -
analytics.read           x x x x o
dashboard.read           x x x x o
assistant.read           x x x o o
assistant.create         x x x x x
assistant.update         x x x x -
assistant.manage         x x - - -
note.create              x x x x -
note.manage              x x x - -
tag.manage               x x x - -
user.read                x x x - -
user.create              x x x - -
user.update              x x - - -
user.delete              x x - - -
user.manage              x x - - -
team.read                x x x - -
team.create              x x - - -
team.update              x x - - -
team.delete              x x - - -
role.read                x x x - -
role.create              x x - - -
role.update              x x - - -
role.delete              x x - - -
tenant.read              x x x x -
tenant.update            x x - - -
billing.read             x x - - -
billing.update           x - - - -
payroll.read             x x - o -
payroll.create           x x - - -
payroll.update           x x - - -
payroll.delete           x x - - -
payroll.export           x x - - -
employeeDocument.read    x x x o -
employeeDocument.create  x x - - -
employeeDocument.update  x x - - -
employeeDocument.delete  x x - - -
audit.read               x x - - -
job.read                 x x o o o
webhook.read             x x x - -
webhook.create           x x - - -
webhook.update           x x - - -
webhook.delete           x x - - -
integration.read         x x x - -
integration.create       x x - - -
integration.update       x x - - -
integration.delete       x x - - -
apiKey.create            x x x x -
apiKey.manage            x x o o -
privacy.read             x x x - -
privacy.create           x x x - o
privacy.update           x x x - -
privacy.delete           x x - - -
privacy.export           x x x - o
privacy.manage           x x - - -
gwg.read                 x x x x -
gwg.update               x x x x -
"""

ROLES = [Role.OWNER, Role.ADMIN, Role.MANAGER, Role.AGENT, Role.CUSTOMER]
LINES = [line.split() for line in MATRIX.strip().splitlines()]


def test_the_matrix_names_every_key_once() -> None:
    assert sorted(line[0] for line in LINES) == sorted(KEYS)
    assert len(set(KEYS)) == len(KEYS)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_holds_exactly_its_column(role: Role) -> None:
    column = ROLES.index(role) + 1
    expected = {line[0] if line[column] == "x" else own(line[0]) for line in LINES if line[column] != "-"}
    assert ROLE_PERMISSIONS[role] == expected


def test_every_permission_has_a_sentence_of_its_own() -> None:
    assert set(KEYS) <= set(PERMISSIONS)
    for texts in zip(*PERMISSIONS.values(), strict=True):
        assert all(text[0].isupper() and text.endswith(".") for text in texts)
        assert len(set(texts)) == len(PERMISSIONS)
    assert PERMISSIONS["property.publish.own"] == (
        "Publish properties on portals and take them off again; only own ones.",
        "Immobilien auf Portalen veröffentlichen und wieder zurückziehen; nur eigene.",
    )


def test_custom_roles_add_to_the_built_in_one_and_take_nothing_away() -> None:
    agent = ROLE_PERMISSIONS[Role.AGENT]
    assert rights(Role.AGENT, None) is rights(Role.AGENT, "") is agent
    assert rights(Role.AGENT, "task.read task.read.own nothing.read") is agent
    assert rights(Role.AGENT, "user.read audit.read") == agent | {"user.read", "audit.read"}
    assert rights(Role.AGENT, "user.read audit.read") is rights(Role.AGENT, "user.read audit.read")
    # The whole right makes the part of it superfluous, whoever held which first.
    assert rights(Role.CUSTOMER, "task.read") == ROLE_PERMISSIONS[Role.CUSTOMER] - {"task.read.own"} | {"task.read"}
    # Money stays with the owner, whatever stands in the database.
    assert rights(Role.ADMIN, "billing.update") is ROLE_PERMISSIONS[Role.ADMIN]
    assert {"billing.update"} == set(PERMISSIONS) - GRANTABLE


@pytest.mark.parametrize("enum", [Role, Scope])
def test_every_value_is_described(enum: type[Role] | type[Scope]) -> None:
    text, values = DESCRIPTIONS[enum]
    assert text.endswith(".")
    assert list(values) == [member.name for member in enum]


def test_the_plain_key_includes_its_own_form() -> None:
    assert allows({"deal.read"}, "deal.read.own")
    assert allows({"deal.read.own"}, "deal.read.own")
    assert not allows({"deal.read.own"}, "deal.read")
    assert audience({"deal.read"}, "deal.read") is Audience.ALL
    assert audience({"deal.read.own"}, "deal.read") is Audience.OWN
    assert audience({"deal.create"}, "deal.read") is Audience.NONE


def test_scopes() -> None:
    assert {role: "".join(sorted(s.value[0] for s in scopes)) for role, scopes in ROLE_SCOPES.items()} == {
        Role.OWNER: "ADRW",
        Role.ADMIN: "ADRW",
        Role.MANAGER: "DRW",
        Role.AGENT: "DRW",
        Role.CUSTOMER: "R",
    }


@pytest.mark.parametrize(
    ("role", "scopes", "scope", "mutation", "allowed"),
    [
        (Role.CUSTOMER, {Scope.READ}, Scope.READ, None, True),
        (Role.CUSTOMER, {Scope.READ}, Scope.WRITE, "messageSend", True),
        (Role.CUSTOMER, {Scope.READ}, Scope.WRITE, "propertyFavoriteToggle", True),
        (Role.CUSTOMER, {Scope.READ}, Scope.WRITE, "propertyUpdate", False),
        (Role.CUSTOMER, {Scope.READ}, Scope.WRITE, None, False),
        (Role.CUSTOMER, {Scope.READ}, Scope.DELETE, "messageSend", False),
        # The exception belongs to the role, not to any token that merely lacks WRITE.
        (Role.AGENT, {Scope.READ}, Scope.WRITE, "messageSend", False),
        (Role.AGENT, {Scope.READ, Scope.WRITE}, Scope.WRITE, "propertyUpdate", True),
        (Role.MANAGER, {Scope.READ, Scope.WRITE, Scope.DELETE}, Scope.ADMIN, "userRemove", False),
    ],
)
def test_scopes_open_fields(role: Role, scopes: set[Scope], scope: Scope, mutation: str | None, allowed: bool) -> None:
    assert may_use(role, scopes, scope, mutation) is allowed


def test_customers_write_nothing_of_the_agency() -> None:
    assert not CUSTOMER_WRITES & {"propertyCreate", "propertyNoteAdd", "contactUpdate", "documentsUpload", "noteUpdate"}


def test_ranks() -> None:
    above = {(a.value, b.value) for a in Role for b in Role if outranks(a, b)}
    order = ["OWNER", "ADMIN", "MANAGER", "AGENT", "CUSTOMER"]
    assert above == {(a, b) for i, a in enumerate(order) for b in order[i + 1 :]}


@pytest.mark.parametrize(
    ("granter", "grantable"),
    [
        (Role.OWNER, {Role.OWNER, Role.ADMIN, Role.MANAGER, Role.AGENT, Role.CUSTOMER}),
        (Role.ADMIN, {Role.ADMIN, Role.MANAGER, Role.AGENT, Role.CUSTOMER}),
        (Role.MANAGER, {Role.AGENT, Role.CUSTOMER}),
        (Role.AGENT, set()),
        (Role.CUSTOMER, set()),
    ],
)
def test_who_grants_which_role(granter: Role, grantable: set[Role]) -> None:
    assert {role for role in Role if may_grant(granter, role)} == grantable


def test_ids_are_fixed() -> None:
    # Written out, because a change would orphan every stored reference.
    assert str(role_id(Role.OWNER)) == "056a8469-e5b3-55cd-b220-83bc64d22cdb"
    assert str(permission_id("property.read")) == "78b81b30-af20-5346-8003-e64f817c5aff"
    assert len({permission_id(key) for key in PERMISSIONS} | {role_id(role) for role in Role}) == len(PERMISSIONS) + 5
