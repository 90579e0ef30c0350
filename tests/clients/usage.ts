// Never run, only compiled: what the generated types give to somebody who writes a screen.
import type { ApolloClient } from "@apollo/client";
import { ClientPropertyCreateDocument, PropertyPagesDocument, PropertyStreamDocument } from "./generated/operations";
import type { Property, PropertyStatus } from "./generated/schema";

export async function titles(client: ApolloClient): Promise<string[]> {
  const { data } = await client.query({ query: PropertyPagesDocument, variables: { first: 10 } });
  const price: string | undefined = data?.properties.edges[0]?.node.price?.amount;
  return [price ?? "", ...(data?.properties.edges ?? []).map(({ node }) => node.title)];
}

export async function create(client: ApolloClient): Promise<PropertyStatus | undefined> {
  const input = { title: "Loft", type: "APARTMENT", marketingType: "BUY", livingArea: "80" } as const;
  const { data } = await client.mutate({ mutation: ClientPropertyCreateDocument, variables: { input } });
  // @ts-expect-error -- the document does not ask for the description
  void data?.propertyCreate.property?.description;
  // @ts-expect-error -- an area is text: a number would lose digits
  await client.mutate({ mutation: ClientPropertyCreateDocument, variables: { input: { ...input, livingArea: 80 } } });
  return data?.propertyCreate.property?.status;
}

export function watch(client: ApolloClient, seen: (id: Property["id"], title: string) => void): () => void {
  const subscription = client
    .subscribe({ query: PropertyStreamDocument, variables: { after: null } })
    .subscribe(({ data }) => {
      const change = data?.propertyChanged;
      if (change?.property) seen(change.id, change.property.title);
    });
  return () => subscription.unsubscribe();
}
