// Corrections of pixels: made where those next to them tell something, left out where they do not.
import { describe, expect, test } from "vitest";
import { fitWarps } from "#elbo/codec/fit-warps.js";
import { nothingFitted, RowCodec } from "#elbo/codec/rows.js";
import { mixed } from "#elbo/codec/warp/fit.js";
import { choosePixels } from "#elbo/codec/warp/pixels.js";
import { doHere } from "#elbo/codec/work.js";
import { imagesOf } from "#elbo/data/in-memory.js";
import { Random } from "#elbo/runtime/random.js";
import { blockOf, modelOf } from "./models.ts";

const random = new Random(4);
const shape = [12, 12, 3] as const;
const size = shape[0] * shape[1] * shape[2];
const COUNT = 60;

/** Each row of each channel goes up and down by a little from pixel to pixel; a channel follows the one before. */
function smooth(): Uint8Array {
  const steps = random.normal(1, 0, COUNT * size);
  const out = new Uint8Array(COUNT * size);
  for (let image = 0; image < COUNT; image++) {
    for (let p = 0; p < shape[0] * shape[1]; p++) {
      for (let c = 0; c < 3; c++) {
        const at = image * size + p * 3 + c;
        const left = p % shape[1] === 0 ? 128 : out[at - 3]!;
        const before = c > 0 ? out[at - 1]! : left;
        out[at] = Math.max(0, Math.min(255, Math.round((left + before) / 2 + 9 * steps[at]!)));
      }
    }
  }
  return out;
}
const noise = Uint8Array.from(random.uniform(2, 0, COUNT * size), (u) => 256 * u);

async function sizes(pixels: Uint8Array, likelihood: "beta-binomial" | "gaussian") {
  const source = imagesOf(pixels, shape);
  const model = await modelOf(source, {}, { likelihood: { image: likelihood } });
  const { block, coded } = await blockOf(source);
  const { cells, rows } = block;
  const job = { model, columns: coded, cells, rows, fitted: nothingFitted };
  const warps = await fitWarps(job, doHere);
  const made = () =>
    new RowCodec(model.schema, model.config, model.weights, coded, { ...nothingFitted, warps });
  const without = new RowCodec(model.schema, model.config, model.weights, coded, nothingFitted);
  const bytes = made().encode(cells, rows);
  expect(made().decode(bytes, [{ type: "image" }], rows)).toEqual(cells);
  const plain = without.encode(cells, rows).length;
  const stored = [...warps.values()].reduce((sum, { length }) => sum + (4 / 3) * length, 0);
  return { warps: warps.size, with: bytes.length + stored, plain };
}

describe("colour images that have learned nothing", () => {
  test.each(["beta-binomial", "gaussian"] as const)(
    "by a %s: smooth ones take less",
    async (likelihood) => {
      const found = await sizes(smooth(), likelihood);
      expect(found.warps).toBe(1);
      // Of even bytes 8 bits; of steps with a deviation of 9, log2(9 √(2πe)) = 5.2.
      expect(found.with).toBeLessThan(0.85 * found.plain);
    },
  );
});

test("images of which there are few take no correction", async () => {
  const few = imagesOf(noise.subarray(0, 4 * size), shape);
  const model = await modelOf(few, {}, { likelihood: { image: "categorical" } });
  const { block, coded } = await blockOf(few);
  const { cells, rows } = block;
  const job = { model, columns: coded, cells, rows, fitted: nothingFitted };
  expect((await fitWarps(job, doHere)).size).toBe(0);
});

test("chosen pixels stand for all of them", () => {
  const costs = random.uniform(5, 0, 40_000).map((u) => (u < 0.8 ? 0.01 : 4 * u));
  const features = costs.map((_, i) => i);
  const limits = new Float32Array(2 * costs.length);
  const { counts, features: places, nats } = choosePixels({ features, limits, costs }, 4_000);
  expect(Math.abs(counts.length - 4_000)).toBeLessThan(100);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const cost = counts.reduce((sum, count, i) => sum + count * costs[places[i]!]!, 0);
  // 4,000 chosen at even distances: well within three standard errors of as many drawn by chance.
  expect(Math.abs(total / costs.length - 1)).toBeLessThan(0.05);
  expect(Math.abs(cost / nats - 1)).toBeLessThan(0.05);
  const pixels = { features: places, limits: new Float32Array(2 * counts.length), counts, nats };
  const batches = mixed(pixels);
  const few = batches.filter((_, i) => i % 2 === 0);
  const told = few.map((each) =>
    each.counts.reduce((sum, n, i) => sum + n * costs[each.features[i]!]!, 0),
  );
  const pixelsOf = (some: typeof few) => some.reduce((sum, each) => sum + each.counts.length, 0);
  expect(pixelsOf(batches)).toBe(counts.length);
  const whole = (told.reduce((sum, part) => sum + part, 0) * counts.length) / pixelsOf(few);
  expect(Math.abs(whole / nats - 1)).toBeLessThan(0.1);
});

test("batches hold each pixel once, one number of all of them after another", () => {
  const count = 1_300;
  const features = Float32Array.from({ length: 3 * count }, (_, i) => i);
  const limits = Float32Array.from({ length: 2 * count }, (_, i) => i);
  const counts = Float32Array.from({ length: count }, (_, i) => i);
  const batches = mixed({ features, limits, counts, nats: 1 });
  expect(batches.map((each) => each.counts.length)).toEqual([433, 433, 434]);
  for (const each of batches) {
    const n = each.counts.length;
    each.counts.forEach((place, i) => {
      const of = (values: Float32Array, size: number) =>
        Array.from({ length: size }, (_, k) => values[k * n + i]);
      expect(of(each.features, 3)).toEqual([3 * place, 3 * place + 1, 3 * place + 2]);
      expect(of(each.limits, 2)).toEqual([2 * place, 2 * place + 1]);
    });
  }
  const places = batches.flatMap((each) => [...each.counts]);
  expect(places).not.toEqual([...counts]);
  expect(places.sort((a, b) => a - b)).toEqual([...counts]);
});
