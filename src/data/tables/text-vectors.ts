// The strings of DuckDB's vectors of text. To fetch a string of more than 12 bytes takes
// microseconds (node-api 1.5), so that texts come with their hashes, and one that comes again is
// the string fetched before.
import type { DuckDBVector } from "@duckdb/node-api";

/**
 * A text's hash, never 0; 0 where it is missing. Of 63 bits: among 10⁸ texts none are confused.
 * DuckDB's own `hash` (1.5) is the same for many long texts that repeat themselves.
 */
export const hashExpression = (text: string) =>
  `if(${text} IS NULL, 0::UBIGINT, md5_number_lower(${text}) | 1::UBIGINT)`;

export type TextsReader = (
  texts: DuckDBVector,
  hashes: DuckDBVector,
  rows: number,
) => (string | null)[];

/** Beyond it, texts are as good as unique. */
const rememberedTexts = 1 << 16;

/** The low and high halves of the hashes, one after the other. */
function halves(hashes: DuckDBVector, rows: number): Uint32Array {
  // A member that node-api 1.5 has but does not promise.
  const items: unknown = Reflect.get(hashes, "items");
  const known = items instanceof BigUint64Array && items.length === rows;
  const values = known
    ? items
    : BigUint64Array.from({ length: rows }, (_, row) => hashes.getItem(row) as bigint);
  return new Uint32Array(values.buffer, values.byteOffset, 2 * rows);
}

/** A reader of one column's vectors, which remembers its texts from one to the next. */
export function textsReader(): TextsReader {
  const known = new Map<number, { high: number; text: string }>();
  return (texts, hashes, rows) => {
    const values = new Array<string | null>(rows);
    const parts = halves(hashes, rows);
    for (let row = 0; row < rows; row++) {
      const low = parts[2 * row]!;
      const high = parts[2 * row + 1]!;
      if (low === 0 && high === 0) {
        values[row] = null;
        continue;
      }
      // As much of the hash as a number holds; the entry has the rest.
      const key = low + (high & 0x1fffff) * 2 ** 32;
      const found = known.get(key);
      if (found !== undefined && found.high === high) {
        values[row] = found.text;
        continue;
      }
      const text = texts.getItem(row) as string;
      values[row] = text;
      if (known.size < rememberedTexts) known.set(key, { high, text });
    }
    return values;
  };
}
