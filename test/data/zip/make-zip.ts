// Zip archives made for tests, sound and otherwise (APPNOTE 4.3).
import { crc32, deflateRawSync } from "node:zlib";

export interface TestEntry {
  name: string;
  data?: Uint8Array;
  deflate?: boolean;
  /** What the archive claims instead of the truth. */
  flags?: number;
  method?: number;
  size?: number;
  crc?: number;
}

export interface TestZip {
  /** The end record in its 64-bit form, as archives beyond 4 GiB have. */
  zip64?: boolean;
  /** How often the table of contents names each entry. */
  repeat?: number;
}

export function makeZip(entries: readonly TestEntry[], options: TestZip = {}): Buffer {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let position = 0;
  let count = 0;
  for (const { name, data = Buffer.alloc(0), deflate = false, ...claims } of entries) {
    const packed = deflate ? deflateRawSync(data) : data;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(claims.flags ?? 0, 2);
    fields.writeUInt16LE(claims.method ?? (deflate ? 8 : 0), 4);
    fields.writeUInt32LE((claims.crc ?? crc32(data)) >>> 0, 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(claims.size ?? data.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    parts.push(Buffer.from("PK\x03\x04"), fields, Buffer.from(name), packed);
    const central = Buffer.alloc(46);
    central.write("PK\x01\x02");
    fields.copy(central, 6);
    central.writeUInt32LE(position, 42);
    for (let i = 0; i < (options.repeat ?? 1); i++) {
      directory.push(central, Buffer.from(name));
      count++;
    }
    position += 30 + Buffer.byteLength(name) + packed.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  if (!options.zip64) {
    end.writeUInt16LE(count, 10);
    end.writeUInt32LE(length, 12);
    end.writeUInt32LE(position, 16);
    return Buffer.concat([...parts, ...directory, end]);
  }
  const end64 = Buffer.alloc(76);
  end64.write("PK\x06\x06");
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(BigInt(count), 32);
  end64.writeBigUInt64LE(BigInt(length), 40);
  end64.writeBigUInt64LE(BigInt(position), 48);
  end64.write("PK\x06\x07", 56);
  end64.writeBigUInt64LE(BigInt(position + length), 64);
  end.fill(0xff, 8, 20);
  return Buffer.concat([...parts, ...directory, end64, end]);
}
