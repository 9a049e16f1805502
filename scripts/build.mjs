// Builds dist/: AssemblyScript kernels to WebAssembly (kept as base64 in a module, so that
// Node and browsers load it alike), then TypeScript to JavaScript and declarations.
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const kernels = "src/runtime/kernels";

function run(script, args) {
  execFileSync(process.execPath, [script, ...args], { stdio: "inherit" });
}

rmSync("dist", { recursive: true, force: true });
run("node_modules/assemblyscript/bin/asc.js", [
  `${kernels}/assembly/index.ts`,
  "--outFile",
  "dist/kernels.wasm",
  "-O3",
  "--noAssert",
  "--enable",
  "simd",
  "--runtime",
  "stub",
  "--importMemory",
  "--noExportMemory",
]);
const bytes = readFileSync("dist/kernels.wasm");
rmSync("dist/kernels.wasm");
writeFileSync(
  `${kernels}/binary.ts`,
  `// Written by scripts/build.mjs from assembly/.\nexport const kernelBinary = "${bytes.toString("base64")}";\n`,
);
run("node_modules/typescript/bin/tsc", ["-p", "tsconfig.build.json"]);
chmodSync("dist/cli/main.js", 0o755);
