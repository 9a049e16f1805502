// What all blocks of an archive are coded by: the model, in as many bits as pay, and what is measured of the
// rows beside it.
import { fitCodec } from "../../codec/fit.ts";
import { fitLossy } from "../../codec/fit-lossy.ts";
import { rowsPerBlock } from "../../codec/header.ts";
import type { LossyParameters } from "../../codec/lossy.ts";
import {
  type CodedModel,
  coarser,
  modelBytes,
  type WeightBits,
  weightBits,
} from "../../codec/model-part.ts";
import { type CodecParameters, RowCodec, rowValues } from "../../codec/rows.ts";
import type { Run } from "../run.ts";
import type { CompressOptions } from "./compress.ts";
import type { CodedBlock, CompressSource } from "./source.ts";

export interface Plan {
  /** Null where bytes are coded without one. */
  model: CodedModel | null;
  fitted: CodecParameters & { lossy: LossyParameters | null };
  rowsPerBlock: number;
  /** Bits of a weight of the model in the archive; null: it is not in it. */
  bits: WeightBits | null;
}

/** Rows by which what models lack is measured, and weights are made coarser. */
const [SAMPLE, FEW] = [2048, 512];

async function firstBlock(source: CompressSource, rows: number): Promise<CodedBlock | null> {
  for await (const block of source.blocks(rows)) return block;
  return null;
}

async function countRows(source: CompressSource, perBlock: number): Promise<number> {
  let rows = 0;
  for await (const { block } of source.blocks(perBlock)) rows += block.rows;
  return rows;
}

/** The bits of a weight by which model and rows together are smallest. */
async function bestBits(
  model: CodedModel,
  source: CompressSource,
  fitted: CodecParameters,
  perBlock: number,
): Promise<WeightBits> {
  const { block } = (await firstBlock(source, FEW))!;
  const rows = await countRows(source, perBlock);
  let best = { bits: weightBits[0] as WeightBits, size: Number.POSITIVE_INFINITY };
  for (const bits of weightBits) {
    const { schema, config, weights } = coarser(model, bits);
    const codec = new RowCodec(schema, config, weights, source.columns, fitted);
    const perRow = codec.encode(block.cells, block.rows).length / block.rows;
    const size = modelBytes(model, bits).length + perRow * rows;
    // From the finest on, sizes fall until coarseness costs more than it saves.
    if (size > best.size) break;
    best = { bits, size };
  }
  return best.bits;
}

export async function planFor(
  { config: { schema, model: config }, weights }: Run,
  source: CompressSource,
  options: CompressOptions,
): Promise<Plan> {
  const model: CodedModel = { schema, config, weights };
  const perBlock = rowsPerBlock(rowValues(schema));
  const bare = { prior: null, residuals: new Map<string, Float32Array>(), lossy: null };
  const plan: Plan = { model: null, fitted: bare, rowsPerBlock: perBlock, bits: null };
  const sample = await firstBlock(source, Math.min(SAMPLE, perBlock));
  if (source.content.kind === "bytes" || !sample || sample.block.rows === 0) return plan;
  const { cells, rows } = sample.block;
  if (options.lossy) {
    const bits = options.withModel ? (options.weightBits ?? 16) : null;
    const used = bits ? coarser(model, bits) : model;
    const pixels = cells.flatMap((each) => (each.type === "image" ? [each.pixels] : []))[0];
    const lossy = fitLossy(used, pixels ?? new Uint8Array(), options.lambda ?? null).parameters;
    return { ...plan, model: used, fitted: { ...bare, lossy }, bits };
  }
  const fitted = { ...fitCodec(model, source.columns, cells, rows), lossy: null };
  if (!options.withModel) return { ...plan, model, fitted };
  const bits = options.weightBits ?? (await bestBits(model, source, fitted, perBlock));
  return { ...plan, model: coarser(model, bits), fitted, bits };
}
