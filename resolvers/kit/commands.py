"""What a resolver works with: a `Command` that finds, adds and changes rows, and what a mutation is declared as."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types.maybe import Some
from strawberry.types.unset import UNSET

from domain.access import Scope
from domain.errors import ApiError, ErrorCode, Problem, Refusal
from domain.mails import Link
from domain.plans import LimitResource
from loaders.visibility import of_agency, predicates, sight, table_of, there
from models import NumberSequence, Tenant
from models.base import Deletable, Owned, TenantRow, now
from models.events import AuditAction, ChangeKind
from resolvers.kit.changes import Recorder, Telling, event_of
from resolvers.kit.context import Context, Viewer
from resolvers.kit.ids import split_id
from resolvers.kit.inputs import node_names
from resolvers.kit.jobs import encoded
from resolvers.kit.mail import post
from storage.events import Event
from storage.jobs import Order, enqueue
from storage.tokens import Claims

Row = TypeVar("Row", bound=Owned)
MOST_REFERENCES = 100


@dataclass(frozen=True)
class Operation:
    """A mutation as declared: who may call it and what it is called."""

    name: str
    function: Callable[..., Awaitable[Any]]
    needs: str | None
    scope: Scope
    public: bool
    category: str
    # Opens its own transactions, as one does that leaves the viewer's agency; Idempotency-Keys are not its.
    detached: bool = False


@dataclass(frozen=True)
class Ref:
    """A row a payload shows; read again after the commit."""

    table: str
    id: UUID
    trash: bool = True  # whether a row in the trash is shown, as a mutation that put it there must


class Secret(str):
    """A text an answer shows once: what is kept of the answer for repeated requests holds it sealed."""

    __slots__ = ()


@dataclass
class Command:
    """One mutation being carried out."""

    context: Context
    operation: str
    _session: AsyncSession | None = None
    recorder: Recorder | None = None
    events: list[Event] = field(default_factory=list)
    counts: dict[LimitResource, int] = field(default_factory=dict)
    action: AuditAction | None = None
    cleaned: dict[int, dict[str, Any]] = field(default_factory=dict)
    subject: Ref | None = None

    @property
    def viewer(self) -> Viewer:
        return self.context.signed_in

    @property
    def session(self) -> AsyncSession:
        assert self._session is not None, "a public mutation opens its own transaction"
        return self._session

    def values(self, given: Any) -> dict[str, Any]:
        """Column values of an input argument, checked before the resolver ran."""
        return dict(self.cleaned[id(given)])

    async def find(
        self,
        model: type[Row],
        id: str,
        *path: str,
        expected: Any = UNSET,
        deleted: bool = False,
        needs: str | None = None,
    ) -> Row:
        """The row of a global id, locked. Missing, foreign, invisible and wrong type are all NOT_FOUND."""
        where = path or ("id",)
        found = split_id(id)
        if found is None:
            raise Refusal.of(ErrorCode.INVALID_INPUT, *where, rule="id")
        row = None
        if found[0] == node_names()[str(model.__tablename__)]:
            row = await self._row(model, found[1], needs or read_permission(model), deleted)
        if row is None:
            raise Refusal.of(ErrorCode.NOT_FOUND, *where)
        self.expect(row, expected)
        return row

    async def peek(self, model: type[Owned], id: str, *path: str) -> UUID:
        """The uuid of a row to refer to, not locked; what `find` does not find is not found here."""
        seen: UUID = (await self.look(model, (table_of(model).c.id,), id, *path))[0]
        return seen

    async def look(self, model: type[Owned], columns: Sequence[ColumnElement[Any]], id: str, *path: str) -> Any:
        """Some columns of a row, not locked; what `find` does not find is not found here."""
        found = split_id(id)
        if found is None:
            raise Refusal.of(ErrorCode.INVALID_INPUT, *path, rule="id")
        row = None
        if found[0] == node_names()[str(model.__tablename__)]:
            seen = predicates(model, sight(read_permission(model), self.viewer))
            parameters = {"tenant": self.viewer.tenant_id, "member": self.viewer.member_id}
            statement = select(*columns).where(*seen, *there(model), table_of(model).c.id == found[1])
            row = (await self.session.execute(statement, parameters)).first()
        if row is None:
            raise Refusal.of(ErrorCode.NOT_FOUND, *path)
        return row

    def every(self, model: type[Owned], *columns: ColumnElement[Any], deleted: bool | None = False) -> Select[Any]:
        """Rows of the agency, or columns of them, whether the viewer sees them or not: what a rule asks about.

        What the viewer names is found by `find`, `peek` and `look`. `deleted` None looks at both sides of the trash.
        """
        what: Select[Any] = select(*columns) if columns else select(model)
        return what.where(*self.here(model, deleted=deleted))

    def here(self, model: type[Owned], *, deleted: bool | None = False) -> list[ColumnElement[bool]]:
        """The conditions of `every`, for a statement that changes rows."""
        return of_agency(self.viewer.tenant_id, model, deleted=deleted)

    async def get(self, model: type[Row], id: UUID) -> Row:
        """A row that is there: another row's key says so."""
        return await self.session.get_one(model, (self.viewer.tenant_id, id))

    async def refer(self, model: type[Owned], ids: Sequence[str], *path: str) -> list[UUID]:
        """The uuids of rows to refer to, each once; all that `find` would not find are problems of the same refusal."""
        if len(ids) > MOST_REFERENCES:
            raise Refusal.of(ErrorCode.VALIDATION_ERROR, *path, rule="items", max=MOST_REFERENCES)
        column, name = table_of(model).c.id, node_names()[str(model.__tablename__)]
        read = [split_id(id) for id in ids]
        wanted = [one[1] for one in read if one is not None and one[0] == name]
        seen = predicates(model, sight(read_permission(model), self.viewer))
        parameters = {"tenant": self.viewer.tenant_id, "member": self.viewer.member_id}
        found = set(await self.session.scalars(select(column).where(*seen, column.in_(wanted)), parameters))
        problems = [
            Problem(ErrorCode.INVALID_INPUT, (*path, str(index)), "id")
            if one is None
            else Problem(ErrorCode.NOT_FOUND, (*path, str(index)))
            for index, one in enumerate(read)
            if one is None or one[0] != name or one[1] not in found
        ]
        if problems:
            raise Refusal(problems)
        return list(dict.fromkeys(wanted))

    async def _row(self, model: type[Row], id: UUID, permission: str | None, deleted: bool) -> Row | None:
        seen = sight(permission, self.viewer)
        conditions = [*predicates(model, seen, deleted=deleted), *there(model), table_of(model).c.id == id]
        found = select(model).where(*conditions)
        # Changes of the row wait for each other; inserts that refer to it do not.
        statement = found.with_for_update(key_share=True)
        parameters = {"tenant": self.viewer.tenant_id, "member": self.viewer.member_id}
        return (await self.session.execute(statement, parameters)).scalar_one_or_none()

    @staticmethod
    def expect(row: Owned, expected: Any) -> None:
        """Refuse to change a row that is no longer the one the client saw."""
        version = expected.value if isinstance(expected, Some) else expected
        if version not in (UNSET, None) and version != row.version:
            raise Refusal.of(ErrorCode.CONFLICT, "input", "expectedVersion", currentVersion=row.version)

    async def add(self, row: Row) -> Row:
        """Insert a row now, so that rows referring to it may follow."""
        self.session.add(row)
        await self.session.flush()
        return row

    def assign(self, row: Owned, values: Mapping[str, Any]) -> None:
        """Set the columns that really differ."""
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)

    def discard(self, row: Deletable) -> None:
        """Put a row into the trash."""
        row.deleted_at, row.deleted_by_id = now(), self.viewer.member_id

    def recover(self, row: Deletable) -> None:
        """Take a row out of the trash."""
        row.deleted_at, row.deleted_by_id = None, None

    def tell(self, row: Owned, kind: ChangeKind | None = None, verb: str | None = None, **data: Any) -> None:
        """Say more of a row's change than its columns do: its kind, the verb of its event, data of the event."""
        assert self.recorder is not None
        telling = self.recorder.tellings.setdefault((str(row.__tablename__), row.id), Telling())
        telling.kind, telling.verb = kind or telling.kind, verb or telling.verb
        telling.data |= data

    def announce(self, row: Owned, kind: ChangeKind, fields: set[str]) -> None:
        """An event of a row that was not changed itself."""
        self.events.append(event_of(str(row.__tablename__), row.id, row.version, kind, fields))

    def about(self, row: Owned) -> None:
        """Say which record the audit entry is about, when the answer shows none."""
        self.subject = Ref(str(row.__tablename__), row.id)

    def own_session(self) -> Claims:
        """The session this request was sent with: whatever guards a login is done by the person, not by a key."""
        claims = self.context.claims
        if claims is None or claims.by_key:
            raise ApiError(ErrorCode.INSUFFICIENT_PERMISSIONS, status=403)
        return claims

    def count(self, resource: LimitResource, by: int) -> None:
        """Use (or free) a limited resource; checked by one conditional update at the end of the transaction."""
        self.counts[resource] = self.counts.get(resource, 0) + by

    async def enqueue(self, name: str, payload: Any = None) -> None:
        """Have the job of this name done for the viewer's agency, once this mutation has committed and only then."""
        await enqueue(self.session, Order(name, self.viewer.tenant_id, encoded(payload)))

    async def mail(self, template: str, *, to: str, language: str, link: Link | None = None, **values: Any) -> UUID:
        """Have a mail sent for the viewer's agency, once this mutation has committed and only then; see `post`."""
        return await post(self.session, self.viewer.tenant_id, template, to=to, language=language, link=link, **values)

    async def draw(self, name: str) -> int:
        """The next number of a sequence of this agency."""
        statement = (
            insert(NumberSequence)
            .values(tenant_id=self.viewer.tenant_id, name=name, last=1)
            .on_conflict_do_update(
                index_elements=["tenant_id", "name"],
                set_={"last": NumberSequence.__table__.c.last + 1},  # type: ignore[attr-defined]
            )
            .returning(NumberSequence.__table__.c.last)  # type: ignore[attr-defined]
        )
        return int((await self.session.execute(statement)).scalar_one())

    async def tenant(self) -> Tenant:
        """The viewer's agency, to look at. Not locked: every insert refers to this row and would wait, or deadlock."""
        columns = table_of(Tenant).c
        statement = select(Tenant).where(
            columns.tenant_id == self.viewer.tenant_id, columns.id == self.viewer.tenant_id
        )
        return (await self.session.execute(statement)).scalar_one()


def read_permission(model: type[TenantRow]) -> str | None:
    """The permission that opens a model, as its node type declares it."""
    return READ_PERMISSIONS.get(str(model.__tablename__))


# What is handed over when a member is removed: from whom, to whom; filled by domains.
BEFORE_REMOVAL: list[Callable[[Command, UUID, UUID], Awaitable[None]]] = []

# Model → what else happens when a row comes back from the trash, given since when it was there; filled by domains.
AFTER_RESTORE: dict[type[Owned], Callable[[Command, Any, Any], Awaitable[None]]] = {}

# Table → permission of the node type that shows it; filled by the graph.
READ_PERMISSIONS: dict[str, str | None] = {}
