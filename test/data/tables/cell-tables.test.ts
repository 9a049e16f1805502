// Cells that are looked up instead of read again: no table of cells comes out otherwise for it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openCsv } from "#elbo/data/by-path.js";
import { CellTables } from "#elbo/data/tables/cells/tables.js";
import type { ScannedRows } from "#elbo/data/tables/csv-columns.js";
import { readNumber } from "#elbo/data/tables/numerals.js";
import { Random } from "#elbo/runtime/random.js";
import { testFolder } from "../../helpers/folder.ts";
import { readColumns } from "./collect.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A column of some cells, one a row, with their codes. */
function scannedOf(tables: CellTables, texts: readonly string[]) {
  const cells = texts.map(bytesOf);
  const starts = new Int32Array(texts.length);
  const ends = new Int32Array(texts.length);
  let at = 0;
  for (const [i, { length }] of cells.entries()) {
    starts[i] = at;
    ends[i] = at += length;
  }
  const bytes = new Uint8Array(cells.flatMap((cell) => [...cell]));
  const doubled = new Uint8Array(texts.length);
  const places = { starts, ends, doubled, rows: texts.length, consumed: at, beyondAscii: true };
  const scanned: ScannedRows = { bytes, places, cells: [], first: 0, part: 0, before: 0 };
  tables.code(scanned, [0], [0]);
  return scanned.cells[0];
}
const codesOf = (tables: CellTables, texts: readonly string[]): number[] => [
  ...(scannedOf(tables, texts)?.codes ?? texts.map(() => -1)),
];
const twice = (count: number) => Array.from({ length: 2 * count }, (_, i) => `level ${i >> 1}`);

test("equal bytes have one code, other bytes another, in order of appearance", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 3 }),
    fc.string({ unit: "grapheme-ascii", maxLength: 40 }).filter((text) => text.length <= 64),
  );
  const pieces = fc.array(fc.array(text, { maxLength: 100 }), { maxLength: 3 });
  fc.assert(
    fc.property(pieces, (texts) => {
      const tables = new CellTables(1);
      const known = new Map<string, number>();
      for (const piece of [...texts, ...texts]) {
        for (const each of piece) {
          const key = bytesOf(each).join();
          if (!known.has(key)) known.set(key, known.size);
        }
        const keys = piece.map((each) => bytesOf(each).join());
        expect(codesOf(tables, piece)).toEqual(keys.map((key) => known.get(key)));
      }
      expect(tables.size(0)).toBe(known.size);
      for (const [key, code] of known) expect(tables.bytes(0, code).join()).toBe(key);
    }),
    { numRuns: 200 },
  );
});

test("what mostly comes once is not looked up any more", () => {
  const once = new CellTables(1);
  const ids = Array.from({ length: 300 }, (_, i) => `id ${i}`);
  expect(codesOf(once, ids)).toEqual(ids.map((_, i) => (i < 256 ? i : -1)));
  expect(codesOf(once, ["id 0"])).toEqual([-1]);
});

test("cells without a code have their numbers, or are read as all others are", () => {
  const tables = new CellTables(1);
  codesOf(
    tables,
    Array.from({ length: 300 }, (_, i) => `id ${i}`),
  );
  const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 17 });
  const written = fc.oneof(
    fc.tuple(fc.constantFrom("", "-", "+"), digits, fc.constantFrom("", ".", "..", "e"), digits),
    fc.constantFrom(["inf"], ["-"], ["."], [""], ["NaN"], ["0x10"], ["-0"], ["1 2"], ["٣"]),
  );
  const read = (text: string) => {
    const bytes = bytesOf(text);
    return readNumber(bytes, 0, bytes.length);
  };
  fc.assert(
    fc.property(fc.array(written, { minLength: 1, maxLength: 50 }), (all) => {
      const texts = all.map((parts) => parts.join(""));
      const { codes, numbers, without, size } = scannedOf(tables, texts)!;
      expect([...codes]).toEqual(texts.map(() => -1));
      expect([without, size]).toEqual([texts.length, 256]);
      for (const [i, text] of texts.entries()) {
        // Written as nearly all numbers are, they are read here; other cells are told by others.
        const plain = /^-?(0|[1-9]\d*)?(\.\d*)?$/.test(text) && /\d/.test(text);
        const short = (text.match(/\d/g) ?? []).length <= 15;
        const found = numbers?.[i] ?? Number.NaN;
        expect(found).toBe(plain && short ? read(text) : Number.NaN);
      }
    }),
    { numRuns: 500 },
  );
});

test("a full table takes no more, and finds those that it has", () => {
  const often = new CellTables(1);
  expect(codesOf(often, twice(5000))).toEqual(twice(5000).map((_, i) => (i < 8192 ? i >> 1 : -1)));
  expect(codesOf(often, ["level 17", "x".repeat(65)])).toEqual([17, -1]);

  const long = new CellTables(1);
  const texts = twice(4000).map((text) => text.padEnd(64, "."));
  const most = (4096 * 32) / 64;
  expect(codesOf(long, texts)).toEqual(texts.map((_, i) => (i >> 1 < most ? i >> 1 : -1)));

  const oneOfMany = new CellTables(4096);
  expect(codesOf(oneOfMany, twice(100))).toEqual(twice(100).map((_, i) => (i < 128 ? i >> 1 : -1)));
  const oneOfTooMany = new CellTables(20_000);
  expect(codesOf(oneOfTooMany, twice(3))).toEqual(new Array(6).fill(-1));
  expect(oneOfTooMany.size(0)).toBe(0);
});

/** Rows of columns that have few values, many, one each, gaps, and quotes; and as a reader has them. */
function manyRows(rows: number) {
  const draws = new Random(5).uniform(0, 0, 5 * rows);
  let next = 0;
  const below = (n: number) => Math.floor(draws[next++]! * n);
  const lines = ["few,many,number,id,gap,quoted"];
  const wanted: (string | number | null)[][] = [[], [], [], [], [], []];
  for (let row = 0; row < rows; row++) {
    const cells = [`l${below(7)}`, `name ${below(9000)}`, below(6000) / 8, row * 17, below(3), ""];
    const quoted = `say "${below(20)}"`;
    const gap = cells[4] === 0;
    lines.push(
      [
        ` ${cells[0]}`,
        cells[1],
        cells[2],
        `#${cells[3]}`,
        gap ? "NA" : cells[4],
        `"${quoted.replaceAll('"', '""')}" `.trimEnd(),
      ].join(","),
    );
    const values = [
      cells[0]!,
      cells[1]!,
      cells[2]!,
      `#${cells[3]}`,
      gap ? null : cells[4]!,
      quoted,
    ];
    for (const [j, value] of values.entries()) wanted[j]!.push(value);
  }
  return { text: `${lines.join("\n")}\n`, wanted };
}

test.each([
  ["a short file, whose cells are kept", 20_000],
  ["a long one, which is walked over again", 250_000],
])("%s: every cell is what stands there, at each reading", async (_, rows) => {
  const { text, wanted } = manyRows(rows);
  const path = join(testFolder(), "many.csv");
  writeFileSync(path, text);
  const source = await openCsv([path]);
  expect(source.columns.map(({ type }) => type)).toEqual([
    ...["text", "text", "number", "text", "number", "text"],
  ]);
  for (const _ of [1, 2]) {
    const columns = await readColumns(source);
    const received = columns.map((cells) =>
      cells.map((cell) => (typeof cell === "number" && Number.isNaN(cell) ? null : cell)),
    );
    for (const [j, cells] of received.entries()) expect(cells).toEqual(wanted[j]);
  }
});

test("numbers that come again are read as they stand, however they are written", async () => {
  const written = ["+5", "1e3", "7.", "-0", "NA", "12345678901234567890", "8"];
  const path = join(testFolder(), "written.csv");
  const lines = Array.from({ length: 3 * written.length }, (_, i) => written[i % written.length]);
  writeFileSync(path, `x\n${lines.join("\n")}\n`);
  const [values] = await readColumns(await openCsv([path]));
  const wanted = [5, 1000, 7, -0, Number.NaN, Number("12345678901234567890"), 8];
  expect(values).toEqual([...wanted, ...wanted, ...wanted]);
});
