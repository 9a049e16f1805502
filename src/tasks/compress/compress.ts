// Rows or a file as an archive that decodes to them on any machine, by a trained model.
import { open } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileError } from "../../base/file-errors.ts";
import { replaceFile } from "../../base/files.ts";
import { packageVersion } from "../../base/version.ts";
import { archiveStart, type Section, sectionBytes } from "../../codec/archive.ts";
import { writeBytes } from "../../codec/blocks.ts";
import { fitCodec } from "../../codec/fit.ts";
import { type ArchiveHeader, headerBytes, rowsPerBlock } from "../../codec/header.ts";
import {
  type CodedModel,
  coarser,
  modelBytes,
  modelHash,
  type WeightBits,
  weightBits,
} from "../../codec/model-part.ts";
import { endBytes } from "../../codec/open.ts";
import { type CodecParameters, RowCodec, rowValues } from "../../codec/rows.ts";
import { type Run, runOf } from "../run.ts";
import { inOrder } from "./jobs.ts";
import { type CodedBlock, type CompressSource, compressSource } from "./source.ts";

export interface CompressOptions {
  /** Replace an output that exists. Default false. */
  force?: boolean;
  /** The values of rows instead of a file's bytes. Default: bytes of csv, tsv, npy, IDX and txt. */
  rows?: boolean;
  /** Put the model into the archive. Default false: decompressing needs the run. */
  withModel?: boolean;
  /** Bits of a weight in the archive; default: what makes the archive smallest. */
  weightBits?: WeightBits;
  /** Default: one for each core. The archive's bytes do not depend on it. */
  threads?: number;
}

export interface Compressed {
  rows: number;
  bytes: {
    /** Of what was compressed: the file, or the values as they are in memory. */
    original: number;
    archive: number;
    /** Of the model in it; 0 without. */
    model: number;
  };
  /** Values that the model codes: pixels, cells. Bits for each of them are what `bitsPerDim` is. */
  values: number;
  bitsPerDim: number | null;
  /** What comes back. */
  content: ArchiveHeader["content"]["kind"];
  weightBits: WeightBits | null;
  notes: { code: string; message: string }[];
}

/** Rows by which weights are made coarser, and what models lack is measured. */
const SAMPLE = 2048;

async function firstBlock(source: CompressSource, rows: number): Promise<CodedBlock | null> {
  for await (const block of source.blocks(rows)) return block;
  return null;
}

/** The bits of a weight by which model and rows together are smallest. */
function bestBits(
  model: CodedModel,
  source: CompressSource,
  { block }: CodedBlock,
  fitted: CodecParameters,
  rows: number,
): WeightBits {
  const sizes = weightBits.map((bits): number => {
    const { schema, config, weights } = coarser(model, bits);
    const codec = new RowCodec(schema, config, weights, source.columns, fitted);
    const perRow = codec.encode(block.cells, block.rows).length / block.rows;
    return modelBytes(model, bits).length + perRow * rows;
  });
  return weightBits[sizes.indexOf(Math.min(...sizes))]!;
}

async function countRows(source: CompressSource, perBlock: number): Promise<number> {
  let rows = 0;
  for await (const { block } of source.blocks(perBlock)) rows += block.rows;
  return rows;
}

/** What all blocks are coded by. */
async function plan(run: Run, source: CompressSource, options: CompressOptions) {
  const { schema, model: config } = run.config;
  const whole: CodedModel = { schema, config, weights: run.weights };
  const perBlock = rowsPerBlock(rowValues(schema));
  const none = { mean: null, fitted: { prior: null, residuals: new Map() } as CodecParameters };
  const sample = await firstBlock(source, Math.min(SAMPLE, perBlock));
  if (source.content.kind === "bytes" || !sample || sample.block.rows === 0) {
    return { model: null, fitted: none.fitted, perBlock, bits: null };
  }
  const { cells, rows } = sample.block;
  const fitted = fitCodec(whole, source.columns, cells, rows);
  if (!options.withModel) return { model: whole, fitted, perBlock, bits: null };
  const total = await countRows(source, perBlock);
  const bits = options.weightBits ?? bestBits(whole, source, sample, fitted, total);
  return { model: coarser(whole, bits), fitted, perBlock, bits };
}

/**
 * Writes an archive.
 * @param path a file that is written whole or not at all.
 * @throws ElboError `compress-likelihood` where the model's likelihood has no probabilities for the values;
 * `output-exists`; errors of reading the data.
 */
export async function compressTo(
  path: string,
  run: string | Run,
  data: string,
  options: CompressOptions = {},
): Promise<Compressed> {
  const opened = await runOf(run);
  const source = await compressSource(opened, data, options.rows ?? false);
  try {
    return await writeArchive(path, opened, source, options);
  } finally {
    await source.close();
  }
}

async function writeArchive(
  path: string,
  run: Run,
  source: CompressSource,
  options: CompressOptions,
): Promise<Compressed> {
  const { model, fitted, perBlock, bits } = await plan(run, source, options);
  const header: ArchiveHeader = {
    elbo: packageVersion(),
    name: source.name,
    content: source.content,
    columns: source.columns,
    model: model && (await modelHash(model)),
    ...fitted,
  };
  const inside = model && bits !== null ? modelBytes(model, bits) : null;
  let [rows, original, archive] = [0, 0, 0];
  async function* sections(): AsyncGenerator<Uint8Array> {
    yield archiveStart();
    let index = 0;
    const section = (kind: Section["kind"], content: Uint8Array) =>
      sectionBytes({ kind, index: index++, content });
    yield section("header", headerBytes(header));
    if (inside) yield section("model", inside);
    let blocks = 0;
    for await (const content of codedBlocks(source, header, model, perBlock, options, (block) => {
      rows += block.block.rows;
      original += block.original.length;
    })) {
      blocks++;
      yield section("block", content);
    }
    yield section("end", endBytes(blocks, rows));
  }
  await replaceFile(path, async (temporary) => {
    const handle = await open(temporary, temporary === path ? "w" : "wx");
    try {
      for await (const bytes of sections()) {
        archive += bytes.length;
        await handle.writeFile(bytes);
      }
    } catch (cause) {
      throw fileError(cause, path);
    } finally {
      await handle.close();
    }
  });
  const values = source.content.kind === "bytes" ? 0 : rows * rowValues(run.config.schema);
  return {
    rows,
    bytes: {
      original: source.file ? source.bytes : original,
      archive,
      model: inside?.length ?? 0,
    },
    values,
    bitsPerDim: values === 0 ? null : (8 * (archive - (inside?.length ?? 0))) / values,
    content: source.content.kind,
    weightBits: bits,
    notes: source.notes,
  };
}

async function* codedBlocks(
  source: CompressSource,
  header: ArchiveHeader,
  model: CodedModel | null,
  perBlock: number,
  { threads = availableParallelism() }: CompressOptions,
  onBlock: (block: CodedBlock) => void,
): AsyncGenerator<Uint8Array> {
  let first = 0;
  if (!model) {
    for await (const coded of source.blocks(perBlock)) {
      onBlock(coded);
      yield writeBytes(first, coded.original);
      first += coded.block.rows;
    }
    return;
  }
  async function* tasks() {
    for await (const coded of source.blocks(perBlock)) {
      onBlock(coded);
      yield { type: "encode", first, ...coded } as const;
      first += coded.block.rows;
    }
  }
  for await (const { result } of inOrder<Uint8Array>({ header, model }, threads, tasks())) {
    yield result;
  }
}
