// Builds build/, module for module: AssemblyScript to WebAssembly (each kept as base64 beside its source, so
// that Node and browsers load it alike), then TypeScript to JavaScript and declarations, and a plugin of HDF5.
// Then dist/, what ships: the same code in few files, and the public declarations.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import binaryen from "assemblyscript/binaryen";
import { bundle } from "./bundle.mjs";
import { copyPublicTypes } from "./public-types.mjs";

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
  { folder: "src/data/tables/cells", name: "cellsBinary", options: [] },
  { folder: "src/fields/tally", name: "tallyBinary", options: [] },
  { folder: "src/codec/exact", name: "exactBinary", options: ["--disableWarning", "112"] },
  { folder: "src/codec/ans", name: "ansBinary", options: ["--disableWarning", "112"] },
];

function run(script, args) {
  execFileSync(process.execPath, [script, ...args], { stdio: "inherit" });
}

function assemble({ folder, name, options }) {
  const out = `build/${name}.wasm`;
  const args = [`${folder}/assembly/index.ts`, "--outFile", out, ...common, ...options];
  run("node_modules/assemblyscript/bin/asc.js", args);
  const base64 = readFileSync(out).toString("base64");
  rmSync(out);
  writeFileSync(
    `${folder}/binary.ts`,
    `// Written by scripts/build.mjs from assembly/.\nexport const ${name}: string = "${base64}";\n`,
  );
}

/** What a module needs of the memory and the table of the one that loads it (Emscripten's dylink.0). */
function dynamic(wasm, { bytes, functions }) {
  const name = Buffer.from("dylink.0");
  // Sizes are below 128, one byte each; bytes are aligned to 2².
  const needs = [bytes, 2, functions, 0];
  const body = [name.length, ...name, 1, needs.length, ...needs];
  const header = wasm.subarray(0, 8);
  return Buffer.concat([header, Buffer.from([0, body.length, ...body]), wasm.subarray(8)]);
}

/** HDF5 loads a plugin by its file, whose name begins with lib. */
function assemblePlugin(folder, file, needs) {
  const { Features, parseText } = binaryen;
  const module = parseText(readFileSync(`src/${folder}/plugin.wat`, "utf8"));
  module.setFeatures(Features.BulkMemory | Features.BulkMemoryOpt | Features.MutableGlobals);
  if (!module.validate()) throw new Error(`src/${folder}/plugin.wat is no valid module`);
  mkdirSync(`build/${folder}`, { recursive: true });
  writeFileSync(`build/${folder}/${file}`, dynamic(module.emitBinary(), needs));
}

for (const folder of ["build", "dist"]) rmSync(folder, { recursive: true, force: true });
modules.forEach(assemble);
run("node_modules/typescript/bin/tsc", ["-p", "tsconfig.build.json"]);
assemblePlugin("data/annotated/lzf", "libelbo-lzf.so", { bytes: 36, functions: 1 });
await bundle();
chmodSync("dist/main.js", 0o755);
copyPublicTypes();
