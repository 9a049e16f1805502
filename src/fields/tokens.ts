// Texts as sequences of symbols: what a vocabulary is, how one is learned, and texts as codes.
import type { TextField } from "./field.ts";

/** The code of a text's end, and of everything behind it. Symbols follow from 1 on. */
export const END = 0;

export type TextUnit = TextField["unit"];

/** Codes that a field's texts have: the end, each symbol, and one for all others. */
export const codesOf = ({ vocabulary }: TextField) => vocabulary.length + 2;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A text as its units: code points, or bytes as characters of the same number. */
export function unitsOf(text: string, unit: TextUnit): string[] {
  if (unit !== "bytes") return [...text];
  return Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte));
}

/** Reads the longest symbol that fits, place by place. */
export class Tokenizer {
  readonly #codes: ReadonlyMap<string, number>;
  readonly #longest: number;
  readonly #unit: TextUnit;
  readonly #unknown: number;
  /** Units met that are no symbol, and how often. */
  unknown = 0;

  constructor({ vocabulary, unit }: Pick<TextField, "vocabulary" | "unit">) {
    this.#codes = new Map(vocabulary.map((symbol, i) => [symbol, i + 1]));
    this.#longest = vocabulary.reduce((most, symbol) => Math.max(most, [...symbol].length), 1);
    this.#unit = unit;
    this.#unknown = vocabulary.length + 1;
  }

  /** Codes from 1 on, without an end. */
  codes(text: string): number[] {
    const units = unitsOf(text, this.#unit);
    const codes: number[] = [];
    for (let at = 0; at < units.length; ) {
      let length = Math.min(this.#longest, units.length - at);
      while (length > 1 && !this.#codes.has(units.slice(at, at + length).join(""))) length--;
      const code = this.#codes.get(
        length === 1 ? units[at]! : units.slice(at, at + length).join(""),
      );
      if (code === undefined) this.unknown++;
      codes.push(code ?? this.#unknown);
      at += length;
    }
    return codes;
  }
}

/** The text of codes up to the first end; unknown symbols are U+FFFD. */
export function textOf(codes: ArrayLike<number>, { vocabulary, unit }: TextField): string {
  const symbols: string[] = [];
  for (let i = 0; i < codes.length && codes[i] !== END; i++) {
    symbols.push(vocabulary[codes[i]! - 1] ?? "\ufffd");
  }
  const text = symbols.join("");
  if (unit !== "bytes") return text;
  return decoder.decode(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

/**
 * Places that a text's codes take: its symbols and its end, where there is room for that; 1 of a
 * missing text.
 */
export function placesOf(codes: ArrayLike<number>): number {
  let places = 0;
  while (places < codes.length && codes[places]! > END) places++;
  return Math.min(places + 1, codes.length);
}
