// Bytes packed without loss, for all that a model does not code: names, forms of cells, tables. A
// packed row is its length and mode, the coded bits, and a check of the bytes that come out.
import { crc32 } from "../../base/crc32.ts";
import { ElboError } from "../../base/errors.ts";
import { checkNumber } from "../../base/validate.ts";
import { ByteReader, ByteWriter } from "../bytes.ts";
import { BitReader, BitWriter } from "./binary-coder.ts";
import { ByteModel } from "./byte-model.ts";

export interface PackOptions {
  /**
   * The width of records, where the bytes are such: numbers of 4 or 8 bytes, one behind the other. A
   * byte is then foretold by its place and what stands above it. Default none.
   */
  stride?: number;
}

const mostStride = 255;
/** Bytes as they are, running text, records. */
const modes = 3;

const checkBytes = (length: number) => (length < 64 ? 1 : length < 4096 ? 2 : 4);

function damaged(reason: string): ElboError {
  return new ElboError({
    code: "packed-damaged",
    message: `Packed bytes give back what was packed; these do not: ${reason}`,
    hint: "the file is damaged or was cut short; take another copy of it",
  });
}

function coded(bytes: Uint8Array, stride: number): Uint8Array {
  const writer = new BitWriter();
  const model = new ByteModel(bytes, stride);
  for (const byte of bytes) {
    for (let shift = 7; shift >= 0; shift--) {
      const bit = (byte >> shift) & 1;
      writer.write(bit, model.predict());
      model.update(bit);
    }
    model.endByte();
  }
  return writer.finish();
}

function decoded(code: Uint8Array, length: number, stride: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const reader = new BitReader(code);
  const model = new ByteModel(bytes, stride);
  for (let i = 0; i < length; i++) {
    let byte = 1;
    while (byte < 256) {
      const bit = reader.read(model.predict());
      model.update(bit);
      byte = 2 * byte + bit;
    }
    if (reader.beyond) throw damaged("they end too early");
    bytes[i] = byte - 256;
    model.endByte();
  }
  if (reader.left) throw damaged("something stands behind them");
  return bytes;
}

function checkOf(bytes: Uint8Array): Uint8Array {
  const crc = crc32(bytes);
  return Uint8Array.from({ length: checkBytes(bytes.length) }, (_, i) => (crc >>> (8 * i)) & 255);
}

/**
 * Bytes in fewer: by context mixing, about half a MB a second and at most 32 MB of memory. What cannot be
 * packed grows by a few bytes. The same bytes give the same packed ones on every machine.
 */
export function packBytes(bytes: Uint8Array, { stride = 0 }: PackOptions = {}): Uint8Array {
  checkNumber("stride", stride, { min: 0, max: mostStride, integer: true });
  const { length } = bytes;
  if (length === 0) return new Uint8Array(0);
  const code = coded(bytes, stride);
  const mode = code.length >= length ? 0 : stride === 0 ? 1 : 2;
  const packed = new ByteWriter();
  packed.count(modes * length + mode);
  if (mode === 2) packed.byte(stride);
  packed.raw(mode === 0 ? bytes : code);
  packed.raw(checkOf(bytes));
  return packed.finish();
}

/**
 * The bytes that were packed.
 * @param limit of how many may come out: a few packed bytes can claim any number.
 * @throws ElboError `packed-damaged` (`archive-damaged` where nothing begins), or `packed-large` beyond
 * the limit.
 */
export function unpackBytes(packed: Uint8Array, limit: number): Uint8Array {
  if (packed.length === 0) return new Uint8Array(0);
  const reader = new ByteReader(packed);
  const value = reader.count();
  const length = Math.floor(value / modes);
  const mode = value % modes;
  if (length > limit) {
    throw new ElboError({
      code: "packed-large",
      message: `${limit} bytes at most may be unpacked here; these claim to hold ${length}`,
      hint: "the file is damaged, or not what it is taken for; take another copy of it",
    });
  }
  const stride = mode === 2 ? reader.byte() : 0;
  if (mode === 2 && stride === 0) throw damaged("their records have no width");
  const checked = checkBytes(length);
  if (length === 0 || reader.left < checked) throw damaged("they end too early");
  const code = reader.raw(reader.left - checked);
  if (mode === 0 && code.length !== length) throw damaged("they are not as many as they claim");
  const bytes = mode === 0 ? code.slice() : decoded(code, length, stride);
  if (checkOf(bytes).some((byte) => byte !== reader.byte())) {
    throw damaged("their check does not agree");
  }
  return bytes;
}
