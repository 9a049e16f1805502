// Isolation trees against scikit-learn's (make_isolation_forest.py).
import { expect, test } from "vitest";
import { IsolationForest, pathLength } from "#elbo/metrics/isolation-forest.js";
import { type Numbers, readFixture } from "../graph/pytorch.ts";

const fixture = readFixture<{
  points: Numbers;
  trees: number;
  rows: number[];
  depths: Numbers;
  deviations: Numbers;
}>("isolation_forest");
const size = fixture.points.shape[1]!;
const points = Float32Array.from(fixture.points.data);
const asked = Float32Array.from(
  fixture.rows.flatMap((row) => fixture.points.data.slice(row * size, (row + 1) * size)),
);

test("paths are as long on average as scikit-learn's trees have them", () => {
  const trees = 4000;
  const forest = new IsolationForest(points, size, { trees, sample: 64, seed: 1 });
  for (const [i, depth] of forest.depths(asked).entries()) {
    const error = fixture.deviations.data[i]! * Math.sqrt(1 / trees + 1 / fixture.trees);
    // Of 22 means, one in 70,000 draws is further off than 5 deviations.
    expect(Math.abs(depth - fixture.depths.data[i]!)).toBeLessThan(5 * error);
  }
});

test("scores come of paths by equation 2; the seed decides them; points that are one have ½", () => {
  const of = (seed: number) => new IsolationForest(points, size, { seed }).scores(asked);
  const forest = new IsolationForest(points, size, { seed: 3 });
  const [depths, scores] = [forest.depths(asked), forest.scores(asked)];
  for (const [i, score] of scores.entries()) {
    expect(score).toBeCloseTo(2 ** (-depths[i]! / pathLength(150)), 12);
  }
  expect(of(3)).toEqual(scores);
  expect(of(4)).not.toEqual(scores);
  const same = new IsolationForest(new Float32Array(40).fill(2), 2, { seed: 0 });
  expect(same.scores(Float32Array.of(2, 2))[0]).toBeCloseTo(0.5, 12);
});
