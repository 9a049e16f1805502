// The suite as one plain module, for places that take no TypeScript.
import { fileURLToPath } from "node:url";
import { build } from "vite";

/**
 * The code of a module and everything it imports but ONNX Runtime.
 * @param entry default: the suite, beside this file.
 * @throws where a module of Node gets in, which no browser has.
 */
export async function bundle(
  entry = fileURLToPath(new URL("run-cases.ts", import.meta.url)),
): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      minify: false,
      target: "es2023",
      lib: { entry, formats: ["es"] },
      rolldownOptions: { external: /^onnxruntime-/ },
    },
  });
  const [built] = [result].flat();
  if (!built || !("output" in built)) throw new Error("vite gave no bundle");
  const [chunk] = built.output;
  const nodeOnly = [...chunk.code.matchAll(/__vite[-_]browser[-_]external|["']node:[a-z_/]+["']/g)];
  if (nodeOnly.length > 0) throw new Error(`the bundle holds modules of Node: ${nodeOnly}`);
  return chunk.code;
}
