"""Notes on records."""

import re
from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from sqlalchemy import case
from strawberry.types.maybe import Maybe

import models
from domain.access import P
from domain.errors import ErrorCode, Refusal
from loaders.paging import OrderKey
from resolvers.kit.commands import Command
from resolvers.kit.inputs import Input

HTML = re.compile(r"<!--.*?-->|<[/!?]?[A-Za-z][A-Za-z0-9-]*(?:[\s/][^<>]*)?>", re.DOTALL)

PINNED_FIRST = (
    OrderKey("pinned", lambda table: case((table.c.pinned, 1), else_=0), descending=True, kind=int),
    OrderKey.by("created_at", descending=True),
)


@strawberry.input(description="A note.")
class NoteInput(Input, of=models.Note):
    body: str
    pinned: Maybe[bool | None]

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        if "body" in values:
            values["body"] = without_html(values["body"])
            if not values["body"]:
                report(ErrorCode.MISSING_REQUIRED_FIELD, "body")


def without_html(text: str) -> str:
    """Text and Markdown without tags and comments; repeated, because what is left may join to a tag."""
    while (found := HTML.sub("", text)) != text:
        text = found
    return text.strip()


async def add_to_property(
    command: Command,
    property_id: Annotated[strawberry.ID, strawberry.argument(description="The property it is about.")],
    input: NoteInput,
) -> models.Note:
    """Leave a note on a property."""
    subject = await command.find(models.Property, property_id, "propertyId")
    values = {name: value for name, value in command.values(input).items() if value is not None}
    return await command.add(
        models.Note(
            tenant_id=command.viewer.tenant_id, author_id=command.viewer.member_id, property_id=subject.id, **values
        )
    )


async def update(command: Command, id: strawberry.ID, input: NoteInput) -> models.Note:
    """Change a note of one's own; holders of `note.manage` may change every note."""
    note = await _writable(command, id)
    command.assign(note, command.values(input))
    return note


async def delete(command: Command, id: strawberry.ID) -> models.Note:
    """Put a note into the trash."""
    note = await _writable(command, id)
    command.discard(note)
    return note


async def _writable(command: Command, id: str) -> models.Note:
    note = await command.find(models.Note, id)
    if note.author_id != command.viewer.member_id and not command.viewer.may(P.NOTE_MANAGE):
        raise Refusal.of(ErrorCode.INSUFFICIENT_PERMISSIONS, "id")
    return note
