// One row of a source by its place, packed for a model.
import { ElboError } from "../base/errors.ts";
import { checkNumber, type NumberRule } from "../base/validate.ts";
import type { DataSource } from "../data/source.ts";
import { pickRows } from "../data/store/pick-rows.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";
import type { PackedRows } from "../fields/pack.ts";
import { cellsAt } from "./cells-at.ts";
import type { Run } from "./run.ts";
import { packedChunks } from "./stream.ts";

/** What a row's place in a source may be. */
export function placeRule({ rows }: DataSource): NumberRule {
  const hint = `Rows are counted from 0, and ${rows - 1} is the last.`;
  return { min: 0, max: rows - 1, integer: true, hint };
}

/**
 * @param row from 0.
 * @param option that it was given by.
 * @param raw columns whose cells are wanted as they stand.
 */
export async function rowAt(
  run: Run,
  source: DataSource,
  row: number,
  option: string,
  raw: readonly ColumnInfo[] = [],
): Promise<{ packed: PackedRows; cells: ColumnValues[] }> {
  checkNumber(option, row, placeRule(source));
  let first = 0;
  for await (const packed of packedChunks(run, source, raw)) {
    if (row < first + packed.rows) {
      return {
        packed: pickRows(run.config.schema, packed, [row - first]),
        cells: raw.map((info, i) => cellsAt(info, packed.carried[i]!, [row - first])),
      };
    }
    first += packed.rows;
  }
  throw new ElboError({
    code: "internal",
    message: `${source.source} ended before row ${row}`,
    hint: "Report this bug.",
  });
}
