// Fastify with Mercurius: compiled operations (graphql-jit) and its own loaders.
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import * as data from './data.mjs';
import { viewerOf } from './rules.mjs';

async function users(queries, viewer, key) {
  const ids = [...new Set(queries.map(({ obj }) => obj.row[key]).filter(Boolean))];
  const found = ids.length ? await data.users(viewer, ids) : [];
  const byId = new Map(ids.map((id, index) => [id, found[index]]));
  return queries.map(({ obj }) => byId.get(obj.row[key]) ?? null);
}

const opts = { cache: false };
const loaders = {
  Property: {
    assignedAgent: { opts, loader: (queries, { viewer }) => users(queries, viewer, 'assigned_agent_id') },
    contactPersons: {
      opts,
      loader: (queries, { viewer }) => data.contactPersons(viewer, queries.map(({ obj }) => obj.row.id)),
    },
    notes: {
      opts,
      async loader(queries, { viewer }) {
        // A batch may hold several page sizes, one per alias of the field.
        const sizes = queries.map(({ params }) => params.first ?? 20);
        const found = await data.notes(viewer, queries.map(({ obj }) => obj.row.id), Math.max(...sizes));
        return found.map((nodes, index) => ({ nodes: nodes.slice(0, sizes[index]) }));
      },
    },
  },
  Note: { author: { opts, loader: (queries, { viewer }) => users(queries, viewer, 'author_id') } },
};

const app = Fastify({ logger: false, keepAliveTimeout: 600_000 });
app.get('/ready', async () => {
  await data.ready();
  return '';
});
app.register(mercurius, {
  schema: readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'),
  resolvers: data.resolvers,
  loaders,
  context: (request) => ({ viewer: viewerOf(request.headers) }),
  graphiql: false,
  jit: 1,
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
