// Copies of delimited files with texts in their gaps: all other bytes are those of the file.
import fc from "fast-check";
import { expect, test } from "vitest";
import { copiedCsv, type RowChange } from "#elbo/data/tables/csv-copy.js";
import { readCsvHead } from "#elbo/data/tables/csv-head.js";
import type { UnpackedFile } from "#elbo/data/unpacked.js";
import { elboError } from "../../helpers/errors.ts";

/** A file that comes in blocks of so many bytes. */
function fileOf(text: string, block: number): UnpackedFile {
  const bytes = new TextEncoder().encode(text);
  return {
    source: "t.csv",
    bound: bytes.length,
    holds: async (length) => length === bytes.length,
    async *blocks() {
      for (let i = 0; i < bytes.length; i += block) yield bytes.subarray(i, i + block);
    },
  };
}

async function copied(
  text: string,
  changes: ReadonlyMap<number, RowChange[]>,
  { block = 7, tables = 1, names = [] as string[] } = {},
): Promise<string[]> {
  const file = fileOf(text, block);
  const pieces = Array.from({ length: tables }, () => [] as Uint8Array[]);
  const next = async (row: number) => changes.get(row) ?? null;
  for await (const each of copiedCsv(file, await readCsvHead(file), tables, names, next)) {
    // Arrays are the copy's own: what a step gives, the next may not change.
    for (const [t, bytes] of each.entries()) pieces[t]!.push(bytes.slice());
  }
  return pieces.map((own) => Buffer.concat(own).toString("utf8"));
}

const cell = (place: number, text: string): RowChange => ({
  cells: new Map([[place, text]]),
  added: [],
});

test("quotes, spaces, blank lines and line ends stay as they stand", async () => {
  const text =
    '\ufeff\r\n"a b", c ,d\r\n1,"x ""y""",\r\n\r\n NA , 2.50 ,"?"\r\n"",é,null\r\n"line\r\nend",,3';
  const changes = new Map([
    [0, [cell(2, "7")]],
    [
      1,
      [
        {
          cells: new Map([
            [2, '"q,r"'],
            [0, "4"],
          ]),
          added: [],
        },
      ],
    ],
    [
      2,
      [
        {
          cells: new Map([
            [0, "5"],
            [2, "6"],
          ]),
          added: [],
        },
      ],
    ],
    [3, [cell(1, "é")]],
  ]);
  expect(await copied(text, changes)).toEqual([
    '\ufeff\r\n"a b", c ,d\r\n1,"x ""y""",7\r\n\r\n 4 , 2.50 ,"q,r"\r\n5,é,6\r\n"line\r\nend",é,3',
  ]);
});

test("columns are added behind the last cell of every row, the header's with it", async () => {
  const added = (texts: string[]): RowChange => ({ cells: new Map(), added: texts });
  const changes = new Map([
    [0, [added(["1", "2"]), added(["3", "4"])]],
    [1, [{ cells: new Map([[1, "8"]]), added: ["5", ""] }, added(["", ""])]],
  ]);
  const names = ["low", "high"];
  expect(await copied('a;"b"\n1;"x"\n2;\n', changes, { tables: 2, names })).toEqual([
    'a;"b";low;high\n1;"x";1;2\n2;8;5;\n',
    'a;"b";low;high\n1;"x";3;4\n2;;;\n',
  ]);
});

test("a cell that is not missing is never written over", async () => {
  const error = await elboError(() => copied("a,b\n1,2\n", new Map([[0, [cell(1, "3")]]])));
  expect(error).toMatchObject({ code: "file-changed", where: { row: 2 } });
});

test("of any table, in any blocks, gaps are filled and nothing else changes", async () => {
  const plain = fc.stringMatching(/^[a-z0-9.]{1,6}$/);
  const quoted = fc
    .stringMatching(/^[a-z ,;\n"é]{1,6}$/)
    .map((t) => `"x${t.replaceAll('"', '""')}"`);
  const gap = fc.constantFrom("", '""', "NA", "?", '"n/a"');
  const kinds = fc.oneof(plain, quoted, gap);
  const rows = fc.integer({ min: 2, max: 4 }).chain((width) =>
    fc.array(fc.array(kinds, { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 30,
    }),
  );
  const gaps = ["", '""', "NA", "?", '"n/a"'];
  const property = fc.asyncProperty(
    ...([
      rows,
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      fc.integer({ min: 1, max: 200 }),
    ] as const),
    async (table, end, last, block) => {
      const names = table[0]!.map((_, i) => `c${i}`);
      const write = (cells: string[][]) =>
        [names, ...cells].map((row) => row.join(",")).join(end) + (last ? end : "");
      const filled = table.map((row, i) =>
        row.map((text, j) => (gaps.includes(text) ? `${i}:${j}` : text)),
      );
      const changes = new Map(
        table.map((row, i): [number, RowChange[]] => [
          i,
          [
            {
              cells: new Map(
                row.flatMap((text, j) => (gaps.includes(text) ? [[j, `${i}:${j}`]] : [])),
              ),
              added: [],
            },
          ],
        ]),
      );
      expect(await copied(write(table), changes, { block })).toEqual([write(filled)]);
    },
  );
  await fc.assert(property, { seed: 1, numRuns: 200 });
});
