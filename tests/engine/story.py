"""One story of everything that can be changed, told to one executor at a time, each in an agency of its own."""

import re
from dataclasses import dataclass, field
from typing import Any

import orjson

from domain.access import Role
from graph.engine.operations import Answer, Call, Engine
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import split_id
from tests.engine.executors import answer, context_for, told
from tests.factories import Agency, connected, property_input

ERRORS = "userErrors { code message field details }"
SHOWN = """property { id externalNumber title status version updatedAt deletedAt deletedBy { id name }
  price { amount currency } address { formatted geo { latitude } state } features { pool flooring unknown }
  contactPersons { id name email phone role user { id name } } assignedAgent { id name email } createdBy { id }
  notes(first: 2) { totalCount nodes { id body } } viewerCan { update delete allowedStatuses } }"""
CREATE = f"mutation ($input: PropertyCreateInput!) {{ propertyCreate(input: $input) {{ {SHOWN} {ERRORS} }} }}"
UPDATE = f"""mutation ($id: ID!, $input: PropertyUpdateInput!) {{
  propertyUpdate(id: $id, input: $input) {{ {SHOWN} {ERRORS} }} }}"""
STATUS = f"""mutation ($id: ID!, $input: PropertyStatusInput!) {{
  propertyStatusSet(id: $id, input: $input) {{ __typename {SHOWN} {ERRORS} }} }}"""
DELETE = f"mutation ($id: ID!) {{ propertyDelete(id: $id) {{ {SHOWN} {ERRORS} }} }}"
NOTE = "note { id body pinned createdAt author { id name } deletedAt deletedBy { id } version }"
NOTE_ADD = f"""mutation ($id: ID!, $input: NoteInput!) {{
  propertyNoteAdd(propertyId: $id, input: $input) {{ {NOTE} {ERRORS} }} }}"""
NOTE_UPDATE = f"mutation ($id: ID!, $input: NoteInput!) {{ noteUpdate(id: $id, input: $input) {{ {NOTE} {ERRORS} }} }}"
NOTE_DELETE = f"mutation ($id: ID!) {{ noteDelete(id: $id) {{ {NOTE} {ERRORS} }} }}"
RESTORE = f"""mutation ($ids: [ID!]!) {{ trashRestore(ids: $ids) {{ purgedIds {ERRORS} restored {{ __typename id
  ... on Property {{ title deletedAt notes {{ totalCount }} }} ... on Note {{ body author {{ name }} }} }} }} }}"""
PURGE = f"mutation ($ids: [ID!]!) {{ trashPurge(ids: $ids) {{ purgedIds restored {{ id }} {ERRORS} }} }}"
EVERYTHING: dict[str, Any] = {
    "description": 'Text "mit" 🏡',
    "locationDescription": None,
    "equipmentDescription": "e",
    "otherDescription": "o",
    "externalNumber": "A-1",
    "subtype": "PENTHOUSE",
    "priceOnRequest": True,
    "serviceCharge": {"amount": 99},
    "heatingCost": {"amount": "1.5", "currency": "EUR"},
    "heatingIncluded": None,
    "deposit": None,
    "houseMoney": {"amount": "0"},
    "commission": {"model": "DOUBLE", "buyerPercent": "3.57", "sellerPercent": 1, "text": None},
    "usableArea": 90,
    "totalArea": "100",
    "plotArea": None,
    "bedrooms": 2,
    "bathrooms": "1.5",
    "floor": 4,
    "floorsTotal": 5,
    "yearBuilt": 1899,
    "lastModernisation": None,
    "condition": "GOOD",
    "availableFrom": "2026-12-24",
    "availableFromText": "bald",
    "isRented": False,
    "rentIncomeYear": {"amount": "12.34"},
    "location": "Mitte",
    "address": {
        "street": "Weg",
        "houseNumber": "1",
        "postalCode": "01067",
        "city": "Dresden",
        "region": None,
        "country": "DE",
        "geo": {"latitude": "51.05", "longitude": "13.737262"},
        "showAddress": True,
    },
    "features": {"pool": True, "sauna": False, "flooring": ["TILES"], "heatingType": "STOVE", "parkingSpaces": 1},
    "amenities": ["Kamin"],
    "virtualTourUrl": "https://example.com/a",
    "videoUrl": None,
    "usage": "INVESTMENT",
    "status": "PREPARATION",
}


@dataclass
class Teller:
    """Sends the story's documents to one executor and keeps what is answered."""

    state: State
    engine: Engine
    agency: Agency
    planned: list[bool] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    _names: dict[str, str] = field(default_factory=dict)

    async def send(self, text: str, role: Role | None = Role.AGENT, **variables: Any) -> Any:
        """The data of the answer, which is remembered without what differs between two agencies."""
        found = await self.ask(text, role, **variables)
        return orjson.loads(orjson.dumps(found.body.get("data")))

    async def ask(self, text: str, role: Role | None = Role.AGENT, **variables: Any) -> Answer:
        token = self.agency.people[role].token if role is not None else None
        context = await context_for(self.state, token)
        found = await answer(self.engine, Call(text, variables, None, {}), context)
        self.planned.append(found.planned)
        body = orjson.loads(orjson.dumps({"data": found.body.get("data"), "errors": told(found.body)}))
        self.answers.append(orjson.dumps(self._plain(body)))
        return found

    def _plain(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._plain(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, value: str) -> str:
        name = split_id(value)
        if name is not None:
            return self._names.setdefault(value, f"{name[0]} {len(self._names)}")
        value = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "moment", value)
        value = re.sub(r"[0-9a-f]{12,}", "hex", value)
        return "secret" if len(value) > 40 and " " not in value else value

    async def left(self) -> dict[str, Any]:
        """What the story left in the database: rows, events and the trail, without ids and times."""
        tenant = self.agency.id
        async with connected(self.state.database.logins.platform) as connection:
            return {name: [tuple(row) for row in await connection.fetch(sql, tenant)] for name, sql in LEFT.items()}


LEFT = {
    "properties": "select title, status, version, deleted_at is null from property where tenant_id = $1 order by id",
    "notes": "select body, pinned, version, deleted_at is null from note where tenant_id = $1 order by id",
    "persons": "select name, role, ordinal from contact_person where tenant_id = $1 order by name, ordinal",
    "events": "select seq, type, kind, version, changed from event_outbox where tenant_id = $1 order by seq",
    "trail": "select seq, operation, action, outcome, error_code from audit_entry where tenant_id = $1 order by seq",
    "counters": "select resource, used from plan_counter where tenant_id = $1 order by resource",
    "sessions": "select count(*), count(revoked_at) from session where tenant_id = $1",
    "numbers": "select name, last from number_sequence where tenant_id = $1 order by name",
}


async def tell(teller: Teller) -> None:
    """Every mutation on records: done, refused by the rules, refused by rights, several at once."""
    send, agent = teller.send, teller.agency.people[Role.AGENT].gid
    persons = [
        {"name": "Eva", "email": " EVA@example.com ", "userId": agent},
        {"name": "Adam", "phone": "030 23125000"},
    ]
    made = property_input(**EVERYTHING, contactPersons=persons, assignedAgentId=agent)
    one = (await send(CREATE, input=made))["propertyCreate"]["property"]
    two = (await send(CREATE, input={"title": "Zwei", "type": "HOUSE"}))["propertyCreate"]["property"]["id"]
    await send(
        CREATE, input={"title": "", "type": "LAND", "rooms": "0.3", "price": {"amount": "-1"}, "externalNumber": "A-1"}
    )
    await send(CREATE, input=made)
    await send(CREATE, input={"title": "Drei"})
    await send(CREATE, input={"title": "Drei", "type": "HOUSE", "floor": "4"})
    await send(CREATE, input={"title": "Drei", "type": "HOUSE", "other": 1})

    kept = {"id": one["contactPersons"][0]["id"], "name": "Eva Neu"}
    await send(
        UPDATE, id=one["id"], input={"title": "Neu", "contactPersons": [kept], "price": None, "expectedVersion": 1}
    )
    await send(UPDATE, id=one["id"], input={"title": "Alt", "expectedVersion": 1})
    await send(UPDATE, id=one["id"], input={})
    await send(UPDATE, id=one["id"], input={"title": None, "type": None, "amenities": None, "address": {"city": None}})
    await send(UPDATE, id=two, input={"assignedAgentId": agent, "price": {"amount": "100000"}, "livingArea": 80})
    await send(UPDATE, id=two, input={"assignedAgentId": None, "features": {"pool": None, "balcony": True}})
    await send(UPDATE, id="x", input={"title": "Neu"})
    await send(UPDATE, id=two, input={"assignedAgentId": teller.agency.people[Role.OWNER].gid})
    await send(STATUS, id=two, input={"status": "AVAILABLE"})
    await send(STATUS, id=two, input={"status": "SOLD"})
    await send(STATUS, id=two, input={"status": "RESERVED", "reason": "Notar"})
    await send(STATUS, id=two, input={"status": "SOLD", "closingPrice": {"amount": "99000"}, "closedAt": None})
    await send(STATUS, id=two, input={"status": "OTHER"})

    note = (await send(NOTE_ADD, id=two, input={"body": "Ruft <b>an</b>", "pinned": True}))["propertyNoteAdd"]["note"][
        "id"
    ]
    await send(NOTE_ADD, Role.OWNER, id=two, input={"body": "Zweite", "pinned": None})
    await send(NOTE_ADD, id=two, input={"body": " "})
    await send(NOTE_UPDATE, id=note, input={"body": "Anders"})
    await send(NOTE_UPDATE, Role.MANAGER, id=note, input={"body": "Anders", "pinned": False})
    await send(NOTE_DELETE, id=note)
    await send(NOTE_DELETE, id=note)
    await send(DELETE, Role.MANAGER, id=one["id"])
    await send(UPDATE, id=one["id"], input={"title": "Weg"})
    await send(RESTORE, Role.OWNER, ids=[one["id"], note, one["id"]])
    await send(RESTORE, Role.OWNER, ids=[one["id"], "x", agent])
    await send(NOTE_DELETE, Role.OWNER, id=note)
    await send(PURGE, Role.OWNER, ids=[note])
    await send(DELETE, id=one["id"])
    await send(PURGE, Role.OWNER, ids=[one["id"]])
    await send(UPDATE, id=one["id"], input={"title": "Weg"})
    await send(PURGE, ids=[two])

    for role in (Role.CUSTOMER, None):
        for text, given in (
            (CREATE, {"input": made}),
            (DELETE, {"id": two}),
            (PURGE, {"ids": [two]}),
            (NOTE_DELETE, {"id": note}),
        ):
            await send(text, role, **given)
    await tell_several(teller, two)


SEVERAL = f"""mutation ($id: ID!, $a: PropertyUpdateInput!, $b: PropertyUpdateInput!) {{ __typename
  a: propertyUpdate(id: $id, input: $a) {{ property {{ title version updatedAt }} {ERRORS} }}
  note: propertyNoteAdd(propertyId: $id, input: {{ body: "Dabei" }}) {{ note {{ body }} {ERRORS} }}
  wrong: noteDelete(id: $id) {{ note {{ id }} {ERRORS} }}
  b: propertyUpdate(id: $id, input: $b) {{ property {{ title version notes {{ totalCount }} }} {ERRORS} }} }}"""
WITH_A_FAILURE = """mutation ($id: ID!, $pinned: Boolean, $body: String = "") {
  a: propertyUpdate(id: $id, input: { title: "Vor" }) { property { title } }
  failed: propertyNoteAdd(propertyId: $id, input: { body: $body, pinned: $pinned }) { note { body } }
  b: propertyUpdate(id: $id, input: { otherDescription: "Nach" }) { property { otherDescription } } }"""
SAME_ROW_WITH_A_FAILURE = """mutation ($id: ID!, $body: String = "") {
  a: propertyUpdate(id: $id, input: { title: "Eins" }) { property { title } }
  b: propertyUpdate(id: $id, input: { title: "Zwei" }) { property { title } }
  failed: propertyNoteAdd(propertyId: $id, input: { body: $body }) { note { body } }
  c: propertyUpdate(id: $id, input: { title: "Drei" }) { property { title } } }"""


async def tell_several(teller: Teller, id: str) -> None:
    """Several mutations of one document, and what one that fails does to its neighbours."""
    send = teller.send
    await send(SEVERAL, id=id, a={"title": "Eins"}, b={"title": "Zwei"})
    await send(SEVERAL, id=id, a={"title": "Eins", "expectedVersion": 1}, b={"title": "Drei"})
    await send(SEVERAL, Role.CUSTOMER, id=id, a={}, b={})
    await send(WITH_A_FAILURE, id=id, body=None, pinned=None)
    await send(WITH_A_FAILURE, id=id, pinned=True)


async def tell_sign_in(teller: Teller) -> None:
    """A person registers, signs in, stays, leaves; nobody else profits."""
    send, email, password = teller.send, f"person-{uuid7().hex}@example.com", "Sonne123!"
    pair = "accessToken refreshToken tokenType expiresIn"
    shown = f"""{pair} user {{ id name email phone role scopes permissions lastLoginAt }} tenant {{ id name slug
      usage {{ activeUsers propertiesCount }} subscription {{ status trialEndsAt }} }}
      memberships {{ id role isActive joinedAt tenant {{ id name slug }} }} {ERRORS}"""
    register = f"mutation ($input: RegisterInput!) {{ authRegister(input: $input) {{ {shown} }} }}"
    login = f"""mutation ($email: EmailAddress!, $password: String!, $tenantId: ID) {{
      authLogin(email: $email, password: $password, tenantId: $tenantId) {{ {shown} }} }}"""
    refresh = f"mutation ($token: String!) {{ authRefresh(refreshToken: $token) {{ {shown} }} }}"
    given = {"email": email, "password": password, "firstName": "Erika", "lastName": "Muster", "acceptTerms": True}
    await send(register, None, input={**given, "tenantName": f"Haus {uuid7().hex}", "phone": "030 23125000"})
    await send(register, None, input={**given, "tenantName": "x", "acceptTerms": False, "password": "a"})
    await send(register, None, input={**given, "tenantName": "Anderes"})
    await send(register, None, input={**given, "tenantName": None})
    found = await send(login, None, email=email, password=password)
    await send(login, None, email=email, password="falsch")
    await send(login, None, email=email, password=password, tenantId=found["authLogin"]["tenant"]["id"])
    await send(login, None, email=email, password=password, tenantId=teller.agency.gid)
    await send(login, Role.CUSTOMER, email=email, password=password)
    found = await send(refresh, None, token=found["authLogin"]["refreshToken"])
    await send(refresh, None, token="nothing")
    beside = f"""mutation ($email: EmailAddress!, $password: String!) {{
      authLogin(email: $email, password: $password) {{ user {{ id }} tenant {{ id usage {{ activeUsers }} }} }}
      propertyCreate(input: {{ title: "Haus", type: HOUSE }}) {{ property {{ id }} {ERRORS} }} }}"""
    await send(beside, None, email=email, password=password)
    await send(beside, Role.AGENT, email=email, password=password)
    leave = f"mutation ($token: String) {{ authLogout(refreshToken: $token) {{ ok {ERRORS} }} }}"
    await send(leave, None, token=found["authRefresh"]["refreshToken"])
    await send(leave, Role.AGENT, token="x")
