// Reads the archives that tests wrote, entry by entry, with their checksums.
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { expect } from "vitest";

/** The entries of a zip file without compression, by its central directory (APPNOTE 4.3). */
export function unzip(path: string): Map<string, Uint8Array> {
  const file = readFileSync(path);
  const end = file.length - 22;
  expect(file.toString("latin1", end, end + 4)).toBe("PK\x05\x06");
  const entries = new Map<string, Uint8Array>();
  let at = file.readUInt32LE(end + 16);
  for (let i = 0; i < file.readUInt16LE(end + 10); i++) {
    expect(file.toString("latin1", at, at + 4)).toBe("PK\x01\x02");
    const [crc, size, nameLength] = [
      file.readUInt32LE(at + 16),
      file.readUInt32LE(at + 20),
      file.readUInt16LE(at + 28),
    ];
    const local = file.readUInt32LE(at + 42);
    expect(file.toString("latin1", local, local + 4)).toBe("PK\x03\x04");
    const start = local + 30 + nameLength;
    const data = file.subarray(start, start + size);
    expect(crc32(data)).toBe(crc);
    entries.set(file.toString("utf8", at + 46, at + 46 + nameLength), data);
    at += 46 + nameLength;
  }
  expect(at).toBe(end);
  return entries;
}
