// Rows of any source as what is compressed: their values, as they stand in the data.
import { sizeOf } from "../../codec/columns.ts";
import type { CodedBlock } from "../../codec/contents/content.ts";
import { cellsType, checkedValues, denseRows, rowsBlock } from "../../codec/contents/rows.ts";
import type { ExactRows } from "../../data/source.ts";
import type { ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import { joined } from "../rows.ts";

/** Some rows, none of their columns sparse. */
export interface RowsPiece {
  rows: number;
  values: ColumnValues[];
}

/** Rows of any source, some at a time. */
async function* rowPieces({ columns, chunks }: ExactRows, rows: number): AsyncGenerator<RowsPiece> {
  let held: { rows: number; columns: ColumnValues[] }[] = [];
  let count = 0;
  function flushed(): RowsPiece {
    const values = columns.map((_, i) => joined(held.map(({ columns }) => columns[i]!)));
    const piece = { rows: count, values };
    held = [];
    count = 0;
    return piece;
  }
  for await (const chunk of chunks()) {
    held.push({
      rows: chunk.rows,
      columns: chunk.columns.map((each, i) => denseRows(columns[i]!, each)),
    });
    count += chunk.rows;
    if (count >= rows) yield flushed();
  }
  if (count > 0) yield flushed();
}

/** Which columns of integers have gaps: arrays of integers have no value that means one. */
async function withGaps(exact: ExactRows): Promise<ColumnInfo[]> {
  const places = exact.columns.flatMap((info, i) =>
    info.type === "number" && /^[iu]/.test(info.element ?? "") ? [i] : [],
  );
  const gaps = new Set<number>();
  if (places.length > 0) {
    for await (const { columns } of exact.chunks()) {
      for (const i of places) {
        const { values } = columns[i] as Extract<ColumnValues, { values: Float64Array }>;
        if (!gaps.has(i) && values.some(Number.isNaN)) gaps.add(i);
      }
    }
  }
  return exact.columns.map((info, i) =>
    info.type === "number" && gaps.has(i) ? { ...info, gaps: true } : info,
  );
}

/** @param rows how many the source has. */
export async function rowsSource(exact: ExactRows, rows: number) {
  const info = await withGaps(exact);
  const pieces = (rows: number) => rowPieces(exact, rows);
  async function* blocks(rows: number): AsyncGenerator<CodedBlock> {
    for await (const { rows: count, values } of pieces(rows)) {
      yield { block: rowsBlock(info, values, count), original: checkedValues(values) };
    }
  }
  return {
    content: { kind: "rows", info, rows } as const,
    columns: info.map((each) => ({ name: each.name, type: cellsType(each), ...sizeOf(each) })),
    blocks,
    rows: { info, pieces },
  };
}
