// An archive back to the file, or the rows, that it was made of.
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { ElboError } from "../../base/errors.ts";
import { fileError } from "../../base/file-errors.ts";
import { refuseExisting, writeFileAtomic } from "../../base/files.ts";
import { damaged } from "../../codec/ans/coder.ts";
import { placeOf } from "../../codec/blocks.ts";
import { rowsOfBytes } from "../../codec/contents/rows-bytes.ts";
import type { Content } from "../../codec/header.ts";
import type { CodedModel } from "../../codec/model-part.ts";
import { type Archive, headOf, modelFor, openArchive, type Piece } from "../../codec/open.ts";
import type { DataNote } from "../../data/source.ts";
import { refuseOutput } from "../../data/write/output.ts";
import type { ColumnValues } from "../../fields/columns.ts";
import { type Run, runOf } from "../run.ts";
import { layoutOf } from "./array-file.ts";
import { withThreads } from "./jobs.ts";
import { rivalBytes } from "./rivals.ts";
import { writeStored } from "./rows-output.ts";

export interface DecompressOptions {
  /** Replace an output that exists. Default false. */
  force?: boolean;
  /** Write what is whole of a damaged archive. Default: it is refused. */
  partial?: boolean;
  /** Default: one for each core. */
  threads?: number;
}

export interface Decompressed {
  /** Of what came back so many of `unit`. */
  rows: number;
  unit: "row" | "byte";
  /** Of the archive's first and last lost row, counted from 1; `to` is null where nothing says how many. */
  lost: { from: number; to: number | null }[];
  content: Archive["header"]["content"]["kind"];
  /** How what was written differs from what there was. */
  notes: DataNote[];
}

async function archiveAt(path: string): Promise<Archive> {
  try {
    return openArchive(await readFile(path));
  } catch (cause) {
    throw cause instanceof ElboError ? cause : fileError(cause, path);
  }
}

/** How many rows there were; null where neither the end nor what stands before the blocks is left to say it. */
function rowsOf({ written, header }: Archive): number | null {
  if (written) return written.rows;
  const { content } = header;
  if (content.kind === "rows") return content.rows ?? null;
  if (content.kind !== "array") return null;
  try {
    return layoutOf(headOf(content), header.name).layout.shape[0] ?? null;
  } catch {
    // Who compresses bytes in memory says what a head is.
    return null;
  }
}

/** Rows that no whole block holds. */
function lostRows(archive: Archive, failed: ReadonlySet<number>) {
  const { blocks, whole } = archive;
  const all = rowsOf(archive);
  const lost: Decompressed["lost"] = [];
  let next = 0;
  for (const [place, { content }] of blocks.entries()) {
    if (failed.has(place)) continue;
    const { first, rows } = placeOf(content);
    if (first > next) lost.push({ from: next + 1, to: first });
    next = first + rows;
  }
  if (all === null ? !whole : next < all) lost.push({ from: next + 1, to: all });
  return lost;
}

/** The columns of rows that come back; null of files. */
const infoOf = (content: Content) =>
  content.kind === "rows" ? content.info : content.kind === "rival" ? content.rows?.info : null;

/** What an archive counts: of rows by another compressor bytes, too. */
const unitOf = ({ kind }: Content) => (kind === "bytes" || kind === "rival" ? "byte" : "row");

const counted = (lost: Decompressed["lost"]) =>
  lost
    .map(({ from, to }) =>
      to === null ? `${from} and behind, if there were any,` : `${from}-${to}`,
    )
    .join(", ");

function damagedError(path: string, archive: Archive): ElboError {
  const lost = lostRows(archive, new Set());
  const unit = `${unitOf(archive.header.content)}s`;
  return new ElboError({
    code: "archive-damaged",
    message:
      lost.length > 0
        ? `${path} is damaged or cut short: ${unit} ${counted(lost)} are lost`
        : `${path} is damaged, though all of its ${unit} are there`,
    hint: "Fetch it again, or give --partial to write what is whole.",
    where: { file: path },
  });
}

/** `decompressTo` of archives.ts. */
export async function decompress(
  path: string,
  run: string | Run | null,
  file: string,
  options: DecompressOptions,
): Promise<Decompressed> {
  const archive = await archiveAt(file);
  const { header } = archive;
  const { content } = header;
  const info = infoOf(content);
  if (info) {
    const images = info.some(({ type }) => type === "image");
    refuseOutput(path, images ? "images" : "table", options);
  } else refuseExisting(path, options.force);
  if (content.kind === "rival") {
    if (!archive.whole) throw damagedError(file, archive);
    const bytes = await rivalBytes(content, archive);
    const told = { lost: [], content: content.kind, notes: [] };
    if (!content.rows) {
      await writeFileAtomic(path, bytes);
      return { rows: bytes.length, unit: "byte", ...told };
    }
    const { info, count } = content.rows;
    const values = rowsOfBytes(info, count, bytes);
    const pieces = (async function* () {
      yield { rows: count, values };
    })();
    const notes = await writeStored(path, { columns: info, pieces }, options);
    return { ...told, rows: count, unit: "row", notes };
  }
  const opened = run === null || header.model === null ? null : await runOf(run);
  const given: CodedModel | null = opened && {
    schema: opened.config.schema,
    config: opened.config.model,
    weights: opened.weights,
  };
  const model = await modelFor(archive, given);
  if (!archive.whole && !options.partial) throw damagedError(file, archive);
  const failed = new Set<number>();
  const { threads: wanted = availableParallelism() } = options;
  const tasks = archive.blocks.map(({ content }) => ({ type: "decode", content }) as const);
  const onFailed = (error: unknown, place: number) => {
    if (!(error instanceof ElboError)) throw error;
    failed.add(place);
  };
  let rows = 0;
  let notes: DataNote[] = [];
  await withThreads(Math.min(wanted, Math.max(1, tasks.length)), async (threads) => {
    const failing = options.partial ? onFailed : undefined;
    const pieces = threads.inOrder<Piece>({ header, model }, tasks, failing);
    const placed = async function* () {
      for await (const { place, result } of pieces) {
        const at = placeOf(archive.blocks[place]!.content);
        rows += at.rows;
        yield { ...at, piece: result };
      }
    };
    if (content.kind === "rows") {
      const columns = content.info;
      const values = async function* () {
        for await (const { rows, piece } of placed()) {
          yield { rows, values: piece as ColumnValues[] };
        }
      };
      notes = await writeStored(path, { columns, pieces: values() }, options);
    } else await writeFileAtomic(path, fileBytes(archive, placed()));
  });
  const lost = lostRows(archive, failed);
  return { rows, unit: unitOf(content), lost, content: content.kind, notes };
}

/** In the place of what is lost: no file that was compressed is larger than two gigabytes. */
function zeros(bytes: number): Uint8Array {
  if (bytes < 2 ** 31) return new Uint8Array(bytes);
  throw damaged();
}

/** The file's bytes; lost rows of arrays are zeros, for the head says how many there are. */
async function* fileBytes(
  archive: Archive,
  pieces: AsyncIterable<{ first: number; rows: number; piece: unknown }>,
): AsyncGenerator<Uint8Array> {
  const { content } = archive.header;
  yield headOf(content);
  const isArray = content.kind === "array";
  let [next, width] = [0, 0];
  for await (const { first, rows, piece } of pieces) {
    const bytes = piece as Uint8Array;
    width = rows > 0 ? bytes.length / rows : width;
    if (isArray && first > next) yield zeros((first - next) * width);
    yield bytes;
    next = first + rows;
  }
  const all = rowsOf(archive);
  if (isArray && all !== null && all > next) yield zeros((all - next) * width);
}
