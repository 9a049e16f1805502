// The suite as one plain module, for places that take no TypeScript.
import { fileURLToPath } from "node:url";
import { build } from "vite";

/**
 * The code of `run-cases.ts` and everything it imports but ONNX Runtime.
 * @throws where a module of Node gets in, which no browser has.
 */
export async function bundleCases(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      minify: false,
      target: "es2023",
      lib: { entry: fileURLToPath(new URL("run-cases.ts", import.meta.url)), formats: ["es"] },
      rolldownOptions: { external: /^onnxruntime-/ },
    },
  });
  const [bundle] = [result].flat();
  if (!bundle || !("output" in bundle)) throw new Error("vite gave no bundle");
  const [chunk] = bundle.output;
  const nodeOnly = [...chunk.code.matchAll(/__vite-browser-external|["']node:[a-z_/]+["']/g)];
  if (nodeOnly.length > 0) throw new Error(`the bundle holds modules of Node: ${nodeOnly}`);
  return chunk.code;
}
