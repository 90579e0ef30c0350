// The words of the header in the language of the browser; GraphiQL itself speaks English.
const ENGLISH = {
  examples: "Examples",
  signIn: "Sign in",
  signOut: "Sign out",
  signedInAs: "Signed in as",
  email: "E-mail",
  password: "Password",
  demo: "Demo logins",
  or: "or with your own account",
  why: "The page keeps the token for this tab and renews it. You never paste one.",
  busy: "One moment …",
  unreachable: "The server does not answer.",
  running: "Live",
  events: (n) => (n === 1 ? "1 event" : `${n} events`),
  waiting: "waiting for events",
  overview: "Overview",
};

const GERMAN = {
  examples: "Beispiele",
  signIn: "Anmelden",
  signOut: "Abmelden",
  signedInAs: "Angemeldet als",
  email: "E-Mail-Adresse",
  password: "Passwort",
  demo: "Demo-Zugänge",
  or: "oder mit eigenem Konto",
  why: "Die Seite behält das Token für diesen Tab und erneuert es. Einfügen muss es niemand.",
  busy: "Einen Moment …",
  unreachable: "Der Server antwortet nicht.",
  running: "Live",
  events: (n) => (n === 1 ? "1 Ereignis" : `${n} Ereignisse`),
  waiting: "wartet auf Ereignisse",
  overview: "Übersicht",
};

export const german = navigator.language.toLowerCase().startsWith("de");
export const texts = german ? GERMAN : ENGLISH;
