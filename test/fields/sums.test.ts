// Sums over rows: what is kept of a long column is every nth value, in whatever pieces it comes.
import { expect, test } from "vitest";
import { Moments, Sample } from "#elbo/fields/sums.js";

const values = Float64Array.from({ length: 90_001 }, (_, i) => i);

/** The values in pieces of 1, 2, …, as they fit. */
function* pieces(first: number) {
  for (let from = 0, length = first; from < values.length; from += length, length *= 3) {
    yield values.subarray(from, from + length);
  }
}

test.each([1, 7, 20_000, 90_001])("a sample is every nth value, by pieces from %i on", (first) => {
  const sample = new Sample();
  for (const piece of pieces(first)) sample.add(piece);
  // Of 20,000 every second one is kept, three times.
  expect(sample.sorted()).toEqual(values.filter((value) => value % 8 === 0));
});

test("moments are the same to the last bit in whatever pieces", () => {
  const [whole, parts] = [new Moments(), new Moments()];
  const roots = values.map(Math.sqrt);
  whole.add(roots);
  for (const piece of pieces(3)) parts.add(piece.map(Math.sqrt));
  expect([parts.count, parts.mean, parts.deviation]).toEqual([
    ...[whole.count, whole.mean, whole.deviation],
  ]);
});
