// Entry of the GraphiQL page: puts session, fetcher and the two parts of the screen together.
import { DocExplorerStore, DOC_EXPLORER_PLUGIN } from "@graphiql/plugin-doc-explorer";
import { HistoryStore, HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQLProvider } from "@graphiql/react";
import { GraphiQL, GraphiQLInterface } from "graphiql";
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { createRoot } from "react-dom/client";
import { EXAMPLES, text } from "./examples/index.js";
import { createFetcher } from "./fetcher.js";
import { Header } from "./Header.jsx";
import "./page.css";
import { createSession } from "./session.js";

const url = location.origin + location.pathname;
const demo = document.querySelector('meta[name="immonow-demo"]')?.content === "true";
const session = createSession(url);
const events = {
  count: 0,
  listeners: new Set(),
  add() {
    this.count += 1;
    for (const listener of this.listeners) listener();
  },
};
const fetcher = createFetcher(url, session, () => events.add());
const opened = ["PropertyList", "Viewer", "PropertyChanged"];
const tabs = opened.map((name) => EXAMPLES.find((example) => example.name === name));

createRoot(document.getElementById("page")).render(
  <GraphiQLProvider
    fetcher={fetcher}
    plugins={[DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN]}
    referencePlugin={DOC_EXPLORER_PLUGIN}
    // Without this GraphiQL leaves out the variables of the first of its default tabs.
    initialVariables={localStorage.getItem("graphiql:tabState") ? undefined : text(tabs[0].variables)}
    defaultTabs={tabs.map(({ query, variables }) => ({ query, variables: text(variables) }))}
    inputValueDeprecation
    schemaDescription
  >
    <HistoryStore>
      <DocExplorerStore>
        <Header session={session} events={events} demo={demo} />
        <main className="explorer">
          <GraphiQLInterface defaultEditorToolsVisibility="variables">
            {/* The header above carries the name. */}
            <GraphiQL.Logo>
              <span />
            </GraphiQL.Logo>
          </GraphiQLInterface>
        </main>
      </DocExplorerStore>
    </HistoryStore>
  </GraphiQLProvider>,
);
