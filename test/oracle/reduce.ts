// Rules of operators that work along axes.
import { softplus } from "./special.ts";
import { build, coordinates, offsetOf, type Rule, type Value } from "./value.ts";

/** The values of `x` that fall on each element of `shape`, which has 1 for each reduced axis. */
function groups(x: Value, axes: readonly number[]): { kept: number[]; values: number[][] } {
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const values = Array.from({ length: kept.reduce((p, d) => p * d, 1) }, (): number[] => []);
  x.data.forEach((value, i) => {
    values[offsetOf(coordinates(i, x.shape), kept)]!.push(value);
  });
  return { kept, values };
}

function reduction(combine: (values: readonly number[]) => number): Rule {
  return ({ inputs, shape, attributes }) => {
    const axes = (attributes["axes"] ?? [attributes["axis"]]) as number[];
    const { values } = groups(inputs[0]!, axes);
    return { shape, data: Float64Array.from(values, combine) };
  };
}

function logSumExp(values: readonly number[]): number {
  const peak = Math.max(...values);
  if (peak === Number.NEGATIVE_INFINITY) return peak;
  return peak + Math.log(values.reduce((sum, v) => sum + Math.exp(v - peak), 0));
}

export const reduce: Record<string, Rule> = {
  sum: reduction((values) => values.reduce((sum, v) => sum + v, 0)),
  prod: reduction((values) => values.reduce((product, value) => product * value, 1)),
  max: reduction((values) => Math.max(...values)),
  min: reduction((values) => Math.min(...values)),
  argmax: reduction((values) => values.indexOf(Math.max(...values))),
  logSumExp: reduction(logSumExp),
  bernoulliLogLikelihood({ inputs, shape }) {
    const [x, logits] = inputs as [Value, Value];
    const terms = x.data.map((value, i) => value * logits.data[i]! - softplus(logits.data[i]!));
    const { values } = groups({ shape: x.shape, data: terms }, [1]);
    return { shape, data: Float64Array.from(values, (row) => row.reduce((a, b) => a + b, 0)) };
  },
  topKIndices({ inputs, shape, attributes }) {
    const [x] = inputs as [Value];
    const { values } = groups(x, [x.shape.length - 1]);
    const largest = values.map((row) =>
      row.map((_, i) => i).sort((i, j) => row[j]! - row[i]! || i - j),
    );
    return {
      shape,
      data: Float64Array.from(largest.flatMap((row) => row.slice(0, attributes["k"] as number))),
    };
  },
  cumulativeSum({ inputs, shape, attributes }) {
    const { axis, reverse } = attributes as { axis: number; reverse: boolean };
    const [x] = inputs as [Value];
    return build(shape, (index) => {
      const [from, to] = reverse ? [index[axis]!, shape[axis]! - 1] : [0, index[axis]!];
      let sum = 0;
      for (let i = from; i <= to; i++) sum += x.data[offsetOf(index.with(axis, i), shape)]!;
      return sum;
    });
  },
};
