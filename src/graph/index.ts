// The symbolic graph: tensors, operators, gradients, ONNX bytes. Knows nothing of models or devices.
export { gradients } from "./gradient.ts";
export type { TensorSpec } from "./onnx/emitter.ts";
export { type OnnxModel, toOnnx } from "./onnx/model.ts";
export * from "./operators/index.ts";
export {
  BATCH,
  concreteShape,
  type Dim,
  type DType,
  formatShape,
  type Shape,
  sizeOf,
} from "./shape.ts";
export { substitute } from "./substitute.ts";
export { Tensor } from "./tensor.ts";
