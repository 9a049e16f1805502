// The symbolic graph: tensors, operators, gradients, ONNX bytes. Knows nothing of models or devices.
export { graphError } from "./errors.ts";
export { gradients } from "./gradient.ts";
export type { TensorSpec } from "./onnx/emitter.ts";
export { type OnnxModel, toOnnx } from "./onnx/model.ts";
export * from "./operators/index.ts";
export {
  BATCH,
  broadcastShapes,
  concreteShape,
  type Dim,
  type DType,
  formatShape,
  type Shape,
  sameShape,
  sizeOf,
} from "./shape.ts";
export { substitute } from "./substitute.ts";
export { apply, type CompositeOperator, Tensor } from "./tensor.ts";
