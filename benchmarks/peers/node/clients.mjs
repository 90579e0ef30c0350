// Many clients of one server in one process: the benchmarks `live` and `fanout` start it.
// Reads what to do as one line of JSON, and writes a line when all are connected and one for every event all have got:
// its number, when each client had it (nanoseconds of the monotonic clock), and the content as the first client got it.
import { createInterface } from 'node:readline';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const now = () => Number(process.hrtime.bigint());
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

function fail(reason) {
  say({ broken: String(reason?.reason ?? reason?.message ?? JSON.stringify(reason)) });
  process.exit(1);
}

const events = new Map(); // those that some clients have got

function got(count, number, content) {
  let event = events.get(number);
  if (event === undefined) events.set(number, (event = { at: [], content }));
  event.at.push(now());
  if (event.at.length === count) {
    events.delete(number);
    say({ number, ...event });
  }
}

/** Hears every event exactly once, in order; the last word of the title is its number. */
function listener(count) {
  let last = null;
  return (number, content) => {
    if (last !== null && number !== last + 1) fail(`event ${number} after ${last}`);
    last = number;
    got(count, number, content);
  };
}

const numberOf = (title) => Number(title.slice(title.lastIndexOf(' ') + 1));

/** A client as an application has it: graphql-ws with ws. */
function graphql({ url, query, params, count }, index) {
  return new Promise((connected) => {
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      lazy: false,
      retryAttempts: 0,
      connectionParams: params[index % params.length],
      onNonLazyError: fail,
      on: { connected, closed: fail },
    });
    const hear = listener(count);
    client.subscribe(
      { query },
      {
        next: ({ data, errors }) => {
          if (errors) fail(errors);
          hear(numberOf(data.propertyChanged.property.title), data);
        },
        error: fail,
        complete: () => fail('a subscription ended'),
      },
    );
  });
}

/** A client of the bare server: a socket and nothing else. */
function bare({ url, count }) {
  return new Promise((connected) => {
    const hear = listener(count);
    const socket = new WebSocket(url);
    socket.on('open', connected);
    socket.on('close', fail);
    socket.on('error', fail);
    socket.on('message', (text) => {
      const data = JSON.parse(text);
      hear(data.number, data);
    });
  });
}

const lines = createInterface({ input: process.stdin });
lines.once('line', async (line) => {
  const task = JSON.parse(line);
  const connect = task.query ? graphql : bare;
  for (let index = 0; index < task.count; index += 1) await connect(task, index);
  say({ connected: task.count });
});
lines.once('close', () => process.exit(0));
