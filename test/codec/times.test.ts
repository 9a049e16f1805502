// Cells of times: which of them the model codes, and that all of them come back.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "#elbo/codec/bytes.js";
import { timeCells } from "#elbo/codec/cells/times.js";
import { knownFormat } from "#elbo/fields/times/format.js";

const formats = ["%d.%m.%Y %H:%M", "%b %d, %Y", "%-m/%-d/%y %-I:%M %p", "%Y-%m-%d %H:%M:%S"];

/** How many cells the model codes; throws where they do not come back. */
function coded(texts: (string | null)[], format: string | undefined): number {
  const side = new ByteWriter();
  const rows = texts.length;
  const { codes, present } = timeCells(format).encode({ type: "text", texts }, rows, side);
  const known = Uint8Array.from(texts, (text) => (text === null ? 0 : 1));
  const reader = new ByteReader(side.finish());
  // The reader's own format is what it read.
  const back = timeCells().prepare({ type: "text", present: known }, rows, reader);
  expect(back.symbols.present).toEqual(present);
  expect(back.restore(codes)).toEqual({ type: "text", texts });
  return present!.reduce((sum, there) => sum + there, 0);
}

test("cells in the field's format are coded, others escaped, and all come back", () => {
  const minute = fc.integer({
    min: Date.UTC(1970, 0, 1) / 60_000,
    max: Date.UTC(2060, 0, 1) / 60_000,
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...formats),
      fc.array(minute, { minLength: 1, maxLength: 30 }),
      fc.array(fc.constantFrom(null, "soon", "31.02.2019 10:00", "1/2/2019", "2019-03-14"), {
        maxLength: 4,
      }),
      (format, minutes, others) => {
        const own = minutes.map((of) => knownFormat(format).write(of * 60_000));
        expect(coded(own, format)).toBe(own.length);
        coded([...others, ...own], format);
        coded([...own, ...others], undefined);
      },
    ),
    { numRuns: 200 },
  );
});

test("a file in ISO 8601 is coded by a model of dates in another format", () => {
  const texts = ["2019-03-14", "2019-03-15", null];
  expect(coded(texts, "%d/%m/%Y")).toBe(2);
  expect(coded(texts, undefined)).toBe(2);
});
