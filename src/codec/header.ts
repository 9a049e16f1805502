// What an archive's header says: how what it holds was coded, and what is to come back.
import { z } from "zod";
import { ElboError } from "../base/errors.ts";
import { type ColumnInfo, elements } from "../fields/columns.ts";
import { timeFormat } from "../fields/times/format.ts";
import { ANS_VERSION } from "./ans/version.ts";
import { newer } from "./archive.ts";
import { base64Of, bytesOfBase64 } from "./base64.ts";
import type { CodedColumn } from "./columns.ts";
import { type ArrayElement, arrayElements } from "./contents/array.ts";
import { EXACT_VERSION } from "./exact/program.ts";
import type { LossyParameters } from "./lossy.ts";
import type { CodecParameters } from "./rows.ts";

const LARGEST_BLOCK = 1 << 20;

/** float32 numbers in base64, which keeps their bits. */
const floats = z.base64();

const side = z.int().min(1).max(1_000_000_000);
const named = { name: z.string(), role: z.exactOptional(z.literal("id")) };
const stored = { element: z.exactOptional(z.enum(elements)) };
const yes = z.exactOptional(z.literal(true));
const columnInfo: z.ZodType<ColumnInfo> = z.discriminatedUnion("type", [
  z.object({
    ...{ ...named, ...stored, type: z.literal("number") },
    ...{ boolean: yes, float32: yes, gaps: yes },
  }),
  z.object({ ...named, type: z.literal("text") }),
  z.object({
    ...named,
    type: z.literal("time"),
    date: yes,
    format: z.exactOptional(z.string().refine((text) => typeof timeFormat(text) !== "string")),
  }),
  z.object({
    ...named,
    ...stored,
    type: z.literal("vector"),
    size: side,
    sparse: z.boolean(),
    names: z.exactOptional(z.array(z.string())),
    series: yes,
  }),
  z.object({
    ...{ ...named, ...stored, type: z.literal("image") },
    ...{ height: side, width: side, channels: side, flat: yes },
  }),
]);

/** Bytes by whatever makes the least of them, without the model. */
export interface RivalContent {
  kind: "rival";
  by: "context" | "xz" | "zstd" | "bzip2" | "png" | "webp";
  /** Rows as bytes, as contents/rows-bytes.ts has them; absent of a file's bytes. */
  rows?: { info: ColumnInfo[]; count: number };
}

export type Content =
  | RivalContent
  /** A delimited file, byte for byte. */
  | { kind: "delimited"; delimiter: string }
  /** A file of a header and numbers or pixels, byte for byte. */
  | { kind: "array"; head: string; element: ArrayElement; swapped?: true }
  /** Lines of a text, byte for byte. */
  | { kind: "lines" }
  /** Any bytes, without the model. */
  | { kind: "bytes" }
  /**
   * The values of rows; what they are written as is decided when they come back. `rows` where their
   * number was known before they were coded.
   */
  | { kind: "rows"; info: ColumnInfo[]; rows?: number };

const rival = z.object({
  kind: z.literal("rival"),
  by: z.enum(["context", "xz", "zstd", "bzip2", "png", "webp"]),
  rows: z.exactOptional(z.object({ info: z.array(columnInfo), count: z.int().min(1) })),
});

const content: z.ZodType<Content> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("delimited"), delimiter: z.string().length(1) }),
  z.object({
    ...{ kind: z.literal("array"), head: z.base64() },
    ...{ element: z.enum(arrayElements), swapped: yes },
  }),
  z.object({ kind: z.literal("lines") }),
  z.object({ kind: z.literal("bytes") }),
  rival,
  z.object({
    ...{ kind: z.literal("rows"), info: z.array(columnInfo) },
    rows: z.exactOptional(z.int().min(0)),
  }),
]);
const header = z.object({
  elbo: z.string(),
  /** Versions of the arithmetic, of which any change would decode otherwise. */
  arithmetic: z.object({ networks: z.int(), coder: z.int() }),
  /** What was compressed, for messages: a file's name without its folder. */
  name: z.string(),
  content,
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.enum(["number", "text", "image", "vector"]),
      size: z.exactOptional(side),
    }),
  ),
  /** SHA-256 of the model that it was coded by; null of bytes alone. */
  model: z.string().nullable(),
  /** SHA-256 of what its networks compute; see arithmetic.ts. Null of bytes alone. */
  programs: z.string().nullable(),
  prior: z.object({ mean: floats, deviation: floats }).nullable(),
  residuals: z.record(z.string(), floats),
  /** Corrections of images, as warp/weights.ts has them. */
  warps: z.record(z.string(), z.base64()),
  /** Steps of latents, where pixels come back as the model expects them; null: without loss. */
  lossy: z.object({ mean: floats, logDeviation: floats, step: floats, reach: floats }).nullable(),
});

export interface ArchiveHeader extends CodecParameters {
  elbo: string;
  name: string;
  content: Content;
  columns: CodedColumn[];
  model: string | null;
  programs: string | null;
  lossy: LossyParameters | null;
}

const toBase64 = (values: Float32Array) => {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return base64Of(bytes);
};

function fromBase64(text: string): Float32Array {
  const bytes = bytesOfBase64(text);
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) =>
    view.getFloat32(4 * i, true),
  );
}

export function headerBytes(given: ArchiveHeader): Uint8Array {
  const { prior, residuals, warps, lossy, ...rest } = given;
  const all: z.infer<typeof header> = {
    ...rest,
    arithmetic: { networks: EXACT_VERSION, coder: ANS_VERSION },
    prior: prior && { mean: toBase64(prior.mean), deviation: toBase64(prior.deviation) },
    lossy: lossy && {
      mean: toBase64(lossy.mean),
      logDeviation: toBase64(lossy.logDeviation),
      step: toBase64(lossy.step),
      reach: toBase64(lossy.reach),
    },
    residuals: Object.fromEntries([...residuals].map(([name, values]) => [name, toBase64(values)])),
    warps: Object.fromEntries([...warps].map(([name, bytes]) => [name, base64Of(bytes)])),
  };
  return new TextEncoder().encode(JSON.stringify(all));
}

/** An archive by arithmetic that this version, or what it runs on, does not have. */
export function otherwise(elbo: string, why: string): ElboError {
  return new ElboError({
    code: "archive-arithmetic",
    message: `the archive cannot be decoded here: ${why}`,
    hint: `Decompress it with the elbo that wrote it, version ${elbo}.`,
  });
}

/** @throws ElboError `archive-damaged`, `archive-newer`, `archive-arithmetic`. */
export function parseHeader(bytes: Uint8Array): ArchiveHeader {
  let parsed: z.infer<typeof header>;
  try {
    parsed = header.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new ElboError({
      code: "archive-damaged",
      message: "the archive's header is not what elbo writes",
      hint: "Fetch the archive again, or update elbo if it was written by a newer one.",
      cause,
    });
  }
  const { arithmetic, prior, residuals, warps, lossy, ...rest } = parsed;
  const { networks, coder } = arithmetic;
  const version = `its arithmetic has version ${networks}.${coder}, and this elbo's ${EXACT_VERSION}.${ANS_VERSION}`;
  if (networks > EXACT_VERSION || coder > ANS_VERSION) throw newer(version);
  if (networks !== EXACT_VERSION || coder !== ANS_VERSION) throw otherwise(rest.elbo, version);
  return {
    ...rest,
    prior: prior && { mean: fromBase64(prior.mean), deviation: fromBase64(prior.deviation) },
    lossy: lossy && {
      mean: fromBase64(lossy.mean),
      logDeviation: fromBase64(lossy.logDeviation),
      step: fromBase64(lossy.step),
      reach: fromBase64(lossy.reach),
    },
    residuals: new Map(Object.entries(residuals).map(([name, text]) => [name, fromBase64(text)])),
    warps: new Map(Object.entries(warps).map(([name, text]) => [name, bytesOfBase64(text)])),
  };
}

/** Rows that hold `values` values or so. */
export function rowsHolding(values: number, valuesPerRow: number): number {
  const wanted = 2 ** Math.round(Math.log2(values / Math.max(1, valuesPerRow)));
  return Math.max(64, Math.min(LARGEST_BLOCK, wanted));
}

/** Rows of a block: enough to hide what a block costs, few enough that cores share them evenly. */
export const rowsPerBlock = (valuesPerRow: number): number => rowsHolding(2 ** 20, valuesPerRow);
