// Writes src/graphql/generated.ts: the types of our documents, the documents themselves, and what the cache must know of
// interfaces and unions. Everything comes from the committed schema.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import { buildSchema, isAbstractType, isScalarType, isSpecifiedScalarType, parse } from "graphql";

const folder = new URL("src/graphql/", import.meta.url);
const out = process.argv[2] ?? new URL("generated.ts", folder);
const sdl = readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8");
const schema = buildSchema(sdl);
const types = Object.values(schema.getTypeMap());
const documents = readdirSync(folder)
  .filter((name) => name.endsWith(".graphql"))
  .sort()
  .map((name) => ({ location: name, document: parse(readFileSync(new URL(name, folder), "utf8")) }));

// Scalars of the API travel as text; JSON is whatever the sender put there.
const custom = types.filter((type) => isScalarType(type) && !isSpecifiedScalarType(type));
const wire = Object.fromEntries(custom.map(({ name }) => [name, name === "JSON" ? "unknown" : "string"]));

const code = await codegen({
  filename: "generated.ts",
  schema: parse(sdl),
  schemaAst: schema,
  documents,
  config: {
    scalars: { ID: "string", ...wire },
    strictScalars: true,
    enumsAsTypes: true,
    nonOptionalTypename: true,
    useTypeImports: true,
    optimizeDocumentNode: true,
  },
  plugins: [{ operations: {} }, { documents: {} }],
  pluginMap: { operations, documents: typedDocuments },
});

const possible = Object.fromEntries(
  types.filter(isAbstractType).map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name).sort()]),
);
writeFileSync(out, `// Made by codegen.mjs.\n${code}\nexport const possibleTypes = ${JSON.stringify(possible, null, 2)};\n`);
