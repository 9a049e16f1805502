// Options of train that say several things in one text.
import { ElboError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import type { Split } from "../data/split.ts";
import type { Declarations } from "../fields/declarations.ts";
import type { VocabularyChoice } from "../fields/vocabulary.ts";

/** `random`, `stratified:COL`, `time:COL` or `group:COL`. */
export function parseSplit(text: string): Split {
  if (text === "random") return { by: "random" };
  const [, by, column] = /^(stratified|time|group):(.+)$/s.exec(text) ?? [];
  if (by !== undefined && column !== undefined)
    return { by: by as "stratified" | "time" | "group", column };
  const [word, ...rest] = text.split(":") as [string, ...string[]];
  const close = nearest(word, rest.length > 0 ? ["stratified", "time", "group"] : ["random"]);
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message: `--split is random, stratified:COLUMN, time:COLUMN or group:COLUMN, received "${text}"`,
    hint:
      close && close !== word
        ? `Did you mean ${[close, ...rest].join(":")}?`
        : "For example --split time:date.",
  });
}

/** `characters`, `bytes`, or the number of symbols that pairs of them make. */
export function parseVocabulary(text: string): VocabularyChoice {
  if (text === "characters" || text === "bytes") return text;
  const size = Number(text);
  if (Number.isInteger(size) && size >= 2 && size <= 10_000) return size;
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message: `--vocabulary is characters, bytes or a number of symbols from 2 to 10,000, received "${text}"`,
    hint: "For example --vocabulary 500.",
  });
}

/** `-999,unknown` of every column, `age=-999` of one. */
export function parseMissing(texts: readonly string[]): NonNullable<Declarations["missing"]> {
  const every: string[] = [];
  const of: Record<string, string[]> = {};
  for (const text of texts) {
    const [, column, list] = /^(?:([^=]+)=)?(.*)$/s.exec(text)!;
    const words = list!.split(",").map((word) => word.trim());
    if (words.includes("")) {
      throw new ElboError({
        code: "option-value",
        kind: "usage",
        message: `--missing is words that mean "missing", with commas between them, or COLUMN=WORDS; received "${text}"`,
        hint: "For example --missing -999,unknown or --missing age=-999.",
      });
    }
    if (column === undefined) every.push(...words);
    else of[column] = [...(of[column] ?? []), ...words];
  }
  return { every, of };
}

/** `28x28`, or one number for both sides. */
export function parseSize(text: string): { width: number; height: number } {
  const [, first, second = first] = /^(\d+)(?:[x×](\d+))?$/.exec(text) ?? [];
  const [width, height] = [Number(first), Number(second)];
  if (width >= 1 && height >= 1 && width <= 4096 && height <= 4096) return { width, height };
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message: `--size is WIDTHxHEIGHT in pixels from 1 to 4096, received "${text}"`,
    hint: "For example --size 28x28.",
  });
}
