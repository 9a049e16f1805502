// Short programs that use exported files: in Python, in TypeScript, in a web page. They show each
// output's shape and first values for the two rows of example.json.
import type { PartName } from "./refusals.ts";

const ORT_WEB = "./node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs";

const uses: Readonly<Record<PartName, string>> = {
  encoder: "Rows to latents.",
  decoder: "Latents to rows.",
  score: "How strange each row is.",
  sample: "New rows, of noise.",
  predict: "The target columns of each row.",
};

/** What a part's inputs are taken of: what is neither a column nor a latent is noise. */
function valuesOf(part: PartName, parts: readonly PartName[], latents: string): string {
  return part === "decoder" && parts.includes("encoder") ? latents : "rows";
}

function pythonSteps(parts: readonly PartName[]): string {
  return parts
    .map((part) => {
      const result = part === "encoder" ? "encoded = " : "";
      return `\n# ${uses[part]}\n${result}run("${part}", ${valuesOf(part, parts, '{**rows, "z": encoded["z"]}')})\n`;
    })
    .join("");
}

function scriptSteps(parts: readonly PartName[], indent = ""): string {
  return parts
    .map((part) => {
      const result = part === "encoder" ? "const encoded = " : "";
      const call = `await run("${part}", ${valuesOf(part, parts, "{ ...rows, z: encoded.z }")});`;
      return `\n${indent}// ${uses[part]}\n${indent}${result}${call}\n`;
    })
    .join("");
}

function python(parts: readonly PartName[]): string {
  return `# Uses the exported model: python example.py (needs numpy and onnxruntime).
import json
from pathlib import Path

import numpy as np
import onnxruntime

here = Path(__file__).parent
types = {
    "tensor(double)": np.float64,
    "tensor(float)": np.float32,
    "tensor(uint8)": np.uint8,
    "tensor(string)": object,
}
random = np.random.default_rng(1)

# Columns of two rows. None, which becomes NaN, is a missing number.
rows = json.loads((here / "example.json").read_text("utf-8"))


def noise(name, size):
    shape = (2, size)
    if name == "uniforms":
        return random.random(shape, dtype=np.float32)
    return random.standard_normal(shape)


def run(part, values):
    session = onnxruntime.InferenceSession(str(here / f"{part}.onnx"))
    feeds = {}
    for given in session.get_inputs():
        value = values[given.name] if given.name in values else noise(given.name, given.shape[1])
        feeds[given.name] = np.array(value, dtype=types[given.type])
    names = [output.name for output in session.get_outputs()]
    results = dict(zip(names, session.run(names, feeds)))
    for name, result in results.items():
        first = json.dumps(result.ravel()[:6].tolist(), ensure_ascii=False)
        print(part, json.dumps(name, ensure_ascii=False), list(result.shape), first)
    return results

${pythonSteps(parts)}`;
}

/** What the two programs in JavaScript's family share, given \`typed\` for TypeScript. */
function shared(typed: boolean): string {
  const t = (annotation: string) => (typed ? annotation : "");
  return `/** Numbers even in [0, 1), and standard normal ones. */
function noise(name${t(": string")}, size${t(": number")})${t(": number[]")} {
  const words = crypto.getRandomValues(new Uint32Array(2 * size));
  // 23 bits and a half: float32 holds them, and none is 0 or 1.
  const even = Array.from(words, (word) => ((word >>> 9) + 0.5) / 2 ** 23);
  if (name === "uniforms") return even.slice(0, size);
  const turn = (i${t(": number")}) => Math.cos(2 * Math.PI * even[size + i]${t("!")});
  return even.slice(0, size).map((u, i) => Math.sqrt(-2 * Math.log(u)) * turn(i));
}

/** A column, or noise of so many numbers a row, as a tensor of the type that an input has. */
function tensorOf(type${t(": string")}, value${t(": unknown")}, width${t(": number")}) {
  const shape${t(": number[]")} = [];
  for (let list = value; Array.isArray(list); list = list[0]) shape.push(list.length);
  const flat = ${t("(")}value${t(" as unknown[])")}.flat(Infinity)${t(" as (string | number | null)[]")};
  const numbers = () => flat.map((each) => (each === null ? NaN : Number(each)));
  if (type === "string") return new ort.Tensor(type, flat.map(String), shape);
  if (type === "float64") return new ort.Tensor(type, Float64Array.from(numbers()), shape);
  if (type === "uint8") return new ort.Tensor(type, Uint8Array.from(numbers()), shape);
  const given = Float32Array.from(numbers());
  return new ort.Tensor("float32", given, width > 0 ? [given.length / width, width] : shape);
}`;
}

function typescript(parts: readonly PartName[]): string {
  return `// Uses the exported model: npm install onnxruntime-node, then node example.ts (Node 22.18 or newer).
import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-node";

// Columns of two rows. null, which becomes NaN, is a missing number.
const path = (name: string) => new URL(name, import.meta.url);
const rows = JSON.parse(await readFile(path("example.json"), "utf8"));

${shared(true)}

async function run(part: string, values: Record<string, unknown>) {
  const session = await ort.InferenceSession.create(await readFile(path(\`\${part}.onnx\`)));
  const feeds: Record<string, ort.Tensor> = {};
  for (const given of session.inputMetadata) {
    if (!given.isTensor) continue;
    const width = Number(given.shape[1] ?? 0);
    const value = values[given.name];
    if (value instanceof ort.Tensor) feeds[given.name] = value;
    else if (value) feeds[given.name] = tensorOf(given.type, value, 0);
    else feeds[given.name] = tensorOf(given.type, noise(given.name, 2 * width), width);
  }
  const results = await session.run(feeds);
  for (const [name, { data, dims }] of Object.entries(results)) {
    const first = JSON.stringify(Array.from(data as ArrayLike<number>).slice(0, 6));
    console.log(part, JSON.stringify(name), JSON.stringify(dims), first);
  }
  return results;
}
${scriptSteps(parts)}`;
}

function page(parts: readonly PartName[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>The exported model in a web page</title>
<!--
  Needs onnxruntime-web beside it and any web server, no network:
    npm install onnxruntime-web
    python3 -m http.server
  then open http://localhost:8000/example.html
-->
<pre>loading …</pre>
<script type="module">
import * as ort from "${ORT_WEB}";

const shown = document.querySelector("pre");
shown.textContent = "";

// Columns of two rows. null, which becomes NaN, is a missing number.
const rows = await (await fetch("example.json")).json();

${shared(false)}

async function run(part, values) {
  const session = await ort.InferenceSession.create(\`./\${part}.onnx\`);
  const feeds = {};
  for (const given of session.inputMetadata) {
    const width = Number(given.shape[1] ?? 0);
    const value = values[given.name];
    if (value instanceof ort.Tensor) feeds[given.name] = value;
    else if (value) feeds[given.name] = tensorOf(given.type, value, 0);
    else feeds[given.name] = tensorOf(given.type, noise(given.name, 2 * width), width);
  }
  const results = await session.run(feeds);
  for (const [name, { data, dims }] of Object.entries(results)) {
    const first = JSON.stringify(Array.from(data).slice(0, 6));
    shown.textContent += [part, JSON.stringify(name), JSON.stringify(dims), first].join(" ") + "\\n";
  }
  return results;
}

try {
${scriptSteps(parts, "  ")}  document.title = "done";
} catch (error) {
  shown.textContent += error;
  document.title = "failed";
}
</script>
</html>
`;
}

/** By their files' names: programs that use the parts given. */
export const programs: Readonly<Record<string, (parts: readonly PartName[]) => string>> = {
  "example.py": python,
  "example.ts": typescript,
  "example.html": page,
};
