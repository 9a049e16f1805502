// What packed rows are once they are stored: plain data that goes to worker threads as it is.
import type { PackedRows, PackedValues } from "../../fields/pack.ts";
import { alignUp, bytesPerElement, type DType } from "../../runtime/slots.ts";

/** How one group lies in every page. */
export interface PagedGroup {
  name: string;
  dtype: DType;
  /** Elements in a row. */
  elements: number;
  sparse: boolean;
}

/** Rows that were written together: each group's block at a multiple of 64 bytes, weights last. */
export interface Page {
  rows: number;
  /** Bytes of the file before it. */
  offset: number;
  /** Of each sparse group, in the order of the groups: elements that it keeps in this page. */
  entries: number[];
}

/** Over SharedArrayBuffers, or in a file of pages. */
export type StoredRows = { rows: number } & (
  | { in: "memory"; groups: ReadonlyMap<string, PackedValues>; weights: Float32Array | null }
  | {
      in: "file";
      path: string;
      /** Rows of every page but the last. */
      pageRows: number;
      pages: readonly Page[];
      groups: readonly PagedGroup[];
      weights: boolean;
    }
);
export type FileRows = Extract<StoredRows, { in: "file" }>;
export type MemoryRows = Extract<StoredRows, { in: "memory" }>;

/** A stretch of a page that becomes an array. */
export interface Block {
  /** Bytes from the start of the page. */
  offset: number;
  dtype: DType;
  length: number;
}

/** The blocks of a page: one for a dense group, offsets, indices and values for a sparse one. */
export interface PageLayout {
  groups: { group: PagedGroup; blocks: Block[] }[];
  weights: Block | null;
  bytes: number;
}

/** Where everything is in a page of `rows` rows, of which sparse groups keep `entries`. */
export function pageLayout(
  { groups, weights }: Pick<FileRows, "groups" | "weights">,
  { rows, entries }: Pick<Page, "rows" | "entries">,
): PageLayout {
  let bytes = 0;
  let sparse = 0;
  const block = (dtype: DType, length: number): Block => {
    const offset = bytes;
    bytes = alignUp(offset + length * bytesPerElement[dtype]);
    return { offset, dtype, length };
  };
  const placed = groups.map((group) => {
    if (!group.sparse) return { group, blocks: [block(group.dtype, rows * group.elements)] };
    const kept = entries[sparse++]!;
    return {
      group,
      blocks: [block("int32", rows + 1), block("int32", kept), block("float32", kept)],
    };
  });
  return { groups: placed, weights: weights ? block("float32", rows) : null, bytes };
}

/** Rows `from` to `to − 1`; dense groups share their memory. */
export function sliceRows(packed: PackedRows, from: number, to: number): PackedRows {
  const { rows, groups, weights } = packed;
  const slice = (values: PackedValues): PackedValues => {
    if (values.type === "dense") {
      const elements = values.values.length / rows;
      return { type: "dense", values: values.values.subarray(from * elements, to * elements) };
    }
    const { offsets } = values;
    const [first, end] = [offsets[from]!, offsets[to]!];
    return {
      type: "sparse",
      offsets: offsets.slice(from, to + 1).map((offset) => offset - first),
      indices: values.indices.subarray(first, end),
      values: values.values.subarray(first, end),
    };
  };
  return {
    rows: to - from,
    groups: new Map([...groups].map(([name, values]) => [name, slice(values)])),
    weights: weights?.subarray(from, to) ?? null,
  };
}
