// Zip archives without compression, as numpy.savez writes them: the same entries, the same bytes.
// Format: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
import { crc32 } from "node:zlib";
import { ElboError } from "../../base/errors.ts";

export interface ZipEntry {
  name: string;
  pieces: readonly Uint8Array[];
}

const largest = 0xffff_ffff;

/** 1 January 1980, the format's first day: the time of writing would differ run by run. */
const date = 0x0021;

/** Bit 11: names are UTF-8. */
const utf8Names = 0x0800;

function checkNames(entries: readonly ZipEntry[], path: string): void {
  for (const { name } of entries) {
    const unsafe = /^[/\\]|^[a-z]:|\0/i.test(name) || name.split(/[/\\]/).includes("..");
    if (!unsafe && Buffer.byteLength(name) <= 0xffff) continue;
    throw new ElboError({
      code: "npz-name",
      kind: "usage",
      message: `${path}: an archive cannot safely hold an array called ${JSON.stringify(name.slice(0, 80))}`,
      hint: "rename the column, or write .csv or .parquet",
    });
  }
}

/** The bytes of a zip file, piece by piece. Archives of 4 GiB and more are refused. */
export function* storedZip(entries: readonly ZipEntry[], path: string): Generator<Uint8Array> {
  checkNames(entries, path);
  const sizes = entries.map(({ pieces }) => pieces.reduce((sum, { length }) => sum + length, 0));
  const overhead = entries.reduce((sum, { name }) => sum + 76 + 2 * Buffer.byteLength(name), 22);
  if (sizes.reduce((sum, size) => sum + size, overhead) > largest || entries.length > 0xffff) {
    throw new ElboError({
      code: "npz-large",
      kind: "usage",
      message: `${path}: a .npz file holds less than 4 GiB and 65,536 arrays`,
      hint: "write .npy or .parquet",
    });
  }
  const directory: Uint8Array[] = [];
  let position = 0;
  for (const [i, { name, pieces }] of entries.entries()) {
    const nameBytes = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(utf8Names, 2);
    fields.writeUInt16LE(date, 8);
    fields.writeUInt32LE(
      pieces.reduce((crc, piece) => crc32(piece, crc), 0),
      10,
    );
    fields.writeUInt32LE(sizes[i]!, 14);
    fields.writeUInt32LE(sizes[i]!, 18);
    fields.writeUInt16LE(nameBytes.length, 22);
    yield Buffer.concat([Buffer.from("PK\x03\x04"), fields, nameBytes]);
    yield* pieces;
    const central = Buffer.alloc(46);
    central.write("PK\x01\x02");
    central.writeUInt16LE(20, 4);
    fields.copy(central, 6);
    central.writeUInt32LE(position, 42);
    directory.push(central, nameBytes);
    position += 30 + nameBytes.length + sizes[i]!;
  }
  yield* directory;
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    12,
  );
  end.writeUInt32LE(position, 16);
  yield end;
}
