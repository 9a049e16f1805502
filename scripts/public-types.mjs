// Declarations that no public one reaches stay out of the package: dist/.npmignore names them.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";

/** What package.json exports, in dist/. */
const entries = ["index.d.ts", "browser.d.ts"];

/** The declarations that one imports. */
function importsOf(path) {
  const text = readFileSync(`dist/${path}`, "utf8");
  return [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)\.[jt]s"/g)].map(([, name]) =>
    posix.join(posix.dirname(path), `${name}.d.ts`),
  );
}

export function ignoreInnerTypes() {
  const reached = new Set(entries);
  // A set goes on with what is added to it on the way.
  for (const path of reached) for (const next of importsOf(path)) reached.add(next);
  const all = readdirSync("dist", { recursive: true }).map((path) => path.replaceAll("\\", "/"));
  const inner = all.filter((path) => path.endsWith(".d.ts") && !reached.has(path)).sort();
  writeFileSync("dist/.npmignore", inner.map((path) => `/${path}\n`).join(""));
}
