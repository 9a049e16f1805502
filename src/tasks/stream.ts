// A model's graph over all rows of a source, chunk by chunk, with what is carried along beside.
import { availableParallelism } from "node:os";
import type { DataSource } from "../data/source.ts";
import { type BatchDraw, Feeder } from "../data/store/feeder.ts";
import type { Chunk, ColumnInfo, ColumnValues } from "../fields/columns.ts";
import { type PackedRows, Packer } from "../fields/pack.ts";
import { type Tensor, toOnnx } from "../graph/index.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { Runner, wholeBatch } from "../runtime/runner.ts";
import type { Run, TaskOptions } from "./run.ts";
import { deviceOf } from "./run.ts";
import { UsableRows } from "./usable.ts";

/** Enough rows to keep the cores busy, few enough to stay in their caches. */
export const BATCH_ROWS = 1024;

/**
 * The noise of new rows `first` …, which is theirs whatever rows are drawn beside them, and however many:
 * that of a batch of all rows' batches.
 * @param first a multiple of `BATCH_ROWS`.
 */
export function placed(seed: number, noiseStream: number, first: number): BatchDraw {
  if (first % BATCH_ROWS !== 0) throw new Error(`no batch of rows begins at ${first}`);
  return { seed, step: first / BATCH_ROWS, noiseStream, firstRow: 0 };
}

/** Some rows of a source in order. */
export interface UsedChunk {
  rows: number;
  /** Of an output of the graph: `(rows, size)`, the caller's to keep. */
  output(name: string): Float32Array;
  /** Of the columns in `carried`, in their order. */
  carried: ColumnValues[];
}

/** What a task computes over a source. */
export interface Use {
  /** The columns of the source that go untouched to the output. */
  carried: ColumnInfo[];
  chunks: AsyncIterable<UsedChunk>;
}

/** Called with what packing noticed, when all rows have been seen. */
export type OnNotes = (notes: readonly { code: string; message: string }[]) => void;

/** The id columns of a run that a source has. */
export function carriedColumns({ config }: Run, source: DataSource): ColumnInfo[] {
  const ids = config.schema.fields.filter(({ role }) => role === "id").map(({ name }) => name);
  return source.columns.filter(({ name }) => ids.includes(name));
}

/**
 * All rows packed as the run's schema wants them, with the carried columns beside.
 * @throws ElboError as packing does, and at the end `data-empty` where no row holds anything.
 */
export async function* packedChunks(
  run: Run,
  source: DataSource,
  carried: readonly ColumnInfo[] = [],
  onNotes?: OnNotes,
  use: "scoring" | "judging" = "scoring",
): AsyncGenerator<PackedRows & { carried: ColumnValues[] }> {
  const packer = new Packer(run.config.schema, source, use);
  const names = [...packer.names, ...carried.map(({ name }) => name)];
  const usable = new UsableRows(run, source);
  for await (const { rows, columns } of source.chunks(names)) {
    const chunk: Chunk = { rows, columns: columns.slice(0, packer.names.length) };
    const packed = packer.pack(chunk);
    usable.add(packed);
    yield { ...packed, carried: columns.slice(packer.names.length) };
  }
  usable.check();
  onNotes?.(packer.notes());
}

/**
 * Runs `outputs` on every row, with the run's weights baked in: a row's result does not depend on
 * its neighbours.
 * @param carried columns that go along; default those of ids.
 */
export function useModel(
  run: Run,
  source: DataSource,
  outputs: Record<string, Tensor>,
  options: TaskOptions & { seed?: number },
  carried: ColumnInfo[] = carriedColumns(run, source),
): Use {
  async function* chunks(): AsyncGenerator<UsedChunk> {
    const plan = new MemoryPlan();
    const batch = wholeBatch(Math.max(1, Math.min(BATCH_ROWS, source.rows)));
    const feeder = new Feeder(plan, run.config.schema, batch);
    const runner = await compileFor(run, outputs, batch, options, plan);
    try {
      let first = 0;
      for await (const chunk of packedChunks(run, source, carried, options.onNotes)) {
        yield await useChunk(runner, feeder, Object.keys(outputs), chunk, {
          seed: options.seed ?? 0,
          step: 0,
          noiseStream: streams.evaluation,
          firstRow: first,
        });
        first += chunk.rows;
      }
    } finally {
      await runner.release();
    }
  }
  return { carried, chunks: chunks() };
}

async function useChunk(
  runner: Runner,
  feeder: Feeder,
  names: readonly string[],
  chunk: PackedRows & { carried: ColumnValues[] },
  draw: BatchDraw,
): Promise<UsedChunk> {
  const { memory, inputs } = runner;
  const { rows, carried } = chunk;
  const results = new Map<string, Float32Array>();
  for (let start = 0; start < rows; start += runner.batch) {
    const count = Math.min(runner.batch, rows - start);
    const place = { ...draw, firstRow: draw.firstRow + start };
    feeder.copy(memory, inputs, chunk, start, start + count, place);
    await runner.run(count);
    for (const name of names) {
      const output = runner.output(name);
      const width = output.length / runner.batch;
      if (!results.has(name)) results.set(name, new Float32Array(rows * width));
      results.get(name)!.set(output.subarray(0, count * width), start * width);
    }
  }
  return { rows, carried, output: (name) => results.get(name)! };
}

/** The graph with the run's weights baked in, for batches of so many rows. */
export async function compileFor(
  run: Run,
  outputs: Record<string, Tensor>,
  batch: number,
  options: TaskOptions,
  plan = new MemoryPlan(),
): Promise<Runner> {
  const device = await deviceOf(options);
  const threads = options.threads ?? availableParallelism();
  return Runner.create(device, toOnnx(outputs, run.weights), { batch, threads, plan });
}
