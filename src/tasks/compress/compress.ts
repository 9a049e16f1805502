// Rows or a file as an archive that decodes to them on any machine, by a trained model.
import { open } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileError } from "../../base/file-errors.ts";
import { replaceFile } from "../../base/files.ts";
import { packageVersion } from "../../base/version.ts";
import { archiveStart, type Section, sectionBytes } from "../../codec/archive.ts";
import { programsHash } from "../../codec/arithmetic.ts";
import { writeBytes } from "../../codec/blocks.ts";
import { type ArchiveHeader, headerBytes, type RivalContent } from "../../codec/header.ts";
import { modelBytes, modelHash, type WeightBits } from "../../codec/model-part.ts";
import { endBytes } from "../../codec/open.ts";
import { rowValues } from "../../codec/rows.ts";
import { type Run, runOf } from "../run.ts";
import { type Encoded, inOrder } from "./jobs.ts";
import { type Plan, planFor } from "./plan.ts";
import { type Beside, packedBeside, smallest, writeRival } from "./rivals.ts";
import { type CodedBlock, type CompressSource, compressSource } from "./source.ts";

export interface CompressOptions {
  /** Replace an output that exists. Default false. */
  force?: boolean;
  /** The values of rows instead of a file's bytes. Default: bytes of csv, tsv, npy, IDX and txt. */
  rows?: boolean;
  /** Put the model into the archive. Default false: decompressing needs the run. */
  withModel?: boolean;
  /** Measure other compressors on the same file. Default true. */
  rivals?: boolean;
  /** Keep what another compressor makes, where it is less. Default false. */
  auto?: boolean;
  /** Images by their latents alone: smaller, and near what they were. Default false. */
  lossy?: boolean;
  /** See `fitLossy`. Default: steps of the posterior's deviation. */
  lambda?: number;
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
  /** Mean squared error of pixels from 0 to 255, and the peak signal over it; null without loss. */
  loss: { squaredError: number; psnr: number } | null;
  /** What other compressors make of the same file; none of rows that are no file. */
  beside: Beside[];
  /** What made the archive: the model, or with `auto` another compressor. */
  by: "model" | RivalContent["by"];
  notes: { code: string; message: string }[];
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
    const result = await writeArchive(path, opened, source, options);
    if (options.lossy || options.rivals === false) return result;
    const packed = await packedBeside(source, options.auto ?? false);
    const beside = packed.map(({ packed: _, ...told }) => told);
    const best = options.auto ? smallest(packed, result.bytes.archive) : null;
    if (!best) return { ...result, beside };
    const bytes = { ...result.bytes, archive: await writeRival(path, source, best), model: 0 };
    const none = { bitsPerDim: null, weightBits: null, content: "rival" as const };
    const by = best.name as RivalContent["by"];
    return { ...result, ...none, rows: source.bytes, values: 0, bytes, beside, by };
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
  const plan = await planFor(run, source, options);
  const { model, fitted, bits } = plan;
  const header: ArchiveHeader = {
    elbo: packageVersion(),
    name: source.name,
    content: source.content,
    columns: source.columns,
    model: model && (await modelHash(model)),
    programs: model && (await programsHash(model, fitted)),
    ...fitted,
  };
  const inside = model && bits !== null ? modelBytes(model, bits) : null;
  const sum = { rows: 0, original: 0, archive: 0, squared: 0 };
  async function* sections(): AsyncGenerator<Uint8Array> {
    yield archiveStart();
    let index = 0;
    const section = (kind: Section["kind"], content: Uint8Array) =>
      sectionBytes({ kind, index: index++, content });
    yield section("header", headerBytes(header));
    if (inside) yield section("model", inside);
    let blocks = 0;
    const onBlock = ({ block, original }: CodedBlock) => {
      sum.rows += block.rows;
      sum.original += original.length;
    };
    for await (const { content, squared } of codedBlocks(source, header, plan, options, onBlock)) {
      blocks++;
      sum.squared += squared;
      yield section("block", content);
    }
    yield section("end", endBytes(blocks, sum.rows));
  }
  await replaceFile(path, async (temporary) => {
    const handle = await open(temporary, temporary === path ? "w" : "wx");
    try {
      for await (const bytes of sections()) {
        sum.archive += bytes.length;
        await handle.writeFile(bytes);
      }
    } catch (cause) {
      throw fileError(cause, path);
    } finally {
      await handle.close();
    }
  });
  const values = model ? sum.rows * rowValues(model.schema) : 0;
  const modelSize = inside?.length ?? 0;
  const squaredError = sum.squared / Math.max(1, values);
  return {
    rows: sum.rows,
    bytes: {
      original: source.file ? source.bytes : sum.original,
      archive: sum.archive,
      model: modelSize,
    },
    values,
    bitsPerDim: values === 0 ? null : (8 * (sum.archive - modelSize)) / values,
    content: source.content.kind,
    weightBits: bits,
    loss: fitted.lossy && {
      squaredError,
      psnr: 10 * Math.log10(255 ** 2 / squaredError),
    },
    beside: [],
    by: "model",
    notes: source.notes,
  };
}

async function* codedBlocks(
  source: CompressSource,
  header: ArchiveHeader,
  { model, rowsPerBlock }: Plan,
  { threads = availableParallelism() }: CompressOptions,
  onBlock: (block: CodedBlock) => void,
): AsyncGenerator<Encoded> {
  let first = 0;
  if (!model) {
    for await (const coded of source.blocks(rowsPerBlock)) {
      onBlock(coded);
      yield { content: writeBytes(first, coded.original), squared: 0 };
      first += coded.block.rows;
    }
    return;
  }
  async function* tasks() {
    for await (const coded of source.blocks(rowsPerBlock)) {
      onBlock(coded);
      yield { type: "encode", first, ...coded } as const;
      first += coded.block.rows;
    }
  }
  for await (const { result } of inOrder<Encoded>({ header, model }, threads, tasks())) {
    yield result;
  }
}
