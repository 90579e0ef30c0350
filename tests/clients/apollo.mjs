// Apollo Client as a screen would set it up: normalised cache, cursor paging, lists that follow mutations by themselves.
import { readFileSync } from "node:fs";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import { buildSchema, isAbstractType } from "graphql";
import { answer, input, operations, within } from "./support.mjs";

const own = operations(input.documents);
const screens = operations(input.screens);
const schema = buildSchema(readFileSync(input.schema, "utf8"));
const possibleTypes = Object.fromEntries(
  Object.values(schema.getTypeMap())
    .filter(isAbstractType)
    .map((type) => [type.name, schema.getPossibleTypes(type).map((possible) => possible.name)]),
);

let requests = 0;
let token = null;
const counting = new ApolloLink((operation, forward) => {
  requests += 1;
  operation.setContext({ headers: token ? { authorization: `Bearer ${token}` } : {} });
  return forward(operation);
});
const cache = new InMemoryCache({
  possibleTypes,
  typePolicies: { Query: { fields: { properties: relayStylePagination(["filter", "orderBy", "page"]) } } },
});
const client = new ApolloClient({ cache, link: ApolloLink.from([counting, new HttpLink({ uri: input.url })]) });

async function mutate(mutation, variables, update) {
  const { data } = await client.mutate({ mutation, variables, ...(update && { update }) });
  const payload = Object.values(data)[0];
  if (payload.userErrors.length) throw new Error(JSON.stringify(payload.userErrors));
  return payload;
}

token = (await mutate(own.ClientSignIn, input.login)).accessToken;

const house = (title) => ({ input: { title, type: "HOUSE", marketingType: "BUY", livingArea: "120" } });
const created = [];
for (const title of ["Erstes Haus", "Zweites Haus", "Drittes Haus", "Viertes Haus"]) {
  created.push((await mutate(own.ClientPropertyCreate, house(title))).property.id);
}

// The list on the screen, as it is shown at any moment.
const list = client.watchQuery({ query: own.PropertyPages, variables: { first: 2 } });
let shown = [];
let pageInfo;
let look = () => {};
list.subscribe(({ data, dataState, error }) => {
  if (error) throw error;
  if (dataState !== "complete") return;
  shown = data.properties.edges.map(({ node }) => ({ id: node.id, title: node.title }));
  pageInfo = data.properties.pageInfo;
  look();
});
const showing = (what, condition) =>
  within(
    10,
    new Promise((resolve) => {
      look = () => condition(shown) && resolve(shown);
      look();
    }),
    what,
  );

await showing("the first page", (entries) => entries.length === 2);
await list.fetchMore({ variables: { after: pageInfo.endCursor } });
const paged = await showing("the second page", (entries) => entries.length === 4);

// Answers of mutations reach the list through the cache alone.
const before = requests;
await mutate(own.PropertyRename, { id: created[1], input: { title: "Umbenannt" } });
const renamed = await showing("the new title", (entries) => entries.some(({ title }) => title === "Umbenannt"));
const { property } = await mutate(own.ClientPropertyCreate, house("Neu in der Liste"), (store, { data }) => {
  const node = store.identify(data.propertyCreate.property);
  store.modify({
    fields: {
      properties: (known, { toReference }) => ({
        ...known,
        edges: [{ __typename: "PropertyEdge", cursor: "", node: toReference(node) }, ...known.edges],
      }),
    },
  });
});
const extended = await showing("the new entry", (entries) => entries.length === 5);
const spent = requests - before;

// Every query of the screens runs, and the cache can answer it again without the server.
const filled = { id: created[0], first: 5, slug: "acme-real-estate" };
const ran = {};
for (const [name, query] of Object.entries(screens)) {
  const operation = query.definitions[0];
  if (operation.operation !== "query") continue;
  const wanted = operation.variableDefinitions.map((definition) => definition.variable.name.value);
  const variables = Object.fromEntries(wanted.filter((key) => key in filled).map((key) => [key, filled[key]]));
  const { data } = await client.query({ query, variables, fetchPolicy: "network-only" });
  const again = cache.readQuery({ query, variables });
  ran[name] = again !== null && JSON.stringify(again) === JSON.stringify(data);
}

answer({
  created,
  paged,
  renamed,
  extended,
  fresh: property.id,
  requestsOfMutations: spent,
  cached: created.map((id) => `Property:${id}` in cache.extract()),
  screens: ran,
});
client.stop();
