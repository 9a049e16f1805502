// Images of bytes, and vectors of numbers.
import type { ImageField, VectorField } from "../../fields/field.ts";
import { isShared } from "../../fields/field.ts";
import { damaged } from "../ans/coder.ts";
import { packBytes, unpackBytes } from "../side/pack.ts";
import { noMass, ofBits } from "../values.ts";
import { type FieldCells, type FieldSymbols, POWERS, readPlaces, writePlaces } from "./cells.ts";

/** Share of grey pixels from which images are not taken for black and white with some faults. */
const GREY = 0.02;

/** Of an image, channels first as the likelihood has it, where each value is among pixels, channels last. */
function placesOf({ height, width, channels }: ImageField): Int32Array {
  const pixels = height * width;
  return Int32Array.from({ length: pixels * channels }, (_, i) => {
    const channel = Math.floor(i / pixels);
    return (i - channel * pixels) * channels + channel;
  });
}

const all = (length: number, value: number) => new Float64Array(length).fill(value);

/** @param gridded whether pixels are coded by a density's share of their step. */
export function imageCells(field: ImageField, gridded: boolean): FieldCells {
  const size = field.height * field.width * field.channels;
  const places = placesOf(field);
  const grid = (rows: number): Omit<FieldSymbols, "codes"> => ({
    present: null,
    lows: gridded ? all(rows * size, 0) : null,
    powers: gridded ? all(rows * size, 1) : null,
    counts: gridded ? all(rows * size, 256) : null,
  });
  return {
    encode(cells, rows, side) {
      if (cells.type !== "image") throw damaged();
      const { pixels } = cells;
      const codes = all(rows * size, 0);
      if (!ofBits(field)) {
        for (let first = 0; first < codes.length; first += size) {
          for (let i = 0; i < size; i++) codes[first + i] = pixels[first + places[i]!]!;
        }
        return { codes, ...grid(rows) };
      }
      // Black is 0, and white the brightest there is: 1 or 255.
      const white = pixels.reduce((top, pixel) => Math.max(top, pixel), 1) > 1 ? 255 : 1;
      const grey: number[] = [];
      for (let first = 0; first < codes.length; first += size) {
        for (let i = 0; i < size; i++) {
          const from = first + places[i]!;
          const pixel = pixels[from]!;
          codes[first + i] = 2 * pixel >= white ? 1 : 0;
          if (pixel !== 0 && pixel !== white) grey.push(from);
        }
      }
      if (grey.length > GREY * pixels.length) throw noMass(field);
      grey.sort((a, b) => a - b);
      side.byte(white);
      writePlaces(side, grey);
      for (const place of grey) side.byte(pixels[place]!);
      return { codes, ...grid(rows) };
    },
    prepare(_, rows, side) {
      const white = ofBits(field) ? side.byte() : 1;
      const grey = ofBits(field)
        ? readPlaces(side, rows * size).map((place): [number, number] => [place, side.byte()])
        : [];
      return {
        symbols: { codes: all(rows * size, 0), ...grid(rows) },
        restore(codes) {
          const pixels = new Uint8Array(rows * size);
          for (let first = 0; first < pixels.length; first += size) {
            for (let i = 0; i < size; i++) pixels[first + places[i]!] = codes[first + i]! * white;
          }
          for (const [place, pixel] of grey) pixels[place] = pixel;
          return { type: "image", pixels };
        },
      };
    },
  };
}

/** Whether every NaN has the bits that JavaScript's has, and comes back as it is. */
function plainNaN(numbers: Float32Array): boolean {
  const bits = new Uint32Array(numbers.slice().buffer);
  return numbers.every((x, i) => !Number.isNaN(x) || bits[i] === 0x7fc00000);
}

/** The decimals that all numbers are written with; -1: more than float32 tells apart. */
function decimalsOf(numbers: Float32Array): number {
  if (!plainNaN(numbers)) return -1;
  for (let decimals = 0; decimals <= 6; decimals++) {
    const power = POWERS[decimals]!;
    const fits = numbers.every((x) => {
      if (Number.isNaN(x)) return true;
      // Of the two zeros a whole number is the one without a sign.
      const whole = Math.round(x * power) + 0;
      return Math.abs(whole) < 2 ** 40 && Object.is(Math.fround(whole / power), x);
    });
    if (fits) return decimals;
  }
  return -1;
}

const AS_THEY_ARE = 255;

export function vectorCells(field: VectorField): FieldCells {
  const { size } = field;
  const counted = field.likelihood === "negative-binomial";
  /** Symbols of rows that are not coded by the model, or of numbers on one grid. */
  function symbolsOf(
    rows: number,
    present: Uint8Array,
    low: number,
    power: number,
    count: number,
  ): FieldSymbols {
    const length = rows * size;
    return {
      codes: all(length, 0),
      present,
      lows: counted ? null : all(length, low),
      powers: counted ? null : all(length, power),
      counts: counted ? null : all(length, count),
    };
  }
  return {
    encode(cells, rows, side) {
      if (cells.type !== "vector") throw damaged();
      const { numbers } = cells;
      const decimals = decimalsOf(numbers);
      const there = numbers.filter((x) => !Number.isNaN(x));
      const [low, high] = there.reduce(
        ([least, most], x) => [Math.min(least, x), Math.max(most, x)] as const,
        [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const,
      );
      if (decimals < 0 || there.length === 0 || (counted && (decimals > 0 || low < 0))) {
        side.byte(AS_THEY_ARE);
        const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
        side.block(packBytes(bytes, { stride: 4 }));
        return symbolsOf(rows, new Uint8Array(numbers.length), 0, 1, 1);
      }
      const power = POWERS[decimals]!;
      const begin = counted ? 0 : Math.round(low * power);
      const count = Math.round(high * power) - begin + 1;
      const present = Uint8Array.from(numbers, (x) => (Number.isNaN(x) ? 0 : 1));
      side.byte(decimals);
      side.whole(begin);
      side.count(count);
      side.block(there.length === numbers.length ? new Uint8Array() : packBytes(present));
      const symbols = symbolsOf(rows, present, begin, power, count);
      numbers.forEach((x, i) => {
        if (present[i]) symbols.codes[i] = Math.round(x * power) - begin;
      });
      if (isShared(field)) {
        for (let row = 0; row < rows; row++) {
          const codes = symbols.codes.subarray(row * size, (row + 1) * size);
          side.count(codes.reduce((sum, code) => sum + code, 0));
        }
      }
      return symbols;
    },
    prepare(_, rows, side) {
      const decimals = side.byte();
      const length = rows * size;
      if (decimals === AS_THEY_ARE) {
        const bytes = unpackBytes(side.block(), 4 * length);
        if (bytes.length !== 4 * length) throw damaged();
        const numbers = new Float32Array(bytes.slice().buffer);
        return {
          symbols: symbolsOf(rows, new Uint8Array(length), 0, 1, 1),
          restore: () => ({ type: "vector", numbers }),
        };
      }
      const power = POWERS[decimals];
      if (power === undefined) throw damaged();
      const [begin, count] = [side.whole(), side.count()];
      const mask = side.block();
      const present =
        mask.length === 0 ? new Uint8Array(length).fill(1) : unpackBytes(mask, length);
      if (present.length !== length) throw damaged();
      const symbols = symbolsOf(rows, present, begin, power, count);
      if (isShared(field)) {
        for (let row = 0; row < rows; row++) symbols.codes[row * size] = side.count();
      }
      return {
        symbols,
        restore: (codes) => ({
          type: "vector",
          numbers: Float32Array.from(codes, (code, i) =>
            present[i] ? (begin + code) / power : Number.NaN,
          ),
        }),
      };
    },
  };
}
