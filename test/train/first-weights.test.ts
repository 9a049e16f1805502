// Weights that begin by training rows.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { columnsOf, imagesOf, train } from "#elbo/index.js";
import { loadModel } from "#elbo/train/checkpoint.js";
import type { TrainOptions } from "#elbo/train/options.js";
import { testFolder } from "../helpers/folder.ts";

const settings = {
  ...{ network: "mlp:4", latent: 2 },
  // So slow that nothing moves.
  ...{ epochs: 1, batch: 4, validation: 0, learningRate: 1e-30, seed: 3 },
} satisfies TrainOptions;

const components = 12;
const prior = "vamp";

describe.each([
  { method: "vamp-vae", methodOption: { components } },
  { method: "ladder-vae", methodOption: { components, prior } },
] as const)("$method", (method) => {
  test("pseudo-images begin as training images", async () => {
    const images = Array.from({ length: 8 * 9 }, (_, i) => (i * 37) % 256);
    const source = imagesOf(Uint8Array.from(images), [3, 3, 1]);
    const out = join(testFolder(), "run");
    await train(source, { ...settings, ...method, out });
    const pseudo = (await loadModel(out)).weights.get("prior.pseudo.pixels")!;
    const mean = Array.from({ length: 9 }, (_, p) => {
      const sum = Array.from({ length: 8 }, (_, row) => images[row * 9 + p]!).reduce(
        (a, b) => a + b,
      );
      return Math.min(0.95, Math.max(0.05, sum / 8 / 255));
    });
    const began = Array.from({ length: 12 }, (_, k) =>
      mean.map((m, p) => {
        const logit = 3 * pseudo[k * 9 + p]! + Math.log(m / (1 - m));
        return 255 / (1 + Math.exp(-logit));
      }),
    );
    const rows = Array.from({ length: 8 }, (_, row) =>
      images.slice(row * 9, row * 9 + 9).map((v) => Math.min(0.95 * 255, Math.max(0.05 * 255, v))),
    );
    const nearest = began.map((image) => {
      const off = rows.map((row) => Math.max(...row.map((v, p) => Math.abs(v - image[p]!))));
      const least = Math.min(...off);
      // A run keeps the mean image in whole grey levels.
      expect(least).toBeLessThan(1);
      return off.indexOf(least);
    });
    // All eight, and some of them again.
    expect(nearest).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3]);
  });

  test("of columns they are what the encoder sees of rows", async () => {
    const values = Array.from({ length: 40 }, (_, i) => Math.sin(i * i) * 5);
    const out = join(testFolder(), "run");
    await train(columnsOf({ a: values, b: values.toReversed() }), { ...settings, ...method, out });
    const pseudo = (await loadModel(out)).weights.get("prior.pseudo.flat")!;
    expect(pseudo).toHaveLength(12 * 2);
    const mean = values.reduce((a, b) => a + b) / 40;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 40);
    for (let k = 0; k < 12; k++) {
      const row = values.findIndex((v) => Math.abs((v - mean) / deviation - pseudo[2 * k]!) < 1e-4);
      expect(row).toBeGreaterThanOrEqual(0);
      expect((values[39 - row]! - mean) / deviation).toBeCloseTo(pseudo[2 * k + 1]!, 3);
    }
  });
});
