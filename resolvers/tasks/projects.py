"""What happens to projects, and the short lists of boards and projects."""

from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import Select, Text, Uuid, select
from strawberry.types.maybe import Maybe

import models
from domain.access import P
from domain.errors import ApiError, ErrorCode, Refusal
from domain.tasks import ProjectStatus
from loaders.sql import STATEMENTS, param
from loaders.visibility import predicates, sight, table_of
from resolvers.kit.commands import Command, Ref
from resolvers.kit.context import Context
from resolvers.kit.ids import split_id
from resolvers.kit.inputs import Input
from resolvers.kit.scalars import HexColor

MOST = 100  # boards or projects in one answer


@strawberry.input(description="A project. A new one needs a name.")
class ProjectInput(Input, of=models.Project):
    name: Maybe[str | None]
    description: Maybe[str | None]
    color: Maybe[HexColor | None]
    status: Maybe[ProjectStatus | None]
    property_id: Maybe[strawberry.ID | None]


async def create(command: Command, input: ProjectInput) -> models.Project:
    """Create a project."""
    values = {name: value for name, value in command.values(input).items() if value is not None}
    if "name" not in values:
        raise Refusal.of(ErrorCode.MISSING_REQUIRED_FIELD, "input", "name")
    return await command.add(models.Project(tenant_id=command.viewer.tenant_id, **values))


async def update(command: Command, id: strawberry.ID, input: ProjectInput) -> models.Project:
    """Change a project; only what is given."""
    row = await command.find(models.Project, id)
    command.assign(row, command.values(input))
    return row


async def delete(command: Command, id: strawberry.ID) -> models.Project:
    """Put a project into the trash. Its boards and tasks stay; they show it again when it is restored."""
    row = await command.find(models.Project, id)
    command.discard(row)
    return row


async def boards(
    context: Context,
    project_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only boards of this project.")] = None,
    team_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only boards of this team.")] = None,
) -> list[Any]:
    """The boards of the agency: the default one first, then by name; at most 100."""
    seen, table = sight(P.TASK_READ, context.signed_in), table_of(models.Board)
    wanted: dict[str, UUID] = {}
    for column, kind, field, given in (
        ("project_id", "Project", "projectId", project_id),
        ("team_id", "Team", "teamId", team_id),
    ):
        if given is None:
            continue
        found = split_id(given)
        if found is None:
            raise ApiError(ErrorCode.INVALID_INPUT, field=[field], rule="id")
        if found[0] != kind:
            return []
        wanted[column] = found[1]

    def build() -> Select[Any]:
        only = [table.c[column] == param(column, Uuid) for column in wanted]
        order = table.c.is_default.desc(), table.c.name, table.c.id
        return select(table.c.id).where(*predicates(models.Board, seen), *only).order_by(*order).limit(MOST)

    statement = STATEMENTS.get(("boards", seen, tuple(wanted)), build)
    rows = await context.loaders.fetch(statement, dict(wanted))
    return [Ref("board", row["id"], trash=False) for row in rows]


async def projects(
    context: Context,
    status: Annotated[ProjectStatus | None, strawberry.argument(description="Only projects that go like this.")] = None,
) -> list[Any]:
    """The projects of the agency by name; at most 100."""
    seen, table = sight(P.TASK_READ, context.signed_in), table_of(models.Project)

    def build() -> Select[Any]:
        only = [] if status is None else [table.c.status == param("status", Text)]
        found = select(table.c.id).where(*predicates(models.Project, seen), *only)
        return found.order_by(table.c.name, table.c.id).limit(MOST)

    statement = STATEMENTS.get(("projects", seen, status is None), build)
    rows = await context.loaders.fetch(statement, {"status": None if status is None else status.value})
    return [Ref("project", row["id"], trash=False) for row in rows]
