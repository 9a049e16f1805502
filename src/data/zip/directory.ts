// The table of contents of a zip archive, and the refusal of archives that mean harm.
// Format: APPNOTE.TXT 6.3.10, sections 4.3.12, 4.3.14 to 4.3.16 and 4.5.3.

import { ElboError } from "../../base/errors.ts";
import { counted } from "../../base/words.ts";
import type { ByteSource } from "../bytes.ts";

export interface ZipEntry {
  name: string;
  /** Bytes in the archive, and unpacked. */
  packed: number;
  size: number;
  crc: number;
  deflated: boolean;
  /** Where its local header starts. */
  position: number;
}

/** No deflate stream unpacks to more than 1,032 times its size. */
const largestRatio = 1032;
/** Archives whose files unpack to more than this many times its size are refused ... */
const refusedRatio = 100;
/**
 * ... arrays aside: mostly zeros is what an array may be, and its header says how many bytes it has,
 * which is checked against the table of contents before any more of it is unpacked.
 */
const isArray = (name: string) => /\.npy$/i.test(name);

const endLength = 22;
const directoryEntryLength = 46;
const mark = { entry: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 };

export function badZip(source: string, message: string): ElboError {
  return new ElboError({
    code: "zip-invalid",
    message: `${source} is not a whole zip archive: ${message}`,
    hint: "fetch or write the file again; it may have been cut short",
    where: { file: source },
  });
}

function refused(source: string, code: string, message: string, hint: string): ElboError {
  return new ElboError({ code, message: `${source}: ${message}`, hint, where: { file: source } });
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

interface DirectoryPlace {
  entries: number;
  length: number;
  position: number;
}

async function place64(bytes: ByteSource, locator: number): Promise<DirectoryPlace | undefined> {
  if (locator < 0) return undefined;
  const found = view(await bytes.read(locator, 20));
  if (found.getUint32(0, true) !== mark.locator64) return undefined;
  const position = Number(found.getBigUint64(8, true));
  if (position + 56 > locator) throw badZip(bytes.source, "its 64-bit end record lies outside it");
  const record = view(await bytes.read(position, 56));
  if (record.getUint32(0, true) !== mark.end64) {
    throw badZip(bytes.source, "its 64-bit end record is missing");
  }
  return {
    entries: Number(record.getBigUint64(32, true)),
    length: Number(record.getBigUint64(40, true)),
    position: Number(record.getBigUint64(48, true)),
  };
}

async function directoryPlace(bytes: ByteSource): Promise<DirectoryPlace> {
  const start = Math.max(0, bytes.size - endLength - 0xffff);
  const tail = await bytes.read(start, bytes.size - start);
  const tailView = view(tail);
  for (let at = tail.length - endLength; at >= 0; at--) {
    if (tailView.getUint32(at, true) !== mark.end) continue;
    if (at + endLength + tailView.getUint16(at + 20, true) !== tail.length) continue;
    const plain = {
      entries: tailView.getUint16(at + 10, true),
      length: tailView.getUint32(at + 12, true),
      position: tailView.getUint32(at + 16, true),
    };
    const large =
      plain.entries === 0xffff || plain.length === 0xffff_ffff || plain.position === 0xffff_ffff;
    return (large ? await place64(bytes, start + at - 20) : undefined) ?? plain;
  }
  throw badZip(bytes.source, "the record at its end is missing");
}

/** Sizes and position beyond 32 bits stand in an extra field, in this order, where need be. */
function widen(entry: ZipEntry, extra: Uint8Array): void {
  const fields = view(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = fields.getUint16(at + 2, true);
    const end = Math.min(extra.length, at + 4 + length);
    if (fields.getUint16(at, true) === 1) {
      let from = at + 4;
      for (const key of ["size", "packed", "position"] as const) {
        if (entry[key] !== 0xffff_ffff || from + 8 > end) continue;
        entry[key] = Number(fields.getBigUint64(from, true));
        from += 8;
      }
    }
    at = end;
  }
}

const unsafeName = (name: string) =>
  /^[/\\]|^[a-z]:|\0/i.test(name) || name.split(/[/\\]/).includes("..");

function checkEntry(source: string, entry: ZipEntry, flags: number, method: number): void {
  const name = JSON.stringify(entry.name.slice(0, 80));
  if (unsafeName(entry.name)) {
    throw refused(
      source,
      "zip-unsafe",
      `it holds ${name}, a name that leads out of the archive`,
      "do not trust this archive; ask where it came from",
    );
  }
  if ((flags & 1) !== 0) {
    throw refused(source, "zip-encrypted", `${name} is encrypted`, "unpack it with its password");
  }
  if (method !== 0 && method !== 8) {
    throw refused(
      source,
      "zip-method",
      `${name} is packed by method ${method}; stored (0) and deflated (8) are read`,
      "pack it again as an ordinary zip",
    );
  }
}

function checkBomb(bytes: ByteSource, entries: readonly ZipEntry[]): void {
  const { source, size } = bytes;
  let packed = 0;
  let unpacked = 0;
  for (const entry of entries) {
    packed += entry.packed;
    if (!isArray(entry.name)) unpacked += entry.size;
    const most = entry.deflated ? entry.packed * largestRatio : entry.packed;
    if (entry.size > most || (!entry.deflated && entry.size !== entry.packed)) {
      throw badZip(
        source,
        `${JSON.stringify(entry.name.slice(0, 80))} cannot hold ${entry.size} bytes in ${entry.packed}`,
      );
    }
  }
  if (packed > size) throw badZip(source, "its entries overlap");
  if (unpacked > refusedRatio * size) {
    throw refused(
      source,
      "zip-bomb",
      `zips that unpack to at most ${refusedRatio} times their size are read; of its ${counted(size, "byte")} it makes ${counted(unpacked, "byte")}`,
      "if you trust it, unzip it yourself and name the folder",
    );
  }
}

/**
 * The files of an archive, in its order. Refuses names that lead elsewhere (`zip-unsafe`),
 * encrypted entries, and archives whose files, arrays aside, unpack to more than 100 times its size
 * (`zip-bomb`), all before anything is unpacked; unpacking ends where an entry exceeds its size here.
 */
export async function readZipDirectory(bytes: ByteSource): Promise<ZipEntry[]> {
  const { source, size } = bytes;
  const { entries: count, length, position } = await directoryPlace(bytes);
  if (position + length > size || count * directoryEntryLength > length) {
    throw badZip(source, "its table of contents lies outside it");
  }
  const directory = await bytes.read(position, length);
  const fields = view(directory);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + directoryEntryLength > length || fields.getUint32(at, true) !== mark.entry) {
      throw badZip(source, `entry ${i + 1} of its table of contents is damaged`);
    }
    const nameEnd = at + directoryEntryLength + fields.getUint16(at + 28, true);
    const extraEnd = nameEnd + fields.getUint16(at + 30, true);
    const method = fields.getUint16(at + 10, true);
    const entry: ZipEntry = {
      name: new TextDecoder().decode(directory.subarray(at + directoryEntryLength, nameEnd)),
      crc: fields.getUint32(at + 16, true),
      packed: fields.getUint32(at + 20, true),
      size: fields.getUint32(at + 24, true),
      deflated: method === 8,
      position: fields.getUint32(at + 42, true),
    };
    widen(entry, directory.subarray(nameEnd, extraEnd));
    checkEntry(source, entry, fields.getUint16(at + 8, true), method);
    if (!/[/\\]$/.test(entry.name)) entries.push(entry);
    at = extraEnd + fields.getUint16(at + 32, true);
  }
  checkBomb(bytes, entries);
  return entries;
}
