// Writes <face>/generated.ts from manifest.json and the schema's snapshot: for each operation of a face its id, its variables and its
// result. With --check it writes nothing and fails where a file is not what it would write.
import { readFileSync, writeFileSync } from "node:fs";
import { buildSchema, parse } from "graphql";
import { plugin as typesOf } from "@graphql-codegen/typescript-operations";

const here = (path) => new URL(path, import.meta.url);
const read = (path) => readFileSync(here(path), "utf8");

const configuration = {
  // Fen is a 64-bit integer: a number is exact up to 2^53 fen, which is 90 trillion yuan.
  scalars: { ID: "string", Fen: "number", BasisPoints: "number", Time: "string", Date: "string" },
  strictScalars: true,
  enumType: "string-literal",
  skipTypename: true,
};

async function generate(schema, operations) {
  // A fragment that several operations use is in the body of each.
  const fragments = new Map();
  const definitions = [];
  const constants = [];
  for (const [name, { id, body }] of Object.entries(operations).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const definition of parse(body, { noLocation: true }).definitions) {
      if (definition.kind === "FragmentDefinition") {
        fragments.set(definition.name.value, definition);
        continue;
      }
      definitions.push(definition);
      const kind = definition.operation[0].toUpperCase() + definition.operation.slice(1);
      const [type, live] = kind === "Subscription" ? ["Subscription", "  live: true,\n"] : ["Operation", ""];
      const types = `${type}<${name}${kind}, ${name}${kind}Variables>`;
      constants.push(`export const ${name}: ${types} = {\n  id: "${id}",\n  name: "${name}",\n${live}};\n`);
    }
  }
  definitions.push(...[...fragments.values()].sort((a, b) => (a.name.value < b.name.value ? -1 : 1)));
  const types = await typesOf(schema, [{ document: { kind: "Document", definitions } }], configuration, { outputFile: "" });
  const imports = ["Operation", "Subscription"].filter((type) => constants.some((text) => text.includes(`: ${type}<`)));
  return [
    "// Made by make clients from the face's *.graphql. DO NOT EDIT.\n",
    `import type { ${imports.join(", ")} } from "../client.js";\n`,
    ...(types.prepend ?? []),
    types.content.trim(),
    "",
    ...constants,
  ].join("\n");
}

const check = process.argv.includes("--check");
const schema = buildSchema(read("../schema.snapshot.graphql"));
const stale = [];
for (const [face, operations] of Object.entries(JSON.parse(read("manifest.json")))) {
  const path = `${face.toLowerCase()}/generated.ts`;
  const text = await generate(schema, operations);
  if (!check) writeFileSync(here(path), text);
  else if (text !== read(path)) stale.push(`clients/${path}`);
}
if (stale.length > 0) {
  console.error(`not what the operations say: ${stale.join(", ")}. Run npm --prefix clients run generate, and commit what it writes.`);
  process.exit(1);
}
