// The bar above GraphiQL: name, examples, what runs, who is signed in.
import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { parse } from "graphql";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import SOME_PROPERTY from "./documents/some-property.graphql?raw";
import { EXAMPLES, text } from "./examples/index.js";
import { texts } from "./texts.js";

const DEMO_LOGINS = [
  { role: "Admin", email: "admin@acme-realestate.com", password: "Admin123!" },
  { role: "Manager", email: "manager@acme-realestate.com", password: "Manager123!" },
  { role: "Agent", email: "mike@acme-realestate.com", password: "Agent123!" },
];

export function Header({ session, events, demo }) {
  const current = useSyncExternalStore(session.subscribe, session.get);
  return (
    <header className="bar">
      <a className="brand" href="./" title={texts.overview}>
        <Mark />
        <span>
          ImmoNow <b>GraphQL</b>
        </span>
      </a>
      <Examples session={session} />
      <Running events={events} />
      <div className="space" />
      {current ? <SignedIn session={session} current={current} /> : <SignIn session={session} demo={demo} />}
    </header>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <path className="roof" d="M4 15.5 16 5l12 10.5" />
      <path className="wall" d="M8 14v12h16V14" />
      <circle cx="16" cy="19" r="2.6" />
    </svg>
  );
}

/** A button with a panel below it that closes on Escape and on a click elsewhere. */
function Menu({ label, className, open, setOpen, children }) {
  const box = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    const away = (event) => box.current?.contains(event.target) || setOpen(false);
    const escape = (event) => event.key === "Escape" && setOpen(false);
    document.addEventListener("pointerdown", away);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("keydown", escape);
    };
  }, [open, setOpen]);
  return (
    <div className={`menu ${className}`} ref={box}>
      <button type="button" className="opener" aria-expanded={open} onClick={() => setOpen(!open)}>
        {label}
      </button>
      {open && <div className="panel">{children}</div>}
    </div>
  );
}

function Examples({ session }) {
  const [open, setOpen] = useState(false);
  const { addTab, changeTab, stop, setOperationFacts } = useGraphiQLActions();
  const { tabs, queryEditor, variableEditor } = useGraphiQL(pick("tabs", "queryEditor", "variableEditor"));

  async function show(example) {
    setOpen(false);
    const there = tabs.findIndex((tab) => tab.query === example.query);
    let variables = example.variables;
    if (example.needsProperty) variables = { [example.needsProperty]: await someProperty(session), ...variables };
    stop(); // a subscription left running would make the run button a stop button
    if (there >= 0) changeTab(there);
    else if (queryEditor.getValue().trim()) addTab();
    queryEditor.setValue(example.query);
    variableEditor.setValue(text(variables));
    // GraphiQL reads a changed document a moment later; whoever runs the example at once must not run the old operation.
    const documentAST = parse(example.query);
    setOperationFacts({ documentAST, operations: documentAST.definitions, operationName: example.name });
  }

  return (
    <Menu label={texts.examples} className="examples" open={open} setOpen={setOpen}>
      {EXAMPLES.map((example) => (
        <button type="button" key={example.name} className="example" onClick={() => show(example)}>
          <span>{example.title}</span>
          <small className={example.kind}>{example.kind}</small>
        </button>
      ))}
    </Menu>
  );
}

/** The id of a property the visitor may see; empty for strangers, who are told so when they run the example. */
async function someProperty(session) {
  try {
    const response = await session.fetch("", { body: JSON.stringify({ query: SOME_PROPERTY }) });
    return (await response.json()).data?.properties?.nodes?.[0]?.id ?? "";
  } catch {
    return "";
  }
}

/** Shown while a subscription runs: GraphiQL itself only replaces the last event. */
function Running({ events }) {
  const subscription = useGraphiQL((state) => state.subscription);
  const documentAST = useGraphiQL((state) => state.documentAST);
  const isSubscription = documentAST?.definitions.some((part) => part.operation === "subscription");
  const [start, setStart] = useState(0);
  const count = useSyncExternalStore(
    (listener) => {
      events.listeners.add(listener);
      return () => events.listeners.delete(listener);
    },
    () => events.count,
  );
  useEffect(() => setStart(events.count), [subscription, events]);
  if (!subscription || !isSubscription) return null;
  const seen = Math.max(count - start, 0);
  return (
    <p className="running" role="status">
      <i aria-hidden="true" />
      {texts.running} · {seen ? texts.events(seen) : texts.waiting}
    </p>
  );
}

function SignedIn({ session, current }) {
  const [open, setOpen] = useState(false);
  const { introspect } = useGraphiQLActions();
  const schema = useGraphiQL((state) => state.schema);
  const isIntrospecting = useGraphiQL((state) => state.isIntrospecting);
  // A server may show its schema to signed-in people only; asked once per sign-in.
  useEffect(() => {
    if (!schema && !isIntrospecting) introspect();
  }, [current.user.email]);
  return (
    <Menu
      label={
        <>
          <span className="avatar">{initials(current.user.name)}</span>
          <span className="who">{current.user.name}</span>
        </>
      }
      className="account"
      open={open}
      setOpen={setOpen}
    >
      <p className="quiet">{texts.signedInAs}</p>
      <p>
        <b>{current.user.name}</b>
        <br />
        {current.user.email}
      </p>
      <p className="quiet">
        {current.tenant?.name} · {current.user.role}
      </p>
      <button type="button" className="main" onClick={() => session.signOut()}>
        {texts.signOut}
      </button>
    </Menu>
  );
}

const initials = (name) =>
  name
    .split(/\s+/)
    .map((word) => word[0])
    .slice(0, 2)
    .join("")
    .toUpperCase();

function SignIn({ session, demo }) {
  const [open, setOpen] = useState(true);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);

  async function enter(email, password) {
    setBusy(true);
    setProblem(null);
    try {
      await session.signIn(email, password);
    } catch (error) {
      setProblem(error.message);
      setBusy(false);
    }
  }

  function submit(event) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    enter(form.get("email"), form.get("password"));
  }

  return (
    <Menu label={texts.signIn} className="sign-in" open={open} setOpen={setOpen}>
      {demo && (
        <>
          <p className="quiet">{texts.demo}</p>
          <div className="demo">
            {DEMO_LOGINS.map((login) => (
              <button
                type="button"
                key={login.role}
                disabled={busy}
                title={login.email}
                onClick={() => enter(login.email, login.password)}
              >
                {login.role}
              </button>
            ))}
          </div>
          <p className="quiet or">{texts.or}</p>
        </>
      )}
      <form onSubmit={submit}>
        <label>
          {texts.email}
          <input name="email" type="email" autoComplete="username" required />
        </label>
        <label>
          {texts.password}
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" className="main" disabled={busy}>
          {busy ? texts.busy : texts.signIn}
        </button>
      </form>
      <p className="quiet">{texts.why}</p>
    </Menu>
  );
}
