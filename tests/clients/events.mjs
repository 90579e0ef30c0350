// Server-sent events as graphql-sse reads them, and as an EventSource does: both lose their connection on the way and
// hear exactly what they missed.
import { connect, createServer } from "node:net";
import { EventSource } from "eventsource";
import { createClient } from "graphql-sse";
import { answer, input, operations, post, text, within } from "./support.mjs";

const own = operations(input.documents);
const { accessToken } = await post(input.url, own.ClientSignIn, input.login);
const authorization = `Bearer ${accessToken}`;
const run = (document, variables) => post(input.url, document, variables, accessToken);

// A line to the server that can be cut.
const { hostname, port, pathname } = new URL(input.url);
const sockets = new Set();
const line = createServer((near) => {
  const far = connect(port, hostname);
  for (const [one, other] of [[near, far], [far, near]]) {
    sockets.add(one);
    one.pipe(other);
    one.on("error", () => {});
    one.on("close", () => (sockets.delete(one), other.destroy()));
  }
});
await new Promise((listening) => line.listen(0, "127.0.0.1", listening));
const url = `http://127.0.0.1:${line.address().port}${pathname}`;
const cut = () => sockets.forEach((socket) => socket.destroy());

const first = { title: "Start", type: "HOUSE", marketingType: "RENT" };
const { id } = (await run(own.ClientPropertyCreate, { input: first })).property;
const rename = (title) => run(own.PropertyRename, { id, input: { title } });
const told = ({ data, errors }) => {
  if (errors) throw new Error(JSON.stringify(errors));
  return data.propertyChanged;
};

/** Three changes, the line being cut after the first one was heard. */
async function threeChanges(next) {
  await rename("Eins");
  const first = await within(10, next(), "the event before the cut");
  cut();
  await rename("Zwei");
  await rename("Drei");
  return [first, await within(10, next(), "the first missed event"), await within(10, next(), "the second one")];
}

async function graphqlSse(after) {
  let last;
  const client = createClient({
    url,
    retryAttempts: 5,
    headers: () => ({ authorization, ...(last && { "last-event-id": last }) }),
  });
  const events = client.iterate({ query: text(own.PropertyStream), variables: { ids: [id], after } });
  const heard = await threeChanges(async () => {
    const { value, done } = await events.next();
    if (done) throw new Error("the stream ended");
    const change = told(value);
    last = change.cursor;
    return change;
  });
  await events.return();
  const once = [];
  for await (const value of client.iterate({ query: text(own.StreamStart) })) once.push(value.data);
  client.dispose();
  return { heard, once };
}

async function eventSource(after) {
  const open = (document, variables = {}) => {
    const address = new URL(url);
    address.searchParams.set("query", text(document));
    address.searchParams.set("variables", JSON.stringify(variables));
    return new EventSource(address, {
      fetch: (target, init) => fetch(target, { ...init, headers: { ...init.headers, authorization } }),
    });
  };
  const source = open(own.PropertyStream, { ids: [id], after });
  const waiting = [];
  const arrived = [];
  source.addEventListener("next", (event) => {
    const change = { ...told(JSON.parse(event.data)), lastEventId: event.lastEventId };
    waiting.length ? waiting.shift()(change) : arrived.push(change);
  });
  const heard = await threeChanges(
    () => new Promise((resolve) => (arrived.length ? resolve(arrived.shift()) : waiting.push(resolve))),
  );
  source.close();
  const query = open(own.StreamStart);
  const once = [];
  query.addEventListener("next", (event) => once.push(JSON.parse(event.data).data));
  await within(10, new Promise((done) => query.addEventListener("complete", done)), "`complete`");
  query.close();
  return { heard, once };
}

const said = {};
for (const [name, client] of Object.entries({ graphqlSse, eventSource })) {
  const start = await run(own.StreamStart, {});
  const { heard, once } = await client(start);
  said[name] = {
    changes: heard.map(({ kind, changedFields }) => ({ kind, changedFields })),
    unbroken: heard.map(({ prevCursor }, index) => prevCursor === (index ? heard[index - 1].cursor : start)),
    ids: heard.map(({ cursor, lastEventId }) => lastEventId === undefined || lastEventId === cursor),
    once: once.map(({ streamCursor }) => streamCursor === heard.at(-1).cursor),
  };
}
line.close();
cut();
answer(said);
