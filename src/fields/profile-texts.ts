// What is seen of a column of texts while its rows go by.
import type { TextProfile } from "./column-profile.ts";
import type { ColumnInfo } from "./columns.ts";
import { addWord, digestText, hashText, startDigest } from "./digest.ts";
import { createSketch, type Sketch } from "./distinct.ts";
import { watchNotation } from "./notation.ts";
import type { ColumnWatch } from "./profile-numbers.ts";

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
  /** Of codes while levels are kept, then of the texts themselves. */
  const digest = startDigest();

  function newLevel(text: string): number {
    notation.add(text);
    if (codes!.size === limit || kept + text.length > charactersKept) {
      sketch = createSketch();
      for (const level of codes!.keys()) sketch.add(hashText(level));
      codes = undefined;
      return -1;
    }
    const code = codes!.size;
    codes!.set(text, code);
    counts.push(0);
    kept += text.length;
    if (text.includes(" ")) spaced++;
    return code;
  }

  return {
    add(column) {
      let last: string | undefined;
      let lastCode = -1;
      for (const text of column.values as readonly (string | null)[]) {
        if (text === null) {
          addWord(digest, -2);
          continue;
        }
        present++;
        characters += text.length;
        if (text.length > maxLength) maxLength = text.length;
        if (codes !== undefined) {
          const code = text === last ? lastCode : (codes.get(text) ?? newLevel(text));
          if (code >= 0) {
            counts[code]!++;
            addWord(digest, code);
            last = text;
            lastCode = code;
            continue;
          }
        }
        notation.add(text);
        const hash = hashText(text);
        sketch!.add(hash);
        addWord(digest, hash);
      }
    },
    profile(rows) {
      const whole = digestText(digest);
      const levels = codes && [...codes].map(([value, code]) => ({ value, count: counts[code]! }));
      levels?.sort((a, b) => (a.value < b.value ? -1 : 1));
      const values = startDigest();
      for (const text of codes?.keys() ?? []) addWord(values, hashText(text));
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
        spaced: counts.length === 0 ? 0 : spaced / counts.length,
        digest: codes === undefined ? whole : whole + digestText(values),
        pattern: codes === undefined ? null : whole,
      };
    },
  };
}
