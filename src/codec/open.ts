// An archive read: what it says of itself, which blocks are whole, and what they hold. In browsers too.
import { z } from "zod";
import { ElboError } from "../base/errors.ts";
import type { ColumnValues } from "../fields/columns.ts";
import { readSections, type Section } from "./archive.ts";
import { programsHash } from "./arithmetic.ts";
import { bytesOfBase64 } from "./base64.ts";
import { placeOf, readBlock, readBytes } from "./blocks.ts";
import type { CellCodec } from "./cell-codec.ts";
import { arrayReader } from "./contents/array.ts";
import type { ContentReader } from "./contents/content.ts";
import { delimitedReader } from "./contents/delimited.ts";
import { linesReader } from "./contents/lines.ts";
import { rowsReader } from "./contents/rows.ts";
import { type ArchiveHeader, type Content, otherwise, parseHeader } from "./header.ts";
import { LossyCodec } from "./lossy.ts";
import { type CodedModel, modelHash, parseModel } from "./model-part.ts";
import { RowCodec } from "./rows.ts";

export interface Archive {
  header: ArchiveHeader;
  /** The model, where the archive holds it. */
  model: CodedModel | null;
  /** Whole blocks, in order. */
  blocks: { index: number; content: Uint8Array }[];
  /** Whether nothing is damaged or missing. */
  whole: boolean;
  /** How many blocks and rows were written; null where the archive's end is lost. */
  written: { blocks: number; rows: number } | null;
  bytes: { all: number; model: number };
}

/** What an archive's end says. */
export function endBytes(blocks: number, rows: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ blocks, rows }));
}

const end = z.object({ blocks: z.int().min(0), rows: z.int().min(0) });

function endOf(section: Section | undefined): Archive["written"] {
  if (!section) return null;
  try {
    return end.parse(JSON.parse(new TextDecoder().decode(section.content)));
  } catch {
    return null;
  }
}

/** Whether each block begins where the one before it ends, and the last one ends with all rows. */
function follow(blocks: readonly Section[], all: number): boolean {
  let next = 0;
  for (const { content } of blocks) {
    const { first, rows } = placeOf(content);
    if (first !== next) return false;
    next += rows;
  }
  return next === all;
}

/** Blocks that begin behind those before them: what stands twice in a damaged archive comes back once. */
function ascending(blocks: readonly Section[]): Section[] {
  let next = 0;
  return blocks.filter(({ content }) => {
    const { first, rows } = placeOf(content);
    const isBehind = first >= next;
    if (isBehind) next = first + rows;
    return isBehind;
  });
}

/**
 * @throws ElboError `archive-unknown`, `archive-newer`, `archive-damaged`: what is no archive, or one whose
 * header or model is lost.
 */
export function openArchive(bytes: Uint8Array): Archive {
  const { sections, whole } = readSections(bytes);
  const first = (kind: Section["kind"]) => sections.find((section) => section.kind === kind);
  const head = first("header");
  if (!head) {
    throw new ElboError({
      code: "archive-damaged",
      message: "the archive's header is damaged: nothing says how its blocks are to be read",
      hint: "Fetch the archive again.",
    });
  }
  const header = parseHeader(head.content);
  const model = first("model");
  const blocks = sections.filter(({ kind }) => kind === "block");
  const written = endOf(first("end"));
  return {
    header,
    model: model ? parseModel(model.content) : null,
    blocks: ascending(blocks),
    whole: whole && written?.blocks === blocks.length && follow(blocks, written.rows),
    written,
    bytes: { all: bytes.length, model: model?.content.length ?? 0 },
  };
}

/** A block as it was: bytes of a file, or values of rows. */
export type Piece = Uint8Array | ColumnValues[];

export function readerOf(header: ArchiveHeader): ContentReader<Piece> {
  const { content, columns } = header;
  switch (content.kind) {
    case "delimited":
      return delimitedReader(columns);
    case "lines":
      return linesReader;
    case "array":
      return arrayReader(content, columns[0]?.type === "image" ? "image" : "vector");
    case "rows":
      return rowsReader(content.info);
    default:
      throw new ElboError({ code: "internal", message: "no rows here", hint: "Report this bug." });
  }
}

/** What codes the blocks of an archive. */
export function codecFor(header: ArchiveHeader, model: CodedModel): CellCodec {
  const { columns, lossy } = header;
  if (lossy) return new LossyCodec(model, columns, lossy);
  return new RowCodec(model.schema, model.config, model.weights, columns, header);
}

/** Decodes one block after the other of an archive. */
export type BlockDecoder = (content: Uint8Array) => Piece;

/** @param model the one that the archive was made with; see `modelFor`. */
export function blockDecoder(header: ArchiveHeader, model: CodedModel | null): BlockDecoder {
  if (header.content.kind === "bytes" || !model) {
    return readBytes;
  }
  const codec = codecFor(header, model);
  const reader = readerOf(header);
  return (content) => readBlock(codec, reader, content);
}

/**
 * The model that an archive asks for: its own, or the one given.
 * @throws ElboError `archive-model`: another model, or none where one is needed; `archive-arithmetic`: its
 * networks do not compute here what they did where the archive was made.
 */
export async function modelFor(
  archive: Archive,
  given: CodedModel | null,
): Promise<CodedModel | null> {
  const { header, model } = archive;
  if (header.model === null) return null;
  const found = model ?? given;
  if (!found) {
    throw new ElboError({
      code: "archive-model",
      message: "the archive does not hold its model, and none was given",
      hint: "Give the run that it was compressed with: elbo decompress RUN FILE -o OUT. compress --with-model writes archives that need none.",
      kind: "usage",
    });
  }
  if ((await modelHash(found)) !== header.model) {
    throw new ElboError({
      code: "archive-model",
      message: `the archive was made with another model than this one: ${header.model.slice(0, 12)}… is wanted`,
      hint: "Give the run that it was compressed with; training anew, or on, makes another model.",
      kind: "usage",
    });
  }
  if ((await programsHash(found, header)) !== header.programs) {
    const why = "this version of elbo, or what it runs on, computes the model otherwise";
    throw otherwise(header.elbo, why);
  }
  return found;
}

/**
 * A whole archive of a file in memory, without threads: the bytes of the file. In browsers too.
 * @param model where the archive does not hold its own.
 * @throws ElboError `archive-unknown`, `archive-newer`, `archive-arithmetic`, `archive-damaged`, `archive-mismatch`,
 * `archive-model`; `archive-content` where it holds no file, or one by a program that the command line runs.
 */
export async function decompressBytes(
  bytes: Uint8Array,
  model: CodedModel | null = null,
): Promise<Uint8Array> {
  const archive = openArchive(bytes);
  const { content } = archive.header;
  const [rows, by] = [
    content.kind === "rows" || (content.kind === "rival" && content.rows !== undefined),
    content.kind === "rival" ? content.by : null,
  ];
  const [block] = archive.blocks;
  if (archive.whole && !rows && by === "context" && block) return readBytes(block.content);
  if (!archive.whole || rows || by !== null) {
    const [message, hint] = !archive.whole
      ? ["the archive is damaged or cut short", "Fetch the archive again."]
      : rows
        ? ["the archive holds rows and no file", "Decompress it to a table by the command line."]
        : [`${by} made the archive`, "Decompress it by the command line."];
    throw new ElboError({
      code: archive.whole ? "archive-content" : "archive-damaged",
      message: message!,
      hint: hint!,
    });
  }
  const decode = blockDecoder(archive.header, await modelFor(archive, model));
  const pieces = archive.blocks.map(({ content }) => decode(content) as Uint8Array);
  return concatenate([headOf(archive.header.content), ...pieces]);
}

/** What of a file stands before its blocks. */
export function headOf(content: Content): Uint8Array {
  return content.kind === "array" ? bytesOfBase64(content.head) : new Uint8Array();
}

export function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
