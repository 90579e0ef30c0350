// Who is signed in, in this tab: sign-in, renewal before the token ends, sign-out. Knows nothing of React or GraphiQL.
import RENEW from "./documents/renew.graphql?raw";
import SIGN_IN from "./documents/sign-in.graphql?raw";
import SIGN_OUT from "./documents/sign-out.graphql?raw";
import { texts } from "./texts.js";

const KEY = "immonow.session";
const RENEW_BEFORE_MS = 60_000;
// Answers that mean "this access token is of no use any more"; the refresh token may still be.
const STALE = new Set(["UNAUTHENTICATED", "TOKEN_EXPIRED", "INVALID_TOKEN"]);

/** A refused sign-in, with the server's code and its text for people. */
export class SignInError extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

export function createSession(url) {
  let current = restore();
  let renewal = null;
  let timer = 0;
  const listeners = new Set();

  function restore() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY));
    } catch {
      return null;
    }
  }

  function become(next) {
    current = next;
    if (next) sessionStorage.setItem(KEY, JSON.stringify(next));
    else sessionStorage.removeItem(KEY);
    schedule();
    for (const listener of listeners) listener();
  }

  function schedule() {
    clearTimeout(timer);
    if (current) timer = setTimeout(() => renew(), Math.max(current.renewAt - Date.now(), 0));
  }

  function tokens({ accessToken, refreshToken, expiresIn }) {
    const life = expiresIn * 1000;
    // Short-lived tokens (tests) are renewed after half their life instead.
    return { accessToken, refreshToken, renewAt: Date.now() + Math.max(life - RENEW_BEFORE_MS, life / 2) };
  }

  function send(body, init = {}) {
    const headers = new Headers({
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json;q=0.9",
      ...init.headers,
    });
    // A header typed into GraphiQL's own header editor wins: that is how another identity is tried.
    if (current && !headers.has("authorization") && !headers.has("x-api-key")) {
      headers.set("authorization", `Bearer ${current.accessToken}`);
    }
    return fetch(url, { method: "POST", body, headers, signal: init.signal, credentials: "omit" });
  }

  async function ask(query, variables) {
    let answer;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify({ query, variables }),
        credentials: "omit",
      });
      answer = await response.json();
    } catch {
      throw new SignInError(texts.unreachable, "UNREACHABLE");
    }
    const payload = answer.data && Object.values(answer.data)[0];
    const problem = answer.errors?.[0] ?? payload?.userErrors?.[0];
    if (problem) throw new SignInError(problem.message, problem.code ?? problem.extensions?.code);
    return payload;
  }

  async function signIn(email, password) {
    const payload = await ask(SIGN_IN, { email, password });
    become({ ...tokens(payload), user: payload.user, tenant: payload.tenant });
  }

  // One renewal at a time: a rotated refresh token must not be sent twice.
  function renew() {
    if (!current) return Promise.resolve(false);
    const before = current;
    renewal ??= ask(RENEW, { refreshToken: before.refreshToken })
      .then((payload) => {
        if (current === before) become({ ...before, ...tokens(payload) });
        return true;
      })
      .catch((error) => {
        if (error.code === "UNREACHABLE" || error.code === "RATE_LIMIT_EXCEEDED") {
          // Not a verdict on the session: try again a little later.
          clearTimeout(timer);
          timer = setTimeout(() => renew(), 5_000);
        } else if (current === before) become(null);
        return false;
      })
      .finally(() => (renewal = null));
    return renewal;
  }

  async function signOut() {
    // Sent while the token is still known; whoever is offline is forgotten here all the same.
    const said = send(JSON.stringify({ query: SIGN_OUT })).catch(() => {});
    become(null);
    await said;
  }

  /** `fetch` for GraphiQL: carries the token, renews it once when the server calls it stale. */
  async function authorised(_url, init) {
    const used = current;
    const response = await send(init.body, init);
    if (!used) return response;
    const answer = await response.clone().json().catch(() => null);
    if (!answer?.errors?.some((error) => STALE.has(error.extensions?.code))) return response;
    return (await renew()) ? send(init.body, init) : response;
  }

  /** The access token for a new socket; renewed first when it is about to end. */
  async function token() {
    if (current && current.renewAt <= Date.now()) await renew();
    return current?.accessToken ?? null;
  }

  schedule();
  return {
    signIn,
    signOut,
    token,
    renew,
    fetch: authorised,
    get: () => current,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
