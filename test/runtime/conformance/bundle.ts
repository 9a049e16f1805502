// The suite as one plain module, for places that take no TypeScript.
import { fileURLToPath } from "node:url";
import { bundled } from "../../helpers/bundled.ts";

/**
 * The code of a module and everything it imports but ONNX Runtime.
 * @param entry default: the suite, beside this file.
 * @throws where a module of Node gets in, which no browser has.
 */
export async function bundle(
  entry = fileURLToPath(new URL("run-cases.ts", import.meta.url)),
): Promise<string> {
  const { pages } = await bundled(entry, /^onnxruntime-/);
  return pages["/entry.js"]!;
}
