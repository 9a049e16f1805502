// The bytes of one file in a zip archive, unpacked as they are read.
import { counted } from "../../base/words.ts";
import { type ByteSource, exactly } from "../bytes.ts";
import type { Inflater } from "../inflater.ts";
import { badZip, type ZipEntry } from "./directory.ts";

const localLength = 30;
const localMark = 0x04034b50;

/** Where an entry's packed bytes start: its local header's name may differ in length. */
async function dataPosition(bytes: ByteSource, entry: ZipEntry): Promise<number> {
  const damaged = badZip(bytes.source, `the header of ${JSON.stringify(entry.name)} is damaged`);
  if (entry.position + localLength > bytes.size) throw damaged;
  const header = await bytes.read(entry.position, localLength);
  const fields = new DataView(header.buffer);
  if (fields.getUint32(0, true) !== localMark) throw damaged;
  const start =
    entry.position + localLength + fields.getUint16(26, true) + fields.getUint16(28, true);
  if (start + entry.packed > bytes.size) throw damaged;
  return start;
}

/** The entry's bytes in blocks; their number and checksum are those of the table of contents. */
export async function* entryBlocks(
  bytes: ByteSource,
  entry: ZipEntry,
  { unpack, crc32 }: Inflater,
): AsyncGenerator<Uint8Array> {
  const start = await dataPosition(bytes, entry);
  const stored = bytes.blocks(start, start + entry.packed);
  const wrong = (what: string) => badZip(bytes.source, `${JSON.stringify(entry.name)} ${what}`);
  const unpacked = entry.deflated
    ? unpack(stored, "deflate-raw", (reason) => wrong(`is damaged (${reason})`))
    : stored;
  let crc = 0;
  for await (const block of exactly(unpacked, entry.size, (received) =>
    wrong(
      received > entry.size
        ? `unpacks to more than the ${counted(entry.size, "byte")} that it is said to have`
        : `unpacks to ${counted(received, "byte")}, not ${counted(entry.size, "byte")}`,
    ),
  )) {
    crc = crc32(block, crc);
    yield block;
  }
  if (crc !== entry.crc) throw wrong("does not have its checksum");
}

/** Entries up to this size are unpacked in one step, at a third of a stream's time. */
const smallEntry = 1 << 20;
/** What a local header may be longer than the table of contents says, as a rule. */
const slack = 64;

/** The whole entry in memory. */
export async function readEntry(
  bytes: ByteSource,
  entry: ZipEntry,
  inflater: Inflater,
): Promise<Uint8Array> {
  if (Math.max(entry.size, entry.packed) <= smallEntry) {
    const small = await readSmall(bytes, entry, inflater);
    if (small !== undefined) return small;
  }
  const whole = new Uint8Array(entry.size);
  let filled = 0;
  for await (const block of entryBlocks(bytes, entry, inflater)) {
    whole.set(block, filled);
    filled += block.length;
  }
  return whole;
}

/** Header and data by one read; undefined where that does not give a sound entry. */
async function readSmall(
  bytes: ByteSource,
  entry: ZipEntry,
  { unpackSmall, crc32 }: Inflater,
): Promise<Uint8Array | undefined> {
  const nameLength = new TextEncoder().encode(entry.name).length;
  const length = localLength + nameLength + slack + entry.packed;
  const most = Math.max(0, bytes.size - entry.position);
  const part = await bytes.read(entry.position, Math.min(length, most));
  if (part.length < localLength) return undefined;
  const fields = new DataView(part.buffer);
  const start = localLength + fields.getUint16(26, true) + fields.getUint16(28, true);
  if (fields.getUint32(0, true) !== localMark || start + entry.packed > part.length) {
    return undefined;
  }
  const packed = part.subarray(start, start + entry.packed);
  try {
    const whole = entry.deflated ? await unpackSmall(packed, entry.size) : packed;
    return whole.length === entry.size && crc32(whole, 0) === entry.crc ? whole : undefined;
  } catch {
    return undefined;
  }
}
