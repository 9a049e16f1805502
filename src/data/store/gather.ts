// Packed rows gathered one stretch after the other, in memory taken beforehand; what sparse groups
// keep grows.
import { ElboError } from "../../base/errors.ts";
import type { PackedRows, PackedValues } from "../../fields/pack.ts";
import { bytesPerElement, type DType } from "../../runtime/slots.ts";
import type { PagedGroup } from "./stored.ts";

/** Entries of a sparse group that one array of offsets can count. */
const mostEntries = 2 ** 31 - 1;

/** Of sparse groups: the elements kept are gathered in blocks of this many. */
const blockEntries = 1 << 18;

/** Shorter stretches are copied element by element: a view of them costs more. */
const shortStretch = 64;

type Numbers = Float32Array | Int32Array | Uint8Array;

/** Bytes that worker threads see without a copy, wherever the platform has such. */
function bytesFor(length: number, shared: boolean): ArrayBufferLike {
  try {
    return shared && typeof SharedArrayBuffer !== "undefined"
      ? new SharedArrayBuffer(length)
      : new ArrayBuffer(length);
  } catch (cause) {
    throw new ElboError({
      code: "memory-short",
      message: `the rows need ${length} bytes in one piece, more than can be had`,
      hint: "allow less memory, so that rows go to a file, or hold out fewer rows",
      cause,
    });
  }
}

export function numbersOf(dtype: DType, length: number, shared: boolean): Numbers {
  const buffer = bytesFor(length * bytesPerElement[dtype], shared);
  if (dtype === "float32") return new Float32Array(buffer);
  return dtype === "int32" ? new Int32Array(buffer) : new Uint8Array(buffer);
}

/** target[at …] = source[from … end − 1]. */
function copyStretch(target: Numbers, at: number, source: Numbers, from: number, end: number) {
  if (end - from >= shortStretch) target.set(source.subarray(from, end), at);
  else for (let i = from, to = at; i < end; i++, to++) target[to] = source[i]!;
}

interface DenseGroup {
  type: "dense";
  elements: number;
  values: Numbers;
}

interface SparseGroup {
  type: "sparse";
  offsets: Int32Array;
  entries: number;
  blocks: { indices: Int32Array; values: Float32Array }[];
}

function addSparse(
  group: SparseGroup,
  { offsets, indices, values }: Extract<PackedValues, { type: "sparse" }>,
  rows: number,
  from: number,
  to: number,
): void {
  const shift = group.entries - offsets[from]!;
  if (offsets[to]! + shift > mostEntries) {
    throw new ElboError({
      code: "memory-short",
      message: `rows kept in memory have at most ${mostEntries} values in a sparse column`,
      hint: "hold out fewer rows",
    });
  }
  for (let row = from; row < to; row++)
    group.offsets[rows + 1 + row - from] = offsets[row + 1]! + shift;
  for (let next = offsets[from]!, end = offsets[to]!; next < end; ) {
    const at = group.entries % blockEntries;
    if (at === 0 && group.entries / blockEntries === group.blocks.length) {
      const block = {
        indices: new Int32Array(blockEntries),
        values: new Float32Array(blockEntries),
      };
      group.blocks.push(block);
    }
    const block = group.blocks[Math.floor(group.entries / blockEntries)]!;
    const count = Math.min(end - next, blockEntries - at);
    copyStretch(block.indices, at, indices, next, next + count);
    copyStretch(block.values, at, values, next, next + count);
    group.entries += count;
    next += count;
  }
}

/** The first `length` elements of the blocks, each of which is let go once it is copied. */
function joined<Block extends Numbers>(blocks: Block[], length: number, target: Block): Block {
  for (let at = 0; at < length; at += blockEntries) {
    const block = blocks.shift()!;
    target.set(block.subarray(0, Math.min(blockEntries, length - at)), at);
  }
  return target;
}

function denseSince({ values, elements }: DenseGroup, first: number, rows: number): PackedValues {
  return { type: "dense", values: values.subarray(first * elements, rows * elements) };
}

function sparseSince(
  { offsets, entries, blocks }: SparseGroup,
  first: number,
  rows: number,
): PackedValues {
  const start = offsets[first]!;
  const indices = new Int32Array(entries - start);
  const values = new Float32Array(entries - start);
  for (let from = start; from < entries; ) {
    const at = from % blockEntries;
    const end = Math.min(blockEntries, at + entries - from);
    const block = blocks[Math.floor(from / blockEntries)]!;
    copyStretch(indices, from - start, block.indices, at, end);
    copyStretch(values, from - start, block.values, at, end);
    from += end - at;
  }
  const own = offsets.slice(first, rows + 1).map((offset) => offset - start);
  return { type: "sparse", offsets: own, indices, values };
}

/** Room for `capacity` rows; emptied, it is used again. */
export class Gatherer {
  readonly capacity: number;
  rows = 0;
  readonly #shared: boolean;
  readonly #groups = new Map<string, DenseGroup | SparseGroup>();
  readonly #weights: Float32Array | null;

  constructor(groups: readonly PagedGroup[], weights: boolean, capacity: number, shared: boolean) {
    this.capacity = capacity;
    this.#shared = shared;
    for (const { name, dtype, elements, sparse } of groups) {
      this.#groups.set(
        name,
        sparse
          ? {
              type: "sparse",
              offsets: numbersOf("int32", capacity + 1, shared) as Int32Array,
              entries: 0,
              blocks: [],
            }
          : { type: "dense", elements, values: numbersOf(dtype, capacity * elements, shared) },
      );
    }
    this.#weights = weights ? (numbersOf("float32", capacity, shared) as Float32Array) : null;
  }

  /** Elements that the sparse groups keep so far, in their order. */
  get entries(): number[] {
    const sparse = [...this.#groups.values()].filter((group) => group.type === "sparse");
    return sparse.map(({ entries }) => entries);
  }

  /** Adds rows `from` to `to − 1`, for which there must be room. */
  add(packed: PackedRows, from: number, to: number): void {
    const { rows } = this;
    for (const [name, group] of this.#groups) {
      const source = packed.groups.get(name)!;
      if (group.type === "dense" && source.type === "dense") {
        const { values, elements } = group;
        copyStretch(values, rows * elements, source.values, from * elements, to * elements);
      } else if (group.type === "sparse" && source.type === "sparse") {
        addSparse(group, source, rows, from, to);
      } else throw new Error(`the group ${name} came ${source.type}`);
    }
    if (this.#weights) copyStretch(this.#weights, rows, packed.weights!, from, to);
    this.rows += to - from;
  }

  /** The rows from `first` on, valid until more are added. */
  since(first: number): PackedRows {
    const { rows } = this;
    const groups = new Map<string, PackedValues>();
    for (const [name, group] of this.#groups) {
      groups.set(
        name,
        group.type === "dense" ? denseSince(group, first, rows) : sparseSince(group, first, rows),
      );
    }
    return { rows: rows - first, groups, weights: this.#weights?.subarray(first, rows) ?? null };
  }

  /** The rows gathered; dense blocks are the gatherer's own memory. Sparse ones leave it empty. */
  take(): PackedRows {
    const { rows } = this;
    const groups = new Map<string, PackedValues>();
    for (const [name, group] of this.#groups) {
      if (group.type === "dense") {
        const values = group.values.subarray(0, rows * group.elements);
        groups.set(name, { type: "dense", values });
      } else {
        const { entries, blocks } = group;
        const indexBlocks = blocks.map(({ indices }) => indices);
        const valueBlocks = blocks.map(({ values }) => values);
        blocks.length = 0;
        group.entries = 0;
        const indices = numbersOf("int32", entries, this.#shared) as Int32Array;
        joined(indexBlocks, entries, indices);
        const values = numbersOf("float32", entries, this.#shared) as Float32Array;
        joined(valueBlocks, entries, values);
        groups.set(name, {
          type: "sparse",
          offsets: group.offsets.subarray(0, rows + 1),
          indices,
          values,
        });
      }
    }
    this.rows = 0;
    return { rows, groups, weights: this.#weights?.subarray(0, rows) ?? null };
  }
}
