// Blocks are decoded as they are written: one that would not give back what it was made of is no archive.
import { expect, test } from "vitest";
import { checkedValues } from "#elbo/codec/contents/rows.js";
import { nothingFitted } from "#elbo/codec/rows.js";
import { type BlockTask, blockWork } from "#elbo/codec/work.js";
import { asRead, headerFor } from "#elbo/codec/write.js";
import { columnsOf } from "#elbo/data/in-memory.js";
import { blockOf, modelOf } from "./models.ts";

test("a block that decodes to anything else is told, unless nobody asks", async () => {
  const source = columnsOf({ x: [1, 2.5, 4], word: ["a", "b", "a"] });
  const model = await modelOf(source);
  const { block, coded, values } = await blockOf(source);
  const content = { kind: "rows", info: source.columns } as const;
  const plan = { columns: coded, model, fitted: { ...nothingFitted, lossy: null } };
  const header = asRead(
    await headerFor(
      "x",
      { content, columns: coded, blocks: () => [] },
      { ...plan, rowsPerBlock: 64, bits: null },
    ),
  );
  const task = (original: Uint8Array): BlockTask => ({ type: "encode", first: 0, block, original });
  const [right, other] = [checkedValues(values), Uint8Array.of(1, 2, 3)];
  const work = blockWork({ header, model, verify: true });
  expect(work(task(right))).toMatchObject({ squared: 0 });
  expect(() => work(task(other))).toThrow(/the block from 1 on does not/);
  expect(blockWork({ header, model })(task(other))).toMatchObject({ squared: 0 });
});
