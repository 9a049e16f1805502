// Builds dist/: AssemblyScript to WebAssembly (each module kept as base64 beside its source, so that
// Node and browsers load it alike), then TypeScript to JavaScript and declarations.
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { ignoreInnerTypes } from "./public-types.mjs";

/** What every module is built with: SIMD, no garbage collector, a memory that its user makes. */
const common = [
  "-O3",
  "--noAssert",
  "--enable",
  "simd",
  "--runtime",
  "stub",
  "--importMemory",
  "--noExportMemory",
];

/** `folder`/assembly/index.ts becomes `folder`/binary.ts, which exports the module as `name`. */
const modules = [
  { folder: "src/runtime/kernels", name: "kernelBinary", options: [] },
  { folder: "src/codec/exact", name: "exactBinary", options: ["--disableWarning", "112"] },
  { folder: "src/codec/ans", name: "ansBinary", options: [] },
];

function run(script, args) {
  execFileSync(process.execPath, [script, ...args], { stdio: "inherit" });
}

function assemble({ folder, name, options }) {
  const out = `dist/${name}.wasm`;
  const args = [`${folder}/assembly/index.ts`, "--outFile", out, ...common, ...options];
  run("node_modules/assemblyscript/bin/asc.js", args);
  const base64 = readFileSync(out).toString("base64");
  rmSync(out);
  writeFileSync(
    `${folder}/binary.ts`,
    `// Written by scripts/build.mjs from assembly/.\nexport const ${name}: string = "${base64}";\n`,
  );
}

rmSync("dist", { recursive: true, force: true });
modules.forEach(assemble);
run("node_modules/typescript/bin/tsc", ["-p", "tsconfig.build.json"]);
chmodSync("dist/cli/main.js", 0o755);
ignoreInnerTypes();
