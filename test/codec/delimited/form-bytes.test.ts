// What is kept of a table beside its values, as bytes and in damaged ones.
import { expect, test } from "vitest";
import { formBytes, readFormBytes } from "#elbo/codec/delimited/form-bytes.js";
import { readFrame } from "#elbo/codec/delimited/frame.js";
import { joinDelimited } from "#elbo/codec/delimited/join.js";
import { splitDelimited } from "#elbo/codec/delimited/split.js";
import { elboError } from "../../helpers/errors.ts";
import { readsDamaged } from "../../helpers/mutate.ts";

const text =
  '\ufeffx,y\r\n1.50,"a, b"\r\n +2e-3,NA\r\n"-0","c"\r\n007, é \r\n36.806999999999995,"d"""\r\nword,?\r\n9,ragged,line\r\n8,"e"';
const parts = () =>
  splitDelimited(
    new TextEncoder().encode(text),
    new Map([
      ["x", "number"],
      ["y", "text"],
    ]),
    ",",
  );

test("forms and exceptions come back from their bytes", () => {
  for (const { formTable, exceptions } of parts().columns) {
    const bytes = formBytes({ formTable, exceptions });
    expect(readFormBytes(bytes, exceptions.length)).toEqual({ formTable, exceptions });
  }
  const [x] = parts().columns;
  expect(x!.exceptions).toHaveLength(1);
});

test("damaged forms are refused, or are forms by which a table is written", async () => {
  const whole = parts();
  for (const [i, column] of whole.columns.entries()) {
    const read = (bytes: Uint8Array) => {
      const found = readFormBytes(bytes, column.exceptions.length);
      const columns = whole.columns.map((own, j) => (i === j ? { ...own, ...found } : own));
      expect(joinDelimited({ ...whole, columns }).length).toBeLessThan(20 * text.length);
      return 0;
    };
    const { refused } = await readsDamaged([formBytes(column)], read, 300);
    expect(refused).toBeGreaterThan(100);
  }
});

test("damaged frames are refused, or are frames of as many rows", async () => {
  const { frame, rows } = parts();
  const read = (bytes: Uint8Array) => {
    expect(readFrame(bytes, rows).gaps).toHaveLength(rows + 1);
    return 0;
  };
  const { refused } = await readsDamaged([frame], read, 400);
  expect(refused).toBeGreaterThan(100);
});

test("parts that do not belong together are refused, and the column is named", async () => {
  const whole = parts();
  const [x, y] = whole.columns;
  const withX = (change: Partial<typeof x>) => ({
    ...whole,
    columns: [{ ...x!, ...change }, y!],
  });
  const damaged = [
    withX({ forms: x!.forms.subarray(1) }),
    withX({ forms: x!.forms.map(() => 200) }),
    withX({ mantissas: x!.mantissas!.map(() => 0.5) }),
    withX({ mantissas: x!.mantissas!.map(() => 2 ** 60) }),
    withX({ exceptions: [] }),
    withX({ mantissas: null, texts: y!.texts }),
  ];
  for (const broken of damaged) {
    const error = await elboError(() => joinDelimited(broken));
    expect(error.code).toBe("delimited-damaged");
    expect(error.message).toContain('column "x"');
  }
  const short = await elboError(() => joinDelimited({ ...whole, rows: whole.rows - 1 }));
  expect(short.code).toBe("delimited-damaged");
});
