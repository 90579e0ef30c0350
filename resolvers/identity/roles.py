"""Roles of an agency: built-in ones to look at, own ones to make and to give to members."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import ColumnElement, Select, Text, cast, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from strawberry.types.maybe import Maybe

import models
from domain.access import PERMISSIONS, ROLE_PERMISSIONS, ROLES, P, Role, allows, permission_id, role_id
from domain.errors import ApiError, ErrorCode, Problem, Refusal
from loaders.sql import STATEMENTS
from loaders.visibility import predicates, sight, table_of
from models.base import now
from models.events import AuditAction
from resolvers.kit.commands import Command, Ref
from resolvers.kit.context import Context
from resolvers.kit.ids import encode_id, split_id
from resolvers.kit.inputs import Input

MAX_ROLES = 100  # an agency's own
MAX_OF_A_MEMBER = 20


@strawberry.input(description="A new role.")
class RoleCreateInput(Input, of=models.Role):
    name: str
    description: Maybe[str | None]
    permission_keys: list[str]


@strawberry.input(description="Changes of a role.")
class RoleUpdateInput(Input, of=models.Role):
    name: Maybe[str | None]
    description: Maybe[str | None]
    permission_keys: Maybe[list[str] | None] = strawberry.field(description="Replaces the present ones.")
    expected_version: Maybe[int | None] = strawberry.field(
        description="Refuse with CONFLICT when the role has another version."
    )


# Looking


async def roles(context: Context) -> list[Any]:
    """The built-in roles, highest first, then those of the agency by name; at most 105."""
    seen, table = sight(P.ROLE_READ, context.signed_in), table_of(models.Role)

    def build() -> Select[Any]:
        rank = func.array_position(cast(literal([role.value for role in Role], ARRAY(Text)), ARRAY(Text)), table.c.key)
        found = select(table.c.id).where(*predicates(models.Role, seen))
        return found.order_by(rank.asc().nulls_last(), table.c.name, table.c.id).limit(MAX_ROLES + len(Role))

    rows = await context.loaders.fetch(STATEMENTS.get(("roles", seen), build), {})
    return [Ref("role", row["id"]) for row in rows]


@dataclass(frozen=True)
class Catalogued:
    """A permission as the catalogue shows it."""

    id: str
    key: str
    description: str
    resource: str
    action: str


@cache
def shown(key: str, language: str) -> Catalogued:
    """The entry of a permission."""
    resource, action = key.split(".")[:2]
    description = PERMISSIONS[key][1 if language == "de" else 0]
    return Catalogued(encode_id("Permission", permission_id(key)), key, description, resource, action)


def held(key: str | None, own: list[str], language: str) -> list[Catalogued]:
    """The permissions of a role: those of the built-in one, else its own."""
    keys = own if key is None else ROLE_PERMISSIONS[Role(key)]
    return [shown(found, language) for found in sorted(keys) if found in PERMISSIONS]


def holds(other: Any, tenant: Any, id: Any, key: Any) -> ColumnElement[bool]:
    """The members who have a role: as their built-in one, or given to them."""
    links = table_of(models.MemberRole).alias()
    given = select(links.c.member_id).where(links.c.tenant_id == tenant, links.c.role_id == id)
    found: ColumnElement[bool] = (other.c.role == key) | other.c.id.in_(given.correlate_except(links))
    return found


def given_to(other: Any, tenant: Any, member: Any) -> ColumnElement[bool]:
    """The roles that were given to a member."""
    links = table_of(models.MemberRole).alias()
    given = select(links.c.role_id).where(links.c.tenant_id == tenant, links.c.member_id == member)
    found: ColumnElement[bool] = other.c.id.in_(given.correlate_except(links))
    return found


async def permissions(context: Context) -> list[Catalogued]:
    """The catalogue of permissions by resource."""
    return [shown(key, context.request.language) for key in PERMISSIONS]


async def permission(
    context: Context, id: Annotated[strawberry.ID, strawberry.argument(description="Id of the permission.")]
) -> Catalogued | None:
    """One permission; null when there is none."""
    found = split_id(id)
    if found is None:
        raise ApiError(ErrorCode.INVALID_INPUT, field=["id"], rule="id")
    keys = {permission_id(key): key for key in PERMISSIONS} if found[0] == "Permission" else {}
    return shown(keys[found[1]], context.request.language) if found[1] in keys else None


# Making


async def create(command: Command, input: RoleCreateInput) -> models.Role:
    """Make a role. Nobody puts permissions into it that they do not hold themselves."""
    _may_give(command, input.permission_keys)
    tenant, table = command.viewer.tenant_id, table_of(models.Role).c
    # Two who make the hundredth at the same time are told apart by the agency's first role.
    await command.session.execute(
        select(table.id).where(table.tenant_id == tenant, table.key == Role.OWNER.value).with_for_update()
    )
    present = select(func.count()).where(table.tenant_id == tenant, table.key.is_(None))
    if (await command.session.execute(present)).scalar_one() >= MAX_ROLES:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", rule="items", max=MAX_ROLES)
    command.action = AuditAction.ROLE_CHANGE
    return await command.add(models.Role(tenant_id=tenant, **command.values(input)))


async def update(command: Command, id: strawberry.ID, input: RoleUpdateInput) -> models.Role:
    """Change a role of the agency; only what is given. It holds for its members within a second."""
    role = _own(await command.find(models.Role, id, expected=input.expected_version))
    values = command.values(input)
    values.pop("expected_version", None)
    if input.permission_keys is not None and input.permission_keys.value is not None:
        _may_give(command, input.permission_keys.value, role.permission_keys)
    command.action = AuditAction.ROLE_CHANGE
    command.assign(role, values)
    return role


async def delete(command: Command, id: strawberry.ID) -> models.Role:
    """Delete a role of the agency for good; refused while members have it."""
    role = _own(await command.find(models.Role, id))
    await command.session.refresh(role, with_for_update=True)  # whoever is giving it away waits, or was first
    links = table_of(models.MemberRole).c
    holders = select(func.count()).where(links.tenant_id == role.tenant_id, links.role_id == role.id)
    users = (await command.session.execute(holders)).scalar_one()
    if users:
        problem = Problem(
            ErrorCode.DELETION_BLOCKED, ("id",), "role.in_use", {"users": users, "references": {"users": users}}
        )
        raise Refusal([problem])
    command.action = AuditAction.ROLE_CHANGE
    await command.session.delete(role)
    return role


def _own(role: models.Role, *path: str) -> models.Role:
    """A role that is not built in."""
    if role.key is not None:
        raise Refusal([Problem(ErrorCode.BUSINESS_RULE, path or ("id",), "SYSTEM_ROLE", {"rule": "SYSTEM_ROLE"})])
    return role


def _may_give(command: Command, keys: Sequence[str], present: Sequence[str] = ()) -> None:
    """Refuse permissions that are new to a role and that the caller does not hold."""
    held = command.viewer.permissions
    missing = [
        Problem(ErrorCode.INSUFFICIENT_PERMISSIONS, ("input", "permissionKeys", str(index)))
        for index, key in enumerate(key.strip() for key in keys)
        if key not in present and not allows(held, key)
    ]
    if missing:
        raise Refusal(missing)


# Giving


async def assign(
    command: Command,
    id: strawberry.ID,
    role_ids: Annotated[
        list[strawberry.ID], strawberry.argument(description="All roles the member is to have; at most 20.")
    ],
) -> models.Member:
    """Give a member custom roles in place of the present ones. The built-in role stays; scopes never grow."""
    _few(role_ids, "roleIds")
    member = await command.find(models.Member, id)
    command.action = AuditAction.ROLE_CHANGE
    await give(command, member, role_ids, "roleIds")
    return member


async def give(command: Command, member: models.Member, ids: Sequence[str], *path: str) -> None:
    """Make these the custom roles of a member who was just found. Nobody gives what they do not hold."""
    _few(ids, *path)
    links = table_of(models.MemberRole).c
    held = select(models.MemberRole).where(links.tenant_id == member.tenant_id, links.member_id == member.id)
    present = {link.role_id: link for link in await command.session.scalars(held)}
    wanted = await givable(command, ids, set(present), path)
    for given, link in present.items():
        if given not in wanted:
            await command.session.delete(link)
    command.session.add_all(
        models.MemberRole(tenant_id=member.tenant_id, member_id=member.id, role_id=new)
        for new in sorted(wanted - present.keys())
    )


def _few(ids: Sequence[str], *path: str) -> None:
    if len(ids) > MAX_OF_A_MEMBER:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, *path, rule="items", max=MAX_OF_A_MEMBER)


async def givable(command: Command, ids: Sequence[str], present: set[UUID], path: tuple[str, ...]) -> set[UUID]:
    """The roles of these ids, locked in one order; every problem of every id is reported."""
    found, problems = set(), []
    for index, id in sorted(enumerate(ids), key=lambda entry: entry[1]):
        where = (*path, str(index))
        try:
            role = _own(await command.find(models.Role, id, *where), *where)
        except Refusal as refusal:
            problems += refusal.problems
            continue
        if role.id not in present and not all(allows(command.viewer.permissions, key) for key in role.permission_keys):
            problems.append(Problem(ErrorCode.INSUFFICIENT_PERMISSIONS, where))
        found.add(role.id)
    if problems:
        raise Refusal(sorted(problems, key=lambda problem: int(problem.field[-1])))
    return found


async def found_roles(session: Any, tenant: models.Tenant) -> None:
    """The built-in roles of a new agency. Nobody made them."""
    at, word = now(), 1 if tenant.language == "de" else 0
    rows = [
        {
            "tenant_id": tenant.id,
            "id": role_id(role),
            "created_at": at,
            "updated_at": at,
            "name": name[word],
            "description": description[word],
            "key": role.value,
        }
        for role, (name, description) in ROLES.items()
    ]
    await session.execute(insert(models.Role), rows)
