// The words of the page in German and English, and how dates read in each. What the server says comes from the server.
const ENGLISH = {
  title: "Board",
  signIn: "Sign in",
  signOut: "Sign out",
  email: "E-mail",
  password: "Password",
  demo: "Try it as",
  demoHint: "Sign in as two people in two windows: whatever one does, the other sees at once.",
  or: "or with your own account",
  busy: "One moment …",
  unreachable: "The server does not answer.",
  loading: "The board is being fetched …",
  failed: "The board could not be fetched.",
  again: "Try again",
  none: "There is no board here that you may see.",
  live: "Live",
  connecting: "Connecting …",
  offline: "Connection lost. What you see may be out of date; it catches up by itself.",
  viewers: (names: string) => `Looking at this board: ${names}`,
  you: (name: string) => `${name} (you)`,
  empty: "No tasks",
  more: "Show more",
  add: "Add a task",
  addHere: (column: string) => `Add a task to “${column}”`,
  what: "What is there to do?",
  save: "Add",
  cancel: "Cancel",
  limit: (count: number, limit: number) => `${count} of at most ${limit} tasks`,
  count: (count: number) => (count === 1 ? "1 task" : `${count} tasks`),
  overdue: (when: string) => `Overdue: ${when}`,
  due: (when: string) => `Due: ${when}`,
  done: "Done",
  blocked: "Blocked",
  blockTitle: "What is it waiting for?",
  blockHint: "A blocked task needs a reason, so that others can help.",
  blockSave: "Block",
  moveAnyway: "Move anyway",
  close: "Close",
  notMoved: (title: string) => `“${title}” stays where it was.`,
  movedAnyway: (title: string) => `“${title}” was moved.`,
  allowed: (from: string, to: string, allowed: string) =>
    `Tasks do not go from “${from}” to “${to}”. That column takes them from: ${allowed}.`,
  lost: "The server does not answer. Nothing was changed.",
  language: "Auf Deutsch",
  theme: { auto: "Colours: as the system", light: "Colours: light", dark: "Colours: dark" },
  priority: { LOW: "Low", MEDIUM: "Medium", HIGH: "High", URGENT: "Urgent" },
  comments: (count: number) => (count === 1 ? "1 comment" : `${count} comments`),
  subtasks: (percent: number) => `${percent} % of the subtasks done`,
  lift: "Press space to lift the card, the arrow keys to move it, space again to drop it, escape to cancel.",
  lifted: (title: string) => `Lifted “${title}”.`,
  over: (title: string, column: string, place: number, all: number) =>
    `“${title}”: ${column}, place ${place} of ${all}.`,
  dropped: (title: string, column: string) => `Dropped “${title}” in ${column}.`,
  cancelled: (title: string) => `“${title}” is back in its place.`,
  said: (name: string, title: string) => `${name} changed “${title}”.`,
};

export type Texts = typeof ENGLISH;

const GERMAN: Texts = {
  title: "Board",
  signIn: "Anmelden",
  signOut: "Abmelden",
  email: "E-Mail-Adresse",
  password: "Passwort",
  demo: "Ausprobieren als",
  demoHint: "Melden Sie sich in zwei Fenstern als zwei Personen an: Was eine tut, sieht die andere sofort.",
  or: "oder mit eigenem Konto",
  busy: "Einen Moment …",
  unreachable: "Der Server antwortet nicht.",
  loading: "Das Board wird geladen …",
  failed: "Das Board konnte nicht geladen werden.",
  again: "Noch einmal",
  none: "Hier gibt es kein Board, das Sie sehen dürfen.",
  live: "Live",
  connecting: "Verbindung wird aufgebaut …",
  offline: "Verbindung unterbrochen. Was Sie sehen, kann veraltet sein; es wird von selbst nachgeholt.",
  viewers: (names) => `Sehen dieses Board an: ${names}`,
  you: (name) => `${name} (Sie)`,
  empty: "Keine Aufgaben",
  more: "Mehr anzeigen",
  add: "Aufgabe hinzufügen",
  addHere: (column) => `Aufgabe in „${column}“ hinzufügen`,
  what: "Was ist zu tun?",
  save: "Hinzufügen",
  cancel: "Abbrechen",
  limit: (count, limit) => `${count} von höchstens ${limit} Aufgaben`,
  count: (count) => (count === 1 ? "1 Aufgabe" : `${count} Aufgaben`),
  overdue: (when) => `Überfällig: ${when}`,
  due: (when) => `Fällig: ${when}`,
  done: "Erledigt",
  blocked: "Blockiert",
  blockTitle: "Worauf wartet die Aufgabe?",
  blockHint: "Was blockiert ist, braucht einen Grund, damit andere helfen können.",
  blockSave: "Blockieren",
  moveAnyway: "Trotzdem verschieben",
  close: "Schließen",
  notMoved: (title) => `„${title}“ bleibt, wo es war.`,
  movedAnyway: (title) => `„${title}“ wurde verschoben.`,
  allowed: (from, to, allowed) =>
    `Aus „${from}“ kommen keine Aufgaben nach „${to}“. Diese Spalte nimmt sie aus: ${allowed}.`,
  lost: "Der Server antwortet nicht. Es wurde nichts geändert.",
  language: "In English",
  theme: { auto: "Farben: wie das System", light: "Farben: hell", dark: "Farben: dunkel" },
  priority: { LOW: "Niedrig", MEDIUM: "Mittel", HIGH: "Hoch", URGENT: "Dringend" },
  comments: (count) => (count === 1 ? "1 Kommentar" : `${count} Kommentare`),
  subtasks: (percent) => `${percent} % der Teilaufgaben erledigt`,
  lift: "Leertaste hebt die Karte an, Pfeiltasten bewegen sie, Leertaste legt sie ab, Escape bricht ab.",
  lifted: (title) => `„${title}“ angehoben.`,
  over: (title, column, place, all) => `„${title}“: ${column}, Platz ${place} von ${all}.`,
  dropped: (title, column) => `„${title}“ in ${column} abgelegt.`,
  cancelled: (title) => `„${title}“ ist wieder an seinem Platz.`,
  said: (name, title) => `${name} hat „${title}“ geändert.`,
};

export type Language = "de" | "en";
const KEY = "immonow.language";

export function language(): Language {
  const chosen = localStorage.getItem(KEY) ?? navigator.language;
  return chosen.toLowerCase().startsWith("de") ? "de" : "en";
}

/** Speak another language from the next loading of the page on, which is now. */
export function speak(next: Language): void {
  localStorage.setItem(KEY, next);
  location.reload();
}

export const texts: Texts = language() === "de" ? GERMAN : ENGLISH;

const locale = language() === "de" ? "de-DE" : "en-GB";
const DAY_MS = 24 * 60 * 60 * 1000;
const near = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const sameYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const otherYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const inFull = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });

/** A day as people say it: today, tomorrow, 3 days ago, else its date. */
export function day(moment: string, now = new Date()): string {
  const date = new Date(moment);
  const midnight = (value: Date) => new Date(value.getFullYear(), value.getMonth(), value.getDate()).getTime();
  const days = Math.round((midnight(date) - midnight(now)) / DAY_MS);
  if (Math.abs(days) <= 6) return near.format(days, "day");
  return (date.getFullYear() === now.getFullYear() ? sameYear : otherYear).format(date);
}

export function fullMoment(moment: string): string {
  return inFull.format(new Date(moment));
}

/** Names as one reads them out: Anna, Bert und Cara. */
export function listed(names: readonly string[]): string {
  return new Intl.ListFormat(locale).format(names);
}
