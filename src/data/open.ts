// Opens data by what a person calls it: SQL, a pattern, a folder or a file. Which reader a file gets,
// its extension says, and where that says nothing, its first bytes (./recognize.ts).
import { ElboError } from "../base/errors.ts";
import { openH5ad } from "./annotated/h5ad.ts";
import {
  openCsv,
  openIdx,
  openImages,
  openMatrixMarket,
  openNpy,
  openNpz,
  openTexts,
} from "./by-path.ts";
import type { Format } from "./formats.ts";
import {
  checkOptions,
  type OpenOptionsOf,
  pathOptions,
  sizeOf,
  type Takes,
  tableOr,
} from "./open-options.ts";
import { readBy } from "./reading/choice.ts";
import { checkPath, recognize, splitMember } from "./recognize.ts";
import type { DataSource } from "./source.ts";
import { isGlob } from "./tables/glob.ts";
import { openJson } from "./tables/json.ts";
import { openGlob } from "./tables/open.ts";
import { openParquet } from "./tables/parquet.ts";
import { isQuery, openQuery } from "./tables/query.ts";

export type OpenOptions = OpenOptionsOf<string>;

interface Reader extends Takes {
  /** Whether a `#NAME` behind the path picks a part. */
  members?: true;
  open(path: string, options: OpenOptions, member: string | undefined): Promise<DataSource>;
}

const table = (open: (paths: readonly string[]) => Promise<DataSource>): Reader => ({
  what: "a table",
  takes: ["window", "reading"],
  open: (path, options) => tableOr(open([path]), options),
});

const readers: Record<Format, Reader> = {
  csv: table(openCsv),
  json: table(openJson),
  parquet: table(openParquet),
  npy: { what: "a .npy array", takes: [], open: (path) => openNpy(path) },
  npz: {
    what: "a .npz archive",
    takes: [],
    members: true,
    open: (path, _, member) => openNpz(path, member),
  },
  idx: {
    what: "an IDX file",
    takes: ["labels"],
    open: (path, { labels }) => openLabelled(path, labels),
  },
  mtx: { what: "a Matrix Market file", takes: [], open: (path) => openMatrixMarket(path) },
  h5ad: {
    what: "an .h5ad file",
    takes: [],
    members: true,
    open: (path, _, member) => openH5ad(path, member),
  },
  images: {
    what: "a set of images",
    takes: ["size"],
    open: (path, { size }) =>
      openImages(path, size === undefined ? {} : { size: `${size.width}x${size.height}` }),
  },
  txt: {
    what: "a text",
    takes: ["window"],
    open: (path, { window }) =>
      openTexts(path, window === undefined ? {} : { window: sizeOf(window) }),
  },
};

async function openLabelled(path: string, labels: string | undefined): Promise<DataSource> {
  if (labels === undefined) return openIdx(path);
  await checkPath(labels, "file");
  return openIdx(path, { labels });
}

function noMembers(path: string, member: string, { what }: Reader): ElboError {
  return new ElboError({
    code: "member-unused",
    kind: "usage",
    message: `${path} is ${what}, of which no part can be picked by #${member}; .npz and .h5ad files have parts`,
    hint: `leave #${member} out`,
    where: { file: path },
  });
}

/**
 * Opens data: SQL (`select * from 'sales/*.parquet'`), a pattern of tables (`sales/*.csv`), a folder
 * or zip of images, or a file: .csv, .tsv, .json, .ndjson, .txt, .mtx, IDX (each also .gz), .parquet,
 * .npy, .npz (`file.npz#X` picks an array), .h5ad (`file.h5ad#layers/NAME` a matrix). Columns of texts that
 * are all dates are times, as `train` takes them, whatever the format.
 * @throws ElboError `file-missing` with the nearest name that exists, `format-unknown`,
 * `option-unused` for an option that the format has no use for, and what the format's reader throws.
 */
export async function openData(data: string, options: OpenOptions = {}): Promise<DataSource> {
  if (isQuery(data)) {
    checkOptions(data, options, readers.csv, pathOptions);
    return tableOr(openQuery(data), options);
  }
  const { path, member } = splitMember(data);
  if (isGlob(path)) {
    checkOptions(data, options, readers.csv, pathOptions);
    return tableOr(openGlob(path), options);
  }
  const reader = readers[await recognize(path)];
  if (member !== undefined && reader.members === undefined) throw noMembers(path, member, reader);
  const { reading, ...others } = options;
  checkOptions(path, others, reader, pathOptions);
  const source = await reader.open(path, options, member);
  // Windows are cut of what has been read so.
  return reader.takes.includes("reading") ? source : readBy(source, reading);
}
