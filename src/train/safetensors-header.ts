// The header of a safetensors file: JSON that says where each tensor lies. Nothing in it is
// trusted: every number is checked against the file's real size before anything is allocated.
// Format: https://github.com/huggingface/safetensors#format
import { ElboError } from "../base/errors.ts";

export type TensorType = "F32" | "I32" | "U8";

/** Bytes of one element. */
export const elementBytes: Record<TensorType, number> = { F32: 4, I32: 4, U8: 1 };

/** The reference implementation's limit, too: a header is names and shapes, not data. */
export const headerLimit = 100_000_000;

/** Where one tensor lies; `begin` and `end` count from the first byte after the header. */
export interface TensorEntry {
  name: string;
  dtype: TensorType;
  shape: number[];
  begin: number;
  end: number;
}

export interface ParsedHeader {
  /** In the order of their data. */
  entries: TensorEntry[];
  metadata: Map<string, string>;
}

export function badFile(source: string, message: string): ElboError {
  return new ElboError({
    code: "safetensors-invalid",
    message: `${source} is not a whole safetensors file: ${message}`,
    hint: "the file was cut short or changed; restore it from where it came",
    where: { file: source },
  });
}

/**
 * The first key that stands twice in one object of `text`, which must be valid JSON. JSON.parse
 * keeps the last of two equal keys without a word, and two readers could then differ.
 */
function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | null)[] = [];
  let key = "";
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(null);
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") {
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    } else key = JSON.parse(token) as string;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

function parseEntry(name: string, value: unknown, source: string): TensorEntry {
  const shown = JSON.stringify(name);
  if (!isObject(value)) throw badFile(source, `the entry of tensor ${shown} is no object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string") throw badFile(source, `tensor ${shown} has no dtype`);
  if (!Object.hasOwn(elementBytes, dtype)) {
    throw new ElboError({
      code: "safetensors-dtype",
      message: `tensor ${shown} of ${source} has dtype ${JSON.stringify(dtype).slice(0, 40)}; F32, I32 and U8 are read`,
      hint: "convert the tensor to float32 before saving it",
      where: { file: source },
    });
  }
  const type = dtype as TensorType;
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw badFile(source, `the shape of tensor ${shown} is no list of sizes`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw badFile(source, `data_offsets of tensor ${shown} are not two positions`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = shape.reduce((product, size) => product * size, elementBytes[type]);
  if (bytes !== end - begin) {
    throw badFile(
      source,
      `tensor ${shown} of shape [${shape.slice(0, 8)}] takes ${bytes} bytes, its offsets hold ${end - begin}`,
    );
  }
  return { name, dtype: type, shape, begin, end };
}

function parseMetadata(value: unknown, source: string): Map<string, string> {
  if (!isObject(value) || !Object.values(value).every((text) => typeof text === "string")) {
    throw badFile(source, "__metadata__ is no object of strings");
  }
  return new Map(Object.entries(value as Record<string, string>));
}

/** Reads a header; the tensors must fill the `dataBytes` after it with no gap and no overlap. */
export function parseHeader(header: Uint8Array, dataBytes: number, source: string): ParsedHeader {
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
    parsed = JSON.parse(text);
  } catch (cause) {
    throw badFile(source, `its header is no JSON (${(cause as Error).message.slice(0, 80)})`);
  }
  if (!isObject(parsed)) throw badFile(source, "its header is no JSON object");
  const twice = duplicateKey(text);
  if (twice !== undefined) {
    throw badFile(source, `its header names ${JSON.stringify(twice)} twice`);
  }
  const metadata = Object.hasOwn(parsed, "__metadata__")
    ? parseMetadata(parsed["__metadata__"], source)
    : new Map<string, string>();
  const entries = Object.entries(parsed)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => parseEntry(name, value, source))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== position) {
      const fault = begin < position ? "overlaps the one before" : "leaves a gap before it";
      throw badFile(source, `tensor ${JSON.stringify(name)} ${fault}`);
    }
    position = end;
  }
  if (position !== dataBytes) {
    throw badFile(source, `its tensors take ${position} bytes, and ${dataBytes} follow the header`);
  }
  return { entries, metadata };
}
