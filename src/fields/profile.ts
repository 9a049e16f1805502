// One pass over a data set, to see what its columns hold. Memory is bounded by the columns.
import { ElboError } from "../base/errors.ts";
import type { ColumnProfile } from "./column-profile.ts";
import type { ColumnInfo, ColumnValues, Readable } from "./columns.ts";
import { levelLimit } from "./distinct.ts";
import { isNumeral, numberIn } from "./packing/numbers.ts";
import { type ImageWatch, watchImages, watchVectors } from "./profile-arrays.ts";
import { type ColumnWatch, type OnInfinite, watchNumbers, watchTimes } from "./profile-numbers.ts";
import { watchTexts } from "./profile-texts.ts";
import { Tally } from "./tally/tally.ts";

export type { ColumnProfile } from "./column-profile.ts";

type Watch = ColumnWatch<ColumnProfile>;

function infiniteError(source: string, column: string): OnInfinite {
  return (row, value) => {
    throw new ElboError({
      code: "value-infinite",
      message: `${source}, row ${row + 1}, column ${JSON.stringify(column)}: ${value} is not a finite number`,
      hint: "correct the value, or make it missing",
      where: { file: source, row: row + 1, column },
    });
  };
}

function watchColumn(
  info: ColumnInfo,
  tally: Tally,
  source: string,
  limit: number,
): Watch | ImageWatch {
  const onInfinite = infiniteError(source, info.name);
  switch (info.type) {
    case "number":
      return watchNumbers(info, tally, limit, onInfinite);
    case "text":
      return watchTexts(info, limit);
    case "time":
      return watchTimes(info, tally, onInfinite);
    case "vector":
      return watchVectors(info, onInfinite);
    case "image":
      return watchImages(info, onInfinite);
    default:
      return info satisfies never;
  }
}

/** Whether some texts are no numbers. */
const holdsOthers = ({ type, values }: ColumnValues) =>
  type === "text" && values.some((text) => text !== null && !isNumeral(text));

function asNumbers(column: ColumnValues): ColumnValues {
  if (column.type !== "text") return column;
  const values = Float64Array.from(column.values, (text) =>
    text === null ? Number.NaN : numberIn(text),
  );
  return { type: "number", values };
}

/** Shows rows of some columns to what watches them, until `enough`. */
async function watchRows(
  data: Readable,
  watches: readonly (readonly [ColumnInfo, Watch])[],
  enough: () => boolean,
): Promise<void> {
  if (watches.length === 0) return;
  let row = 0;
  for await (const { rows, columns } of data.chunks(watches.map(([{ name }]) => name))) {
    for (const [i, [, watch]] of watches.entries()) watch.add(columns[i]!, row);
    row += rows;
    if (enough()) return;
  }
}

/**
 * What the columns of `data` hold, in their order. All rows are read once; of images the first
 * chunk, unless their pixels are floats, whose range all of them decide.
 * @param numerals columns that a person wants as numbers: where they are texts of numbers alone, they
 * are profiled as those.
 * @throws ElboError `value-infinite` with column and row (counted from 1).
 */
export async function profileColumns(
  data: Readable,
  numerals: ReadonlySet<string> = new Set(),
): Promise<ColumnProfile[]> {
  const limit = levelLimit(data.columns.length);
  const tally = new Tally();
  const watchNumerals = (info: ColumnInfo): Watch | undefined => {
    if (info.type !== "text" || !numerals.has(info.name)) return undefined;
    const { name, missing } = info;
    const texts = watchTexts(info, limit);
    const own = { name, type: "number", ...(missing === undefined ? {} : { missing }) } as const;
    const numbers = watchNumbers(own, tally, limit, infiniteError(data.source, name));
    let others = false;
    return {
      add(column, row) {
        texts.add(column, row);
        others ||= holdsOthers(column);
        if (!others) numbers.add(asNumbers(column), row);
      },
      profile(rows) {
        const profile = texts.profile(rows);
        return others || profile.mixed === undefined ? profile : numbers.profile(rows);
      },
    };
  };
  const watches = data.columns.map(
    (info) => [info, watchNumerals(info) ?? watchColumn(info, tally, data.source, limit)] as const,
  );
  const images = watches.filter(([{ type }]) => type === "image");
  const others = watches.filter(([{ type }]) => type !== "image");
  const enough = () => images.every(([, watch]) => (watch as ImageWatch).seenEnough());
  await watchRows(data, images, enough);
  await watchRows(data, others, () => false);
  return watches.map(([, watch]) => watch.profile(data.rows));
}
