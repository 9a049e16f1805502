// Special functions in float32 against mpmath, on ONNX Runtime's cpu and its WebAssembly; between
// mpmath's points against the oracle.
import { describe, expect, test } from "vitest";
import { gradients, input, type Tensor } from "#elbo/graph/index.js";
import { specialFixture, unaryFunctions, worst } from "../oracle/fixture.ts";
import { compile, type Device } from "./onnx.ts";

async function values(device: Device, columns: Record<string, number[]>, outputs: Tensor[]) {
  const feeds = Object.fromEntries(
    Object.entries(columns).map(([name, data]) => [name, { shape: [data.length], data }]),
  );
  const model = await compile(outputs, feeds, { device });
  const results = await model.run(feeds);
  await model.release();
  return results.map(({ data }) => data);
}

/** error <= 1e-6 · (1 + |value|). */
const ABSOLUTE = ["erf", "lgamma", "digamma", "trigamma", "tanh", "sigmoid"] as const;
/** error <= 5e-7 · |value|: digits are kept where the value is small. */
const RELATIVE = ["log1p", "expm1", "softplus", "logSigmoid"] as const;
/** What relative errors are measured against where float32 runs out of normal numbers. */
const SMALLEST = 2 ** -104;

/** float32 points: by ratios in (1e-4, 1e6) for functions of positive arguments, else by steps. */
function grid(name: string, size = 5000): number[] {
  const isPositive = ["lgamma", "digamma", "trigamma", "log1p"].includes(name);
  return Array.from({ length: size }, (_, i) => {
    const share = (i + 0.5) / size;
    return Math.fround(isPositive ? 1e-4 * 1e10 ** share : 40 * share - 20);
  });
}

for (const device of ["cpu", "wasm"] as const) {
  describe(device, () => {
    for (const name of [...ABSOLUTE, ...RELATIVE]) {
      const isRelative = (RELATIVE as readonly string[]).includes(name);
      const [limit, floor] = isRelative ? [5e-7, SMALLEST] : [1e-6, 1];
      test(`${name}: error below ${limit} · (${isRelative ? "" : "1 + "}|value|)`, async () => {
        const { x: points, y } = specialFixture.functions[name]!;
        const between = grid(name);
        const x = [...points, ...between];
        const expected = [...y, ...between.map(unaryFunctions[name]!)];
        const [received] = await values(device, { x }, [input("x", [x.length])[name]()]);
        const { largest, where } = worst(received!, expected, floor);
        expect(largest, `at ${x[where]}`).toBeLessThan(limit);
      });
    }

    test("lgammaDifference and its derivatives: error below 1e-6 · (1 + |value|)", async () => {
      const { k, r, value, gradientR, gradientK } = specialFixture.lgammaDifference;
      const [n, s] = [input("k", [k.length]), input("r", [r.length])];
      const y = n.lgammaDifference(s);
      const outputs = [y, ...gradients(y.sum(), [s, n])];
      const received = await values(device, { k, r }, outputs);
      for (const [i, expected] of [value, gradientR, gradientK].entries()) {
        const { largest, where } = worst(received[i]!, expected);
        expect(largest, `output ${i} at k ${k[where]}, r ${r[where]}`).toBeLessThan(1e-6);
      }
    });
  });
}
