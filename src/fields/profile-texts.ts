// What is seen of a column of texts while its rows go by.
import type { MixedCells, TextProfile } from "./column-profile.ts";
import type { CodedTexts, ColumnInfo, ColumnValues } from "./columns.ts";
import { addWord, digestText, hashText, startDigest, stepA, stepB } from "./digest.ts";
import { createSketch, type Sketch } from "./distinct.ts";
import { watchNotation } from "./notation.ts";
import { isNumeral } from "./packing/numbers.ts";
import type { ColumnWatch } from "./profile-numbers.ts";

const exampleLength = 40;

/** Counts the texts that are numbers, and keeps the first of either sort. */
function watchNumerals() {
  const counts = { numbers: 0, texts: 0 };
  type Example = MixedCells["example"];
  const first: { numbers?: Example; texts?: Example; padded?: Example } = {};
  return {
    /** @param row from 1. */
    add(text: string, row: number): boolean {
      const numeral = isNumeral(text);
      const example = () => ({ text: text.slice(0, exampleLength), row });
      first[numeral ? "numbers" : "texts"] ??= example();
      if (first.padded === undefined && /^0\d+$/.test(text)) first.padded = example();
      return numeral;
    },
    count(numeral: boolean, cells: number): void {
      counts[numeral ? "numbers" : "texts"] += cells;
    },
    found(): { mixed?: MixedCells } {
      const { numbers, texts } = counts;
      if (numbers === 0) return {};
      // Of numbers alone it tells what they may be: codes.
      const alone = first.padded ?? first.numbers;
      const rarer = texts === 0 ? alone : numbers < texts ? first.numbers : first.texts;
      return { mixed: { numbers, texts, example: rarer! } };
    },
  };
}

/** Long texts are let go before they are as many as levels may be. */
const charactersKept = 1 << 23;

export function watchTexts(
  info: Extract<ColumnInfo, { type: "text" }>,
  limit: number,
): ColumnWatch<TextProfile> {
  let codes: Map<string, number> | undefined = new Map();
  let sketch: Sketch | undefined;
  const counts: number[] = [];
  let kept = 0;
  let characters = 0;
  let spaced = 0;
  let present = 0;
  let maxLength = 0;
  const notation = watchNotation();
  const numerals = watchNumerals();
  /** Whether each level is a number. */
  const numeral: boolean[] = [];
  const lengths: number[] = [];
  /** Of codes while levels are kept, then of the texts themselves. */
  const digest = startDigest();

  function newLevel(text: string, row: number): number {
    if (codes!.size === limit || kept + text.length > charactersKept) {
      sketch = createSketch();
      for (const [level, code] of codes!) {
        sketch.add(hashText(level));
        numerals.count(numeral[code]!, counts[code]!);
      }
      codes = undefined;
      return -1;
    }
    const code = codes!.size;
    codes!.set(text, code);
    counts.push(0);
    notation.add(text);
    numeral.push(numerals.add(text, row));
    lengths.push(text.length);
    kept += text.length;
    if (text.length > maxLength) maxLength = text.length;
    if (text.includes(" ")) spaced++;
    return code;
  }

  /** The levels of a source's own codes: −2 of what is missing. */
  let ownTexts: CodedTexts["texts"] | undefined;
  let ownLevels: number[] = [];

  /** Adds texts while levels are kept, each different one looked at once; returns where they no longer are. */
  function addCoded({ codes: own, texts }: CodedTexts, firstRow: number): number {
    if (codes === undefined) return 0;
    if (ownTexts !== texts) {
      ownTexts = texts;
      ownLevels = [];
    }
    let { a, b } = digest;
    let i = 0;
    for (; i < own.length; i++) {
      const code = own[i]!;
      let level = ownLevels[code];
      if (level === undefined) {
        const text = texts[code]!;
        level = text === null ? -2 : (codes.get(text) ?? newLevel(text, firstRow + i + 1));
        if (level === -1) break;
        ownLevels[code] = level;
      }
      a = stepA(a, level);
      b = stepB(b, level);
      if (level < 0) continue;
      counts[level]!++;
      characters += lengths[level]!;
      present++;
    }
    digest.a = a;
    digest.b = b;
    return i;
  }

  function add(values: readonly (string | null)[], from: number, firstRow: number) {
    let last: string | undefined;
    let lastCode = -1;
    for (let i = from; i < values.length; i++) {
      const text = values[i] as string | null;
      if (text === null) {
        addWord(digest, -2);
        continue;
      }
      present++;
      characters += text.length;
      if (codes !== undefined) {
        const code =
          text === last ? lastCode : (codes.get(text) ?? newLevel(text, firstRow + i + 1));
        if (code >= 0) {
          counts[code]!++;
          addWord(digest, code);
          last = text;
          lastCode = code;
          continue;
        }
      }
      if (text.length > maxLength) maxLength = text.length;
      notation.add(text);
      numerals.count(numerals.add(text, firstRow + i + 1), 1);
      const hash = hashText(text);
      sketch!.add(hash);
      addWord(digest, hash);
    }
  }

  return {
    add(column, firstRow) {
      const texts = column as Extract<ColumnValues, { type: "text" }>;
      const { coded } = texts;
      const added = coded === undefined ? 0 : addCoded(coded, firstRow);
      if (added !== coded?.codes.length) add(texts.values, added, firstRow);
    },
    profile(rows) {
      const whole = digestText(digest);
      const levels = codes && [...codes].map(([value, code]) => ({ value, count: counts[code]! }));
      levels?.sort((a, b) => (a.value < b.value ? -1 : 1));
      const values = startDigest();
      for (const [text, code] of codes ?? []) {
        addWord(values, hashText(text));
        numerals.count(numeral[code]!, counts[code]!);
      }
      return {
        type: "text",
        name: info.name,
        info,
        rows,
        missing: rows - present,
        distinct:
          codes === undefined
            ? { count: Math.min(present, Math.round(sketch!.estimate())), exact: false }
            : { count: codes.size, exact: true },
        levels: levels ?? null,
        meanLength: present === 0 ? 0 : characters / present,
        maxLength,
        notation: notation.found(),
        ...numerals.found(),
        spaced: counts.length === 0 ? 0 : spaced / counts.length,
        digest: codes === undefined ? whole : whole + digestText(values),
        pattern: codes === undefined ? null : whole,
      };
    },
  };
}
