// Damaged archives: every one is told, or decodes to what was compressed. And archives that somebody made
// wrong on purpose, with all checksums of sections right: they end in an error or in some bytes, without
// more memory than their blocks ask for.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ElboError } from "#elbo/base/errors.js";
import { readSections, sectionBytes } from "#elbo/codec/archive.js";
import { blockDecoder, decompressBytes, modelFor, openArchive } from "#elbo/codec/open.js";

const seed = Number(process.env["ELBO_SEED"] ?? 3);
const folder = new URL("../fixtures/archives/", import.meta.url);
const names = Object.keys(JSON.parse(readFileSync(new URL("archives.json", folder), "utf8")));
const archives = names.map((name) => ({
  name,
  bytes: new Uint8Array(readFileSync(new URL(`${name}.elbo`, folder))),
}));

/** Whole numbers below a limit (Park and Miller's generator). */
function places(): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * limit);
  };
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

/** Runs of memory and time at their worst, for docs/fuzzing.md. */
async function watched(runs: number, one: (run: number) => Promise<boolean>) {
  const before = process.memoryUsage().rss;
  const worst = { megabytes: 0, milliseconds: 0 };
  const counts = { told: 0, decoded: 0 };
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    if (await one(run)) counts.told++;
    else counts.decoded++;
    worst.milliseconds = Math.max(worst.milliseconds, Math.round(performance.now() - start));
    const grown = (process.memoryUsage().rss - before) / 2 ** 20;
    worst.megabytes = Math.max(worst.megabytes, Math.round(grown));
  }
  console.log({ runs, ...counts, ...worst });
  expect(worst.megabytes).toBeLessThan(1024);
}

/** What `decode` gives, or null for an error that says what is wrong. */
async function orTold<Result>(decode: () => Promise<Result> | Result): Promise<Result | null> {
  try {
    return await decode();
  } catch (error) {
    if (!(error instanceof ElboError) || error.code === "internal") throw error;
    return null;
  }
}

/** Blocks that `--partial` would give, by their index. */
async function partial(bytes: Uint8Array): Promise<Map<number, unknown>> {
  const archive = openArchive(bytes);
  const decode = blockDecoder(archive.header, await modelFor(archive, null));
  const found = new Map<number, unknown>();
  for (const { index, content } of archive.blocks) {
    const piece = await orTold(() => decode(content));
    if (piece) found.set(index, piece);
  }
  return found;
}

test("10,000 flipped bits and 2,000 truncations", async () => {
  const whole = await Promise.all(
    archives.map(async ({ bytes }) => ({
      decoded: await decompressBytes(bytes),
      blocks: await partial(bytes),
    })),
  );
  const next = places();
  await watched(12_000, async (run) => {
    const which = run % archives.length;
    const { bytes, name } = archives[which]!;
    const damaged =
      run < 10_000 ? flipped(bytes, next(8 * bytes.length)) : bytes.subarray(0, next(bytes.length));
    const decoded = await orTold(() => decompressBytes(damaged));
    if (decoded) expect(decoded, name).toEqual(whole[which]!.decoded);
    if (run % 10 === 0) {
      const pieces = (await orTold(() => partial(damaged))) ?? new Map();
      for (const [index, piece] of pieces) {
        expect(piece, name).toEqual(whole[which]!.blocks.get(index));
      }
    }
    return decoded === null;
  });
});

test("2,000 sections that were changed, with their checksums made right", async () => {
  const next = places();
  await watched(2000, async (run) => {
    const { bytes } = archives[run % archives.length]!;
    const { sections } = readSections(bytes);
    const target = next(sections.length);
    const parts = sections.map((section, i) => {
      if (i !== target) return sectionBytes(section);
      let { content } = section;
      for (let times = 1 + next(3); times > 0; times--) {
        content = flipped(content, next(8 * content.length));
      }
      if (next(4) === 0) content = content.subarray(0, next(content.length));
      return sectionBytes({ ...section, content });
    });
    const forged = Buffer.concat([bytes.subarray(0, 5), ...parts]);
    return (await orTold(() => decompressBytes(forged))) === null;
  });
});
