// PostGraphile 5: the schema made from the database, and a plugin for what the two screens need beyond it.
import { PATIENT } from './environment.mjs';
import { createServer } from 'node:http';
import pg from 'pg';
import { postgraphile } from 'postgraphile';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { viewerOf } from './rules.mjs';
import { ScreensPreset } from './postgraphile/screens.mjs';

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.POOL_SIZE ?? 10),
  idleTimeoutMillis: 0,
  options: '-c timezone=UTC',
});

const serv = postgraphile({
  extends: [PostGraphileAmberPreset, ScreensPreset],
  pgServices: [makePgService({ pool, schemas: ['public'] })],
  disablePlugins: ['PgMutationCreatePlugin', 'PgMutationUpdateDeletePlugin'],
  gather: { pgStrictFunctions: true, installWatchFixtures: false },
  grafserv: { graphiql: false, watch: false, websockets: false, outputDataAsString: true },
  grafast: {
    explain: false,
    context({ node: { req } }) {
      const viewer = viewerOf(req.headers);
      return { viewer, tenant: viewer.tenant };
    },
  },
}).createServ(grafserv);
await serv.ready();
const handle = serv.createHandler();

const server = createServer(PATIENT, (request, response) => {
  if (request.url === '/ready') pool.query('select 1').then(() => response.end(), () => response.writeHead(503).end());
  else handle(request, response);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
