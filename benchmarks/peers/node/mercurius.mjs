// Fastify with Mercurius: compiled operations (graphql-jit) and DataLoader.
import { PATIENT } from './environment.mjs';
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { Context, ready, resolvers } from './data.mjs';

const app = Fastify({ logger: false, http: PATIENT, keepAliveTimeout: PATIENT.keepAliveTimeout });
app.get('/ready', async () => {
  await ready();
  return '';
});
app.register(mercurius, {
  schema: readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'),
  resolvers,
  context: (request) => new Context(request.headers),
  graphiql: false,
  jit: 1,
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
