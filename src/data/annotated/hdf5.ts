// The one door to h5wasm: HDF5 files opened in place, read by slices, and their errors as ours.
import { fileURLToPath } from "node:url";
import type { Dataset, File, Group } from "h5wasm/node";
import { ElboError } from "../../base/errors.ts";
import { type Element, elements } from "../../fields/columns.ts";
import { fileBytes } from "../file-bytes.ts";
import { optionalPackage } from "../optional.ts";

/** No filter of HDF5 packs tighter than deflate can. */
const largestRatio = 1032;

export function badHdf5(path: string, message: string, cause?: unknown): ElboError {
  return new ElboError({
    code: "h5ad-invalid",
    message: `${path} is not a whole AnnData file: ${message}`,
    hint: "fetch the file again, or write it again with anndata: adata.write_h5ad(path)",
    where: { file: path },
    cause,
  });
}

/** Filters of HDF5's own (H5Z_filter_t): deflate, shuffle, checksum, szip, nbit, scale-offset. */
const ownFilters = 6;

/** h5py's LZF, which a plugin of ours unpacks (./lzf/plugin.wat). */
const lzfFilter = 32000;
/** Of texts of any length a block has their lengths and places. */
const textSize = 16;
const pluginFolder = fileURLToPath(new URL("./lzf", import.meta.url));

/** The plugin gives blocks of the size that the filter names: HDF5 reads as many bytes as a block has. */
function checkLzf(dataset: Dataset, values: readonly number[], path: string): void {
  const { chunks, size, vlen } = dataset.metadata;
  const block = chunks?.reduce((product, rows) => product * rows, vlen ? textSize : size);
  if (values[2] === block) return;
  throw badHdf5(
    path,
    `${dataset.path} is packed in blocks of ${values[2]} bytes, and has ${block}`,
  );
}

/** h5wasm ends in an abort, not an error, where a filter is not there. */
function checkFilters(dataset: Dataset, path: string): void {
  const lzf = dataset.filters.find(({ id }) => id === lzfFilter);
  if (lzf) checkLzf(dataset, lzf.cd_values, path);
  const foreign = dataset.filters.find(({ id }) => id > ownFilters && id !== lzfFilter);
  if (foreign === undefined) return;
  throw new ElboError({
    code: "h5ad-filter",
    message: `${path}: ${dataset.path} is packed by the filter ${foreign.name || foreign.id}, which is not part of HDF5`,
    hint: "write it again: anndata.read_h5ad(path).write_h5ad(path, compression='gzip')",
    where: { file: path },
  });
}

/** The innermost line of what HDF5 says of an error; other errors' own first line. */
function innermost(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (text.startsWith("Aborted")) return "its data cannot be unpacked";
  const lines = [...text.matchAll(/#\d{3}: .*?\(\): (.*)/g)].map((match) => match[1]!);
  return lines.at(-1) ?? text.split("\n")[0]!;
}

export type Node = Group | Dataset;

/** An open file. Every call ends in a result or `h5ad-invalid`. */
export interface Hdf5File {
  path: string;
  /** What is at a path inside the file; undefined where nothing is. Links to other files are refused. */
  find(place: string): Node | undefined;
  group(place: string): Group;
  dataset(place: string): Dataset;
  isGroup(node: Node | undefined): node is Group;
  isDataset(node: Node | undefined): node is Dataset;
  keys(group: Group): string[];
  attribute(node: Node, name: string): unknown;
  /** Numbers (booleans too) of rows `start` to `end`; other dimensions whole. */
  numbers(dataset: Dataset, start: number, end: number): Numbers;
  /** The same, with integers of eight bytes as they stand. */
  stored(dataset: Dataset, start: number, end: number): Numbers | BigInt64Array | BigUint64Array;
  texts(dataset: Dataset, start: number, end: number): string[];
  close(): void;
}

export type Numbers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** Classes of HDF5 types (H5T_class_t). */
const [integerClass, floatClass, stringClass, enumClass] = [0, 1, 3, 8];

export const isText = (dataset: Dataset) => dataset.metadata.type === stringClass;

/** Truth values are an enumeration of two; others are the numbers that they name. */
export function isBoolean({ metadata: { enum_type: names } }: Dataset): boolean {
  const { FALSE, TRUE, ...others } = names?.members ?? {};
  return FALSE === 0 && TRUE === 1 && Object.keys(others).length === 0;
}

const nameOf = ({ metadata: { type, size, signed } }: Dataset) =>
  `${type === floatClass ? "f" : signed ? "i" : "u"}${size}`;

/** Whether its numbers are read: halves, and what has more than eight bytes, h5wasm does not read. */
export const isNumeric = (dataset: Dataset): boolean =>
  [integerClass, floatClass, enumClass].includes(dataset.metadata.type) &&
  nameOf(dataset) !== "f2" &&
  elements.some((element) => element === nameOf(dataset));

/** NumPy's name of a dataset's numbers, which are of a type that is read. */
export const elementOf = (dataset: Dataset): Element =>
  isBoolean(dataset) ? "b1" : (nameOf(dataset) as Element);

/** @param path the file on the disk; it is read in place, whatever its size. */
export async function openHdf5(path: string): Promise<Hdf5File> {
  const { size } = await fileBytes(path);
  const hdf5 = await optionalPackage("h5wasm", "reading HDF5", path, () => import("h5wasm/node"));
  const module = await hdf5.ready;
  module.activate_throwing_error_handler();
  if (!module.get_plugin_search_paths().includes(pluginFolder)) {
    module.insert_plugin_search_path(pluginFolder, 0);
  }
  const guarded = <Result>(act: () => Result): Result => {
    try {
      return act();
    } catch (cause) {
      if (cause instanceof ElboError) throw cause;
      throw badHdf5(path, innermost(cause), cause);
    }
  };
  const file: File = guarded(() => new hdf5.File(path, "r"));
  const isGroup = (node: Node | undefined): node is Group => node instanceof hdf5.Group;
  const isDataset = (node: Node | undefined): node is Dataset => node instanceof hdf5.Dataset;

  function find(place: string): Node | undefined {
    let node: Node = file;
    let walked = "";
    for (const part of place.split("/")) {
      if (!isGroup(node)) return undefined;
      walked = walked === "" ? part : `${walked}/${part}`;
      const found = guarded(() => {
        const entity = file.get(walked);
        // Read here, where what is damaged is told, and kept by h5wasm.
        if (isDataset(entity as Node)) void (entity as Dataset).metadata;
        return entity;
      });
      if (found === null) return undefined;
      if (!(found instanceof hdf5.Group) && !(found instanceof hdf5.Dataset)) {
        throw badHdf5(path, `${walked} is a link or of a type that is not read`);
      }
      node = found;
    }
    return node;
  }

  function read(dataset: Dataset, start: number, end: number): unknown {
    return guarded(() => {
      checkFilters(dataset, path);
      const { shape, total_size: total, size: bytes } = dataset.metadata;
      // Before h5wasm takes memory for it: HDF5 lets small files claim any shape.
      if (shape === null || total * bytes > size * largestRatio) {
        throw badHdf5(path, `${dataset.path} claims more values than the file can hold`);
      }
      return dataset.slice([[start, end]]);
    });
  }

  function stored(dataset: Dataset, start: number, end: number) {
    const values = read(dataset, start, end);
    if (ArrayBuffer.isView(values)) return values as Numbers | BigInt64Array | BigUint64Array;
    throw badHdf5(path, `${dataset.path} holds no numbers`);
  }

  return {
    path,
    find,
    isGroup,
    isDataset,
    group(place) {
      const node = find(place);
      if (isGroup(node)) return node;
      throw badHdf5(path, `it has no group ${place}`);
    },
    dataset(place) {
      const node = find(place);
      if (isDataset(node)) return node;
      throw badHdf5(path, `it has no data set ${place}`);
    },
    keys: (group) => guarded(() => group.keys()),
    attribute: (node, name) => guarded(() => node.attrs[name]?.value),
    numbers(dataset, start, end) {
      const values = stored(dataset, start, end);
      if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
        return Float64Array.from(values as BigInt64Array, Number);
      }
      return values;
    },
    stored,
    texts(dataset, start, end) {
      const values = read(dataset, start, end);
      if (Array.isArray(values) && values.every((value) => typeof value === "string")) {
        return values;
      }
      throw badHdf5(path, `${dataset.path} holds no texts`);
    },
    close: () => guarded(() => void file.close()),
  };
}
