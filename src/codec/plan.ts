// What all blocks of an archive are coded by: the model, in as many bits as pay, and what is measured of the
// rows beside it.

import { archiveColumns, type CodedColumn, fieldOf, rowValues } from "./columns.ts";
import type { CodedBlock, CodedContent } from "./contents/content.ts";
import { fitCodec } from "./fit.ts";
import { fitLossy } from "./fit-lossy.ts";
import { fitWarps } from "./fit-warps.ts";
import { rowsHolding, rowsPerBlock } from "./header.ts";
import { imageField, type LossyParameters, noImage } from "./lossy.ts";
import { type CodedModel, coarser, modelBytes, type WeightBits, weightBits } from "./model-part.ts";
import { type CodecParameters, nothingFitted, RowCodec } from "./rows.ts";
import type { DoAll } from "./work.ts";

export interface Plan {
  columns: CodedColumn[];
  /** Null where bytes are coded without one. */
  model: CodedModel | null;
  fitted: CodecParameters & { lossy: LossyParameters | null };
  rowsPerBlock: number;
  /** Bits of a weight of the model in the archive; null: it is not in it. */
  bits: WeightBits | null;
}

export interface PlanOptions {
  /** Put the model into the archive. Default false: decoding needs the model that it was made with. */
  withModel?: boolean;
  /** Bits of a weight in the archive; default: what makes the archive smallest. */
  weightBits?: WeightBits;
  /** Images by their latents alone: smaller, and near what they were. Default false. */
  lossy?: boolean;
  /** See `fitLossy`. Default: steps of the posterior's deviation. */
  lambda?: number;
  /** Decode each block as it is written, and compare: as long again. Default false. */
  verify?: boolean;
}

/** Rows by which what models lack is measured, fewer where they hold more values, and weights are made coarser. */
const [SAMPLE, SAMPLE_VALUES, FEW] = [2048, 2 ** 21, 512];

async function firstBlock(source: CodedContent, rows: number): Promise<CodedBlock | null> {
  for await (const block of source.blocks(rows)) return block;
  return null;
}

async function countRows(source: CodedContent, perBlock: number): Promise<number> {
  let rows = 0;
  for await (const { block } of source.blocks(perBlock)) rows += block.rows;
  return rows;
}

/** The bits of a weight by which model and rows together are smallest. */
async function bestBits(
  model: CodedModel,
  source: CodedContent,
  columns: readonly CodedColumn[],
  fitted: CodecParameters,
  perBlock: number,
): Promise<WeightBits> {
  const { block } = (await firstBlock(source, FEW))!;
  const rows = await countRows(source, perBlock);
  let best = { bits: weightBits[0] as WeightBits, size: Number.POSITIVE_INFINITY };
  for (const bits of weightBits) {
    const { schema, config, weights } = coarser(model, bits);
    const codec = new RowCodec(schema, config, weights, columns, fitted);
    const perRow = codec.encode(block.cells, block.rows).length / block.rows;
    const size = modelBytes(model, bits).length + perRow * rows;
    // From the finest on, sizes fall until coarseness costs more than it saves.
    if (size > best.size) break;
    best = { bits, size };
  }
  return best.bits;
}

export async function planFor(
  model: CodedModel | null,
  source: CodedContent,
  options: PlanOptions,
  doAll: DoAll,
): Promise<Plan> {
  const values = model ? rowValues(model.schema) : 1;
  const perBlock = rowsPerBlock(values);
  const bare = { ...nothingFitted, lossy: null };
  const columns = model ? archiveColumns(model.schema, source.columns) : source.columns;
  const plan: Plan = { columns, model: null, fitted: bare, rowsPerBlock: perBlock, bits: null };
  if (source.content.kind === "bytes" || !model) return plan;
  const most = Math.min(SAMPLE, rowsHolding(SAMPLE_VALUES, values));
  const sample = await firstBlock(source, most);
  if (!sample || sample.block.rows === 0) return plan;
  const { cells, rows } = sample.block;
  if (options.lossy) {
    const bits = options.withModel ? (options.weightBits ?? 16) : null;
    const used = bits ? coarser(model, bits) : model;
    const field = imageField(model.schema);
    const image = cells[columns.findIndex((column) => fieldOf(model.schema, column) === field)];
    if (image?.type !== "image") throw noImage(field);
    const lossy = fitLossy(used, image.pixels, options.lambda ?? null).parameters;
    return { ...plan, model: used, fitted: { ...bare, lossy }, bits };
  }
  const fitted = fitCodec(model, columns, cells, rows);
  const bits = options.withModel
    ? (options.weightBits ?? (await bestBits(model, source, columns, fitted, perBlock)))
    : null;
  const used = bits ? coarser(model, bits) : model;
  const warps = await fitWarps({ model: used, columns, cells, rows, fitted }, doAll);
  return { ...plan, model: used, fitted: { ...fitted, warps, lossy: null }, bits };
}
