// Steps of operators that treat each element by itself.
import type { DType } from "../../../graph/shape.ts";
import { apply, type Operator, type Tensor } from "../../../graph/tensor.ts";
import { operationCode } from "../module.ts";
import { broadcastStrides, elementwiseTable } from "../nest.ts";
import { count, type Place, type Step } from "./rule.ts";

/** Whole numbers of both types are int32 in memory. */
const held = {
  float32: "float",
  int32: "int",
  uint8: "int",
  bool: "bool",
} as const satisfies Record<DType, string>;

const cased = (name: string) => `${name[0]!.toUpperCase()}${name.slice(1)}`;

/** The kernels' name of an operation: `lessInt` of whole numbers, `boolToFloat` of a cast. */
function operationName({ operator: { name }, inputs, dtype }: Tensor): string {
  const from = inputs[0]!.dtype;
  if (name === "cast") {
    const to = dtype === "uint8" && from !== "bool" ? "byte" : held[dtype];
    return `${held[from]}To${cased(to)}`;
  }
  return from === "int32" && name !== "where" ? `${name}Int` : name;
}

/** The same float32 with every NaN as one: its bits are otherwise each engine's own. */
export const canonical: Operator = {
  name: "canonical",
  infer: ([x]) => ({ shape: [...x!.shape], dtype: "float32" }),
  emit: () => {
    throw new Error("canonical is not for ONNX");
  },
};

/** An output as it is given out. */
export function finished(output: Tensor): Tensor {
  if (output.dtype === "bool") return output.cast("float32");
  return output.dtype === "float32" ? apply(canonical, [output]) : output;
}

/** The step of an elementwise operator; undefined where the node is of another kind. */
export function elementwise(node: Tensor, place: Place): Step | null | undefined {
  const { kernels, target, shape } = place;
  const code = operationCode(kernels, operationName(node));
  if (code === undefined) return undefined;
  if (count(shape) === 0) return null;
  const strides = node.inputs.map((x) => broadcastStrides(place.shapeOf(x), shape));
  const table = place.table(elementwiseTable(shape, strides));
  const [a = 0, b = 0, c = 0] = node.inputs.map((x) => place.address(x));
  return (tables) => kernels.elementwise(code, target, a, b, c, tables + table);
}
