// Rows or a file as an archive that decodes to them on any machine, by a trained model.
import { open } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileError } from "../../base/file-errors.ts";
import { replaceFile, writeFileAtomic } from "../../base/files.ts";
import { codedValues } from "../../codec/columns.ts";
import type { ArchiveHeader, RivalContent } from "../../codec/header.ts";
import type { WeightBits } from "../../codec/model-part.ts";
import { type PlanOptions, planFor } from "../../codec/plan.ts";
import type { Encoded } from "../../codec/work.ts";
import { archiveParts, asRead, encodeTasks, headerFor, insideOf } from "../../codec/write.ts";
import { type Run, runOf } from "../run.ts";
import { type Threads, withThreads } from "./jobs.ts";
import { type Beside, measuredBeside, packedBeside, smallest } from "./rivals.ts";
import { type CompressSource, compressSource } from "./source.ts";

export interface CompressOptions extends PlanOptions {
  /** Replace an output that exists. Default false. */
  force?: boolean;
  /** The values of rows instead of a file's bytes. Default: bytes of csv, tsv, npy, IDX and txt. */
  rows?: boolean;
  /** Measure other compressors on the same file or rows. Default true. */
  rivals?: boolean;
  /** Keep what another compressor makes of the same, where it is less. Default false. */
  auto?: boolean;
  /** Default: one for each core. The archive's bytes do not depend on it. */
  threads?: number;
}

export interface Compressed {
  /** So many of `unit`. */
  rows: number;
  unit: "row" | "byte";
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
  /**
   * What other compressors make of the same file; of rows, of their values as they are in memory, and of their
   * one image by image formats.
   */
  beside: Beside[];
  /** What made the archive: the model, or with `auto` another compressor. */
  by: "model" | RivalContent["by"];
  notes: { code: string; message: string }[];
}

/** `compressTo` of archives.ts. */
export async function compress(
  path: string,
  run: string | Run,
  data: string,
  options: CompressOptions,
): Promise<Compressed> {
  const opened = await runOf(run);
  const source = await compressSource(opened, data, options);
  try {
    const { threads: wanted = availableParallelism() } = options;
    // Bytes without a model are packed faster than they are sent to another thread.
    const result = await withThreads(source.content.kind === "bytes" ? 1 : wanted, (threads) =>
      writeArchive(path, opened, source, options, threads),
    );
    if (options.lossy || options.rivals === false) return result;
    const measured = await measuredBeside(source);
    const packed = await packedBeside(measured, options.auto ?? false);
    const beside = packed.map(({ packed: _, ...told }) => told);
    const best = options.auto
      ? smallest(source.name, measured, packed, result.bytes.archive)
      : null;
    if (!best) return { ...result, beside };
    await writeFileAtomic(path, best.parts);
    const bytes = { ...result.bytes, archive: best.bytes, model: 0 };
    const none = { bitsPerDim: null, weightBits: null, values: 0, content: "rival" as const };
    const counts = source.file ? { rows: source.bytes, unit: "byte" as const } : {};
    return { ...result, ...none, ...counts, bytes, beside, by: best.by };
  } finally {
    await source.close();
  }
}

const unknownColumns = {
  code: "compress-columns",
  message:
    "the model codes nothing of the data, for no column has the name and the size of one of the model's: all is packed beside it",
};

async function writeArchive(
  path: string,
  run: Run,
  source: CompressSource,
  options: CompressOptions,
  threads: Threads,
): Promise<Compressed> {
  const { schema, model: config } = run.config;
  const trained = { schema, config, weights: run.weights };
  const plan = await planFor(trained, source, options, threads.doAll);
  const { model, fitted, bits } = plan;
  const header = await headerFor(source.name, source, plan);
  const inside = insideOf(plan);
  const sum = { rows: 0, original: 0, archive: 0, squared: 0 };
  const tasks = encodeTasks(source, plan, ({ block, original }) => {
    sum.rows += block.rows;
    sum.original += original.length;
  });
  async function* blocks() {
    const job = { header: asRead(header), model, verify: options.verify ?? false };
    for await (const result of threads.doAll<Encoded>(job, tasks)) {
      sum.squared += result.squared;
      yield result;
    }
  }
  await replaceFile(path, async (temporary) => {
    const handle = await open(temporary, temporary === path ? "w" : "wx");
    try {
      for await (const bytes of archiveParts(header, inside, blocks(), () => sum.rows)) {
        sum.archive += bytes.length;
        await handle.writeFile(bytes);
      }
    } catch (cause) {
      throw fileError(cause, path);
    } finally {
      await handle.close();
    }
  });
  const values = model ? sum.rows * codedValues(model.schema, plan.columns) : 0;
  const modelSize = inside?.length ?? 0;
  const squaredError = sum.squared / Math.max(1, values);
  return {
    rows: sum.rows,
    unit: source.content.kind === "bytes" ? "byte" : "row",
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
    notes: model && sum.rows > 0 && values === 0 ? [...source.notes, unknownColumns] : source.notes,
  };
}
