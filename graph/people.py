"""The people of an agency."""

import strawberry

import models
from domain.access import P, Role
from graph.identity import User
from graph.kit.connection import Connection
from graph.kit.payload import Shape
from graph.kit.root import listing, plain
from resolvers.identity import people
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
