// The two pages in a real browser: nothing from outside, no error in the console, sign-in, a query, a subscription.
import { chromium } from "playwright-core";
import { answer, input } from "./support.mjs";

const browser = await chromium.launch({
  executablePath: input.chromium,
  // Without these Chromium calls its maker at every start; the sandbox does not work for root.
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, locale: "en-GB" });
const page = await context.newPage();
page.setDefaultTimeout(15_000);
const outside = [];
const complaints = [];
const watch = { complaints };
page.on("request", (request) => {
  const { protocol, host } = new URL(request.url());
  if (!["data:", "blob:"].includes(protocol) && host !== new URL(input.base).host) outside.push(request.url());
});
page.on("console", (message) => {
  if (["error", "warning"].includes(message.type())) watch.complaints.push(message.text());
});
page.on("pageerror", (error) => watch.complaints.push(error.message));

async function picture(name) {
  if (input.pictures) await page.screenshot({ path: `${input.pictures}/${name}.png`, fullPage: name === "landing" });
}
const response = () =>
  page.evaluate(() => {
    const model = globalThis.__MONACO?.editor.getModels().find(({ uri }) => uri.path.endsWith("response.json"));
    return model?.getValue() ?? "";
  });
async function answered(part) {
  await page.waitForFunction(
    (wanted) =>
      globalThis.__MONACO?.editor.getModels().some((m) => m.uri.path.endsWith("response.json") && m.getValue().includes(wanted)),
    part,
  );
  return JSON.parse(await response());
}
const execute = () => page.click(".graphiql-execute-button");
async function example(title, operation) {
  await page.click(".examples .opener");
  await page.click(`.example:has-text("${title}")`);
  await page.waitForSelector(`[aria-selected="true"]:has-text("${operation}")`);
}

await page.goto(`${input.base}/`);
const landing = { title: await page.title(), links: await page.$$eval("a", (all) => all.map((a) => a.getAttribute("href"))) };
await picture("landing");

await page.goto(`${input.base}/graphql`);
await page.waitForSelector(".graphiql-query-editor .view-line");
await picture("graphiql");
await page.click(`.demo button[title="${input.login.email}"]`);
await page.waitForSelector(".account");
await example("Property list, filtered", "PropertyList");
await execute();
const list = (await answered('"properties"')).data.properties;

await example("Watch changes live", "PropertyChanged");
await execute();
await page.waitForSelector(".running");
// The page does not know when the server began to listen: somebody keeps changing a property until it says so.
const seen = page.waitForFunction(() => / \d+ events?$/.test(document.querySelector(".running")?.textContent ?? ""));
let listening = true;
const changes = (async () => {
  for (let turn = 1; listening; turn += 1) {
    await page.evaluate(
      async ([id, title]) => {
        const { accessToken } = JSON.parse(sessionStorage.getItem("immonow.session"));
        const query = "mutation T($id: ID!, $input: PropertyUpdateInput!) { propertyUpdate(id: $id, input: $input) { userErrors { code } } }";
        await fetch("/graphql", {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${accessToken}` },
          body: JSON.stringify({ query, variables: { id, input: { title } } }),
        });
      },
      [list.nodes[0].id, `Changed ${turn}`],
    );
    await page.waitForTimeout(300);
  }
})();
await seen.finally(() => (listening = false));
await changes;
const event = (await answered('"propertyChanged"')).data.propertyChanged;
await picture("subscription");
await execute(); // stops it
await page.waitForSelector(".running", { state: "detached" });

// A token that the server refuses is renewed without a word. The refused request itself is a line in the console.
watch.complaints = [];
await page.evaluate(() => {
  const session = JSON.parse(sessionStorage.getItem("immonow.session"));
  sessionStorage.setItem("immonow.session", JSON.stringify({ ...session, accessToken: "stale" }));
});
await page.reload();
await page.waitForSelector(".account");
await page.waitForSelector(".graphiql-query-editor .view-line");
await example("Who am I?", "Viewer");
await execute();
const viewer = (await answered('"viewer"')).data.viewer;
const renewed = await page.evaluate(() => JSON.parse(sessionStorage.getItem("immonow.session")).accessToken !== "stale");

const { accessToken } = JSON.parse(await page.evaluate(() => sessionStorage.getItem("immonow.session")));
const left = page.waitForResponse((answer) => answer.request().postData()?.includes("authLogout") ?? false);
await page.click(".account .opener");
await page.click(".account .main");
await page.waitForSelector(".sign-in");
await left;
const refused = await fetch(`${input.base}/graphql`, {
  method: "POST",
  headers: { "content-type": "application/json", authorization: `Bearer ${accessToken}` },
  body: JSON.stringify({ query: "{ viewer { user { id } } }" }),
}).then((answer) => answer.json());
const kept = await page.evaluate(() => sessionStorage.getItem("immonow.session"));
await browser.close();

answer({ outside, complaints, landing, list, event, viewer: viewer.user.email, renewed, kept, refused: refused.errors?.[0].extensions.code });
