// Damaged files for fuzzing: the one property that `npm test` runs briefly and `npm run fuzz`
// at length. A reader of bytes must end in a result or an ElboError, and a result may not take
// more than four times the file's size.

import fc from "fast-check";
import { expect } from "vitest";
import { ElboError } from "#elbo/base/errors.js";

const interesting = [0, 1, 0x0a, 0x20, 0x22, 0x2c, 0x30, 0x39, 0x5b, 0x7b, 0x7f, 0x80, 0xff];

const byte = fc.oneof(fc.constantFrom(...interesting), fc.nat(255));

type Mutation =
  | { kind: "set"; at: number; value: number }
  | { kind: "insert"; at: number; value: number; times: number }
  | { kind: "remove"; at: number; length: number }
  | { kind: "repeat"; at: number; length: number };

// Half of the places lie in the first bytes, where headers are.
const place = fc
  .tuple(fc.nat(1_000_000), fc.boolean())
  .map(([share, early]) => share / (early ? 8_000_000 : 1_000_000));
const span = fc.integer({ min: 1, max: 40 });

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), at: place, value: byte }),
  fc.record({ kind: fc.constant("insert" as const), at: place, value: byte, times: span }),
  fc.record({ kind: fc.constant("remove" as const), at: place, length: span }),
  fc.record({ kind: fc.constant("repeat" as const), at: place, length: span }),
);

function apply(bytes: Uint8Array, change: Mutation): Uint8Array {
  const at = Math.floor(change.at * Math.max(0, bytes.length - 1));
  const before = bytes.subarray(0, at);
  if (change.kind === "set") {
    const copy = new Uint8Array(bytes);
    if (copy.length > 0) copy[at] = change.value;
    return copy;
  }
  if (change.kind === "insert") {
    const added = new Uint8Array(change.times).fill(change.value);
    return Buffer.concat([before, added, bytes.subarray(at)]);
  }
  const rest = bytes.subarray(at + change.length);
  if (change.kind === "remove") return Buffer.concat([before, rest]);
  return Buffer.concat([before, bytes.subarray(at, at + change.length), bytes.subarray(at)]);
}

/**
 * Runs `read` on `runs` damaged copies of `originals`. `read` returns the bytes that its result
 * holds. Resolves to how many of the copies were read and how many refused.
 */
export async function readsDamaged(
  originals: readonly Uint8Array[],
  read: (bytes: Uint8Array) => number | Promise<number>,
  runs: number,
): Promise<{ accepted: number; refused: number }> {
  const counts = { accepted: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...originals),
      fc.oneof(
        mutation.map((one) => [one]),
        fc.array(mutation, { minLength: 2, maxLength: 4 }),
      ),
      async (original, changes) => {
        const damaged = changes.reduce(apply, original);
        try {
          const held = await read(damaged);
          expect(held).toBeLessThanOrEqual(4 * damaged.length);
          counts.accepted++;
        } catch (error) {
          if (!(error instanceof ElboError)) throw error;
          counts.refused++;
        }
      },
    ),
    { numRuns: runs, seed: 20_261_122 },
  );
  expect(counts.accepted + counts.refused).toBe(runs);
  return counts;
}
