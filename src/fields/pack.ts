// Packs chunks of raw values into the blocks of a schema's groups. How they become a batch is not
// its job.
import type { Chunk, ColumnInfo, ColumnValues, Origin } from "./columns.ts";
import type { FieldSchema, ModelledField } from "./field.ts";
import { elementsOf, type GroupLayout, layoutOf, MISSING, weightOf } from "./layout.ts";
import { ImagePacker, VectorPacker } from "./packing/arrays.ts";
import { ConstantCheck, constantsIn } from "./packing/constants.ts";
import type { Place } from "./packing/faults.ts";
import { LevelPacker } from "./packing/levels.ts";
import { type Columns, matchColumns } from "./packing/match.ts";
import { NumberPacker } from "./packing/numbers.ts";
import type { Beyond, Cells, PackedRows, PackedValues, PackingNote } from "./packing/packed.ts";
import { Support } from "./packing/support.ts";
import { TextPacker } from "./packing/texts.ts";
import { TimePacker } from "./packing/times.ts";

export type { Beyond, PackedRows, PackedValues, PackingNote };

/** What rows are packed for. */
export type PackingUse = "training" | "scoring" | "judging";

/** Writes a field's cells; `place` is the column's in a chunk. */
interface CellPart {
  place: number;
  at: number;
  write(column: ColumnValues, firstRow: number, cells: Cells): void;
}

interface Group {
  layout: GroupLayout;
  pack(chunk: Chunk, firstRow: number): PackedValues;
}

export class Packer {
  /** The columns to ask the source for, in this order. */
  readonly names: string[];
  readonly #groups: Group[];
  readonly #notes: (() => PackingNote[])[] = [];
  readonly #weight: { place: number; packer: NumberPacker } | null = null;
  /** Cells of the rows packed last with values that their fields cannot have. */
  readonly #beyond: Beyond[] | null;
  readonly #constants: { place: number; check: ConstantCheck }[] = [];
  #rows = 0;

  /**
   * @param use scoring goes without targets and weights that are absent; judging too, and takes values
   * that their fields cannot have, and columns that never varied, as such.
   * @throws ElboError `data-mismatch` where a column is absent or can be no such field.
   */
  constructor(schema: FieldSchema, source: Columns, use: PackingUse) {
    this.#beyond = use === "judging" ? [] : null;
    const matched = matchColumns(schema, source, use);
    this.names = [...matched.keys()];
    if (use === "judging") {
      for (const field of constantsIn(schema, source.columns)) {
        const check = new ConstantCheck(field, source);
        this.#constants.push({ place: this.names.push(field.name) - 1, check });
        this.#notes.push(() => check.notes());
      }
    }
    this.#groups = layoutOf(schema).map((layout) => this.#group(layout, source, matched));
    const weight = weightOf(schema);
    if (weight && matched.has(weight.name)) {
      const packer = new NumberPacker(weight, placeOf(source, weight.name));
      this.#weight = { place: this.names.indexOf(weight.name), packer };
    }
  }

  /**
   * The next rows of the source: rows are counted from call to call, so that errors name them.
   * Blocks of images and vectors may be the chunk's own arrays.
   */
  pack(chunk: Chunk): PackedRows {
    const firstRow = this.#rows + 1;
    this.#rows += chunk.rows;
    if (this.#beyond) this.#beyond.length = 0;
    const groups = new Map(
      this.#groups.map(({ layout, pack }) => [layout.name, pack(chunk, firstRow)]),
    );
    for (const { place, check } of this.#constants) {
      check.check(chunk.columns[place]!, firstRow, this.#beyond!);
    }
    let weights: Float32Array | null = null;
    if (this.#weight) {
      weights = new Float32Array(chunk.rows);
      const column = chunk.columns[this.#weight.place]!;
      this.#weight.packer.write(column, firstRow, { block: weights, at: 0, stride: 1 });
    }
    const beyond = this.#beyond ? { beyond: [...this.#beyond] } : {};
    return { rows: chunk.rows, groups, weights, ...beyond };
  }

  /** What was noticed in the rows packed so far. */
  notes(): PackingNote[] {
    return this.#notes.flatMap((notes) => notes());
  }

  #group(layout: GroupLayout, source: Origin, columns: Map<string, ColumnInfo>): Group {
    const [first] = layout.fields as [ModelledField];
    const place = this.names.indexOf(first.name);
    const at = placeOf(source, first.name);
    if (first.kind === "image" || first.kind === "vector") {
      if (place < 0) return { layout, pack: ({ rows }) => absent(layout, rows) };
      if (first.kind === "image") {
        const packer = new ImagePacker(first, at);
        return { layout, pack: (chunk, row) => packer.pack(chunk.columns[place]!, row) };
      }
      const packer = new VectorPacker(first, at, this.#support(at));
      this.#notes.push(() => packer.notes());
      return { layout, pack: (chunk, row) => packer.pack(chunk.columns[place]!, chunk.rows, row) };
    }
    const parts: CellPart[] = [];
    let element = 0;
    for (const field of layout.fields) {
      const info = columns.get(field.name);
      if (info) parts.push(this.#part(field, info, source, element));
      element += elementsOf(field);
    }
    const complete = parts.length === layout.fields.length;
    return { layout, pack: (chunk, row) => packCells(layout, parts, complete, chunk, row) };
  }

  #part(field: ModelledField, info: ColumnInfo, source: Origin, element: number): CellPart {
    const at = placeOf(source, field.name);
    const packer = cellPacker(field, info, at, this.#support(at));
    this.#notes.push(() => packer.notes());
    return {
      place: this.names.indexOf(field.name),
      at: element,
      // A group has one dtype, and so have its fields' packers.
      write: (column, firstRow, cells) => packer.write(column, firstRow, cells as never),
    };
  }

  #support(place: Place): Support | null {
    return this.#beyond && new Support(place, this.#beyond);
  }
}

function placeOf({ source, locate }: Origin, column: string): Place {
  return { source, column, ...(locate ? { locate } : {}) };
}

function cellPacker(field: ModelledField, info: ColumnInfo, place: Place, support: Support | null) {
  switch (field.kind) {
    case "real":
    case "positive":
    case "count":
    case "binary":
      return new NumberPacker(field, place, support);
    case "categorical":
    case "ordinal":
      return new LevelPacker(field, place, info);
    case "time":
      return new TimePacker(field, place);
    case "text":
      return new TextPacker(field, place);
    case "image":
    case "vector":
      throw new Error(`${field.kind} columns are groups of their own`);
    default:
      return field satisfies never;
  }
}

function packCells(
  { dtype, elements }: GroupLayout,
  parts: readonly CellPart[],
  complete: boolean,
  chunk: Chunk,
  firstRow: number,
): PackedValues {
  const length = chunk.rows * elements;
  const block = dtype === "float32" ? new Float32Array(length) : new Int32Array(length);
  if (!complete) block.fill(dtype === "float32" ? Number.NaN : MISSING);
  for (const { place, at, write } of parts) {
    write(chunk.columns[place]!, firstRow, { block, at, stride: elements });
  }
  return { type: "dense", values: block };
}

/** Rows of an image or vector that the source does not have: black, since bytes are never missing. */
function absent({ dtype, elements, sparse }: GroupLayout, rows: number): PackedValues {
  if (dtype === "uint8") return { type: "dense", values: new Uint8Array(rows * elements) };
  const values = new Float32Array(rows * elements).fill(Number.NaN);
  if (!sparse) return { type: "dense", values };
  return {
    type: "sparse",
    offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * elements),
    indices: Int32Array.from({ length: rows * elements }, (_, i) => i % elements),
    values,
  };
}
