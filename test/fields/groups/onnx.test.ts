// Groups in ONNX Runtime's float32 against the oracle's float64, with cells missing.
import { describe, expect, test } from "vitest";
import { maskSize } from "#elbo/fields/layout.js";
import { gradients } from "#elbo/graph/index.js";
import { compile } from "../../graph/onnx.ts";
import { evaluate } from "../../oracle/index.ts";
import { build } from "./build.ts";
import { specimens } from "./specimens.ts";

/** Of the largest value of an output: some hundred roundings of a float32. */
const TOLERANCE = 3e-5;

describe.each(["cpu", "wasm"] as const)("on %s", (device) => {
  test.each(specimens)("$name", async (specimen) => {
    const { group, raw, parameters, outputs, feeds } = build(specimen, true);
    const logProb = group.logProb(parameters, raw, outputs);
    const all = [
      logProb,
      group.features(parameters, raw),
      group.expected(parameters, outputs, raw),
      ...group.drawn(parameters, outputs, raw),
      ...gradients(logProb.sum(), [outputs, ...parameters.tensors()]),
      group.target(raw),
      group.prediction(parameters, outputs, raw),
    ].flatMap((tensor) => tensor ?? []);
    const cells = maskSize(group.layout);
    const mask = specimen.rows.map((_, i) =>
      Array.from({ length: cells }, (_, j) => +((i + j) % 3 !== 0)),
    );
    // What is missing is 0, as batches hold it.
    const rows = specimen.rows.map((row, i) =>
      row.map((value, k) => {
        const there = cells === 0 || mask[i]![Math.floor((k * cells) / row.length)] === 1;
        return there ? value : 0;
      }),
    );
    const fed = feeds(rows, { mask });
    const model = await compile(all, fed, { device });
    const received = await model.run(fed);
    await model.release();
    const values = evaluate(all, fed, rows.length);
    for (const [i, { shape, data }] of values.entries()) {
      expect([...received[i]!.shape], `shape of output ${i}`).toEqual([...shape]);
      const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (const [j, value] of data.entries()) {
        const far = Math.abs(received[i]!.data[j]! - value);
        const text = `output ${i}[${j}]: ${received[i]!.data[j]}, ${value}`;
        expect(far, text).toBeLessThan(TOLERANCE * (1 + largest));
      }
    }
  });
});
