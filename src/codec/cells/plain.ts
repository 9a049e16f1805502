// Columns that the model does not speak of: ids, texts, what is ignored.
import { damaged } from "../ans/coder.ts";
import { ByteReader, ByteWriter } from "../bytes.ts";
import { packBytes, unpackBytes } from "../side/pack.ts";
import type { Cells, Known } from "./cells.ts";

/** What a column that is no part of the model may unpack to. */
const LARGEST = 2 ** 28;

/** Ends a text; a text that holds it is written with its length instead. */
const END = 0x0a;

const joinable = (texts: readonly string[]) => texts.every((text) => !text.includes("\n"));

function shortest(candidates: readonly Uint8Array[]): { place: number; bytes: Uint8Array } {
  const packed = candidates.map((bytes) => packBytes(bytes));
  const lengths = packed.map(({ length }) => length);
  const place = lengths.indexOf(Math.min(...lengths));
  return { place, bytes: packed[place]! };
}

function wholes(values: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  for (const value of values) writer.whole(value);
  return writer.finish();
}

function differences(values: readonly number[]): number[] {
  return values.map((value, i) => (i === 0 ? value : value - values[i - 1]!));
}

/** Numbers as they are, or each less the one before: whichever is shorter. */
function writeNumbers(side: ByteWriter, values: readonly number[]): void {
  // Differences of large numbers are not exact, and -0 has none.
  const exact = values.every((value) => Math.abs(value) < 2 ** 51 && !Object.is(value, -0));
  const plain = wholes(values);
  const { place, bytes } = shortest(exact ? [plain, wholes(differences(values))] : [plain]);
  side.byte(place);
  side.block(bytes);
}

function readNumbers(side: ByteReader, count: number): number[] {
  const kind = side.byte();
  const reader = new ByteReader(unpackBytes(side.block(), 10 * count));
  const values: number[] = [];
  for (let i = 0; i < count; i++) {
    const value = reader.whole();
    values.push(kind === 1 && i > 0 ? values[i - 1]! + value : value);
  }
  return values;
}

function writeTexts(side: ByteWriter, texts: readonly string[]): void {
  const encoder = new TextEncoder();
  const joined = joinable(texts);
  const writer = new ByteWriter();
  for (const text of texts) {
    if (joined) {
      writer.raw(encoder.encode(text));
      writer.byte(END);
    } else writer.text(text);
  }
  side.byte(joined ? 1 : 0);
  side.block(packBytes(writer.finish()));
}

function readTexts(side: ByteReader, count: number): string[] {
  const joined = side.byte() === 1;
  const bytes = unpackBytes(side.block(), LARGEST);
  if (joined) {
    const texts = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\n");
    if (texts.length !== count + 1) throw damaged();
    return texts.slice(0, count);
  }
  const reader = new ByteReader(bytes);
  return Array.from({ length: count }, () => reader.text());
}

export function writePlain(side: ByteWriter, cells: Cells): void {
  if (cells.type === "number") {
    const values = [...cells.mantissas].filter((m) => !Number.isNaN(m));
    writeNumbers(side, values);
  } else if (cells.type === "text") {
    const texts = cells.texts.filter((text) => text !== null);
    writeTexts(side, texts);
  } else if (cells.type === "image") side.block(packBytes(cells.pixels));
  else {
    const { buffer, byteOffset, byteLength } = cells.numbers;
    side.block(packBytes(new Uint8Array(buffer, byteOffset, byteLength), { stride: 4 }));
  }
}

export function readPlain(side: ByteReader, known: Known): Cells {
  switch (known.type) {
    case "number": {
      const { present, decimals } = known;
      const count = present.reduce((sum, there) => sum + there, 0);
      const values = readNumbers(side, count);
      let next = 0;
      const mantissas = Float64Array.from(present, (there) =>
        there ? values[next++]! : Number.NaN,
      );
      return { type: "number", mantissas, decimals };
    }
    case "text": {
      const count = known.present.reduce((sum, there) => sum + there, 0);
      const values = readTexts(side, count);
      let next = 0;
      const texts = Array.from(known.present, (there) => (there ? values[next++]! : null));
      return { type: "text", texts };
    }
    case "image":
      return { type: "image", pixels: unpackBytes(side.block(), LARGEST) };
    case "vector":
      return {
        type: "vector",
        numbers: new Float32Array(unpackBytes(side.block(), LARGEST).slice().buffer),
      };
    default:
      return known satisfies never;
  }
}
