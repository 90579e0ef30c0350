// graphql-ws as a screen would use it: events while connected, and exactly the missed ones after a pause.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { answer, input, operations, post, text, within } from "./support.mjs";

const own = operations(input.documents);
const { accessToken } = await post(input.url, own.ClientSignIn, input.login);
const run = (document, variables) => post(input.url, document, variables, accessToken);
const connect = () =>
  createClient({
    url: input.url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${accessToken}` },
    retryAttempts: 0,
  });

const ids = [];
for (const title of ["Eins", "Zwei", "Drei"]) {
  const payload = await run(own.ClientPropertyCreate, { input: { title, type: "APARTMENT", marketingType: "RENT" } });
  ids.push(payload.property.id);
}
const rename = (number, title) => run(own.PropertyRename, { id: ids[number], input: { title } });

async function next(events, what) {
  const { value, done } = await within(10, events.next(), what);
  if (done) throw new Error(`${what}: the stream ended`);
  if (value.errors) throw new Error(JSON.stringify(value.errors));
  return value.data.propertyChanged;
}

// The cursor is read before the subscription starts: whatever happens in between is delivered, too.
const start = await run(own.StreamStart, {});
let client = connect();
let events = client.iterate({ query: text(own.PropertyStream), variables: { ids, after: start } });
await rename(0, "Eins, neu");
const seen = await next(events, "the event of the first change");
await events.return();
await client.dispose();

await rename(1, "Zwei, neu");
await rename(2, "Drei, neu");

client = connect();
events = client.iterate({ query: text(own.PropertyStream), variables: { ids, after: seen.cursor } });
const missed = [await next(events, "the first missed event"), await next(events, "the second missed event")];
await rename(0, "Eins, noch einmal");
const live = await next(events, "the event after the missed ones");
await events.return();
await client.dispose();

const all = [seen, ...missed, live];
answer({
  ids,
  changes: all.map(({ id, kind, changedFields, property }) => ({ id, kind, changedFields, title: property.title })),
  unbroken: all.map(({ prevCursor }, index) => prevCursor === (index ? all[index - 1].cursor : start)),
});
