// A source whose columns are read as a person, or a run, says: texts as moments or numbers, and some
// values as missing.
import type { ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import { cellError } from "../../fields/packing/faults.ts";
import { numberIn } from "../../fields/packing/numbers.ts";
import { ISO } from "../../fields/times/detect.ts";
import { knownFormat } from "../../fields/times/format.ts";
import { readTimeText } from "../../fields/times/iso-time.ts";
import { columnPlaces } from "../chunking.ts";
import type { DataSource } from "../source.ts";
import { withoutMissing } from "./missing.ts";

/** How a column is read, beyond what its source says. */
export interface ColumnReading {
  /** Words and numbers that mean "missing". */
  missing?: readonly string[] | undefined;
  /** Texts, or numbers, are moments written so; `iso`: in ISO 8601. */
  format?: string | undefined;
  /** Whether those moments are days without a time. */
  date?: boolean | undefined;
  /** Texts are numbers. */
  numbers?: boolean | undefined;
}

export type Readings = ReadonlyMap<string, ColumnReading>;

type Convert = (column: ColumnValues, firstRow: number) => ColumnValues;

/** Where a cell is not what its column is read as. */
function unreadable(source: DataSource, info: ColumnInfo, row: number, rule: string, text: string) {
  const place = { ...source, column: info.name };
  const option = `--missing ${JSON.stringify(`${info.name}=${text}`)}`;
  const hint = `correct the cell or leave it empty; where it means that there is none, train with ${option}`;
  return cellError(place, row, "data-mismatch", `${rule}, received ${JSON.stringify(text)}`, hint);
}

function toValues(
  source: DataSource,
  info: ColumnInfo,
  type: "time" | "number",
  rule: string,
  read: (text: string) => number,
): Convert {
  return (column, firstRow) => {
    if (column.type !== "text" && column.type !== "number") return column;
    const values = Float64Array.from(
      column.values as ArrayLike<string | number | null>,
      (cell, i) => {
        if (cell === null || Number.isNaN(cell)) return Number.NaN;
        const value = read(String(cell));
        if (!Number.isNaN(value)) return value;
        throw unreadable(source, info, firstRow + i, rule, String(cell));
      },
    );
    return { type, values };
  };
}

function timesOf(source: DataSource, info: ColumnInfo, format: string): Convert {
  const iso = format === ISO;
  const rule = `the column holds times written ${iso ? "as 2021-01-31 or 2021-01-31 16:05" : `as ${format}`}`;
  const read = iso ? (text: string) => readTimeText(text.trim()) : knownFormat(format).read;
  return toValues(source, info, "time", rule, read);
}

/** ISO 8601 has the month before the day: who says otherwise is believed. */
const contradictsIso = (format: string) => /^%Y-%-?d-%-?m/.test(format);

/** Columns whose texts are needed as they stand, though the source reads them as something else. */
function asWritten(source: DataSource, readings: Readings): DataSource {
  const names = source.columns.flatMap(({ name, type }) => {
    const { format } = readings.get(name) ?? {};
    if (format === undefined) return [];
    return type === "number" || (type === "time" && contradictsIso(format)) ? [name] : [];
  });
  return names.length === 0 ? source : (source.asTexts?.(names) ?? source);
}

interface ReadColumn {
  info: ColumnInfo;
  convert: readonly Convert[];
}

function readColumn(source: DataSource, info: ColumnInfo, reading: ColumnReading): ReadColumn {
  const { missing = [], format, date, numbers } = reading;
  const { name, type } = info;
  const role = info.role === undefined ? {} : { role: info.role };
  const takes = type === "number" || type === "text" || (type === "vector" && !info.sparse);
  const cleaned = takes && missing.length > 0;
  const rest = { name, ...role, ...(cleaned ? { missing } : {}) };
  const convert: Convert[] = cleaned ? [withoutMissing(missing)] : [];
  const readable = type === "text" || type === "number";
  if (format !== undefined && readable) {
    const days = format === ISO ? date === true : knownFormat(format).date;
    const written = format === ISO || format === "%Y-%m-%d" ? {} : { format };
    return {
      info: { ...rest, type: "time", ...(days ? { date: true } : {}), ...written },
      convert: [...convert, timesOf(source, info, format)],
    };
  }
  if (numbers && type === "text") {
    const rule = "the column holds numbers";
    return {
      info: { ...rest, type: "number" },
      convert: [...convert, toValues(source, info, "number", rule, numberIn)],
    };
  }
  return { info: cleaned ? { ...info, missing } : info, convert };
}

/**
 * The source with its columns read so; those that it has not are passed over.
 * @throws ElboError `data-mismatch`, while reading, that names a cell which is not what it is read as.
 */
export function readAs(source: DataSource, readings: Readings): DataSource {
  const own = asWritten(source, readings);
  const columns = own.columns.map((info) => readColumn(own, info, readings.get(info.name) ?? {}));
  if (columns.every(({ convert }) => convert.length === 0)) return own;
  const infos = columns.map(({ info }) => info);
  // Columns that were read of texts can be those again.
  const readsTexts = own.columns.some(
    ({ type }, i) => type === "text" && columns[i]!.info.type !== "text",
  );
  return {
    ...own,
    columns: infos,
    async *chunks(names) {
      const wanted = columnPlaces(infos, names, source.source).map((place) => columns[place]!);
      let row = 1;
      for await (const { rows, columns: values } of own.chunks(names)) {
        const read = values.map((column, i) =>
          wanted[i]!.convert.reduce((held, convert) => convert(held, row), column),
        );
        yield { rows, columns: read };
        row += rows;
      }
    },
    ...((own.asTexts || readsTexts) && {
      asTexts: (names: readonly string[]) => {
        const others = [...readings].filter(([name]) => !names.includes(name));
        return readAs(own.asTexts?.(names) ?? own, new Map(others));
      },
    }),
  };
}
