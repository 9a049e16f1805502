// Texts of like lengths in one batch: which cut rows fit in, and in which order an epoch takes them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cuts } from "#elbo/data/store/cuts.js";
import { openShuffled } from "#elbo/data/store/disk.js";
import { Feeder } from "#elbo/data/store/feeder.js";
import { inBatches } from "#elbo/data/store/order.js";
import type { MemoryRows } from "#elbo/data/store/stored.js";
import { layoutOf, rowsInput } from "#elbo/fields/layout.js";
import { Packer } from "#elbo/fields/pack.js";
import { MemoryPlan } from "#elbo/runtime/memory.js";
import { Random } from "#elbo/runtime/random.js";
import { chunkOf, column, schemaOf, text, texts } from "../../fields/schemas.ts";

const schema = schemaOf(
  text("a", { length: 16, cuts: [4, 8, 16] }),
  text("b", { length: 8, cuts: [8] }),
);
const [layout] = layoutOf(schema);
const columns = [column.text("a"), column.text("b")];

function packed(a: (string | null)[], b: (string | null)[]) {
  const packer = new Packer(schema, { source: "s", columns }, "training");
  return packer.pack(chunkOf(a.length, texts(...a), texts(...b)));
}

test("the cut of a row holds its texts and their ends", () => {
  const a = ["", "aba", "abab", "abababa", "abababab", "a".repeat(16), null];
  const cuts = new Cuts(schema);
  expect(cuts.count).toBe(3);
  const rows = packed(a, ["", "b", "b".repeat(8), "", "", "", "b"]);
  expect([...cuts.ofRows(rows)]).toEqual([0, 0, 1, 1, 2, 2, 0]);
});

test("without texts there is one cut", () => {
  expect(new Cuts(schemaOf()).count).toBe(1);
});

describe("batches of one cut", () => {
  const drawn = fc.record({
    rows: fc.integer({ min: 0, max: 60 }),
    batch: fc.integer({ min: 1, max: 9 }),
    head: fc.nat(8),
    seed: fc.nat(100),
  });
  test("each row once, what begins and ends an unfinished batch in place, few batches mixed", () => {
    const property = fc.property(drawn, ({ rows, batch, head: wanted, seed }) => {
      const head = Math.min(wanted, rows);
      const random = new Random(seed);
      const order = random.permutation(0, 0, rows);
      const cuts = Uint8Array.from(random.uniform(0, 1, rows), (u) => Math.floor(3 * u));
      const result = inBatches(order, cuts, batch, head, (n) => random.permutation(0, 2, n));
      expect([...result].sort((p, q) => p - q)).toEqual([...order].sort((p, q) => p - q));
      const batches = Math.floor((rows - head) / batch);
      const end = head + batches * batch;
      expect([...result.subarray(0, head)]).toEqual([...order.subarray(0, head)]);
      expect([...result.subarray(end)]).toEqual([...order.subarray(end)]);
      const mixed = Array.from({ length: batches }, (_, i) => {
        const own = result.subarray(head + i * batch, head + (i + 1) * batch);
        return new Set([...own].map((row) => cuts[row]!)).size;
      }).filter((sorts) => sorts > 1);
      expect(mixed.length).toBeLessThanOrEqual(2);
    });
    fc.assert(property, { seed: 1, numRuns: 300 });
  });

  test("an epoch of stored rows comes so, and the inputs tell the cut", async () => {
    const a = Array.from({ length: 40 }, (_, i) => "ab".repeat(i % 4 === 0 ? 6 : 1));
    const rows = packed(
      a,
      a.map(() => "b"),
    );
    const stored: MemoryRows = { in: "memory", ...rows };
    const cuts = new Cuts(schema);
    const shuffled = await openShuffled(stored, 7, { cuts, batch: 10 });
    const plan = new MemoryPlan();
    const feeder = new Feeder(plan, schema, 10);
    const inputs = new Map(
      layoutOf(schema).map((each) => [rowsInput(each), plan.reserve("int32", 10 * each.elements)]),
    );
    const memory = plan.allocate();
    const draw = { seed: 1, step: 1, noiseStream: 0, firstRow: 0 };
    const seen = [0, 10, 20, 30].map((from) => {
      shuffled.fill(feeder, memory, inputs, 0, from, from + 10, draw);
      const codes = memory.view(inputs.get(rowsInput(layout!))!);
      const long = Array.from({ length: 10 }, (_, i) => +(codes[16 * i + 2]! > 0));
      const count = long.reduce((sum, each) => sum + each, 0);
      expect(cuts.ofInputs(memory, inputs, 10)).toBe(count > 0 ? 2 : 0);
      return count;
    });
    expect(seen.toSorted((p, q) => p - q)).toEqual([0, 0, 0, 10]);
    await shuffled.close();
  });
});
