// What Apollo and Mercurius share: the statements, the batches and the resolvers.
import DataLoader from 'dataloader';
import pg from 'pg';
import { columns, ContactPerson, decodeId, Note, Property, scaled, User } from './rows.mjs';
import { cursor, viewerOf } from './rules.mjs';

// --- statements ------------------------------------------------------------------------------------------------------

// `2026-11-20 18:06:15.1+00`, as PostgreSQL writes it in UTC, to three digits and a Z.
const timestamp = (text) => `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(3, '0')}Z`;

const array = pg.types.getTypeParser(1009);
const words = (text) => (text === '{}' ? [] : text.includes('"') ? array(text) : text.slice(1, -1).split(','));

const PARSERS = { 1184: timestamp, 1082: String, 1009: words };
const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.POOL_SIZE ?? 10),
  idleTimeoutMillis: 0,
  // Planning such statements costs as much as running them, and one plan is right for all values.
  options: '-c timezone=UTC -c jit=off -c plan_cache_mode=force_generic_plan',
  types: { getTypeParser: (oid, format) => PARSERS[oid] ?? pg.types.getTypeParser(oid, format) },
});

const statements = new Map();

/** Rows of a statement: prepared once per connection, and made by a function compiled for its columns. */
async function rows(text, values) {
  let statement = statements.get(text);
  if (statement === undefined) {
    statement = { name: `s${statements.size}`, make: null };
    statements.set(text, statement);
  }
  // Objects of pg's own are filled key by key, which costs more than reading the values.
  const result = await pool.query({ name: statement.name, text, values, rowMode: 'array' });
  statement.make ??= maker(result.fields);
  return result.rows.map(statement.make);
}

function maker(fields) {
  const members = fields.map(({ name }, index) => `${JSON.stringify(name)}: values[${index}]`);
  return new Function('values', `return { ${members.join(', ')} };`);
}

const MINE = 'tenant_id = $1 and deleted_at is null';
const ORDERS = {
  CREATED_AT: 'created_at',
  TITLE: 'title_key',
  PRICE: 'price',
  LIVING_AREA: 'living_area',
};
const NULLABLE = new Set(['PRICE', 'LIVING_AREA']);

function where(filter, values) {
  let text = MINE;
  if (filter?.status?.eq) text += ` and status = $${values.push(filter.status.eq)}`;
  if (filter?.type?.eq) text += ` and type = $${values.push(filter.type.eq)}`;
  if (filter?.city?.eq) text += ` and city = $${values.push(filter.city.eq)}`;
  if (filter?.price?.between) {
    const [low, high] = filter.price.between.map(scaled);
    text += ` and price between $${values.push(low)} and $${values.push(high)}`;
  }
  return text;
}

function order(given) {
  const keys = given?.length ? given : [{ field: 'CREATED_AT', direction: 'DESC' }];
  const parts = keys.map(({ field, direction }) => {
    const nulls = NULLABLE.has(field) ? ' nulls last' : '';
    return `${ORDERS[field]} ${direction}${nulls}`;
  });
  return [...parts, `id ${keys[0].direction}`].join(', ');
}

/** Where the stream of the agency stands: epoch and number, as the product encodes them. */
async function streamCursor(viewer) {
  const [head] = await rows('select epoch, last_seq from event_stream where tenant_id = $1', [viewer.tenant]);
  return cursor(head.epoch, head.last_seq);
}

async function property(viewer, id, info) {
  const key = decodeId('Property', id);
  if (key === null) return null;
  const [row] = await rows(`select ${columns(info)} from property where ${MINE} and id = $2`, [viewer.tenant, key]);
  return row ? new Property(row, viewer) : null;
}

function properties(viewer, { page, filter, orderBy }) {
  const values = [viewer.tenant];
  return { viewer, page, orderBy, values, condition: where(filter, values) };
}

async function nodes({ viewer, page, orderBy, values, condition }, info) {
  const { number, size } = page ?? { number: 1, size: 20 };
  const found = await rows(
    `select ${columns(info)} from property where ${condition} order by ${order(orderBy)}
      limit $${values.length + 1} offset $${values.length + 2}`,
    [...values, size, (number - 1) * size],
  );
  return found.map((row) => new Property(row, viewer));
}

async function pageMeta({ page, values, condition }) {
  if (!page) return null;
  const [{ total }] = await rows(`select count(*)::int as total from property where ${condition}`, values);
  return { page: page.number, size: page.size, pages: Math.ceil(total / page.size), total };
}

// --- batches: one statement for all keys, answers in the order of the keys -------------------------------------------

async function users(viewer, ids) {
  const found = await rows('select id, name from member where tenant_id = $1 and id = any($2)', [viewer.tenant, ids]);
  const byId = new Map(found.map((row) => [row.id, new User(row)]));
  return ids.map((id) => byId.get(id) ?? null);
}

function grouped(found, parents, make) {
  const groups = new Map(parents.map((parent) => [parent, []]));
  for (const row of found) groups.get(row.property_id).push(make(row));
  return parents.map((parent) => groups.get(parent));
}

const CONTACT_PERSONS = `
  select c.property_id, c.id, c.name, c.email, c.phone, c.role
    from unnest($2::uuid[]) as parent (id) cross join lateral (
      select * from contact_person where tenant_id = $1 and property_id = parent.id order by ordinal, id limit 20) c`;

async function contactPersons(viewer, parents) {
  const found = await rows(CONTACT_PERSONS, [viewer.tenant, parents]);
  return grouped(found, parents, (row) => new ContactPerson(row));
}

const NOTES = `
  select n.property_id, n.id, n.body, n.pinned, n.created_at, n.author_id
    from unnest($2::uuid[]) as parent (id) cross join lateral (
      select * from note where ${MINE} and property_id = parent.id
       order by pinned desc, created_at desc, id desc limit $3) n`;

async function notes(viewer, parents, first) {
  const found = await rows(NOTES, [viewer.tenant, parents, first]);
  return grouped(found, parents, (row) => new Note(row));
}

// --- what a server needs ---------------------------------------------------------------------------------------------

/** Who asks, and the loaders of one request. */
export class Context {
  constructor(headers) {
    this.viewer = viewerOf(headers);
    this.users = new DataLoader((ids) => users(this.viewer, ids));
    this.contactPersons = new DataLoader((ids) => contactPersons(this.viewer, ids));
    this.notes = new Map();
  }

  /** One loader per page size: the rows of a batch share their limit. */
  notesOf(first) {
    let loader = this.notes.get(first);
    if (!loader) this.notes.set(first, (loader = new DataLoader((ids) => notes(this.viewer, ids, first))));
    return loader;
  }
}

export const resolvers = {
  Query: {
    streamCursor: (_, __, { viewer }) => streamCursor(viewer),
    property: (_, { id }, { viewer }, info) => property(viewer, id, info),
    properties: (_, args, { viewer }) => properties(viewer, args),
  },
  PropertyConnection: {
    nodes: (connection, _, __, info) => nodes(connection, info),
    pageMeta,
  },
  Property: {
    assignedAgent: ({ row }, _, { users }) => row.assigned_agent_id && users.load(row.assigned_agent_id),
    contactPersons: ({ row }, _, { contactPersons }) => contactPersons.load(row.id),
    notes: async ({ row }, { first }, context) => ({ nodes: await context.notesOf(first ?? 20).load(row.id) }),
  },
  Note: { author: ({ row }, _, { users }) => users.load(row.author_id) },
};

export async function ready() {
  await pool.query('select 1');
}
