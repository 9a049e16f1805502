// A column of a row group as its bytes in the file, in one page or, where values repeat, a dictionary and
// a page of places in it, and what the file's footer says of it.
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { binary, i32, i64, list, struct, type ThriftValue, thriftBytes } from "./thrift.ts";
import {
  dictionaryOf,
  type Physical,
  type Present,
  placesBytes,
  plain,
  presence,
} from "./values.ts";

const physicalTypes: Record<Physical, number> = {
  ...{ boolean: 0, int32: 1, int64: 2, float: 4, double: 5, text: 6 },
};
export const typeNumber = (physical: Physical) => i32(physicalTypes[physical]);

const [PLAIN, RUNS, PLACES] = [0, 3, 8];
const [AS_IS, GZIP] = [0, 2];
const [DATA_PAGE, DICTIONARY_PAGE] = [0, 2];

/** The fastest: what repeats is in a dictionary already. */
const pack = promisify<Uint8Array, { level: number }, Uint8Array>(gzip);
const LEVEL = 1;

/** Noise in floats does not get smaller. */
const compressed: readonly Physical[] = ["int32", "int64", "text"];

export interface ColumnPart {
  physical: Physical;
  /** Those that are there. */
  values: Present;
  /** 1 for each row that has one; null where all have. */
  there: Uint8Array | null;
  rows: number;
  /** Whether the bits of its integers are those of others. */
  unsigned?: true;
}

export interface ColumnChunk {
  pieces: Uint8Array[];
  size: number;
  /** Its metadata, where it begins at this byte of the file. */
  metadata(name: string, offset: number): ThriftValue;
}

/** The least and the greatest; null of none, and of texts and truths, which nobody asks for. */
function range({ values, physical, unsigned }: ColumnPart): [Uint8Array, Uint8Array] | null {
  if (unsigned || physical === "text" || physical === "boolean" || values.length === 0) return null;
  const all = values as Float64Array;
  let [least, greatest] = [all[0]!, all[0]!];
  for (let i = 1; i < all.length; i++) {
    const value = all[i]!;
    if (value < least) least = value;
    else if (value > greatest) greatest = value;
  }
  const bytes = (value: number) => {
    const one = all.slice(0, 1);
    one[0] = value;
    return plain(one, physical);
  };
  // Readers may take either zero for the other: the least is the negative one.
  const isFloat = physical === "float" || physical === "double";
  if (isFloat && least === 0) least = -0;
  if (isFloat && greatest === 0) greatest = 0;
  return [bytes(least), bytes(greatest)];
}

function header(type: number, size: number, packedSize: number, page: ThriftValue): Uint8Array {
  const key = type === DATA_PAGE ? 5 : 7;
  return thriftBytes(struct({ 1: i32(type), 2: i32(size), 3: i32(packedSize), [key]: page }));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

export async function columnChunk(part: ColumnPart): Promise<ColumnChunk> {
  const { physical, values, there, rows } = part;
  const dictionary = physical === "boolean" ? null : dictionaryOf(values);
  const codec = compressed.includes(physical) ? GZIP : AS_IS;
  const pieces: Uint8Array[] = [];
  let [size, unpackedSize] = [0, 0];
  async function page(type: number, content: readonly Uint8Array[], about: ThriftValue) {
    const length = content.reduce((sum, piece) => sum + piece.length, 0);
    const body = codec === GZIP ? [await pack(joined(content), { level: LEVEL })] : content;
    const stored = body.reduce((sum, piece) => sum + piece.length, 0);
    const head = header(type, length, stored, about);
    pieces.push(head, ...body);
    size += head.length + stored;
    unpackedSize += head.length + length;
  }
  if (dictionary) {
    const about = struct({ 1: i32(dictionary.values.length), 2: i32(PLAIN) });
    await page(DICTIONARY_PAGE, [plain(dictionary.values, physical)], about);
  }
  const dataStart = size;
  const encoding = dictionary ? PLACES : PLAIN;
  const content = dictionary
    ? placesBytes(dictionary.places, dictionary.values.length)
    : plain(values, physical);
  const about = struct({ 1: i32(rows), 2: i32(encoding), 3: i32(RUNS), 4: i32(RUNS) });
  await page(DATA_PAGE, [presence(rows, there), content], about);
  const ends = range(part);
  return {
    pieces,
    size,
    metadata: (name, offset) =>
      struct({
        1: typeNumber(physical),
        2: list([...new Set([PLAIN, RUNS, encoding])].map(i32)),
        3: list([binary(name)]),
        4: i32(codec),
        5: i64(rows),
        6: i64(unpackedSize),
        7: i64(size),
        9: i64(offset + dataStart),
        11: dictionary ? i64(offset) : undefined,
        12: struct({
          3: i64(rows - values.length),
          5: ends ? binary(ends[1]) : undefined,
          6: ends ? binary(ends[0]) : undefined,
        }),
      }),
  };
}
