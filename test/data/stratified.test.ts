// Rows held out by chance of each value of a column.
import { expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import { rowUse, splitRows } from "#elbo/data/split.js";

const levels = Array.from({ length: 1003 }, (_, i) =>
  i % 50 === 0 ? "rare" : i % 3 ? "often" : null,
);
const source = columnsOf({ level: levels });
const split = { by: "stratified", column: "level" } as const;

test("each value gives its share to within a row, and all of them the share of the rows", async () => {
  for (const share of [0, 0.1, 0.137, 0.9]) {
    const uses = await splitRows(source, { split, share, seed: 4 });
    const held = levels.filter((_, i) => uses[i] === rowUse.heldOut);
    expect(held).toHaveLength(Math.round(levels.length * share));
    for (const level of ["rare", "often", null]) {
      const count = (of: typeof levels) => of.filter((each) => each === level).length;
      expect(Math.abs(count(held) - share * count(levels))).toBeLessThan(1);
    }
  }
});

test("it hangs on the seed, and keeps to the most rows", async () => {
  const of = (seed: number, most?: number) =>
    splitRows(source, { split, share: 0.5, seed, ...(most === undefined ? {} : { most }) });
  expect(await of(4)).toEqual(await of(4));
  expect(await of(5)).not.toEqual(await of(4));
  const few = await of(4, 100);
  expect(few.filter((use) => use === rowUse.heldOut)).toHaveLength(100);
  await expect(
    splitRows(source, { split: { ...split, column: "none" }, share: 0.5, seed: 1 }),
  ).rejects.toMatchObject({ code: "column-unknown" });
});
