// A block of an archive: its rows, what stands around their cells, and a checksum of what comes back, by which
// arithmetic that differs, or another model, is told before anything is written.
import { crc32 } from "../base/crc32.ts";
import { ElboError } from "../base/errors.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import type { CellCodec } from "./cell-codec.ts";
import type { ContentBlock, ContentReader } from "./contents/content.ts";

import { packBytes, unpackBytes } from "./side/pack.ts";

const LARGEST_FRAME = 2 ** 28;

/** Where a block stands among all: its first row, counted from 0, and how many it has; of bytes, bytes. */
export interface BlockPlace {
  first: number;
  rows: number;
}

function readPlace(reader: ByteReader): BlockPlace {
  return { first: reader.count(), rows: reader.count(LARGEST_FRAME) };
}

export const placeOf = (content: Uint8Array): BlockPlace => readPlace(new ByteReader(content));

function blockBytes(
  { first, rows }: BlockPlace,
  frame: Uint8Array,
  coded: Uint8Array,
  checksum: number,
): Uint8Array {
  const writer = new ByteWriter();
  writer.count(first);
  writer.count(rows);
  writer.count(checksum);
  writer.block(packBytes(frame));
  writer.raw(coded);
  return writer.finish();
}

/** @param original the bytes that decoding must give again. */
export function writeBlock(
  codec: CellCodec,
  first: number,
  { rows, cells, frame }: ContentBlock,
  original: Uint8Array,
): Uint8Array {
  return blockBytes({ first, rows }, frame, codec.encode(cells, rows), crc32(original));
}

/**
 * A block that decodes to something near: its checksum is of that, which is decoded at once.
 * @returns it, and the squared error of all bytes together.
 */
export function writeLossyBlock<Piece>(
  codec: CellCodec,
  first: number,
  { rows, cells, frame }: ContentBlock,
  content: ContentReader<Piece>,
  original: Uint8Array,
): { content: Uint8Array; squared: number } {
  const coded = codec.encode(cells, rows);
  const decoded = codec.decode(coded, content.known(frame, rows), rows);
  const near = content.checked(content.restore(frame, decoded, rows));
  const squared = original.reduce((sum, byte, i) => sum + (byte - near[i]!) ** 2, 0);
  return { content: blockBytes({ first, rows }, frame, coded, crc32(near)), squared };
}

/** @throws ElboError `archive-damaged`, `archive-mismatch`. */
export function readBlock<Piece>(
  codec: CellCodec,
  content: ContentReader<Piece>,
  bytes: Uint8Array,
): Piece {
  const reader = new ByteReader(bytes);
  const { rows } = readPlace(reader);
  const checksum = reader.count();
  const frame = unpackBytes(reader.block(), LARGEST_FRAME);
  const cells = codec.decode(reader.raw(reader.left), content.known(frame, rows), rows);
  const piece = content.restore(frame, cells, rows);
  checkBytes(content.checked(piece), checksum);
  return piece;
}

/** Bytes that no model is asked about, as any compressor packed them. */
export function packedBlock(first: number, bytes: Uint8Array, packed: Uint8Array): Uint8Array {
  const writer = new ByteWriter();
  writer.count(first);
  writer.count(bytes.length);
  writer.count(crc32(bytes));
  writer.raw(packed);
  return writer.finish();
}

export function packedIn(content: Uint8Array) {
  const reader = new ByteReader(content);
  const { rows } = readPlace(reader);
  return { rows, checksum: reader.count(), packed: reader.raw(reader.left) };
}

/** The same packed by contexts. */
export const writeBytes = (first: number, bytes: Uint8Array): Uint8Array =>
  packedBlock(first, bytes, packBytes(bytes));

export function readBytes(content: Uint8Array): Uint8Array {
  const { rows, checksum, packed } = packedIn(content);
  const found = unpackBytes(packed, rows);
  checkBytes(found, checksum);
  return found;
}

/** @throws ElboError `archive-mismatch`. */
export function checkBytes(bytes: Uint8Array, checksum: number): void {
  if (crc32(bytes) === checksum) return;
  throw new ElboError({
    code: "archive-mismatch",
    message: "a block does not decode to what was compressed: its checksum differs",
    hint: "The run may be another than the archive was made with, or the archive is damaged.",
  });
}
