"""The people of an agency: who they are, and the short list for choosing one."""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, ClassVar

import strawberry
from sqlalchemy import Boolean, ColumnElement, Integer, Select, Text, Uuid, all_, case, exists, func, select
from sqlalchemy.dialects.postgresql import array
from strawberry.types.unset import UNSET

import models
from domain.access import Audience, P, Role
from domain.errors import ApiError, ErrorCode
from domain.tasks import TERMINAL
from loaders.paging import DEFAULT_PAGE, MAX_PAGE, OrderKey
from loaders.sql import STATEMENTS, param
from loaders.visibility import predicates, sight, table_of
from models.identity import UserStatus
from resolvers.kit.commands import Ref
from resolvers.kit.context import Context
from resolvers.kit.filters import EnumFilter, Filter, Order, OrderDirection, StringFilter, search_text
from resolvers.kit.ids import encode_id, split_id


def present(table: Any) -> ColumnElement[bool]:
    """Members who were not removed."""
    found: ColumnElement[bool] = table.c.deleted_at.is_(None)
    return found


def _of_team(table: Any, bind: Callable[[Any], Any]) -> ColumnElement[bool]:
    link = table_of(models.TeamMember).alias()
    return exists(
        select(link.c.id).where(
            link.c.tenant_id == table.c.tenant_id, link.c.member_id == table.c.id, link.c.team_id == bind(Uuid)
        )
    )


@strawberry.input(description="Conditions on members; all given ones must hold.")
class UserFilter(Filter, of=models.Member):
    role: EnumFilter[Role] | None = UNSET
    status: EnumFilter[UserStatus] | None = UNSET
    department: StringFilter | None = UNSET
    team_id: strawberry.ID | None = strawberry.field(default=UNSET, description="They are in this team.")
    search: str | None = strawberry.field(
        default=UNSET,
        description="Full text of name, e-mail, department and position, 2 to 200 characters; the last word may be a "
        "beginning.",
    )
    and_: list["UserFilter"] | None = strawberry.field(default=UNSET, name="and", description="All of these hold.")
    or_: list["UserFilter"] | None = strawberry.field(default=UNSET, name="or", description="One of these holds.")
    not_: "UserFilter | None" = strawberry.field(default=UNSET, name="not", description="This does not hold.")

    specials: ClassVar[dict[str, Any]] = {"team_id": _of_team}
    references: ClassVar[dict[str, str]] = {"team_id": "team"}


@strawberry.enum(description="What members can be sorted by.")
class UserOrderField(Enum):
    CREATED_AT = strawberry.enum_value("created_at", description="When they were added.")
    NAME = strawberry.enum_value("name", description="Family name, then given name; umlauts beside their base letters.")
    EMAIL = strawberry.enum_value("email", description="E-mail address.")
    LAST_LOGIN_AT = strawberry.enum_value("last_login_at", description="Last sign-in; who never did comes last.")
    ROLE = strawberry.enum_value("role", description="Height of the role; ascending begins with CUSTOMER.")


def _by_name(table: Any) -> ColumnElement[Any]:
    folded: ColumnElement[Any] = func.app.fold(table.c.last_name + " " + table.c.first_name, type_=Text)
    return folded


def _by_role(table: Any) -> ColumnElement[Any]:
    return case({role.value: role.rank for role in Role}, value=table.c.role)


@strawberry.input(description="How to sort members.")
class UserOrder(Order):
    field: UserOrderField = strawberry.field(description="What to sort by.")
    direction: OrderDirection = strawberry.field(default=OrderDirection.DESC, description="Smallest or largest first.")

    keys: ClassVar[dict[str, OrderKey]] = {
        "created_at": OrderKey("created_at", lambda table: table.c.created_at),
        "name": OrderKey("name", _by_name, kind=str),
        "email": OrderKey("email", lambda table: table.c.email, kind=str),
        "last_login_at": OrderKey("last_login_at", lambda table: table.c.last_login_at, nullable=True, kind=datetime),
        "role": OrderKey("role", _by_role, kind=int),
    }


async def user(context: Context, id: strawberry.ID) -> Any:
    """One member; who may not see members finds only oneself, everybody else is null like somebody unknown."""
    found = split_id(id)
    if found is None:
        raise ApiError(ErrorCode.INVALID_INPUT, field=["id"], rule="id")
    viewer = context.signed_in
    if found[0] != "User" or not (viewer.may(P.USER_READ) or found[1] == viewer.member_id):
        return None
    return Ref("member", found[1])


async def employees(
    context: Context,
    search: Annotated[
        str | None, strawberry.argument(description="Full text of name, e-mail, department and position.")
    ] = None,
    role: Annotated[Role | None, strawberry.argument(description="Only this role.")] = None,
    department: Annotated[
        str | None, strawberry.argument(description="Only this department, letter for letter.")
    ] = None,
    is_active: Annotated[
        bool | None, strawberry.argument(description="Whether they may sign in; null shows both.")
    ] = True,
    first: Annotated[int | None, strawberry.argument(description="1 to 100, 20 when nothing is given.")] = None,
) -> list[dict[str, Any]]:
    """Members who work for the agency, by name: enough to choose one. Customers are not among them."""
    if first is not None and not 1 <= first <= MAX_PAGE:
        raise ApiError(ErrorCode.INVALID_INPUT, field=["first"], rule="range", min=1, max=MAX_PAGE)
    text = None if search is None else search_text(search, ("search",))
    if text is not None and not any(character.isalnum() for character in text):
        return []
    member = table_of(models.Member)
    conditions: dict[str, Callable[[], ColumnElement[bool]]] = {
        "search": lambda: member.c.id.in_(select(func.app.search_member(param("search", Text)).column_valued("found"))),
        "role": lambda: member.c.role == param("role", Text),
        "department": lambda: member.c.department == param("department", Text),
        "active": lambda: (member.c.status == UserStatus.ACTIVE.value) == param("active", Boolean),
    }
    values = {"search": text, "role": role and role.value, "department": department, "active": is_active}
    given = {name: value for name, value in values.items() if value is not None}
    seen = sight(P.TASK_READ, context.signed_in)

    def build() -> Select[Any]:
        task = table_of(models.Task)
        opened = select(func.count()).where(
            *predicates(models.Task, seen),
            task.c.assignee_id == member.c.id,
            task.c.status != all_(array(sorted(status.value for status in TERMINAL))),
        )
        columns = [member.c[name] for name in ("id", "name", "email", "role", "department", "status")]
        return (
            select(*columns, opened.correlate(member).scalar_subquery().label("open_task_count"))
            .where(
                *predicates(models.Member, Audience.ALL),
                present(member),
                member.c.role != Role.CUSTOMER.value,
                *(conditions[name]() for name in given),
            )
            .order_by(_by_name(member), member.c.id)
            .limit(param("first", Integer))
        )

    statement = STATEMENTS.get(("employees", seen, tuple(given)), build, one_plan=text is None)
    rows = await context.loaders.fetch(statement, {**given, "first": first or DEFAULT_PAGE})
    return [
        {
            "id": encode_id("User", row["id"]),
            "name": row["name"],
            "email": row["email"],
            "role": row["role"],
            "department": row["department"],
            "is_active": row["status"] == UserStatus.ACTIVE.value,
            "open_task_count": row["open_task_count"],
        }
        for row in rows
    ]
