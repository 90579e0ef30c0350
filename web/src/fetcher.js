// How GraphiQL reaches the server: queries and mutations over HTTP, subscriptions over one WebSocket.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { createClient } from "graphql-ws";

export function createFetcher(url, session, onEvent) {
  const socket = createClient({
    url: url.replace(/^http/, "ws"),
    connectionParams: async () => {
      const token = await session.token();
      return token ? { authorization: `Bearer ${token}` } : {};
    },
    // The first attempt comes at once: a socket is reopened on purpose when the token changes (below).
    retryWait: (attempt) => new Promise((done) => setTimeout(done, attempt === 0 ? 0 : 1000 * 2 ** attempt)),
    on: {
      message: (message) => {
        if (message.type === "next") onEvent();
      },
    },
  });

  // A socket speaks for one token: after sign-in, renewal or sign-out it is opened again, with its subscriptions.
  let spoken = session.get()?.accessToken;
  session.subscribe(() => {
    const token = session.get()?.accessToken;
    if (token !== spoken) socket.terminate();
    spoken = token;
  });

  return createGraphiQLFetcher({ url, fetch: session.fetch, wsClient: socket, enableIncrementalDelivery: false });
}
