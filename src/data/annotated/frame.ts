// The data frames of AnnData files (obs, var): their columns as ours.
// Format: https://anndata.readthedocs.io/en/latest/fileformat-prose.html
import type { Dataset, Group } from "h5wasm/node";
import type { ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import { exactValues } from "../arrays/exact-values.ts";
import { badHdf5, elementOf, type Hdf5File, isBoolean, isNumeric, isText } from "./hdf5.ts";

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
  return Array.from<number | bigint, string>(file.stored(dataset, 0, rows), String);
}

/** Whether a frame has more than the names of its rows. */
export function hasColumns(file: Hdf5File, place: string): boolean {
  const index = indexPlace(file, place);
  return file.keys(file.group(place)).some((name) => `${place}/${name}` !== index);
}

type NumberValues = Extract<ColumnValues, { values: Float64Array }>;

/** A column of numbers, given as they stand. */
function numberColumn(
  name: string,
  dataset: Dataset,
  exact: (info: ColumnInfo, file: Hdf5File, start: number, end: number) => NumberValues,
): FrameColumn {
  const element = elementOf(dataset);
  const id = { name, type: "number", role: "id" } as const;
  // float32 is written with the digits that it has.
  const info: ColumnInfo = element === "f4" ? { ...id, float32: true } : id;
  const exactInfo = { ...info, element } as const;
  return {
    info,
    exactInfo,
    read(file, start, end) {
      const { type, values } = exact(exactInfo, file, start, end);
      return { type, values };
    },
    exact: (file, start, end) => exact(exactInfo, file, start, end),
  };
}

/** Undefined where it holds what is not read. */
function plainColumn(name: string, place: string, dataset: Dataset): FrameColumn | undefined {
  if (isText(dataset)) {
    return plain({ name, type: "text", role: "id" }, (file, start, end) => ({
      type: "text",
      values: file.texts(file.dataset(place), start, end),
    }));
  }
  if (isBoolean(dataset)) {
    return plain({ name, type: "number", role: "id", boolean: true }, (file, start, end) => ({
      type: "number",
      values: Float64Array.from(file.numbers(file.dataset(place), start, end)),
    }));
  }
  if (!isNumeric(dataset)) return undefined;
  return numberColumn(
    name,
    dataset,
    (info, file, start, end) =>
      exactValues(info, file.stored(file.dataset(place), start, end)) as NumberValues,
  );
}

/** Codes into categories; code −1 is missing. Undefined where the categories are what is not read. */
function categorical(
  file: Hdf5File,
  name: string,
  codesPlace: string,
  categories: Dataset,
): FrameColumn | undefined {
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
  if (isBoolean(categories)) {
    const numbers = file.numbers(categories, 0, count);
    return plain({ name, type: "number", role: "id", boolean: true }, (open, start, end) => ({
      type: "number",
      values: Float64Array.from(codes(open, start, end), (code) => numbers[code] ?? Number.NaN),
    }));
  }
  if (!isNumeric(categories)) return undefined;
  const numbers = file.stored(categories, 0, count);
  return numberColumn(name, categories, (info, open, start, end) => {
    const own = codes(open, start, end);
    const chosen = new (numbers.constructor as new (length: number) => typeof numbers)(own.length);
    own.forEach((code, row) => {
      if (code >= 0) chosen[row] = numbers[code]!;
    });
    const column = exactValues(info, chosen) as NumberValues;
    own.forEach((code, row) => {
      if (code < 0) column.values[row] = Number.NaN;
    });
    return column;
  });
}

/** Values beside a mask that is 1 where they are missing. */
function nullable(name: string, place: string, values: Dataset): FrameColumn | undefined {
  const whole = plainColumn(name, `${place}/values`, values);
  if (whole === undefined) return undefined;
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
  const dataset = file.dataset(index);
  const first = plainColumn(indexName === "_index" ? "index" : indexName, index, dataset);
  if (first === undefined) throw badHdf5(file.path, `${index} holds neither texts nor numbers`);
  const columns = [first];
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
    checkRows(file, column === first ? index : `${place}/${column.info.name}`, rows);
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
