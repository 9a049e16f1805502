// The symbolic graph: tensors, operators, gradients, ONNX bytes. Knows nothing of models or devices.
export { graphError } from "./errors.ts";
export { gradients } from "./gradient.ts";
export { filled } from "./onnx/batch-shapes.ts";
export type { Emitter } from "./onnx/emitter.ts";
export {
  innerGraph,
  type OnnxModel,
  type Shell,
  type ShelledModel,
  toOnnx,
  toShelledOnnx,
} from "./onnx/model.ts";
export type { ElementType, TensorSpec } from "./onnx/values.ts";
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
export { apply, type CompositeOperator, Tensor, topological } from "./tensor.ts";
