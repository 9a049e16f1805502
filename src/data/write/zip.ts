// Zip archives without compression, as numpy.savez writes them: the same entries, the same bytes.
// Format: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
import { crc32 } from "node:zlib";
import type { ElboError } from "../../base/errors.ts";
import { usageError } from "./columns.ts";
import type { Sink } from "./sink.ts";

const largest = 0xffff_ffff;

/** 1 January 1980, the format's first day: the time of writing would differ run by run. */
const date = 0x0021;

/** Bit 11: names are UTF-8. */
const utf8Names = 0x0800;

/** Refuses names that would lead out of the folder that the archive is unpacked to. */
export function checkEntryNames(names: readonly string[], path: string): void {
  for (const name of names) {
    const unsafe = /^[/\\]|^[a-z]:|\0/i.test(name) || name.split(/[/\\]/).includes("..");
    if (!unsafe && Buffer.byteLength(name) <= 0xffff) continue;
    throw usageError(
      "npz-name",
      `${path}: an archive cannot safely hold an array called ${JSON.stringify(name.slice(0, 80))}`,
      "rename the column, or write .csv or .parquet",
    );
  }
}

const tooLarge = (path: string): ElboError =>
  usageError(
    "npz-large",
    `${path}: a .npz file holds less than 4 GiB and 65,536 arrays`,
    "write .npy or .parquet",
  );

/** Refuses archives that the format's 32 bits cannot hold: of `bytes` in `entries` so far. */
export function checkZipSize(path: string, bytes: number, entries: number): void {
  if (bytes > largest || entries > 0xffff) throw tooLarge(path);
}

/** Writes entries to `sink`, one after the other, and at the end the table of contents. */
export function zipTo(sink: Sink, path: string) {
  const directory: Uint8Array[] = [];
  let position = 0;
  return {
    /** The sizes of the pieces add up to `size`. */
    async add(name: string, size: number, pieces: AsyncIterable<Uint8Array>): Promise<void> {
      const nameBytes = Buffer.from(name);
      const fields = Buffer.alloc(26);
      fields.writeUInt16LE(20, 0);
      fields.writeUInt16LE(utf8Names, 2);
      fields.writeUInt16LE(date, 8);
      checkZipSize(path, position + size, directory.length / 2 + 1);
      fields.writeUInt32LE(size, 14);
      fields.writeUInt32LE(size, 18);
      fields.writeUInt16LE(nameBytes.length, 22);
      await sink.write(Buffer.concat([Buffer.from("PK\x03\x04"), fields, nameBytes]));
      let sum = 0;
      for await (const piece of pieces) {
        sum = crc32(piece, sum);
        await sink.write(piece);
      }
      fields.writeUInt32LE(sum, 10);
      await sink.patch(fields.subarray(10, 14), position + 14);
      const central = Buffer.alloc(46);
      central.write("PK\x01\x02");
      central.writeUInt16LE(20, 4);
      fields.copy(central, 6);
      central.writeUInt32LE(position, 42);
      directory.push(central, nameBytes);
      position += 30 + nameBytes.length + size;
    },
    async finish(): Promise<void> {
      const contents = Buffer.concat(directory);
      checkZipSize(path, position + contents.length + 22, directory.length / 2);
      const end = Buffer.alloc(22);
      end.write("PK\x05\x06");
      end.writeUInt16LE(directory.length / 2, 8);
      end.writeUInt16LE(directory.length / 2, 10);
      end.writeUInt32LE(contents.length, 12);
      end.writeUInt32LE(position, 16);
      await sink.write(Buffer.concat([contents, end]));
    },
  };
}
