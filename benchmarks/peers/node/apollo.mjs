// Apollo Server 5 with DataLoader, behind Node's own HTTP server.
import { PATIENT } from './environment.mjs';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { Context, ready, resolvers } from './data.mjs';

const apollo = new ApolloServer({
  typeDefs: readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'),
  resolvers,
  nodeEnv: 'production',
  introspection: false,
  csrfPrevention: false,
  stopOnTerminationSignals: false,
  persistedQueries: false,
  stringifyResult: JSON.stringify,
  plugins: [ApolloServerPluginCacheControlDisabled()],
});
await apollo.start();

const server = createServer(PATIENT, (request, response) => {
  if (request.url === '/ready') {
    ready().then(() => response.end(), () => response.writeHead(503).end());
    return;
  }
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method,
        headers: new HeaderMap(Object.entries(request.headers)),
        search: '',
        body: JSON.parse(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)),
      },
      context: async () => new Context(request.headers),
    });
    const body = Buffer.from(answer.body.string);
    response.writeHead(answer.status ?? 200, {
      'content-type': answer.headers.get('content-type'),
      'content-length': body.length,
    });
    response.end(body);
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1');
