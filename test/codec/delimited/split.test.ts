// Delimited text taken apart and joined: any bytes come back, and what the parts hold is what the
// project's reader makes of the cells.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { joinDelimited } from "#elbo/codec/delimited/join.js";
import { type CellKind, type DelimitedParts, numberOf } from "#elbo/codec/delimited/parts.js";
import { cutAtRows } from "#elbo/codec/delimited/rows.js";
import { splitDelimited } from "#elbo/codec/delimited/split.js";
import { realData } from "../../helpers/data.ts";
import { elboError } from "../../helpers/errors.ts";
import { readTable } from "./memory-file.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

const kindsOf = (...kinds: CellKind[]) =>
  new Map(kinds.map((kind, i): [string, CellKind] => [`c${i}`, kind]));

/** What the parts say of a column: numbers and texts, null where a cell is missing. */
function valuesOf({ columns }: DelimitedParts, column: number): (number | string | null)[] {
  const { forms, formTable, mantissas, texts } = columns[column]!;
  return Array.from(forms, (code, row) => {
    const form = formTable[code]!;
    if (form.kind === "number") return numberOf(form, mantissas![row]!);
    return form.kind === "text" ? texts![row]! : null;
  });
}

const exceptionsOf = ({ columns }: DelimitedParts) =>
  columns.flatMap(({ exceptions }) => exceptions.map(textOf));

const beginnings = ["header", "rows", "continued"] as const;
const kind = fc.constantFrom<CellKind>("number", "text");

test("any bytes at all come back, whole and in blocks of rows", () => {
  const pieces = [...'0123456789.-+eE,;"\r\n aé', "NA", "?", "\ufeff", '""', "\r\n", "\0"];
  const likely = fc
    .array(fc.constantFrom(...pieces), { maxLength: 80 })
    .map((some) => bytesOf(some.join("")));
  const bytes = fc.oneof({ weight: 4, arbitrary: likely }, fc.uint8Array({ maxLength: 60 }));
  fc.assert(
    fc.property(
      ...[bytes, fc.array(kind, { minLength: 1, maxLength: 4 })],
      ...[
        fc.constantFrom(",", ";", "\t", " "),
        fc.constantFrom(...beginnings),
        fc.integer({ min: 1, max: 4 }),
      ],
      (given, kinds, delimiter, beginning, rowsPerBlock) => {
        const parts = splitDelimited(given, kindsOf(...kinds), delimiter, beginning);
        expect(joinDelimited(parts)).toEqual(given);
        for (const { forms, formTable, exceptions } of parts.columns) {
          expect(forms.length).toBe(parts.rows);
          const odd = formTable.findIndex((form) => form.kind === "exception");
          expect(exceptions.length).toBe(forms.filter((code) => code === odd).length);
        }
        const width = kinds.length;
        const blocks = [...cutAtRows(given, delimiter, width, rowsPerBlock, beginning)];
        const pieces = blocks.map((block, i) =>
          splitDelimited(block, kindsOf(...kinds), delimiter, i === 0 ? beginning : "continued"),
        );
        expect(Buffer.concat(pieces.map(joinDelimited))).toEqual(Buffer.from(given));
        const rows = pieces.map((piece) => piece.rows);
        expect(rows.reduce((sum, count) => sum + count, 0)).toBe(parts.rows);
        expect(Math.max(0, ...rows)).toBeLessThanOrEqual(rowsPerBlock);
      },
    ),
    { numRuns: 3000 },
  );
});

/** A number as somebody may write it. */
const numberText = fc
  .tuple(
    fc.constantFrom("", "", "-", "+"),
    fc.oneof(fc.nat(9), fc.nat(99_999), fc.maxSafeNat()),
    fc.integer({ min: 0, max: 6 }),
    fc.constantFrom("", "", "", "0", "00"),
    fc.constantFrom("", "", "", "e3", "E-07"),
  )
  .map(([sign, digits, decimals, zeros, exponent]) => {
    const all = zeros + String(digits).padStart(decimals, "0");
    const point = all.length - decimals;
    const number = decimals > 0 ? `${all.slice(0, point)}.${all.slice(point)}` : all;
    return sign + number + exponent;
  });

const missingText = fc.constantFrom("", "NA", "?", "nan", "None", " ");
const wordText = fc
  .array(fc.constantFrom("a", "B", "é", "😀", " ", ",", '"', "\n", "1"), { maxLength: 6 })
  .map((characters) => characters.join(""));

interface Style {
  quoted: boolean;
  before: string;
  after: string;
}

const style = fc.record({
  quoted: fc.boolean(),
  before: fc.constantFrom("", "", "", " "),
  after: fc.constantFrom("", "", "", "  "),
});

function written(text: string, { quoted, before, after }: Style): string {
  const whole = before + text + after;
  const asks = /[",\r\n]/.test(text);
  return quoted || asks ? `"${whole.replaceAll('"', '""')}"` : whole;
}

const cellOf = (text: fc.Arbitrary<string>) =>
  fc.tuple(fc.oneof({ weight: 5, arbitrary: text }, missingText), style);

test("tables with any quotes, decimals and line ends have no exceptions, and the reader's values", async () => {
  const row = fc.tuple(cellOf(numberText), cellOf(wordText), cellOf(numberText));
  const table = fc.array(row, { minLength: 1, maxLength: 12 });
  const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
  await fc.assert(
    fc.asyncProperty(table, lineEnd, fc.boolean(), fc.boolean(), async (rows, end, bom, last) => {
      const lines = rows.map((cells) => cells.map(([text, own]) => written(text, own)).join(","));
      const text = ['x,"y",z', ...lines].join(end);
      const bytes = bytesOf((bom ? "\ufeff" : "") + text + (last ? end : ""));
      const read = await readTable(bytes);
      const kinds = new Map<string, CellKind>([
        ...([
          ["x", "number"],
          ["y", "text"],
          ["z", "number"],
        ] as const),
      ]);
      const parts = splitDelimited(bytes, kinds, ",");
      expect(joinDelimited(parts)).toEqual(bytes);
      expect(exceptionsOf(parts)).toEqual([]);
      expect(parts.rows).toBe(read.rows);
      for (const i of [0, 2]) {
        expect(valuesOf(parts, i)).toEqual(
          // Of zeros in front of whole numbers the reader keeps the text.
          Array.from(read.columns[i] as Iterable<number | string | null>, (value) =>
            value === null || Number.isNaN(Number(value)) ? null : Number(value),
          ),
        );
      }
      // The reader may take a column of words for numbers or times, where all are such.
      const { texts } = parts.columns[1]!;
      if (typeof read.columns[1]![0] === "string") expect(texts).toEqual([...read.columns[1]!]);
    }),
    { numRuns: 300 },
  );
});

function numbersOf(...texts: string[]): DelimitedParts {
  const bytes = bytesOf(`c0\n${texts.join("\n")}`);
  const parts = splitDelimited(bytes, kindsOf("number"), ",");
  expect(joinDelimited(parts)).toEqual(bytes);
  return parts;
}

test("a number is a whole number and how it is written", () => {
  const texts = ["1.50", "-2.25", "+3", "7e-3", "5.", "-0", "-0.00", "1.E2", "0", "-.5"];
  const parts = numbersOf(...texts);
  const { mantissas, forms, formTable } = parts.columns[0]!;
  expect([...mantissas!]).toEqual([150, -225, 3, 7, 5, 0, 0, 1, 0, -5]);
  expect(valuesOf(parts, 0)).toEqual([1.5, -2.25, 3, 0.007, 5, -0, -0, 100, 0, -0.5]);
  expect([...forms]).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(formTable[0]).toEqual({
    ...{ kind: "number", before: "", after: "", quoted: false, sign: "" },
    ...{ digits: 1, decimals: 2, suffix: "", ulps: 0 },
  });
});

test("numbers of one width have one form, and so have those without a digit before the point", () => {
  expect(numbersOf("007", "012", "345", "000").columns[0]!.formTable).toHaveLength(1);
  expect(numbersOf(".5", "12.5", "1.0").columns[0]!.formTable).toHaveLength(1);
  // 0.5 and .5 are two ways of writing it.
  expect(numbersOf(".5", "0.5", "1.5").columns[0]!.formTable).toHaveLength(2);
  expect(numbersOf("07", "123").columns[0]!.formTable).toHaveLength(2);
});

test("a number that a computation left beside a decimal is that decimal, and how far beside", () => {
  const texts = ["36.806999999999995", "0.30000000000000004", "-1.5931510690000001", "2.5"];
  const parts = numbersOf(...texts);
  expect([...parts.columns[0]!.mantissas!]).toEqual([36807, 3, -1593151069, 25]);
  expect(valuesOf(parts, 0)).toEqual(texts.map(Number));
  expect(exceptionsOf(parts)).toEqual([]);
});

test("what fits no form is an exception, with its bytes", () => {
  const texts = ["12345678901234567890", "1e400", "inf", "word", "1.2.3", "1e-30", "0x10", "1 2"];
  const parts = numbersOf(...texts, "4");
  expect(exceptionsOf(parts)).toEqual(texts);
  expect(valuesOf(parts, 0)).toEqual([...texts.map(() => null), 4]);
});

test("more ways of writing than a byte tells apart are exceptions", () => {
  const texts = Array.from(
    { length: 400 },
    (_, i) => `${" ".repeat(i % 20)}1.${"0".repeat(i / 20)}`,
  );
  const parts = numbersOf(...texts);
  expect(parts.columns[0]!.formTable.length).toBeLessThanOrEqual(251);
  expect(exceptionsOf(parts).length).toBeGreaterThan(0);
});

test("bytes that are not UTF-8 and lines that are no rows stay as they are", () => {
  const head = bytesOf("a,b\n1,x\nonly one\n2,");
  const bytes = Uint8Array.of(...head, 0xe9, ...bytesOf('\n3,"open\n4,y'));
  const parts = splitDelimited(bytes, kindsOf("number", "text"), ",");
  expect(joinDelimited(parts)).toEqual(bytes);
  expect(valuesOf(parts, 0)).toEqual([1, 2, 4]);
  expect(valuesOf(parts, 1)).toEqual(["x", null, "y"]);
  expect(parts.columns[1]!.exceptions).toEqual([Uint8Array.of(0xe9)]);
});

test("blocks of rows are the file, and are cut at no line end within quotes", () => {
  const rows = Array.from({ length: 10 }, (_, i) => `${i},"line\r\n""${i}"""`);
  const bytes = bytesOf(`\ufeff\r\na,b\r\n${rows.join("\r\n")}\r\n`);
  const kinds = kindsOf("number", "text");
  const blocks = [...cutAtRows(bytes, ",", 2, 4)];
  expect(Buffer.concat(blocks)).toEqual(Buffer.from(bytes));
  const parts = blocks.map((block, i) =>
    splitDelimited(block, kinds, ",", i === 0 ? "header" : "continued"),
  );
  expect(parts.map((part) => part.rows)).toEqual([4, 4, 2]);
  expect(parts.flatMap((part) => valuesOf(part, 0))).toEqual(rows.map((_, i) => i));
  expect(Buffer.concat(parts.map(joinDelimited))).toEqual(Buffer.from(bytes));
  expect([...cutAtRows(new Uint8Array(0), ",", 2, 4)]).toEqual([]);
});

test("no columns and delimiters that are none are refused", async () => {
  const none = await elboError(() => splitDelimited(bytesOf("a"), new Map(), ","));
  expect(none.code).toBe("delimited-columns");
  for (const delimiter of ["", ",,", '"', "\n", "é"]) {
    const error = await elboError(() => splitDelimited(bytesOf("a"), kindsOf("text"), delimiter));
    expect(error.code).toBe("delimiter-invalid");
  }
});

for (const { path, exceptions } of [
  { path: "penguins/penguins.csv", exceptions: 0 },
  // 17 digits of which 16 would do.
  { path: "penguins/penguins_raw.csv", exceptions: 5 },
  { path: "adult/adult.csv", exceptions: 0 },
  { path: "housing/housing.csv", exceptions: 0 },
  { path: "hi-vae/Wine/data.csv", exceptions: 0 },
  { path: "nab/realKnownCause/nyc_taxi.csv", exceptions: 0 },
  { path: "nab/realKnownCause/cpu_utilization_asg_misconfiguration.csv", exceptions: 0 },
]) {
  const file = realData(path);
  test.skipIf(file === undefined)(`${path} comes back, with the reader's values`, async () => {
    const bytes = new Uint8Array(readFileSync(file!));
    const { head, rows, kinds, columns } = await readTable(bytes);
    const parts = splitDelimited(bytes, kinds, head.delimiter, head.hasHeader ? "header" : "rows");
    expect(Buffer.compare(Buffer.from(joinDelimited(parts)), Buffer.from(bytes))).toBe(0);
    expect(exceptionsOf(parts).length).toBe(exceptions);
    expect(parts.rows).toBe(rows);
    for (const [i, name] of [...kinds.keys()].entries()) {
      const values = valuesOf(parts, i);
      const { forms, formTable } = parts.columns[i]!;
      const same = values.every((value, row) => {
        if (formTable[forms[row]!]!.kind === "exception") return true;
        const read = columns[i]![row]!;
        return kinds.get(name) === "text" && typeof read === "number"
          ? true
          : Object.is(value, Number.isNaN(read) ? null : read);
      });
      expect({ name, same }).toEqual({ name, same: true });
    }
  });
}
