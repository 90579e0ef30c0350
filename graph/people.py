"""The people of an agency."""

from datetime import datetime

import strawberry

import models
from domain.access import P, Role, Scope
from domain.people import InvitationStatus, invitation_status
from graph.identity import AuthPayload, User
from graph.kit.connection import Connection
from graph.kit.field import derived, one
from graph.kit.node import Node
from graph.kit.payload import Payload, Shape, UserPayload
from graph.kit.root import listing, mutation, plain
from models.base import now
from resolvers.identity import invitations as inviting
from resolvers.identity import joining, members, people
from resolvers.kit.scalars import EmailAddress


@strawberry.type(description="Somebody who works for the agency, as far as choosing one needs it.")
class Employee(Shape):
    id: strawberry.ID = strawberry.field(description="Id of the user.")
    name: str = strawberry.field(description="First and last name.")
    email: EmailAddress = strawberry.field(description="Where mail goes.")
    role: Role = strawberry.field(description="Built-in role in this agency.")
    department: str | None = strawberry.field(description="Department within the agency.")
    is_active: bool = strawberry.field(description="Whether the member may sign in.")
    open_task_count: int = strawberry.field(description="Tasks to do that are neither done nor cancelled.")


@strawberry.type(description="Somebody who was asked to become a member.")
class Invitation(Node, of=models.Invitation, needs=P.USER_READ):
    email: EmailAddress
    first_name: str
    last_name: str
    role: Role
    department: str | None
    invited_by = one(models.Invitation.invited_by_id)
    expires_at: datetime
    sent_at: datetime | None
    send_error: str | None
    accepted_at: datetime | None
    status: InvitationStatus = derived(
        models.Invitation.accepted_at,
        models.Invitation.revoked_at,
        models.Invitation.expires_at,
        compute=lambda accepted, revoked, expires: invitation_status(accepted, revoked, expires, now()).value,
        description="Whether it can still be accepted.",
    )


@strawberry.type(description="An invitation as it is shown to whoever has its link.")
class InvitationPreview(Shape):
    email: EmailAddress = strawberry.field(description="Login of the new member.")
    first_name: str = strawberry.field(description="Given name.")
    last_name: str = strawberry.field(description="Family name.")
    role: Role = strawberry.field(description="Role the person will have.")
    tenant_name: str = strawberry.field(description="Name of the agency.")
    inviter_name: str = strawberry.field(description="Who invites.")
    expires_at: datetime = strawberry.field(description="Until when it can be accepted.")
    needs_password: bool = strawberry.field(
        description="Whether a password must be set; otherwise there is a login, which just joins."
    )


@strawberry.type(description="The invitation, or why it was refused.")
class InvitationPayload(Payload):
    invitation: Invitation | None = strawberry.field(description="The invitation as it is now.")


@strawberry.type
class Query:
    users: Connection[User] = listing(
        models.Member,
        filter=people.UserFilter,
        order=people.UserOrder,
        where=people.present,
        needs=P.USER_READ,
        description="The members of the agency, deactivated ones included, removed ones not.",
    )
    user: User | None = plain(people.user)
    employees: list[Employee] = plain(people.employees, needs=P.TENANT_READ)
    invitations: list[Invitation] = plain(inviting.invitations, needs=P.USER_READ)
    invitation: InvitationPreview | None = plain(inviting.preview, public=True)


@strawberry.type
class Mutation:
    user_invite: InvitationPayload = mutation(inviting.invite, needs=P.USER_CREATE, category="people")
    invitation_resend: InvitationPayload = mutation(inviting.resend, needs=P.USER_CREATE, category="people")
    invitation_revoke: InvitationPayload = mutation(inviting.revoke, needs=P.USER_CREATE)
    invitation_accept: AuthPayload = mutation(joining.accept, public=True)
    user_create: UserPayload = mutation(members.create, needs=P.USER_CREATE, scope=Scope.ADMIN)
    user_update: UserPayload = mutation(members.update, needs=P.USER_UPDATE)
    user_role_update: UserPayload = mutation(
        members.set_role, needs=P.USER_UPDATE, scope=Scope.ADMIN, category="rights"
    )
    user_deactivate: UserPayload = mutation(
        members.deactivate, needs=P.USER_DELETE, scope=Scope.ADMIN, category="rights"
    )
    user_reactivate: UserPayload = mutation(
        members.reactivate, needs=P.USER_UPDATE, scope=Scope.ADMIN, category="rights"
    )
    user_remove: UserPayload = mutation(members.remove, needs=P.USER_DELETE, scope=Scope.ADMIN, category="people")
