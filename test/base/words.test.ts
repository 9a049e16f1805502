// Numbers as people read them, as Intl would write them.
import { expect, test } from "vitest";
import { counted, grouped } from "#elbo/base/words.js";

test.each([0, 7, 12, 999, 1_000, 12_345, 999_999, 1_000_000, 20_000_000, 2 ** 53, -1, -1_234])(
  "%s has commas between thousands",
  (count) => {
    expect(grouped(count)).toBe(count.toLocaleString("en-US"));
  },
);

test("one is told as one", () => {
  expect([0, 1, 2_000].map((count) => counted(count, "row"))).toEqual([
    ...["0 rows", "1 row", "2,000 rows"],
  ]);
});
