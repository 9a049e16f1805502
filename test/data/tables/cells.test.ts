// The parts of reading delimited text against authorities: DuckDB's reader, JavaScript's numbers
// and dates.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { textReader } from "#elbo/codec/delimited/text-reader.js";
import { openCsv } from "#elbo/data/by-path.js";
import { rowsOf, sqlPath, withDuckDB } from "#elbo/data/duckdb.js";
import { cellFinder } from "#elbo/data/tables/cells/finder.js";
import { readNumber } from "#elbo/data/tables/numerals.js";
import { readTime } from "#elbo/fields/times/iso-time.js";
import { testFolder } from "../../helpers/folder.ts";
import { readColumns } from "./collect.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const numberIn = (text: string) => readNumber(bytesOf(text), 0, bytesOf(text).length);
const timeIn = (text: string) => readTime(bytesOf(text), 0, bytesOf(text).length);

test("every float64 is read back to the last bit, as JavaScript and C write it", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(20), (x, digits) => {
      for (const text of [
        String(x),
        x.toExponential(),
        x.toPrecision(digits + 1),
        `+${Math.abs(x)}`,
      ]) {
        expect(numberIn(text)).toBe(Number(text));
      }
    }),
    { numRuns: 2000 },
  );
});

test("what is a number and what is none, by its grammar", () => {
  const grammar = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
  const piece = fc.constantFrom(
    ..."0123456789",
    ".",
    "e",
    "E",
    "+",
    "-",
    "_",
    " ",
    "x",
    "00",
    "e5",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join("");
      expect(numberIn(text)).toBe(grammar.test(text) ? Number(text) : Number.NaN);
    }),
    { numRuns: 5000 },
  );
  expect([numberIn("inf"), numberIn("-Infinity"), numberIn("+INF")]).toEqual([
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ]);
  for (const text of ["+-1", "1_000", "0x10", "1,5", "١", "infinit", "nan", ""]) {
    expect(numberIn(text)).toBeNaN();
  }
});

test("ISO times are those of JavaScript's Date", () => {
  const moment = fc.date({
    min: new Date("0001-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59.999Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(moment, fc.integer({ min: -1080, max: 1080 }), (date, offset) => {
      const iso = date.toISOString();
      expect(timeIn(iso)).toBe(date.getTime());
      expect(timeIn(iso.replace("T", " ").replace("Z", ""))).toBe(date.getTime());
      expect(timeIn(iso.slice(0, 10))).toBe(Date.parse(iso.slice(0, 10)));
      expect(timeIn(iso.slice(0, 16))).toBe(Date.parse(`${iso.slice(0, 16)}Z`));
      const two = (x: number) => String(x).padStart(2, "0");
      const size = Math.abs(offset);
      const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
      expect(timeIn(iso.replace("Z", zone))).toBe(date.getTime() - offset * 60_000);
      expect(timeIn(iso.replace("Z", zone.replace(":", "")))).toBe(
        date.getTime() - offset * 60_000,
      );
    }),
    { numRuns: 1000 },
  );
  const none = [
    "2013-02-30",
    "2013-13-01",
    "2013-7-4",
    "2013-07-04 25:00",
    "2013-07-04T",
    "20130704",
  ];
  const odd = ["1900-02-29", "2013-07-04 10:00:61", "2013-07-04 10:00:00+99", "2013-07-04x10:00"];
  for (const text of [...none, ...odd]) expect(timeIn(text)).toBeNaN();
  expect(timeIn("2000-02-29")).toBe(Date.UTC(2000, 1, 29));
});

test("cells are found alike, wherever the bytes are cut", () => {
  const cell = fc.constantFrom(
    "1",
    "",
    "ab",
    '"q"',
    '"a""b"',
    '"x,y"',
    '"line\nend"',
    '"\r\n"',
    '""',
  );
  const row = fc.array(cell, { minLength: 3, maxLength: 3 });
  const ending = fc.constantFrom("\n", "\r\n", "\r");
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 6 }),
      ending,
      fc.nat(40),
      (rows, end, cut) => {
        const bytes = bytesOf(rows.map((cells) => `${cells.join(",")}${end}`).join(""));
        const found: string[][] = [];
        const finder = cellFinder(0x2c, 3);
        const take = (block: Uint8Array, last: boolean) => {
          expect(finder.find(block, 0, last)).toBeUndefined();
          const { starts, ends, consumed } = finder.places;
          for (let r = 0; r < finder.places.rows; r++) {
            const places = [0, 1, 2].map((c) => [starts[r * 3 + c]!, ends[r * 3 + c]!] as const);
            found.push(places.map(([s, e]) => new TextDecoder().decode(block.subarray(s, e))));
          }
          return block.subarray(consumed);
        };
        const at = Math.min(cut, bytes.length);
        const rest = take(bytes.subarray(0, at), false);
        take(new Uint8Array([...rest, ...bytes.subarray(at)]), true);
        expect(found).toEqual(
          rows.map((cells) => cells.map((text) => text.replace(/^"([\s\S]*)"$/, "$1"))),
        );
      },
    ),
    { numRuns: 2000 },
  );
});

test("texts that come again are the same, and others are not taken for them", () => {
  const read = textReader();
  const text = fc.string({ unit: "binary", maxLength: 6 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 50 }), (texts) => {
      for (const each of [...texts, ...texts]) {
        const bytes = bytesOf(`<${each}>`);
        expect(read(bytes, 1, bytes.length - 1, false)).toBe(
          new TextDecoder().decode(bytesOf(each)),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test("any table of quoted texts is read as DuckDB reads it", async () => {
  const folder = testFolder();
  const cell = fc.stringMatching(/^[a-eé日 ",\n\r;]{1,8}$/);
  const table = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), {
    minLength: 1,
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const path = join(folder, "table.csv");
      const quoted = rows.map((cells) =>
        cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(","),
      );
      writeFileSync(path, `a,b,c\n${quoted.join("\n")}\n`);
      const columns = await readColumns(await openCsv([path]));
      // A column of blanks alone is one of missing numbers.
      const ours = columns.map((cells) => cells.map((cell) => (Number.isNaN(cell) ? null : cell)));
      const theirs = await withDuckDB(path, (connection) =>
        rowsOf(
          connection,
          `SELECT * FROM read_csv(${sqlPath(path)}, auto_detect = false, header = true, quote = '"',
            escape = '"', delim = ',', strict_mode = true,
            columns = {'a': 'VARCHAR', 'b': 'VARCHAR', 'c': 'VARCHAR'})`,
        ),
      );
      const trimmed = (text: unknown) => String(text).replace(/^[\t-\r ]+|[\t-\r ]+$/g, "") || null;
      expect(ours).toEqual(["a", "b", "c"].map((name) => theirs.map((row) => trimmed(row[name]))));
    }),
    { numRuns: 25 },
  );
});
