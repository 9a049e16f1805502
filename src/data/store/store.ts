// A source's rows packed and stored in one pass: those that train in shared memory or, where there is
// a disk (./disk.ts), in a file of pages, those held out in memory.

import { ElboError } from "../../base/errors.ts";
import { grouped } from "../../base/words.ts";
import type { FieldSchema } from "../../fields/field.ts";
import { layoutOf, weightOf } from "../../fields/layout.ts";
import { type PackedRows, Packer } from "../../fields/pack.ts";
import { bytesPerElement } from "../../runtime/slots.ts";
import type { DataNote, DataSource } from "../source.ts";
import { Gatherer } from "./gather.ts";
import {
  type FileRows,
  type MemoryRows,
  type PagedGroup,
  type StoredRows,
  sliceRows,
} from "./stored.ts";

/** What `parts` says of a row. */
export const TRAINS = 0;
export const HELD_OUT = 1;

/** Rows of a page, and the bytes above which wide rows make it fewer. */
const mostPageRows = 65_536;
const pageBytes = 8 << 20;

/** A sparse group with more goes to a file: its offsets are 32-bit. */
const mostEntriesInMemory = 2 ** 30;
const entryBytes = 8;

/** Rows on their way to pages. */
export interface PageSink {
  /** Adds rows `from` to `to − 1`. */
  add(packed: PackedRows, from: number, to: number): void | Promise<void>;
  finish(): Promise<FileRows>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/** Where rows go that memory has no room for. */
export interface Overflow {
  open(groups: readonly PagedGroup[], weights: boolean, pageRows: number): Promise<PageSink>;
}

interface MemoryOptions {
  /** The most that training rows may take in memory. */
  memoryBytes: number;
  onRows?: (done: number) => void;
  /** Is handed the rows that train, in order, in pieces that are valid until it returns. */
  onTraining?: (piece: PackedRows) => void;
}

export interface StoreOptions extends MemoryOptions {
  overflow: Overflow;
}

interface Stored<Training> {
  training: Training;
  validation: MemoryRows;
  notes: DataNote[];
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

function tooLarge({ source }: DataSource, bytes: number, allowed: number): ElboError {
  const inMegabytes = (count: number) => `${grouped(Math.ceil(count / 2 ** 20))} MB`;
  return new ElboError({
    code: "memory-short",
    message: `${source}: its packed rows take ${inMegabytes(bytes)} or more, ${inMegabytes(allowed)} of memory are allowed, and there is no file for the others here`,
    hint: "allow more memory, or give fewer rows or columns",
    where: { file: source },
  });
}

/** Where training rows go: to memory while they fit, from then on to pages. */
class TrainingRows {
  readonly #groups: readonly PagedGroup[];
  readonly #weights: boolean;
  readonly #source: DataSource;
  readonly #rows: number;
  readonly #options: MemoryOptions & Partial<StoreOptions>;
  readonly #rowBytes: number;
  #gatherer: Gatherer | null = null;
  #writer: PageSink | null = null;
  #staged: Gatherer | null = null;

  constructor(
    source: DataSource,
    groups: readonly PagedGroup[],
    weights: boolean,
    rows: number,
    options: MemoryOptions & Partial<StoreOptions>,
  ) {
    this.#source = source;
    this.#rows = rows;
    this.#groups = groups;
    this.#weights = weights;
    this.#options = options;
    this.#rowBytes = rowBytes(groups, weights);
    if (rows * this.#rowBytes <= options.memoryBytes) {
      this.#gatherer = new Gatherer(groups, weights, rows, true);
    }
  }

  /** Adds the rows of a chunk that `parts` says train; returns them, valid until the next are added. */
  async add(packed: PackedRows, parts: Uint8Array): Promise<PackedRows> {
    const gatherer = this.#gatherer;
    if (gatherer) {
      const before = gatherer.rows;
      gatherPart(gatherer, packed, parts, TRAINS);
      const piece = gatherer.since(before);
      await this.#spillIfLarge(gatherer);
      return piece;
    }
    const staged = this.#stage(packed.rows);
    gatherPart(staged, packed, parts, TRAINS);
    const piece = staged.take();
    if (piece.rows > 0) {
      this.#writer ??= await this.#open(kept(piece) / piece.rows);
      await this.#writer.add(piece, 0, piece.rows);
    }
    return piece;
  }

  /** Where the rows of a chunk that go to pages are gathered, used again for the next one. */
  #stage(rows: number): Gatherer {
    if (!this.#staged || this.#staged.capacity < rows) {
      this.#staged = new Gatherer(this.#groups, this.#weights, rows, false);
    }
    return this.#staged;
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

  async #open(entriesPerRow: number): Promise<PageSink> {
    const bytes = this.#rowBytes + entriesPerRow * entryBytes;
    const { overflow, memoryBytes } = this.#options;
    if (!overflow) throw tooLarge(this.#source, this.#rows * bytes, memoryBytes);
    const pageRows = Math.max(1, Math.min(mostPageRows, Math.floor(pageBytes / bytes)));
    return overflow.open(this.#groups, this.#weights, pageRows);
  }

  async finish(): Promise<StoredRows> {
    return this.#writer ? await this.#writer.finish() : inMemory(this.#gatherer!);
  }

  async discard(): Promise<void> {
    await this.#writer?.discard();
  }
}

const inMemory = (gatherer: Gatherer): MemoryRows => ({ in: "memory", ...gatherer.take() });

/** Adds the rows for which `parts` says `part`. */
function gatherPart(gatherer: Gatherer, packed: PackedRows, parts: Uint8Array, part: number): void {
  for (let from = parts.indexOf(part); from >= 0; ) {
    let to = from + 1;
    while (to < packed.rows && parts[to] === part) to++;
    gatherer.add(packed, from, to);
    from = parts.indexOf(part, to);
  }
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
): Promise<Stored<StoredRows>>;
/** Without pages to overflow to, more than memory holds is `memory-short`. */
export async function storeRows(
  source: DataSource,
  schema: FieldSchema,
  parts: Uint8Array,
  options: MemoryOptions,
): Promise<Stored<MemoryRows>>;
export async function storeRows(
  source: DataSource,
  schema: FieldSchema,
  parts: Uint8Array,
  options: MemoryOptions & Partial<StoreOptions>,
): Promise<Stored<StoredRows>> {
  const packer = new Packer(schema, source, "training");
  const groups = layoutOf(schema).map(({ name, dtype, elements, sparse }) => ({
    ...{ name, dtype, elements, sparse },
  }));
  const weights = weightOf(schema) !== undefined;
  const counts = [0, 0, 0];
  for (const part of parts) counts[part]!++;
  const validation = new Gatherer(groups, weights, counts[HELD_OUT]!, true);
  const training = new TrainingRows(source, groups, weights, counts[TRAINS]!, options);
  try {
    let done = 0;
    for await (const chunk of source.chunks(packer.names)) {
      if (done + chunk.rows > parts.length) throw changed(source, parts.length);
      const packed = packer.pack(chunk);
      const own = parts.subarray(done, done + chunk.rows);
      gatherPart(validation, packed, own, HELD_OUT);
      const piece = await training.add(packed, own);
      if (piece.rows > 0) options.onTraining?.(piece);
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
export async function* readMemory(stored: MemoryRows): AsyncGenerator<PackedRows> {
  for (let from = 0; from < stored.rows; from += mostPageRows) {
    yield sliceRows(stored, from, Math.min(stored.rows, from + mostPageRows));
  }
}
