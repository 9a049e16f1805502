// Opens data by what a person calls it: SQL, a pattern, a folder or a file. Which reader a file gets,
// its extension says, and where that says nothing, its first bytes (./recognize.ts).
import { ElboError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import { openH5ad } from "./annotated/h5ad.ts";
import { openIdx } from "./arrays/idx.ts";
import { openMatrixMarket } from "./arrays/matrix-market.ts";
import { openNpy } from "./arrays/npy.ts";
import { openNpz } from "./arrays/npz.ts";
import { openImages } from "./images/images.ts";
import { checkPath, type Format, recognize, splitMember } from "./recognize.ts";
import { type WindowChoice, windowsOf } from "./series/windows.ts";
import type { DataSource } from "./source.ts";
import { openCsv } from "./tables/csv.ts";
import { isGlob } from "./tables/glob.ts";
import { openJson } from "./tables/json.ts";
import { openGlob } from "./tables/open.ts";
import { openParquet } from "./tables/parquet.ts";
import { isQuery, openQuery } from "./tables/query.ts";
import { openTexts } from "./texts/texts.ts";

export interface OpenOptions {
  /** IDX images alone: an IDX file of classes, one for each row. */
  labels?: string;
  /** Folders and zips of images alone: pixels, to which every image is stretched. */
  size?: { width: number; height: number };
  /**
   * Cuts a running text in windows of so many characters, a table in overlapping windows of so many
   * rows in the order of time: each column of numbers becomes a vector.
   */
  window?: number | WindowChoice;
}

type OptionName = keyof OpenOptions;

/** What each option is for, as errors say it. */
const purposes: Record<OptionName, string> = {
  labels: "labels are a second IDX file beside an IDX file of data",
  size: "size is for folders and zips of images",
  window: "window is for running texts (.txt) and for series in tables",
};

interface Reader {
  /** As in "a table (.csv) has no use for ...". */
  what: string;
  takes: readonly OptionName[];
  /** Whether a `#NAME` behind the path picks a part. */
  members?: true;
  open(path: string, options: OpenOptions, member: string | undefined): Promise<DataSource>;
}

const sizeOf = (window: number | WindowChoice) =>
  typeof window === "number" ? window : window.size;

/** A table as it is, or in windows. */
async function tableOr(opening: Promise<DataSource>, { window }: OpenOptions): Promise<DataSource> {
  const source = await opening;
  if (window === undefined) return source;
  try {
    return await windowsOf(source, typeof window === "number" ? { size: window } : window);
  } catch (cause) {
    await source.close?.();
    throw cause;
  }
}

const table = (open: (paths: readonly string[]) => Promise<DataSource>): Reader => ({
  what: "a table",
  takes: ["window"],
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

function unused(data: string, name: OptionName, { what }: Reader): ElboError {
  return new ElboError({
    code: "option-unused",
    kind: "usage",
    message: `${data} is ${what}, which has no use for ${name}: ${purposes[name]}`,
    hint: `leave ${name} out`,
    where: { file: data },
  });
}

/** Refuses options that do not exist and those that the data has no use for. */
function checkOptions(data: string, options: OpenOptions, reader: Reader): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(purposes, name)) {
      const known = Object.keys(purposes);
      const guess = nearest(name, known);
      throw new ElboError({
        code: "option-unknown",
        kind: "usage",
        message: `data is opened with the options ${known.join(", ")}; received ${JSON.stringify(name)}`,
        hint: guess === undefined ? "leave it out" : `did you mean ${guess}?`,
      });
    }
    if (!reader.takes.includes(name as OptionName)) throw unused(data, name as OptionName, reader);
  }
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
 * .npy, .npz (`file.npz#X` picks an array), .h5ad (`file.h5ad#layers/NAME` a matrix).
 * @throws ElboError `file-missing` with the nearest name that exists, `format-unknown`,
 * `option-unused` for an option that the format has no use for, and what the format's reader throws.
 */
export async function openData(data: string, options: OpenOptions = {}): Promise<DataSource> {
  if (isQuery(data)) {
    checkOptions(data, options, readers.csv);
    return tableOr(openQuery(data), options);
  }
  const { path, member } = splitMember(data);
  if (isGlob(path)) {
    checkOptions(data, options, readers.csv);
    return tableOr(openGlob(path), options);
  }
  const reader = readers[await recognize(path)];
  if (member !== undefined && reader.members === undefined) throw noMembers(path, member, reader);
  checkOptions(path, options, reader);
  return reader.open(path, options, member);
}
