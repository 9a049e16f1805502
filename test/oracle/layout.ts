// Rules of operators that move values without changing them, or add them where they land.
import { build, coordinates, element, offsetOf, type Rule, type Value } from "./value.ts";

export const layout: Record<string, Rule> = {
  reshape: ({ inputs, shape }) => ({ shape, data: inputs[0]!.data }),
  transpose({ inputs, shape, attributes }) {
    const order = attributes["permutation"] as number[];
    return build(shape, (index) =>
      element(
        inputs[0]!,
        inputs[0]!.shape.map((_, i) => index[order.indexOf(i)]!),
      ),
    );
  },
  broadcast: ({ inputs, shape }) => build(shape, (index) => element(inputs[0]!, index)),
  slice({ inputs, shape, attributes }) {
    const [axes, starts, steps] = [
      attributes["axes"],
      attributes["starts"],
      attributes["steps"],
    ] as [number[], number[], number[]];
    return build(shape, (index) =>
      element(
        inputs[0]!,
        axes.reduce(
          (from, axis, i) => from.with(axis, starts[i]! + steps[i]! * index[axis]!),
          index,
        ),
      ),
    );
  },
  pad({ inputs, shape, attributes }) {
    const before = attributes["before"] as number[];
    return build(shape, (index) => {
      const from = index.map((place, axis) => place - before[axis]!);
      const inside = from.every((place, axis) => place >= 0 && place < inputs[0]!.shape[axis]!);
      return inside ? element(inputs[0]!, from) : (attributes["value"] as number);
    });
  },
  concat({ inputs, shape, attributes }) {
    const axis = attributes["axis"] as number;
    return build(shape, (index) => {
      let from = index[axis]!;
      for (const part of inputs) {
        if (from < part.shape[axis]!) return element(part, index.with(axis, from));
        from -= part.shape[axis]!;
      }
      throw new RangeError("an index outside every part");
    });
  },
  gather({ inputs, shape, attributes }) {
    const [x, indices] = inputs as [Value, Value];
    const axis = attributes["axis"] as number;
    const rank = indices.shape.length;
    return build(shape, (index) =>
      element(x, index.toSpliced(axis, rank, element(indices, index.slice(axis, axis + rank)))),
    );
  },
  scatterAdd({ inputs, shape }) {
    const [x, indices] = inputs as [Value, Value];
    const result = build(shape, () => 0);
    x.data.forEach((value, i) => {
      const index = coordinates(i, x.shape);
      result.data[offsetOf(index.with(0, indices.data[index[0]!]!), shape)]! += value;
    });
    return result;
  },
};
