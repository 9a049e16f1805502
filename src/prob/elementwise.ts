// Functions of several tensors, element by element, with a gradient of their own.
import {
  broadcastShapes,
  type CompositeOperator,
  graphError,
  type Tensor,
} from "../graph/index.ts";

/**
 * A float32 function of inputs that broadcast to one shape.
 * @param slopes its derivative by each input, before broadcasting is undone; null for an input that
 * is never differentiated, as the count of a mass.
 */
export function elementwise(
  name: string,
  expand: (...inputs: Tensor[]) => Tensor,
  slopes: (...inputs: Tensor[]) => readonly (Tensor | null)[],
): CompositeOperator {
  return {
    name,
    infer(inputs) {
      const shape = inputs
        .map((input) => [...input.shape])
        .reduce<number[] | null>((a, b) => a && broadcastShapes(a, b), []);
      if (!shape || inputs.some((input) => input.dtype !== "float32")) {
        throw graphError(name, "float32 inputs whose shapes broadcast", inputs);
      }
      return { shape, dtype: "float32" };
    },
    expand: (inputs) => expand(...inputs),
    gradient: ({ inputs, upstream }) =>
      slopes(...inputs).map((slope, i) => slope && upstream.mul(slope).sumTo(inputs[i]!.shape)),
  };
}
