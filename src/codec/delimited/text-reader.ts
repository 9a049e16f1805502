// Texts of a column that come again as the same strings, decoded once.
import { decode } from "../../data/tables/cell-text.ts";

/** Reads the texts of a column. */
export type TextReader = (
  bytes: Uint8Array,
  start: number,
  end: number,
  doubled: boolean,
) => string;

/** Longer texts, and more of them, rarely come again. */
const rememberedLength = 64;
const rememberedTexts = 4096;

/** A reader that gives a text that comes again as the same string, without decoding it again. */
export function textReader(): TextReader {
  const slots = new Int16Array(4 * rememberedTexts).fill(-1);
  const texts: string[] = [];
  const places = new Int32Array(rememberedTexts + 1);
  let memory = new Uint8Array(1 << 12);

  return (bytes, start, end, doubled) => {
    const length = end - start;
    if (length > rememberedLength || doubled) return decode(bytes, start, end, doubled);
    let hash = length;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    let slot = (hash ^ (hash >>> 15)) & (slots.length - 1);
    search: for (; slots[slot]! >= 0; slot = (slot + 1) & (slots.length - 1)) {
      const known = slots[slot]!;
      const at = places[known]!;
      if (places[known + 1]! - at !== length) continue;
      for (let i = 0; i < length; i++) if (memory[at + i] !== bytes[start + i]) continue search;
      return texts[known]!;
    }
    const text = decode(bytes, start, end, false);
    if (texts.length === rememberedTexts) return text;
    const at = places[texts.length]!;
    if (at + length > memory.length) {
      const larger = new Uint8Array(2 * memory.length + length);
      larger.set(memory);
      memory = larger;
    }
    memory.set(bytes.subarray(start, end), at);
    slots[slot] = texts.length;
    texts.push(text);
    places[texts.length] = at + length;
    return text;
  };
}
