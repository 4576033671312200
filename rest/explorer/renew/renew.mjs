// Copies the browser builds named in package.json from node_modules to ../assets/graphiql, without what would be
// loaded from elsewhere (source map references) or is not needed (embedded web fonts), and collects the licence
// texts of everything inside them. Run by renew.sh; needs nothing but Node.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [modules, target] = process.argv.slice(2);
if (!modules || !target) {
  throw new Error("usage: node renew.mjs NODE_MODULES TARGET");
}

const builds = {
  "react.js": "react/umd/react.production.min.js",
  "react-dom.js": "react-dom/umd/react-dom.production.min.js",
  "graphql-ws.js": "graphql-ws/umd/graphql-ws.min.js",
  "graphiql.js": "graphiql/graphiql.min.js",
  "graphiql.css": "graphiql/graphiql.min.css",
};
for (const [name, source] of Object.entries(builds)) {
  const text = readFileSync(join(modules, source), "utf8")
    .replace(/^\/\/# sourceMappingURL=.*$/gm, "")
    .replace(/@font-face\s*{[^}]*}/g, "");
  writeFileSync(join(target, name), text.trimEnd() + "\n");
}

// GraphiQL's source map names every package that went into its bundle; its own workspace packages stand beside it.
const map = JSON.parse(readFileSync(join(modules, "graphiql/graphiql.min.js.map"), "utf8"));
const packages = new Set([
  "react", "react-dom", "scheduler", "graphql-ws", "graphiql", "@graphiql/react", "@graphiql/toolkit",
  "codemirror-graphql", "graphql-language-service",
]);
for (const source of map.sources) {
  const found = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source);
  if (found) packages.add(found[1]);
}

const mit = readFileSync(join(modules, "graphiql/LICENSE"), "utf8").replace(/^[\s\S]*?(?=Permission is hereby granted)/, "");
const sections = [];
for (const name of [...packages].sort()) {
  const folder = join(modules, name);
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  let text;
  if (file) {
    text = readFileSync(join(folder, file), "utf8");
  } else if (about.license === "MIT") {
    const author = about.author?.name ?? about.author ?? `the authors of ${name}`;
    text = `The MIT License\n\nCopyright (c) ${author}\n\n${mit}`;
  } else {
    throw new Error(`${name} has no licence text and its licence is ${about.license}`);
  }
  sections.push(`${name} (${about.license})\n${"-".repeat(72)}\n${text.replaceAll("\r\n", "\n").trim()}\n`);
}
writeFileSync(
  join(target, "LICENSES.txt"),
  "The licences of what the files in this folder are built from.\n\n" + sections.join("\n\n"),
);
if (!existsSync(join(target, "README.md"))) {
  throw new Error("the target folder has no README.md: is it the right one?");
}
