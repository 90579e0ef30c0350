// The door: the demo people at a click where the server has them, everybody else with their own account.
import { useState, type FormEvent } from "react";
import type { Session, SignInError } from "../session";
import { texts } from "../texts";
import { Avatar } from "./Avatar";
import { Mark } from "./icons";

const DEMO = [
  { name: "Admin", email: "admin@acme-realestate.com", password: "Admin123!" },
  { name: "Manager", email: "manager@acme-realestate.com", password: "Manager123!" },
  { name: "Mike", email: "mike@acme-realestate.com", password: "Agent123!" },
];

export function SignIn({ session, demo }: { session: Session; demo: boolean }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function enter(email: string, password: string) {
    setBusy(true);
    setProblem(null);
    try {
      await session.signIn(email, password);
    } catch (error) {
      setProblem((error as SignInError).message);
      setBusy(false);
    }
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void enter(String(form.get("email")), String(form.get("password")));
  }

  return (
    <main className="door">
      <section>
        <h1>
          <Mark /> ImmoNow <b>{texts.title}</b>
        </h1>
        {demo && (
          <>
            <p className="quiet">{texts.demoHint}</p>
            <div className="people" aria-label={texts.demo} role="group">
              {DEMO.map(({ name, email, password }) => (
                <button type="button" key={email} disabled={busy} title={email} onClick={() => void enter(email, password)}>
                  <Avatar name={name} id={email} />
                  {name}
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
      </section>
    </main>
  );
}
