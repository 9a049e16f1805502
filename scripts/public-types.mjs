// The declarations that the package holds: those which a public one reaches, copied to dist/types.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";

/** What package.json exports. */
const entries = ["index.d.ts", "browser.d.ts"];

/** What imports another declaration: by name, as a type, or for what it adds to a class. */
const imports = /((?:from|import\(|import|declare module)\s*)"(\.[^"]+)\.[jt]s"/g;

const read = (path) => readFileSync(`build/${path}`, "utf8");

export function copyPublicTypes() {
  const reached = new Set(entries);
  // A set goes on with what is added to it on the way.
  for (const path of reached) {
    for (const [, , name] of read(path).matchAll(imports)) {
      reached.add(posix.join(posix.dirname(path), `${name}.d.ts`));
    }
  }
  for (const path of reached) {
    mkdirSync(posix.dirname(`dist/types/${path}`), { recursive: true });
    // tsc leaves `import "./compare.ts"` as it is.
    writeFileSync(`dist/types/${path}`, read(path).replaceAll(imports, '$1"$2.js"'));
  }
}
