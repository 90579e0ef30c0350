// Apollo Client: one normalised cache, queries and mutations over HTTP, subscriptions over the socket.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { OperationTypeNode } from "graphql";
import { possibleTypes } from "./graphql/generated";
import type { Session } from "./session";
import { socketLink, type createSocket } from "./socket";

interface Page {
  nodes?: readonly { __ref: string }[];
}

export function createApollo(url: string, session: Session, socket: ReturnType<typeof createSocket>): ApolloClient {
  const http = new HttpLink({ uri: url, fetch: session.fetch as typeof fetch });
  const live = socketLink(socket, session);
  return new ApolloClient({
    link: ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, live, http),
    cache: new InMemoryCache({
      // Ids are global, so the default key `Type:id` is right for every type.
      possibleTypes,
      typePolicies: {
        BoardColumn: {
          fields: {
            tasks: {
              keyArgs: ["filter"],
              // A further page goes behind the others; the first one replaces what was there.
              merge(known: Page | undefined, incoming: Page, { args }) {
                if (!args?.after || !known) return incoming;
                const there = new Set(known.nodes?.map(({ __ref }) => __ref));
                const fresh = incoming.nodes?.filter(({ __ref }) => !there.has(__ref)) ?? [];
                return { ...incoming, nodes: [...(known.nodes ?? []), ...fresh] };
              },
            },
          },
        },
      },
    }),
  });
}
