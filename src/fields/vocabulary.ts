// The symbols of a text column, learned from its texts: its characters, all bytes, or pairs that
// stand together often (Sennrich, Haddow and Birch 2016, Neural Machine Translation of Rare Words
// with Subword Units, algorithm 1).
import type { Readable } from "./columns.ts";
import type { Field, TextField } from "./field.ts";
import { type TextUnit, Tokenizer, unitsOf } from "./tokens.ts";

/** How texts are cut: characters, bytes, or so many symbols with pairs among them. */
export type VocabularyChoice = "characters" | "bytes" | number;

/** Characters of all texts together that pairs are learned from: more change little. */
const MOST_FOR_PAIRS = 300_000;
/** Rarer characters are unknown ones: of a script of thousands most texts use few. */
const MOST_CHARACTERS = 1000;
/** Longer texts are cut: every place costs as much as a whole short text's first. */
const LONGEST = 256;

/** Words with the space before them, which pairs do not reach across. */
const wordsIn = (text: string) => text.match(/\s?[^\s]+|\s+/g) ?? [];

interface Word {
  symbols: string[];
  count: number;
}

/** Merges the most frequent pair, again and again, until there are so many symbols. */
function learnPairs(texts: readonly string[], size: number): string[] {
  const counts = new Map<string, number>();
  let left = MOST_FOR_PAIRS;
  for (const text of texts) {
    if (left < 0) break;
    left -= text.length;
    for (const word of wordsIn(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words: Word[] = [...counts].map(([word, count]) => ({ symbols: [...word], count }));
  const vocabulary = new Set(words.flatMap(({ symbols }) => symbols));
  while (vocabulary.size < size) {
    const pairs = new Map<string, number>();
    for (const { symbols, count } of words) {
      for (let i = 1; i < symbols.length; i++) {
        const pair = symbols[i - 1]! + symbols[i]!;
        pairs.set(pair, (pairs.get(pair) ?? 0) + count);
      }
    }
    let [best, most] = ["", 1];
    for (const [pair, count] of pairs) {
      // Of equals the first in order of code units, whatever the order of the texts.
      if (count > most || (count === most && best !== "" && pair < best))
        [best, most] = [pair, count];
    }
    if (best === "") break;
    vocabulary.add(best);
    for (const word of words) word.symbols = merged(word.symbols, best);
  }
  return [...vocabulary];
}

function merged(symbols: readonly string[], pair: string): string[] {
  const result: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (i + 1 < symbols.length && symbols[i]! + symbols[i + 1]! === pair) {
      result.push(pair);
      i++;
    } else result.push(symbols[i]!);
  }
  return result;
}

function learnUnits(texts: Iterable<string>, unit: TextUnit): string[] {
  if (unit === "bytes") return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const character of unitsOf(text, unit)) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
  }
  const frequent = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return frequent.slice(0, MOST_CHARACTERS).map(([character]) => character);
}

function learn(field: TextField, texts: readonly string[], choice: VocabularyChoice): TextField {
  const pairs = typeof choice === "number";
  const unit: TextUnit = pairs ? "pairs" : choice;
  const vocabulary = pairs ? learnPairs(texts, choice) : learnUnits(texts, unit);
  const tokenizer = new Tokenizer({ vocabulary, unit });
  let longest = 0;
  for (const text of texts) longest = Math.max(longest, tokenizer.codes(text).length);
  // A multiple of 8 halves three times without a rest.
  const length = Math.min(LONGEST, Math.ceil((longest + 1) / 8) * 8);
  return { ...field, vocabulary, unit, length };
}

/** Texts that a vocabulary is learned from: the first of a long file stand for the others. */
const MOST_TEXTS = 200_000;

/** The fields with the vocabularies of their texts, where they have none yet. */
export async function learnVocabularies(
  data: Readable,
  fields: readonly Field[],
  choice: VocabularyChoice,
): Promise<Field[]> {
  const result: Field[] = [];
  for (const field of fields) {
    const wants = field.kind === "text" && "vocabulary" in field && field.length === 0;
    if (!wants) {
      result.push(field);
      continue;
    }
    const texts: string[] = [];
    for await (const { columns } of data.chunks([field.name])) {
      const [column] = columns;
      if (column?.type !== "text") continue;
      for (const text of column.values) if (text !== null) texts.push(text);
      if (texts.length >= MOST_TEXTS) break;
    }
    result.push(learn(field, texts, choice));
  }
  return result;
}
