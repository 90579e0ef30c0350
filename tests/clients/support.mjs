// What the client scripts share: arguments, documents by operation name, plain HTTP, and the one-line JSON answer.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "graphql";

export const input = JSON.parse(process.argv[2] ?? "{}");

export function answer(value) {
  process.stdout.write(JSON.stringify(value) + "\n");
}

export function documentsIn(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".graphql"))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}

/** The text of every operation of these folders by its name. */
export function operations(...folders) {
  const found = {};
  for (const { text } of folders.flatMap(documentsIn)) {
    const document = parse(text);
    const fragments = document.definitions.filter((part) => part.kind === "FragmentDefinition");
    for (const part of document.definitions) {
      if (part.kind !== "OperationDefinition") continue;
      found[part.name.value] = { kind: "Document", definitions: [part, ...fragments] };
    }
  }
  return found;
}

export function text(document) {
  return document.definitions.map((part) => part.loc.source.body.slice(part.loc.start, part.loc.end)).join("\n");
}

export async function post(url, document, variables, token) {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: text(document), variables }),
  });
  const result = await response.json();
  if (result.errors) throw new Error(JSON.stringify(result.errors));
  const payload = Object.values(result.data)[0];
  if (payload?.userErrors?.length) throw new Error(JSON.stringify(payload.userErrors));
  return payload;
}

/** Waits for a promise, but not for ever: a test that hangs says nothing. */
export function within(seconds, promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
