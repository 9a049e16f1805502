// A source's rows packed and stored in one pass: those that train in shared memory or in a file of
// pages, those held out in memory.
import { ElboError } from "../../base/errors.ts";
import type { FieldSchema } from "../../fields/field.ts";
import { layoutOf, weightOf } from "../../fields/layout.ts";
import { type PackedRows, Packer } from "../../fields/pack.ts";
import { bytesPerElement } from "../../runtime/slots.ts";
import type { DataNote, DataSource } from "../source.ts";
import { Gatherer } from "./gather.ts";
import type { PageWriter } from "./page-file.ts";
import { type MemoryRows, type PagedGroup, type StoredRows, sliceRows } from "./stored.ts";

export type { StoredRows };

/** What `parts` says of a row. */
export const TRAINS = 0;
export const HELD_OUT = 1;

/** Rows of a page, and the bytes above which wide rows make it fewer. */
const mostPageRows = 65_536;
const pageBytes = 8 << 20;

/** A sparse group with more goes to a file: its offsets are 32-bit. */
const mostEntriesInMemory = 2 ** 30;
const entryBytes = 8;

export interface StoreOptions {
  /** The most that training rows may take in memory; more goes to `file`. */
  memoryBytes: number;
  file: string;
  onRows?: (done: number) => void;
}

/** Bytes of a row, but for what sparse groups keep. */
function rowBytes(groups: readonly PagedGroup[], weights: boolean): number {
  return groups.reduce(
    (sum, { dtype, elements, sparse }) => sum + (sparse ? 4 : elements * bytesPerElement[dtype]),
    weights ? 4 : 0,
  );
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function kept({ groups }: PackedRows): number {
  const entries = [...groups.values()].map((group) =>
    group.type === "sparse" ? group.indices.length : 0,
  );
  return sum(entries);
}

function changed(source: DataSource, expected: number): ElboError {
  return new ElboError({
    code: "data-changed",
    message: `${source.source} had ${expected} rows when it was first read, and has other ones now`,
    hint: "start again once no other program writes it",
    where: { file: source.source },
  });
}

/** Where training rows go: to memory while they fit, from then on to the file. */
class TrainingRows {
  readonly #groups: readonly PagedGroup[];
  readonly #weights: boolean;
  readonly #options: StoreOptions;
  readonly #rowBytes: number;
  #gatherer: Gatherer | null = null;
  #writer: PageWriter | null = null;

  constructor(
    groups: readonly PagedGroup[],
    weights: boolean,
    rows: number,
    options: StoreOptions,
  ) {
    this.#groups = groups;
    this.#weights = weights;
    this.#options = options;
    this.#rowBytes = rowBytes(groups, weights);
    if (rows * this.#rowBytes <= options.memoryBytes) {
      this.#gatherer = new Gatherer(groups, weights, rows, true);
    }
  }

  /** Adds the rows of a chunk for which `parts` says so. */
  async add(packed: PackedRows, parts: Uint8Array): Promise<void> {
    if (!this.#gatherer) this.#writer ??= await this.#open(kept(packed) / Math.max(1, packed.rows));
    for (let from = 0; from < packed.rows; ) {
      const to = stretch(parts, from);
      if (parts[from] === TRAINS) {
        if (this.#gatherer) this.#gatherer.add(packed, from, to);
        else await this.#writer!.add(packed, from, to);
      }
      from = to;
    }
    if (this.#gatherer) await this.#spillIfLarge(this.#gatherer);
  }

  /** Sparse rows turn out larger than is allowed only while they are read. */
  async #spillIfLarge(gatherer: Gatherer): Promise<void> {
    const { entries, rows, capacity } = gatherer;
    const bytes = capacity * this.#rowBytes + sum(entries) * entryBytes;
    const few = entries.every((count) => count < mostEntriesInMemory);
    if (rows === 0 || (few && (sum(entries) === 0 || bytes <= this.#options.memoryBytes))) return;
    this.#writer = await this.#open(sum(entries) / rows);
    this.#gatherer = null;
    const held = gatherer.take();
    await this.#writer.add(held, 0, held.rows);
  }

  async #open(entriesPerRow: number): Promise<PageWriter> {
    const { PageWriter } = await import("./page-file.ts");
    const bytes = this.#rowBytes + entriesPerRow * entryBytes;
    const pageRows = Math.max(1, Math.min(mostPageRows, Math.floor(pageBytes / bytes)));
    return PageWriter.open(this.#options.file, this.#groups, this.#weights, pageRows);
  }

  async finish(): Promise<StoredRows> {
    return this.#writer ? await this.#writer.finish() : inMemory(this.#gatherer!);
  }

  async discard(): Promise<void> {
    await this.#writer?.discard();
  }
}

const inMemory = (gatherer: Gatherer): MemoryRows => ({ in: "memory", ...gatherer.take() });

/** Where the rows that share row `from`'s part end. */
function stretch(parts: Uint8Array, from: number): number {
  let to = from + 1;
  while (to < parts.length && parts[to] === parts[from]) to++;
  return to;
}

/**
 * @param parts 0 for a row that trains, 1 for one held out, 2 for one that is neither.
 * @returns the rows of both parts in the source's order, and what was noticed while packing.
 * @throws ElboError of what packing refuses; `disk-full`, and then the file is removed;
 * `data-changed` where the source has other than `parts.length` rows.
 */
export async function storeRows(
  source: DataSource,
  schema: FieldSchema,
  parts: Uint8Array,
  options: StoreOptions,
): Promise<{ training: StoredRows; validation: MemoryRows; notes: DataNote[] }> {
  const packer = new Packer(schema, source, "training");
  const groups = layoutOf(schema).map(({ name, dtype, elements, sparse }) => ({
    ...{ name, dtype, elements, sparse },
  }));
  const weights = weightOf(schema) !== undefined;
  const counts = [0, 0, 0];
  for (const part of parts) counts[part]!++;
  const validation = new Gatherer(groups, weights, counts[HELD_OUT]!, true);
  const training = new TrainingRows(groups, weights, counts[TRAINS]!, options);
  try {
    let done = 0;
    for await (const chunk of source.chunks(packer.names)) {
      if (done + chunk.rows > parts.length) throw changed(source, parts.length);
      const packed = packer.pack(chunk);
      const own = parts.subarray(done, done + chunk.rows);
      for (let from = 0; from < chunk.rows; ) {
        const to = stretch(own, from);
        if (own[from] === HELD_OUT) validation.add(packed, from, to);
        from = to;
      }
      await training.add(packed, own);
      done += chunk.rows;
      options.onRows?.(done);
    }
    if (done !== parts.length) throw changed(source, parts.length);
    return {
      training: await training.finish(),
      validation: inMemory(validation),
      notes: packer.notes(),
    };
  } catch (cause) {
    await training.discard();
    throw cause;
  }
}

/** All rows in order, in pieces of at most a page; memory is shared, so pieces are to be read only. */
export async function* readStored(stored: StoredRows): AsyncGenerator<PackedRows> {
  if (stored.in === "memory") {
    for (let from = 0; from < stored.rows; from += mostPageRows) {
      yield sliceRows(stored, from, Math.min(stored.rows, from + mostPageRows));
    }
    return;
  }
  const { PageReader } = await import("./page-file.ts");
  const reader = await PageReader.open(stored);
  try {
    for (let page = 0; page < stored.pages.length; page++) yield await reader.read([page]);
  } finally {
    await reader.close();
  }
}

/** Removes the file, if there is one. */
export async function removeStored(stored: StoredRows): Promise<void> {
  if (stored.in === "memory") return;
  const { rm } = await import("node:fs/promises");
  await rm(stored.path, { force: true });
}
