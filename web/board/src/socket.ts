// Subscriptions: one WebSocket that comes back by itself, and streams that go on behind the last event they got.
import { ApolloLink, CombinedGraphQLErrors, Observable } from "@apollo/client";
import { print } from "graphql";
import { createClient, type FormattedExecutionResult, type Sink } from "graphql-ws";
import type { Session } from "./session";

const UNAUTHORIZED = 4401;
const LONGEST_WAIT_MS = 3_000;

export type Connection = "connecting" | "open" | "lost";

/** The socket, and how it is at this moment for whoever shows it. */
export function createSocket(url: string, session: Session) {
  let state: Connection = "connecting";
  const listeners = new Set<() => void>();
  const become = (next: Connection) => {
    state = next;
    for (const listener of listeners) listener();
  };

  const client = createClient({
    url: url.replace(/^http/, "ws"),
    connectionParams: async () => {
      const token = await session.token();
      return token ? { authorization: `Bearer ${token}` } : {};
    },
    // A quiet connection is asked whether it still lives: a laptop that slept notices within seconds.
    keepAlive: 10_000,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: (attempt) => {
      const wait = Math.min(100 * 2 ** attempt, LONGEST_WAIT_MS);
      // Not all at the same moment: a server that comes back has everybody at its door.
      return new Promise((done) => setTimeout(done, wait / 2 + (Math.random() * wait) / 2));
    },
    on: { connected: () => become("open"), closed: () => become("lost") },
  });

  // A socket speaks for one token: when that is renewed, the socket is opened anew, with its subscriptions.
  let spoken = session.get()?.accessToken;
  session.subscribe(() => {
    const token = session.get()?.accessToken;
    if (token && token !== spoken) client.terminate();
    spoken = token;
  });

  return {
    client,
    get: () => state,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The Apollo link of a socket.
 *
 * A subscription with the variable `after` is durable: each time it is sent, `after` is the cursor of the last event.
 * An event whose cursor was seen already is dropped, for the wire may repeat.
 */
export function socketLink({ client }: ReturnType<typeof createSocket>, session: Session): ApolloLink {
  return new ApolloLink((operation) => {
    const query = print(operation.query);
    const durable = "after" in operation.variables;
    let after = operation.variables.after as string | null | undefined;
    // Read when the message is written, so also whenever graphql-ws subscribes again after a lost connection.
    const variables = durable ? { ...operation.variables, get after() { return after; } } : operation.variables;

    return new Observable<ApolloLink.Result>((observer) => {
      let stop = () => {};
      const sink: Sink<FormattedExecutionResult<Record<string, unknown>>> = {
        next(result) {
          const cursor = durable ? cursorOf(result.data) : undefined;
          if (cursor !== undefined && cursor === after) return;
          if (cursor !== undefined) after = cursor;
          observer.next(result as ApolloLink.Result);
        },
        error(problem) {
          // graphql-ws takes a refused token as the end. It is one only when there is no other.
          if (problem instanceof CloseEvent && problem.code === UNAUTHORIZED) {
            void session.renew().then((renewed) => (renewed ? start() : observer.error(problem)));
          } else observer.error(Array.isArray(problem) ? new CombinedGraphQLErrors({ errors: problem }) : problem);
        },
        complete: () => observer.complete(),
      };
      const start = () => {
        stop = client.subscribe({ query, variables, ...(operation.operationName && { operationName: operation.operationName }) }, sink);
      };
      start();
      return () => stop();
    });
  });
}

function cursorOf(data: unknown): string | undefined {
  const event = Object.values((data as Record<string, { cursor?: string }> | null | undefined) ?? {})[0];
  return event?.cursor;
}
