// Symbolic gradients against central differences on the oracle.
import { expect } from "vitest";
import { gradients, type Tensor } from "#elbo/graph/index.js";
import { evaluate, type Feeds } from "../oracle/index.ts";
import type { Draw } from "./draw.ts";

const STEP = 2 ** -14;

/** The derivative by element i of x, by central differences of fourth order: its error is STEP⁴. */
function slopeAt(loss: Tensor, name: string, i: number, feeds: Feeds, batch: number): number {
  const { shape, data } = feeds[name]!;
  const at = (by: number) => {
    const moved = Float64Array.from(data);
    moved[i]! += by;
    return evaluate([loss], { ...feeds, [name]: { shape, data: moved } }, batch)[0]!.data[0]!;
  };
  const near = at(STEP) - at(-STEP);
  const far = at(2 * STEP) - at(-2 * STEP);
  return (8 * near - far) / (12 * STEP);
}

/** A graph's inputs with their values, and those of them to differentiate by. */
export type Fed = Pick<Draw, "feeds" | "reals" | "batch">;

/**
 * Compares the gradient of `loss` with central differences of it.
 * @param most elements of each tensor that are compared, spread over it; default all.
 */
export function checkGradient(loss: Tensor, draw: Fed, most = Infinity): void {
  const feeds = draw.feeds();
  const symbolic = gradients(loss, draw.reals);
  expect(symbolic.map((g) => g.shape)).toEqual(draw.reals.map((x) => x.shape));
  const values = evaluate([loss, ...symbolic], feeds, draw.batch);
  for (const [i, x] of draw.reals.entries()) {
    const name = x.attributes["name"] as string;
    const received = values[i + 1]!.data;
    const every = Math.max(1, Math.ceil(received.length / most));
    const places = [...received.keys()].filter((j) => j % every === 0);
    const expected = places.map((j) => slopeAt(loss, name, j, feeds, draw.batch));
    // Rounding of the loss, divided by the step; and the 1e-8 to which expansions are accurate.
    const scale = Math.max(1, Math.abs(values[0]!.data[0]!), ...expected.map(Math.abs));
    for (const [k, value] of expected.entries()) {
      const j = places[k]!;
      expect(
        Math.abs(received[j]! - value),
        `${name}[${j}]: ${received[j]}, ${value}`,
      ).toBeLessThan(1e-7 * scale);
    }
  }
}

/** A scalar whose derivative by `y` differs from element to element and depends on `y`. */
export function lossOf(y: Tensor, draw: Draw): Tensor {
  const weights = draw.real(y.shape);
  draw.reals.pop();
  return weights.mul(y.add(y.square().mul(0.5))).sum();
}
