// Whatever a network emits, what a group makes of it in float32 is finite: log-probabilities, their
// gradients, and expected values.
import { describe, expect, test } from "vitest";
import { maskSize } from "#elbo/fields/layout.js";
import { gradients } from "#elbo/graph/index.js";
import { compile } from "../../graph/onnx.ts";
import { build } from "./build.ts";
import { specimens } from "./specimens.ts";

const sizes = [30, 1e4, 1e9];

describe("outputs of any size", () => {
  test.each(specimens)("$name", async (specimen) => {
    const { group, raw, parameters, outputs, feeds } = build(specimen, true);
    const logProb = group.logProb(parameters, raw, outputs);
    const all = {
      logProb,
      expected: group.expected(parameters, outputs, raw),
      gradient: gradients(logProb.sum(), [outputs])[0]!,
    };
    const cells = maskSize(group.layout);
    // The last row has nothing at all: 0 behind a mask.
    const rows = [...specimen.rows, specimen.rows[0]!.map(() => 0)];
    const mask = rows.map((_, i) => new Array<number>(cells).fill(+(i < specimen.rows.length)));
    const start = feeds(rows, { mask });
    const model = await compile(Object.values(all), start);
    for (const size of sizes) {
      for (const sign of [1, -1, 0]) {
        // All alike, or by turns.
        const emitted = rows.map((_, i) =>
          Array.from({ length: group.outputs }, (_, k) => size * (sign || (-1) ** (i + k))),
        );
        const values = await model.run(feeds(rows, { mask, outputs: emitted }));
        for (const [i, name] of Object.keys(all).entries()) {
          const bad = values[i]!.data.findIndex((value) => !Number.isFinite(value));
          expect(bad, `${name}[${bad}] at ${sign}·${size} is ${values[i]!.data[bad]}`).toBe(-1);
        }
      }
    }
    await model.release();
  });
});
