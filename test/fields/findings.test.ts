// What a person is told of their columns, and what not.
import { expect, test } from "vitest";
import { findingsOf } from "#elbo/fields/findings.js";
import { profileColumns } from "#elbo/fields/profile.js";
import { proposeFields } from "#elbo/fields/propose.js";
import { Sequence } from "#elbo/runtime/sequence.js";
import { numbers, type TestColumn, table, texts } from "./table.ts";

const rows = 2000;
const sequence = new Sequence(3, 0, 0);
const fill = <Cell>(cell: (i: number) => Cell): Cell[] =>
  Array.from({ length: rows }, (_, i) => cell(i));
const levels = fill(() => Math.floor(5 * sequence.uniform()));
const measured = fill(() => sequence.normal());

async function found(...columns: TestColumn[]) {
  const data = table(columns, 500);
  const profiles = await profileColumns(data);
  return findingsOf(data, profiles, proposeFields(profiles));
}
const codes = async (...columns: TestColumn[]) =>
  (await found(...columns)).map(({ code, column }) => `${code} ${column}`);

test("ordinary columns have no findings", async () => {
  const columns = [
    numbers("a", measured),
    numbers("b", levels),
    texts(
      "c",
      fill((i) => (i % 7 === 0 ? null : `c${i % 9}`)),
    ),
    numbers(
      "rare",
      fill((i) => (i % 500 === 0 ? 1 : 0)),
    ),
  ];
  expect(await found(...columns)).toEqual([]);
});

test("empty, constant, identifying columns and free text are named with what was done", async () => {
  const findings = await found(
    numbers("a", measured),
    numbers(
      "empty",
      fill(() => Number.NaN),
    ),
    texts(
      "constant",
      fill(() => "x"),
    ),
    texts(
      "name",
      fill((i) => `person${i}`),
    ),
    texts(
      "comment",
      fill((i) => `the guest in room ${i} was not all too happy`),
    ),
  );
  expect(findings.map(({ message }) => message)).toEqual([
    'column "empty" has no value in any row, and is left out',
    'column "constant" has the same value in every row, and is left out',
    'column "name" has another value in every row: it is carried along as an id and kept out of the model',
    'column "comment" holds free text (43 characters on average), and is left out',
  ]);
  expect(findings[2]!.hint).toBe('--kind "name=text" has it modelled');
});

test("a copy, a copy as text and the same in other words are told apart", async () => {
  const columns = [
    numbers("a", levels),
    numbers("again", levels),
    texts("text", levels.map(String)),
    texts(
      "words",
      levels.map((level) => `level ${level}`),
    ),
    numbers(
      "permuted",
      levels.map((level) => (level + 1) % 5),
    ),
    numbers("m", measured),
    numbers("m2", measured),
  ];
  expect(await codes(...columns)).toEqual([
    "column-duplicate again",
    "numbers-as-text text",
    "column-duplicate text",
    "column-same-levels words",
    "column-same-levels permuted",
    "column-duplicate m2",
  ]);
});

test("columns without repetition are not taken for each other", async () => {
  const other = fill(() => sequence.normal());
  expect(await codes(numbers("a", measured), numbers("b", other))).toEqual([]);
});

test("a class in 99.9 % of the rows", async () => {
  const [finding] = await found(
    numbers(
      "fraud",
      fill((i) => (i === 7 ? 1 : 0)),
    ),
    numbers("m", measured),
  );
  expect(finding).toMatchObject({
    code: "class-dominant",
    message: 'column "fraud" is 0 in all but 1 row',
  });
});

test("a sentinel is named with its count and the others' range", async () => {
  const cells = measured.map((value, i) => (i % 100 === 0 ? -999 : Math.round(10 * value) / 10));
  const [finding] = await found(numbers("pressure", cells));
  expect(finding!.code).toBe("sentinel");
  expect(finding!.message).toMatch(
    /^column "pressure" is -999 in 20 rows, far from all others \(-/,
  );
});

test("mixed cells and numbers stored as text", async () => {
  const mixed = (textsSeen: number): TestColumn => ({
    info: { name: "x", type: "text" },
    cells: levels.map((value, i) =>
      i >= 16 && i < 16 + textsSeen ? "n.a. (broken)" : String(value),
    ),
  });
  const m = numbers("m", measured);
  const [both] = await found(mixed(200), m);
  expect(both).toMatchObject({
    code: "column-mixed",
    message:
      'column "x" holds 1,800 numbers and 200 other texts (row 17: "n.a. (broken)"), and is taken as text',
  });
  expect(await codes(mixed(0), m)).toEqual(["numbers-as-text x"]);
});

test("numbers and dates in another notation are named with a way to read them", async () => {
  const column = (name: string, cell: (i: number) => string) => texts(name, fill(cell));
  const day = (i: number) => String(1 + (i % 28)).padStart(2, "0");
  const findings = await found(
    numbers("m", measured),
    column("price", (i) => `$${(1000 + i).toLocaleString("en")}.5`),
    column("share", (i) => `${i / 10}%`),
    column("Preis €", (i) => `${i},5`),
    column("thousands", (i) => (700 + i).toLocaleString("en")),
    column("german", (i) => `${day(i)}.03.2021`),
    column("american", (i) => `3/${day(i)}/${1000 + i}`),
    column("words", (i) => `Mar ${day(i)}, ${2000 + (i % 30)}`),
    column("address", (i) => `10.0.${i % 256}.${i % 99}`),
    column("version", (i) => `${i}.1.0`),
    column("hour", (i) => `${i % 24}:00`),
  );
  const told = findings.filter(({ code }) => code.endsWith("-as-text"));
  expect(told.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    'numbers-as-text: column "price" holds numbers in another notation ("$1,000.5"), and is carried along as an id',
    'numbers-as-text: column "share" holds numbers in another notation ("0%"), and is carried along as an id',
    'numbers-as-text: column "Preis €" holds numbers in another notation ("0,5"), and is carried along as an id',
    'numbers-as-text: column "thousands" holds numbers in another notation ("1,000"), and is carried along as an id',
    'dates-as-text: column "german" holds dates in another notation ("01.03.2021"), and is taken as text',
    'dates-as-text: column "american" holds dates in another notation ("3/01/1000"), and is carried along as an id',
    'dates-as-text: column "words" holds dates in another notation ("Mar 01, 2000"), and is taken as text',
  ]);
  expect(told[1]!.hint).toContain("replace(share, '%', '')::DOUBLE as share");
  expect(told[2]!.hint).toContain("decimal_separator = ','");
});

test("numbers stored as text are named where no row repeats another's, and so are mostly numbers", async () => {
  const column = (textsSeen: number): TestColumn => ({
    info: { name: "x", type: "text" },
    cells: measured.map((value, i) =>
      i === 8 ? "007" : i >= 10 && i < 10 + textsSeen ? `w${i}` : String(value),
    ),
  });
  const m = numbers("m", levels);
  const [stored] = await found(column(0), m);
  expect(stored).toMatchObject({
    code: "numbers-as-text",
    message:
      'column "x" holds numbers with zeros in front (row 9: "007"), and is carried along as an id',
    hint: '--kind "x=real" takes them as numbers; leave it so if they are codes',
  });
  expect(await codes(column(500), m)).toEqual(["column-mixed x"]);
  expect(await codes(column(1500), m)).toEqual(["column-identifies x"]);
});
