// The live board in two browser windows: in step, also when the server is killed in between and others go on elsewhere.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chromium } from "playwright-core";
import { answer, input, within } from "./support.mjs";

// The server of the two windows, which is killed; `input.other` is another one on the same database.
let server;
process.on("exit", () => server?.kill("SIGKILL"));
async function serve() {
  server = spawn(input.python, input.command, { env: input.environment, stdio: "ignore" });
  await within(60, until(async () => (await fetch(`${input.base}/ready`).catch(() => null))?.ok), "the server");
}
async function until(condition) {
  while (!(await condition())) await new Promise((done) => setTimeout(done, 50));
}

async function ask(query, variables, token) {
  const response = await fetch(`${input.other}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const result = await response.json();
  const payload = Object.values(result.data ?? {})[0];
  if (result.errors || payload?.userErrors?.length) throw new Error(JSON.stringify(result));
  return payload;
}

// A board of its own: two cards fit into IN_PROGRESS, nothing comes into DONE but from there.
const LOGIN = "mutation ($email: EmailAddress!, $password: String!) { authLogin(email: $email, password: $password) { accessToken } }";
const BOARD = `mutation ($input: BoardInput!) { boardCreate(input: $input) {
  board { id columns { id status } } userErrors { code message field } } }`;
const TASK = "mutation ($input: TaskCreateInput!) { taskCreate(input: $input) { task { id } userErrors { code message field } } }";
const MOVE = "mutation ($id: ID!, $input: TaskMoveInput!) { taskMove(id: $id, input: $input) { task { id } userErrors { code message } } }";
const { accessToken } = await ask(LOGIN, input.logins.manager);
const { board } = await ask(
  BOARD,
  {
    input: {
      name: `Fenster ${Date.now().toString(36)}`,
      columns: [
        { name: "Offen", status: "TODO" },
        { name: "In Arbeit", status: "IN_PROGRESS", wipLimit: 2 },
        { name: "Wartet", status: "BLOCKED" },
        { name: "Fertig", status: "DONE", allowFrom: ["IN_PROGRESS"] },
      ],
    },
  },
  accessToken,
);
const tasks = {};
for (const title of ["Anton", "Berta", "Cäsar", "Dora", "Emil"]) {
  const values = { title, boardId: board.id, dueDate: new Date(Date.now() + 86_400_000).toISOString() };
  tasks[title] = (await ask(TASK, { input: values }, accessToken)).task.id;
}
const moveElsewhere = (title, status) => ask(MOVE, { id: tasks[title], input: { status } }, accessToken);

await serve();
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
const outside = [];
const complaints = [];

/** A window of one person, signed in, with the board on it. */
async function open(login, options = {}, prepare = async () => {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 760 }, locale: "de-DE", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const asked = [];
  // What goes over the socket about tasks: where it was subscribed from, and the cursor of each event.
  const wire = [];
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => {
      const { payload: sent } = JSON.parse(payload);
      if (sent?.operationName === "TaskChanged") wire.push({ after: sent.variables.after });
    });
    socket.on("framereceived", ({ payload }) => {
      const event = JSON.parse(payload).payload?.data?.taskChanged;
      if (event) wire.push({ cursor: event.cursor });
    });
  });
  page.on("request", (request) => {
    if (new URL(request.url()).host !== new URL(input.base).host) outside.push(request.url());
    const name = /"operationName":"(\w+)"/.exec(request.postData() ?? "")?.[1];
    if (name) asked.push(name);
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await prepare(page);
  await page.goto(`${input.base}/demo/board#${board.id}`);
  await page.click(`.people button[title="${login.email}"]`);
  await page.waitForSelector(".card h3");
  await page.waitForSelector(".state.open");
  return { page, asked, wire };
}

const card = (page, title) => page.locator(`.place:has(h3:text-is("${title}"))`);
const has = (page, status, title) => page.waitForSelector(`[data-status="${status}"] .place h3:text-is("${title}")`);
const columns = (page) =>
  page.$$eval("[data-status]", (all) =>
    Object.fromEntries(
      all.map((one) => [one.dataset.status, [one.querySelector(".count").textContent, ...[...one.querySelectorAll("h3")].map((h) => h.textContent)]]),
    ),
  );
const notice = async (page) => {
  await page.waitForSelector(".notice");
  return (await page.innerText(".notice")).split("\n").filter((line) => line.trim() && line !== "×");
};
const closed = async (page) => {
  await page.click(".notice .icon");
  await page.waitForSelector(".notice", { state: "detached" });
};
async function picture(page, name) {
  await page.waitForTimeout(300); // what moves comes to rest
  if (input.pictures) await page.screenshot({ path: `${input.pictures}/board-${name}.png` });
}

/** Drag a card into a column, onto its first card or into the empty place. */
async function drag(page, title, status) {
  await page.waitForTimeout(400); // what glides has come to rest
  const from = await card(page, title).boundingBox();
  const to = await page.locator(`[data-status="${status}"] ul > li`).first().boundingBox();
  await page.mouse.move(from.x + 40, from.y + 20);
  await page.mouse.down();
  await page.mouse.move(from.x + 60, from.y + 30, { steps: 3 });
  await page.mouse.move(to.x + 60, to.y + 20, { steps: 10 });
  await page.waitForSelector(`[data-status="${status}"] .place.lifted`);
  await page.mouse.up();
}

const one = await open(input.logins.manager);
const two = await open(input.logins.agent, { colorScheme: "dark" });
const said = {};

// Who looks.
await one.page.waitForSelector(".viewers .avatar:nth-child(2)");
said.viewers = await one.page.getAttribute(".viewers", "aria-label");

// A card goes from hand to hand. The clocks are those of the windows: the driver of the browser has its own delays.
const released = one.page.evaluate(() => new Promise((done) => addEventListener("mouseup", () => done(Date.now()), { once: true, capture: true })));
const seen = two.page.evaluate(
  (id) =>
    new Promise((done) => {
      const there = () => document.querySelector(`[data-status="IN_PROGRESS"] [data-task="${id}"]`) && done(Date.now());
      new MutationObserver(there).observe(document.body, { childList: true, subtree: true });
    }),
  tasks.Dora,
);
await drag(one.page, "Dora", "IN_PROGRESS");
said.milliseconds = (await seen) - (await released);
await picture(two.page, "dark");

// By keyboard, back to the column before and up to its top.
await card(two.page, "Dora").focus();
await two.page.keyboard.press("Space");
await two.page.waitForSelector('[data-status="IN_PROGRESS"] .place.lifted');
await two.page.waitForTimeout(400);
await two.page.keyboard.press("ArrowLeft");
await two.page.waitForSelector('[data-status="TODO"] .place.lifted');
await two.page.keyboard.press("Space");
await has(one.page, "TODO", "Dora");
await drag(one.page, "Berta", "IN_PROGRESS");
await has(two.page, "IN_PROGRESS", "Berta");
await drag(one.page, "Anton", "IN_PROGRESS");
await has(two.page, "IN_PROGRESS", "Anton");

// A full column: the card comes back, and may go there all the same.
await drag(one.page, "Emil", "IN_PROGRESS");
said.limit = await notice(one.page);
await has(one.page, "TODO", "Emil");
await picture(one.page, "limit");
await one.page.click(".notice .main");
await has(two.page, "IN_PROGRESS", "Emil");
said.beyond = await notice(one.page);
await closed(one.page);

// A step that the board forbids.
await drag(one.page, "Cäsar", "DONE");
said.forbidden = await notice(one.page);
await has(one.page, "TODO", "Cäsar");
await closed(one.page);

// Among the blocked ones only with a reason.
await drag(one.page, "Cäsar", "BLOCKED");
await one.page.waitForSelector("dialog input:focus");
await one.page.keyboard.type("Notar im Urlaub"); // as people do: the field has the focus
await picture(one.page, "reason");
await one.page.click("dialog .main");
await has(two.page, "BLOCKED", "Cäsar");
said.reason = await two.page.innerText(".card .blocked");
said.before = [await columns(one.page), await columns(two.page)];

// The server dies. What is tried now is taken back; what happens elsewhere meanwhile is caught up later.
complaints.push("the server dies");
server.kill("SIGKILL");
await once(server, "exit");
for (const { page } of [one, two]) await page.waitForSelector(".offline:not([hidden])");
await drag(one.page, "Dora", "IN_PROGRESS");
said.lost = await notice(one.page);
await has(one.page, "TODO", "Dora");
await picture(one.page, "offline");
await closed(one.page);
await moveElsewhere("Anton", "DONE");
await moveElsewhere("Emil", "TODO");
await moveElsewhere("Dora", "IN_PROGRESS");
await serve();
for (const { page } of [one, two]) {
  await has(page, "DONE", "Anton");
  await has(page, "TODO", "Emil");
  await has(page, "IN_PROGRESS", "Dora");
  await page.waitForSelector(".state.open");
}
complaints.splice(complaints.indexOf("the server dies")); // a server that is away is a line in the console
await drag(two.page, "Emil", "BLOCKED");
await two.page.fill("dialog input", "Rückfrage");
await two.page.click("dialog .main");
await has(one.page, "BLOCKED", "Emil");
await one.page.waitForSelector(".viewers .avatar:nth-child(2)");
await picture(one.page, "light");
said.after = [await columns(one.page), await columns(two.page)];
said.resumed = [one, two].map(({ wire }) => {
  const again = wire.findLastIndex(({ after }) => after);
  const cursors = wire.flatMap(({ cursor }) => cursor ?? []);
  return { behindTheLast: wire[again].after === wire[again - 1].cursor, repeated: cursors.length - new Set(cursors).size };
});
said.asked = [one.asked, two.asked].map((names) => names.filter((name) => name === "Board").length);

// A window whose place in the stream is of another time reads the board again and goes on. In English, on a phone.
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, locale: "en-GB" };
const three = await open(input.logins.admin, phone, (page) =>
  page.routeWebSocket(/graphql/, (socket) => {
    const real = socket.connectToServer();
    let spoilt = false;
    socket.onMessage((text) => {
      const message = JSON.parse(text);
      if (message.payload?.operationName === "TaskChanged" && !spoilt) {
        spoilt = true;
        message.payload.variables.after = input.elsewhen;
      }
      real.send(JSON.stringify(message));
    });
  }),
);
await one.page.waitForSelector(".viewers .avatar:nth-child(3)");
await within(15, until(() => three.asked.filter((name) => name === "Board").length === 2), "the board, read again");
await moveElsewhere("Emil", "TODO");
await has(three.page, "TODO", "Emil");
await picture(three.page, "phone");

// Who leaves is no longer seen.
await three.page.close();
await two.page.close();
await one.page.waitForFunction(() => document.querySelectorAll(".viewers .avatar").length === 1);
said.alone = await one.page.getAttribute(".viewers", "aria-label");
await one.page.click('.bar [aria-label="Abmelden"]');
await one.page.waitForSelector(".door");
await browser.close();
server.kill("SIGTERM");
await once(server, "exit");

answer({ ...said, outside, complaints });
