// Formats of moments against DuckDB's strftime and strptime.
import fc from "fast-check";
import { expect, test } from "vitest";
import { rowsOf, sqlText, withDuckDB } from "#elbo/data/duckdb.js";
import { knownFormat, timeFormat } from "#elbo/fields/times/format.js";

const days = ["%Y-%m-%d", "%d/%m/%Y", "%-d.%-m.%Y", "%m/%d/%y", "%b %d, %Y", "%A, %-d %B %Y"];
const clocks = ["", " %H:%M", "T%H:%M:%S", " %-I:%M %p", " %I:%M:%S.%g %p", " %-H:%M:%S.%f"];
const formats = [
  ...days.flatMap((day) => clocks.map((clock) => day + clock)),
  "%Y%m%d",
  "%H:%M %d%b%Y",
];

/** Whole units of what a format says, so that nothing is rounded; of two digits, years from 1969 on. */
function moments(format: string): fc.Arbitrary<number> {
  const unit = format.includes("%f")
    ? 1
    : format.includes("%g")
      ? 1e3
      : format.includes("%S")
        ? 1e6
        : format.includes("%M")
          ? 6e7
          : 8.64e10;
  const [from, to] = format.includes("%y")
    ? [Date.UTC(1969, 0, 1), Date.UTC(2068, 11, 31)]
    : // As far as float64 holds microseconds of milliseconds.
      format.includes("%f")
      ? [Date.UTC(1900, 0, 1), Date.UTC(2100, 0, 1)]
      : [Date.UTC(1600, 0, 1), Date.UTC(2400, 0, 1)];
  return fc
    .integer({ min: Math.ceil((from * 1000) / unit), max: Math.floor((to * 1000) / unit) })
    .map((units) => units * unit);
}

test("moments are written and read as DuckDB does", { timeout: 60_000 }, async () => {
  const cases = formats.map((format) => ({ format, all: fc.sample(moments(format), 25) }));
  for (const { format, all } of cases) {
    const list = all.map((micros, i) => `(${i}, ${micros})`).join(", ");
    const code = sqlText(format);
    const rows = await withDuckDB("test", (connection) =>
      rowsOf(
        connection,
        `SELECT text, epoch_us(strptime(text, ${code}))::DOUBLE AS micros FROM (
          SELECT i, strftime(make_timestamp(micros), ${code}) AS text FROM (VALUES ${list}) t(i, micros)
        ) ORDER BY i`,
      ),
    );
    const { read, write } = knownFormat(format);
    expect(all.map((micros) => write(micros / 1000))).toEqual(rows.map(({ text }) => text));
    const back = rows.map(({ text }) => Math.round(read(String(text)) * 1000));
    expect(back).toEqual(rows.map(({ micros }) => Number(micros)));
    expect(back).toEqual(all);
  }
});

test("what is written otherwise, or is no day, is not read", () => {
  const wrong: [string, ...string[]][] = [
    ["%d/%m/%Y", "31/02/2019", "03/14/2019", "1/2/19", "1/2/2019 ", "1-2-2019", "1/2/2019x", ""],
    ["%Y-%m-%d %H:%M", "2019-01-01 24:00", "2019-01-01 7:60", "2019-01-01", "2019-01-01T07:00"],
    ["%I:%M %p %d %b %Y", "13:00 PM 1 Jan 2019", "0:00 AM 1 Jan 2019", "1:00 1 Jan 2019"],
    ["%d %b %Y", "1 Mai 2019", "1 Ma 2019", "1  2019"],
    ["%Y-%m-%d %H:%M%z", "2019-01-01 07:00+19:00", "2019-01-01 07:00 ", "2019-01-01 07:00+1"],
  ];
  const read = wrong.flatMap(([format, ...texts]) =>
    texts.filter((text) => !Number.isNaN(knownFormat(format).read(text))),
  );
  // Space around a cell is none of it.
  expect(read).toEqual(["1/2/2019 "]);
});

test("names and offsets are read in all their forms", () => {
  const noon = Date.UTC(2019, 8, 5, 12);
  const { read } = knownFormat("%a, %d %b %Y %H:%M %z");
  for (const text of [
    "Thu, 05 Sep 2019 12:00 +0000",
    "thursday, 5 SEPT 2019 14:30 +02:30",
    "Thu,  5 September 2019 07:00 -0500",
    "Thu, 5 sep 2019 12:00 GMT",
    "Thu, 5 sep 2019 12:00 z",
  ]) {
    expect(read(text)).toBe(noon);
  }
});

test("a moment between two that the format can say is written as the nearer", () => {
  const { write } = knownFormat("%Y-%m-%d %H:%M");
  expect(write(Date.UTC(2019, 11, 31, 23, 59, 29))).toBe("2019-12-31 23:59");
  expect(write(Date.UTC(2019, 11, 31, 23, 59, 30))).toBe("2020-01-01 00:00");
});

test.each([
  ["%d/%m", "no %Y"],
  ["%d/%m/%Y %q", "the code %q"],
  ["%d/%m/%-Y", "the code %-Y"],
  ["%d/%m/%Y %y", "%y beside another code of the same"],
  ["%d/%b/%Y %m", "%m beside another code of the same"],
  ["%d/%m/%Y %I", "%I without %p, or %p without %I"],
  ["%d/%m/%Y %H %I %p", "%H beside %I"],
  ["%d/%m/%Y %M", "minutes without hours"],
  ["%d/%m/%Y %", "a % at its end"],
  ["", "no %Y"],
])("%j is no format: %s", (format, wrong) => {
  expect(timeFormat(format)).toBe(wrong);
});
