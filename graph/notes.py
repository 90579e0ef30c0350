"""Notes on records."""

import strawberry

import models
from domain.access import P, Scope
from graph.kit.field import one
from graph.kit.node import Deletable, Node
from graph.kit.payload import Payload
from graph.kit.root import mutation
from resolvers import notes


@strawberry.type(description="A short text that somebody left on a record. For the agency only, never for customers.")
class Note(Node, Deletable, of=models.Note, needs=P.NOTE_CREATE):
    body: str
    pinned: bool
    author = one(models.Note.author_id)


@strawberry.type(description="The note, or why it was refused.")
class NotePayload(Payload):
    note: Note | None = strawberry.field(description="The note as it is now.")


@strawberry.type
class Mutation:
    property_note_add: NotePayload = mutation(notes.add_to_property, needs=P.NOTE_CREATE)
    note_update: NotePayload = mutation(notes.update, needs=P.NOTE_CREATE)
    note_delete: NotePayload = mutation(notes.delete, needs=P.NOTE_CREATE, scope=Scope.WRITE)
