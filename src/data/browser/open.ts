// Opens files of a web page: what src/data/open.ts is to paths, without SQL, patterns and HDF5.

import { ElboError } from "../../base/errors.ts";
import { grouped } from "../../base/words.ts";
import { idxSource } from "../arrays/idx.ts";
import { matrixMarketSource } from "../arrays/matrix-market.ts";
import { npySource } from "../arrays/npy.ts";
import { npzSource } from "../arrays/npz.ts";
import { type ByteSource, blobBytes } from "../bytes.ts";
import { commonTableFormat, type Format, formatOf, type TableFormat } from "../formats.ts";
import { isImageName } from "../images/decode.ts";
import { type ImageFile, labelled, zippedImages } from "../images/files.ts";
import { imageSource } from "../images/images.ts";
import {
  checkOptions,
  fileOptions,
  type OpenOptionsOf,
  sizeOf,
  type Takes,
  tableOr,
} from "../open-options.ts";
import type { DataSource } from "../source.ts";
import { csvSource } from "../tables/csv.ts";
import { textSource } from "../texts/texts.ts";
import { type UnpackedFile, unpacked } from "../unpacked.ts";
import { canvasDecoder } from "./canvas.ts";
import { type FileData, type NamedFile, namedFiles } from "./dropped.ts";
import { webInflater } from "./inflater.ts";
import { jsonSource } from "./json.ts";
import { parquetSource } from "./parquet.ts";

export type BrowserOpenOptions = OpenOptionsOf<Blob | NamedFile> & {
  /** Of a .npz file: the name of the one array to be read. */
  member?: string;
};

const bytesOf = ({ path, file }: NamedFile): ByteSource => blobBytes(file, path);
const unpack = (file: NamedFile): Promise<UnpackedFile> => unpacked(bytesOf(file), webInflater);

const openTable: Record<
  TableFormat,
  (files: readonly NamedFile[], source: string) => Promise<DataSource>
> = {
  csv: async (files, source) => csvSource(await Promise.all(files.map(unpack)), source),
  json: async (files, source) => jsonSource(await Promise.all(files.map(unpack)), source),
  parquet: async (files, source) => parquetSource(files.map(bytesOf), source),
};

interface Reader extends Takes {
  open(file: NamedFile, options: BrowserOpenOptions): Promise<DataSource>;
}

const table = (format: TableFormat): Reader => ({
  what: "a table",
  takes: ["window", "reading"],
  open: (file, options) => tableOr(openTable[format]([file], file.path), options),
});

const images = (
  source: string,
  files: readonly ImageFile[],
  { size }: BrowserOpenOptions,
): Promise<DataSource> =>
  imageSource(
    { source, files, openDecoder: canvasDecoder },
    size === undefined ? {} : { size: `${size.width}x${size.height}` },
  );

const readers: Record<Exclude<Format, "h5ad">, Reader> = {
  csv: table("csv"),
  json: table("json"),
  parquet: table("parquet"),
  npy: { what: "a .npy array", takes: [], open: (file) => npySource(bytesOf(file)) },
  npz: {
    what: "a .npz archive",
    takes: ["member"],
    open: (file, { member }) => npzSource(bytesOf(file), webInflater, member),
  },
  idx: {
    what: "an IDX file",
    takes: ["labels"],
    async open(file, { labels }) {
      const [own] = labels === undefined ? [] : namedFiles(labels);
      return idxSource(await unpack(file), own && (await unpack(own)));
    },
  },
  mtx: {
    what: "a Matrix Market file",
    takes: [],
    open: async (file) => matrixMarketSource(await unpack(file)),
  },
  images: {
    what: "a set of images",
    takes: ["size"],
    open: async (file, options) =>
      images(file.path, (await zippedImages(bytesOf(file), webInflater)).files, options),
  },
  txt: {
    what: "a text",
    takes: ["window"],
    open: async (file, { window }) =>
      textSource(await unpack(file), window === undefined ? {} : { window: sizeOf(window) }),
  },
};

async function openOne(file: NamedFile, options: BrowserOpenOptions): Promise<DataSource> {
  const format = isImageName(file.path)
    ? undefined
    : await formatOf(bytesOf(file), () => unpack(file));
  if (format === undefined) return openImageFiles([file], options);
  if (format === "h5ad") {
    throw new ElboError({
      code: "format-unknown",
      kind: "usage",
      message: `${file.path}: .h5ad files are not read in a web page`,
      hint: "read it with elbo in Node, or write its matrix as .mtx or .npy",
      where: { file: file.path },
    });
  }
  const reader = readers[format];
  checkOptions(file.path, options, reader, fileOptions);
  return reader.open(file, options);
}

/** What the files are called together: the folder that they share, or how many they are. */
function nameOf(files: readonly NamedFile[]): string {
  const [first] = files as [NamedFile];
  const folder = /^[^/]+(?=\/)/.exec(first.path)?.[0];
  const shared = folder !== undefined && files.every(({ path }) => path.startsWith(`${folder}/`));
  if (shared) return folder;
  return files.length === 1 ? first.path : `${grouped(files.length)} files`;
}

/** The images among the files, as `openData` of Node takes those of a folder. */
async function openImageFiles(
  files: readonly NamedFile[],
  options: BrowserOpenOptions,
): Promise<DataSource> {
  const source = nameOf(files);
  checkOptions(source, options, readers.images, fileOptions);
  const below = files.every(({ path }) => path.startsWith(`${source}/`)) ? source.length + 1 : 0;
  const found = files
    .filter(({ path }) => isImageName(path))
    .map((one) => {
      const bytes = bytesOf(one);
      return { name: one.path.slice(below), read: () => bytes.read(0, bytes.size) };
    });
  return images(source, labelled(found, source), options);
}

/**
 * Opens files of a web page: one of .csv, .tsv, .json, .ndjson, .txt, .mtx, IDX (each also .gz),
 * .parquet, .npy, .npz or a .zip of images; several tables of one format, as one table in the order
 * given; or images, whose folders (`webkitRelativePath`) are the column `label`. Files are read as
 * they are needed, never held as a whole, and must not change meanwhile. Columns of texts that are all
 * dates are times.
 * @throws ElboError as in Node: `format-unknown`, `format-mixed`, `option-unused`, and what the
 * format's reader throws.
 */
export async function openData(
  data: FileData,
  options: BrowserOpenOptions = {},
): Promise<DataSource> {
  const files = namedFiles(data);
  if (files.length === 1) return openOne(files[0]!, options);
  if (files.some(({ path }) => isImageName(path))) return openImageFiles(files, options);
  const source = files.map(({ path }) => path).join(", ");
  const format = commonTableFormat(
    files.map(({ path }) => path),
    nameOf(files),
  );
  checkOptions(source, options, readers[format], fileOptions);
  return tableOr(openTable[format](files, source), options);
}
