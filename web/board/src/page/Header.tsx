// The bar above the board: which one it is, who looks at it, whether it is live, and the settings of the page.
import { useState, useSyncExternalStore } from "react";
import type { Person } from "../live";
import type { Connection } from "../socket";
import { language, listed, speak, texts } from "../texts";
import { Avatar } from "./Avatar";
import { LeaveIcon, Mark, ThemeIcon } from "./icons";
import { nextTheme, theme } from "./theme";

const SHOWN = 4;

export interface ConnectionSource {
  get: () => Connection;
  subscribe: (listener: () => void) => () => void;
}

interface Props {
  boards: readonly { id: string; name: string }[];
  board: { id: string; name: string } | null;
  me: Person | null;
  viewers: readonly Person[];
  connection: ConnectionSource;
  onChoose: (id: string) => void;
  onSignOut: () => void;
}

export function Header({ boards, board, me, viewers, connection, onChoose, onSignOut }: Props) {
  const state = useSyncExternalStore(connection.subscribe, connection.get);
  const [colours, setColours] = useState(theme);
  return (
    <>
      <header className="bar">
        <a className="brand" href="../" aria-label="ImmoNow">
          <Mark />
        </a>
        {boards.length > 1 && board ? (
          <select className="name" aria-label={texts.title} value={board.id} onChange={(event) => onChoose(event.target.value)}>
            {boards.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        ) : (
          <h1 className="name">{board?.name ?? texts.title}</h1>
        )}
        <span className={`state ${state}`}>
          <i aria-hidden="true" />
          <span>{state === "open" ? texts.live : texts.connecting}</span>
        </span>
        <span className="space" />
        <Viewers viewers={viewers} me={me} />
        <button
          type="button"
          className="icon"
          title={texts.theme[colours]}
          aria-label={texts.theme[colours]}
          onClick={() => setColours(nextTheme())}
        >
          <ThemeIcon theme={colours} />
        </button>
        <button
          type="button"
          className="icon"
          title={texts.language}
          aria-label={texts.language}
          onClick={() => speak(language() === "de" ? "en" : "de")}
        >
          {language() === "de" ? "EN" : "DE"}
        </button>
        <button type="button" className="icon" title={texts.signOut} aria-label={texts.signOut} onClick={onSignOut}>
          <LeaveIcon />
        </button>
      </header>
      <p className="offline" role="status" hidden={state !== "lost"}>
        {state === "lost" && texts.offline}
      </p>
    </>
  );
}

function Viewers({ viewers, me }: { viewers: readonly Person[]; me: Person | null }) {
  const named = viewers.map(({ id, name }) => (id === me?.id ? texts.you(name) : name));
  if (!viewers.length) return null;
  return (
    <span className="viewers" role="img" aria-label={texts.viewers(listed(named))} title={texts.viewers(listed(named))}>
      {viewers.slice(0, SHOWN).map(({ id, name }) => (
        <Avatar key={id} id={id} name={name} title={id === me?.id ? texts.you(name) : name} />
      ))}
      {viewers.length > SHOWN && <span className="avatar more">+{viewers.length - SHOWN}</span>}
    </span>
  );
}
