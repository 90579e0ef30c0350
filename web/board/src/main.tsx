// Entry of the page: puts session, socket, Apollo Client and the screen together.
import { ApolloProvider } from "@apollo/client/react";
import { useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { BoardPage } from "./board/BoardPage";
import { createApollo } from "./client";
import { SignIn } from "./page/SignIn";
import { showTheme } from "./page/theme";
import { createSession } from "./session";
import { createSocket } from "./socket";
import "./styles.css";
import { language, texts } from "./texts";

const url = new URL("../graphql", location.href).href;
const demo = document.querySelector('meta[name="immonow-demo"]')?.getAttribute("content") === "true";
const session = createSession(url);
const socket = createSocket(url, session);
const client = createApollo(url, session, socket);

function Page() {
  const signedIn = useSyncExternalStore(session.subscribe, () => session.get() !== null);
  if (!signedIn) return <SignIn session={session} demo={demo} />;
  return (
    <ApolloProvider client={client}>
      <BoardPage connection={socket} onSignOut={() => void leave()} />
    </ApolloProvider>
  );
}

async function leave() {
  await session.signOut();
  // Who comes next starts with an empty cache and a socket of their own.
  location.reload();
}

document.documentElement.lang = language();
document.title = `ImmoNow · ${texts.title}`;
showTheme();
createRoot(document.getElementById("page")!).render(<Page />);
