// The data frames of AnnData files (obs, var): their columns as ours.
// Format: https://anndata.readthedocs.io/en/latest/fileformat-prose.html
import type { Dataset, Group } from "h5wasm/node";
import type { ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import { exactValues } from "../arrays/exact-values.ts";
import { badHdf5, elementOf, type Hdf5File, isBoolean, isText } from "./hdf5.ts";

type Read = (file: Hdf5File, start: number, end: number) => ColumnValues;

export interface FrameColumn {
  info: ColumnInfo;
  read: Read;
  /** The same as they stand, and of which element. */
  exactInfo: ColumnInfo;
  exact: Read;
}

/** A column whose values are as they stand. */
const plain = (info: ColumnInfo, read: Read): FrameColumn => ({
  ...{ info, read, exactInfo: info, exact: read },
});

/** Rows of a data set of one dimension. */
function length(file: Hdf5File, dataset: Dataset): number {
  const [rows, ...more] = dataset.shape ?? [];
  if (rows !== undefined && more.length === 0) return rows;
  throw badHdf5(file.path, `${dataset.path} does not have one dimension`);
}

/** Where the names of a frame's rows are. */
function indexPlace(file: Hdf5File, place: string): string {
  const frame = file.find(place);
  if (file.isDataset(frame)) {
    throw badHdf5(file.path, `${place} is a table of a version of anndata before 0.7`);
  }
  const name = file.attribute(file.group(place), "_index");
  return `${place}/${typeof name === "string" ? name : "_index"}`;
}

/** The names of a frame's rows. */
export function frameNames(file: Hdf5File, place: string): string[] {
  const dataset = file.dataset(indexPlace(file, place));
  const rows = length(file, dataset);
  if (isText(dataset)) return file.texts(dataset, 0, rows);
  return Array.from(file.numbers(dataset, 0, rows), String);
}

const plainNumbers = (values: ArrayLike<number>): ColumnValues => ({
  type: "number",
  values: Float64Array.from(values),
});

function plainColumn(name: string, place: string, dataset: Dataset): FrameColumn {
  if (isText(dataset)) {
    return plain({ name, type: "text", role: "id" }, (file, start, end) => ({
      type: "text",
      values: file.texts(file.dataset(place), start, end),
    }));
  }
  const read: Read = (file, start, end) =>
    plainNumbers(file.numbers(file.dataset(place), start, end));
  const id = { name, type: "number", role: "id" } as const;
  if (isBoolean(dataset)) return plain({ ...id, boolean: true }, read);
  // float32 is written with the digits that it has.
  const info = { ...id, ...(elementOf(dataset) === "f4" ? ({ float32: true } as const) : {}) };
  const exactInfo = { ...info, element: elementOf(dataset) };
  const exact: Read = (file, start, end) =>
    exactValues(exactInfo, file.stored(file.dataset(place), start, end));
  return { info, read, exactInfo, exact };
}

/** Codes into categories; code −1 is missing. */
function categorical(
  file: Hdf5File,
  name: string,
  codesPlace: string,
  categories: Dataset,
): FrameColumn {
  const count = length(file, categories);
  const codes = (open: Hdf5File, start: number, end: number) => {
    const values = Array.from(open.numbers(open.dataset(codesPlace), start, end));
    const wrong = values.find((code) => !Number.isInteger(code) || code < -1 || code >= count);
    if (wrong === undefined) return values;
    throw badHdf5(open.path, `${codesPlace} holds the code ${wrong} of ${count} categories`);
  };
  if (isText(categories)) {
    const texts = file.texts(categories, 0, count);
    return plain({ name, type: "text", role: "id" }, (open, start, end) => ({
      type: "text",
      values: codes(open, start, end).map((code) => texts[code] ?? null),
    }));
  }
  const numbers = file.numbers(categories, 0, count);
  return plain(
    { name, type: "number", role: "id", ...(isBoolean(categories) ? { boolean: true } : {}) },
    (open, start, end) =>
      plainNumbers(codes(open, start, end).map((code) => numbers[code] ?? Number.NaN)),
  );
}

/** Values beside a mask that is 1 where they are missing. */
function nullable(name: string, place: string, values: Dataset): FrameColumn {
  const whole = plainColumn(name, `${place}/values`, values);
  const masked =
    (of: Read): Read =>
    (file, start, end) => {
      const read = of(file, start, end);
      const mask = file.numbers(file.dataset(`${place}/mask`), start, end);
      if (read.type === "text") {
        return { type: "text", values: read.values.map((text, i) => (mask[i] ? null : text)) };
      }
      if (read.type === "number")
        mask.forEach((missing, i) => {
          if (missing) read.values[i] = Number.NaN;
        });
      return read;
    };
  return { ...whole, read: masked(whole.read), exact: masked(whole.exact) };
}

function groupColumn(file: Hdf5File, name: string, place: string): FrameColumn | undefined {
  const part = (key: string) => {
    const node = file.find(`${place}/${key}`);
    return file.isDataset(node) ? node : undefined;
  };
  const categories = part("categories");
  if (categories !== undefined && part("codes") !== undefined) {
    return categorical(file, name, `${place}/codes`, categories);
  }
  const values = part("values");
  return values !== undefined && part("mask") !== undefined
    ? nullable(name, place, values)
    : undefined;
}

/** The columns of a frame of `rows` rows, its index first; those that are not read, by name. */
export function frameColumns(file: Hdf5File, place: string, rows: number) {
  const index = indexPlace(file, place);
  const frame: Group = file.group(place);
  const order = file.attribute(frame, "column-order");
  const names = (Array.isArray(order) ? order.map(String) : file.keys(frame)).filter(
    (name) => !name.startsWith("__") && `${place}/${name}` !== index,
  );
  const indexName = index.slice(place.length + 1);
  const columns = [
    plainColumn(indexName === "_index" ? "index" : indexName, index, file.dataset(index)),
  ];
  const left: string[] = [];
  for (const name of names) {
    const at = `${place}/${name}`;
    const node = file.find(at);
    // Before anndata 0.8, categories stood beside the columns.
    const categories =
      file.find(`${place}/__categories`) && file.find(`${place}/__categories/${name}`);
    const column = !file.isDataset(node)
      ? groupColumn(file, name, at)
      : file.isDataset(categories)
        ? categorical(file, name, at, categories)
        : plainColumn(name, at, node);
    if (column === undefined) left.push(name);
    else columns.push(column);
  }
  for (const column of columns) {
    const first =
      column.info.name === columns[0]!.info.name ? index : `${place}/${column.info.name}`;
    checkRows(file, first, rows);
  }
  return { columns, left };
}

/** A column's codes, values or cells are one for each row. */
function checkRows(file: Hdf5File, place: string, rows: number): void {
  const parts = ["codes", "values", "mask"].map((key) => `${place}/${key}`);
  for (const at of [place, ...parts]) {
    const node = file.find(at);
    if (!file.isDataset(node) || length(file, node) === rows) continue;
    throw badHdf5(file.path, `${at} has ${node.shape} values for ${rows} rows`);
  }
}
