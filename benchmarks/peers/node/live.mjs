// graphql-js, graphql-ws and ws: subscriptions as a Node server makes them, fed by NOTIFY.
import { PATIENT } from './environment.mjs';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import pg from 'pg';
import { WebSocketServer } from 'ws';

/** The changes one subscription still has to tell, as an async iterator. */
class Follower {
  constructor(room) {
    this.room = room.add(this);
    this.queue = [];
    this.waiting = null;
  }
  push(value) {
    if (this.waiting === null) this.queue.push(value);
    else {
      this.waiting({ value, done: false });
      this.waiting = null;
    }
  }
  next() {
    if (this.queue.length > 0) return Promise.resolve({ value: this.queue.shift(), done: false });
    return new Promise((resolve) => (this.waiting = resolve));
  }
  return() {
    this.room.delete(this);
    this.waiting?.({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  }
  [Symbol.asyncIterator]() {
    return this;
  }
}

const rooms = new Map(); // agency → its followers

const room = (tenant) => {
  if (!rooms.has(tenant)) rooms.set(tenant, new Set());
  return rooms.get(tenant);
};

const connection = new pg.Client({
  connectionString: process.env.DATABASE_URL,
  options: '-c timezone=UTC',
});
const ROW = {
  name: 'row',
  text: `select title, status, version, updated_at, price, currency from property
          where tenant_id = $1 and id = $2 and deleted_at is null`,
};

/** Read the row once for everybody, and tell it. */
async function tell({ payload }) {
  const { tenant, key, ...change } = JSON.parse(payload);
  const followers = rooms.get(tenant);
  if (!followers?.size) return;
  const { rows: [row] } = await connection.query(ROW, [tenant, key]);
  const property = row && {
    id: change.id,
    title: row.title,
    status: row.status,
    version: row.version,
    updatedAt: row.updated_at.toISOString(),
    price: row.price && { amount: `${row.price.slice(0, -2)}.${row.price.slice(-2)}`, currency: row.currency },
  };
  const event = { propertyChanged: { ...change, property } };
  for (const follower of followers) follower.push(event);
}

await connection.connect();
connection.on('notification', tell);
await connection.query('listen changes');

const schema = buildSchema(readFileSync(new URL('live.graphql', import.meta.url), 'utf8'));
schema.getSubscriptionType().getFields().propertyChanged.subscribe = (_, __, { tenant }) => new Follower(room(tenant));

const server = createServer(PATIENT, (_, response) => response.end());
useServer(
  { schema, context: ({ connectionParams }) => connectionParams },
  new WebSocketServer({ server, path: '/graphql' }),
);
server.listen(Number(process.env.PORT), '127.0.0.1');
