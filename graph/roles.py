"""Roles and permissions."""

import strawberry

import models
from domain import access
from domain.access import P, Scope
from graph.kit.field import derived
from graph.kit.figures import figure
from graph.kit.node import Node
from graph.kit.payload import Payload, UserPayload
from graph.kit.root import lookup, mutation, plain
from loaders import jsontext
from resolvers.identity import roles as actions


@strawberry.type(description="Something that may be permitted.")
class Permission:
    id: strawberry.ID = strawberry.field(description="Id of the permission, the same in every agency.")
    key: str = strawberry.field(description="`<resource>.<action>`; with `.own` behind it only for one's own records.")
    description: str = strawberry.field(description="What it permits, in the language of the request.")
    resource: str = strawberry.field(description="What kind of record it is about.")
    action: str = strawberry.field(description="What may be done.")


@strawberry.type(description="A set of permissions: a built-in role, or one that the agency made.")
class Role(Node, of=models.Role, needs=P.ROLE_READ):
    name: str
    description: str | None
    key: access.Role | None
    is_system: bool = derived(
        models.Role.key,
        compute=lambda key: key is not None,
        sql=lambda key: jsontext.truth(key.is_not(None)),
        description="Whether it is one of the five built-in roles, which nobody changes.",
    )
    permissions: list[Permission] = derived(
        models.Role.key,
        models.Role.permission_keys,
        compute=actions.held,
        language=True,
        description="What it permits, by key.",
    )
    user_count: int = figure(
        models.Member,
        models.Role.tenant_id,
        models.Role.id,
        models.Role.key,
        match=actions.holds,
        description="How many members have it.",
    )


@strawberry.type(description="The role, or why it was refused.")
class RolePayload(Payload):
    role: Role | None = strawberry.field(description="The role as it is now; null when it was deleted.")


@strawberry.type
class Query:
    roles: list[Role] = plain(actions.roles, needs=P.ROLE_READ)
    role: Role | None = lookup(models.Role, description="One role; null when there is none.")
    permissions: list[Permission] = plain(actions.permissions, needs=P.ROLE_READ)
    permission: Permission | None = plain(actions.permission, needs=P.ROLE_READ)


@strawberry.type
class Mutation:
    role_create: RolePayload = mutation(actions.create, needs=P.ROLE_CREATE, scope=Scope.ADMIN)
    role_update: RolePayload = mutation(actions.update, needs=P.ROLE_UPDATE, scope=Scope.ADMIN)
    role_delete: RolePayload = mutation(actions.delete, needs=P.ROLE_DELETE, scope=Scope.ADMIN)
    user_roles_assign: UserPayload = mutation(actions.assign, needs=P.ROLE_UPDATE, scope=Scope.ADMIN)
