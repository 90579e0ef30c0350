// The audits of GraphQL over HTTP, as published with graphql-http.
import { serverAudits } from "graphql-http";
import { answer, input } from "./support.mjs";

const results = [];
for (const audit of serverAudits({ url: input.url })) {
  const { name, status, reason } = await audit.fn();
  results.push({ id: audit.id, name, status, ...(reason && { reason }) });
}
answer(results);
