// Who is signed in, in this tab: sign-in, renewal before the token ends, sign-out. Knows nothing of React or Apollo.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";
import { RenewDocument, SignInDocument, SignOutDocument } from "./graphql/generated";
import { language, texts } from "./texts";

const KEY = "immonow.session";
const RENEW_BEFORE_MS = 60_000;
// Answers that mean "this access token is of no use any more"; the refresh token may still be.
const STALE = new Set(["UNAUTHENTICATED", "TOKEN_EXPIRED", "INVALID_TOKEN"]);

interface Tokens {
  accessToken: string;
  refreshToken: string;
  renewAt: number;
}

interface Problem {
  code?: string;
  message: string;
  extensions?: { code: string };
}

/** A refused sign-in, with the server's code and its text for people. */
export class SignInError extends Error {
  constructor(
    message: string,
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

export type Session = ReturnType<typeof createSession>;

export function createSession(url: string) {
  let current = restore();
  let renewal: Promise<boolean> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();

  function restore(): Tokens | null {
    try {
      return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Tokens | null;
    } catch {
      return null;
    }
  }

  function become(next: Tokens | null) {
    current = next;
    if (next) sessionStorage.setItem(KEY, JSON.stringify(next));
    else sessionStorage.removeItem(KEY);
    schedule();
    for (const listener of listeners) listener();
  }

  function schedule() {
    clearTimeout(timer);
    if (current) timer = setTimeout(() => void renew(), Math.max(current.renewAt - Date.now(), 0));
  }

  function tokens(payload: { accessToken: string | null; refreshToken: string | null; expiresIn: number | null }): Tokens {
    const { accessToken, refreshToken, expiresIn } = payload;
    if (!accessToken || !refreshToken || !expiresIn) throw new SignInError(texts.unreachable, "UNREACHABLE");
    const life = expiresIn * 1000;
    // Short-lived tokens (tests) are renewed after half their life instead.
    return { accessToken, refreshToken, renewAt: Date.now() + Math.max(life - RENEW_BEFORE_MS, life / 2) };
  }

  function send(init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("content-type", "application/json");
    headers.set("accept-language", language());
    if (current) headers.set("authorization", `Bearer ${current.accessToken}`);
    return fetch(url, { ...init, method: "POST", headers, credentials: "omit" });
  }

  /** A document without Apollo: the cache of one person must not hold what concerns the change to another. */
  async function ask<Data extends object, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) {
    let answer: { data?: Data | null; errors?: Problem[] };
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json", "accept-language": language() },
        body: JSON.stringify({ query: print(document), variables }),
        credentials: "omit",
      });
      answer = (await response.json()) as typeof answer;
    } catch {
      throw new SignInError(texts.unreachable, "UNREACHABLE");
    }
    const payload = Object.values(answer.data ?? {})[0] as { userErrors?: Problem[] } | undefined;
    const problem = answer.errors?.[0] ?? payload?.userErrors?.[0];
    if (problem) throw new SignInError(problem.message, problem.code ?? problem.extensions?.code);
    return answer.data as Data;
  }

  async function signIn(email: string, password: string) {
    become(tokens((await ask(SignInDocument, { email, password })).authLogin));
  }

  /** One renewal at a time: a rotated refresh token must not be sent twice. */
  function renew(): Promise<boolean> {
    if (!current) return Promise.resolve(false);
    const before = current;
    renewal ??= ask(RenewDocument, { refreshToken: before.refreshToken })
      .then(({ authRefresh }) => {
        if (current === before) become(tokens(authRefresh));
        return true;
      })
      .catch((error: SignInError) => {
        if (error.code === "UNREACHABLE" || error.code === "RATE_LIMIT_EXCEEDED") {
          // Not a verdict on the session: try again a little later.
          clearTimeout(timer);
          timer = setTimeout(() => void renew(), 5_000);
        } else if (current === before) become(null);
        return false;
      })
      .finally(() => (renewal = null));
    return renewal;
  }

  async function signOut() {
    // Sent while the token is still known; whoever is offline is forgotten here all the same.
    const said = send({ body: JSON.stringify({ query: print(SignOutDocument) }) }).catch(() => undefined);
    become(null);
    await said;
  }

  /** `fetch` for Apollo: carries the token, renews it once when the server calls it stale. */
  async function authorised(_url: unknown, init: RequestInit = {}): Promise<Response> {
    const response = await send(init);
    const answer = (await response
      .clone()
      .json()
      .catch(() => null)) as { errors?: Problem[] } | null;
    if (!answer?.errors?.some((error) => STALE.has(error.extensions?.code ?? ""))) return response;
    return (await renew()) ? send(init) : response;
  }

  /** The access token for a new socket; renewed first when it is about to end. */
  async function token(): Promise<string | null> {
    if (current && current.renewAt <= Date.now()) await renew();
    return current?.accessToken ?? null;
  }

  schedule();
  return {
    signIn,
    signOut,
    renew,
    token,
    fetch: authorised,
    get: () => current,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
