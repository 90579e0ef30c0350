// TypeScript types and typed documents from the committed schema and every committed document, and a check of
// what the GraphiQL page sends and offers.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as types from "@graphql-codegen/typescript";
import * as operationTypes from "@graphql-codegen/typescript-operations";
import { buildSchema, isScalarType, isSpecifiedScalarType, parse, validate } from "graphql";
import { answer, documentsIn, input } from "./support.mjs";

const sdl = readFileSync(input.schema, "utf8");
const schema = buildSchema(sdl);
const custom = Object.values(schema.getTypeMap()).filter((type) => isScalarType(type) && !isSpecifiedScalarType(type));
// Our scalars travel as text, so that no client loses a digit; JSON is whatever the sender put there.
const scalars = { ID: "string", ...Object.fromEntries(custom.map((type) => [type.name, type.name === "JSON" ? "unknown" : "string"])) };
const documents = input.documents
  .flatMap(documentsIn)
  .map(({ name, text }) => ({ location: name, document: parse(text) }));
const config = { scalars, strictScalars: true, enumsAsTypes: true, skipTypename: true, useTypeImports: true };

mkdirSync(input.out, { recursive: true });
const files = {
  "schema.ts": { plugins: [{ typescript: {} }], pluginMap: { typescript: types }, documents: [] },
  "operations.ts": {
    plugins: [{ operations: {} }, { documents: {} }],
    pluginMap: { operations: operationTypes, documents: typedDocuments },
    documents,
  },
};
for (const [filename, part] of Object.entries(files)) {
  const code = await codegen({ filename, schema: parse(sdl), schemaAst: schema, config, ...part });
  writeFileSync(join(input.out, filename), code);
}

const invalid = input.page.flatMap(documentsIn).flatMap(({ name, text }) =>
  validate(schema, parse(text)).map((error) => `${name}: ${error.message}`),
);
answer({ scalars: custom.length, documents: documents.length, invalid });
