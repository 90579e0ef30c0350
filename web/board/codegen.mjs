// Writes src/graphql/generated.ts, which is not committed: the types of our documents, the documents themselves, and what
// the cache must know of interfaces and unions. Everything comes from the committed schema.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import { buildSchema, isAbstractType, isScalarType, isSpecifiedScalarType, parse, visit } from "graphql";

const folder = new URL("src/graphql/", import.meta.url);
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

// A fragment on an interface or union matches what the cache knows to be one; only those we have fragments on count.
const conditions = new Set();
const note = ({ typeCondition }) => void (typeCondition && conditions.add(typeCondition.name.value));
for (const { document } of documents) visit(document, { InlineFragment: note, FragmentDefinition: note });
const possible = Object.fromEntries(
  types
    .filter((type) => isAbstractType(type) && conditions.has(type.name))
    .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name).sort()]),
);
const known = `export const possibleTypes: Record<string, string[]> = ${JSON.stringify(possible, null, 2)};\n`;
writeFileSync(new URL("generated.ts", folder), `// Made by codegen.mjs.\n${code}\n${known}`);
