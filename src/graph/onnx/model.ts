// A graph as the bytes of an ONNX model.
import { ElboError } from "../../base/errors.ts";
import { formatShape } from "../shape.ts";
import { simplify } from "../simplify.ts";
import { type Tensor, topological } from "../tensor.ts";
import { Emitter, type TensorSpec } from "./emitter.ts";
import { ProtobufWriter } from "./protobuf.ts";

/** The operator set that every provider of ONNX Runtime 1.30 has and onnx.checker knows. */
const OPSET = 18;
const IR_VERSION = 9;

export interface OnnxModel {
  bytes: Uint8Array;
  inputs: TensorSpec[];
  /** In the training form these are inputs as well. */
  parameters: TensorSpec[];
  outputs: TensorSpec[];
}

function checkNames(specs: readonly TensorSpec[]): void {
  const names = new Set<string>();
  for (const { name, shape } of specs) {
    if (names.has(name) || /^_\d+$/.test(name)) {
      throw new ElboError({
        code: "name-taken",
        kind: "usage",
        message: `inputs, parameters and outputs have names of their own, received ${name} of shape ${formatShape(shape)} where that name is taken`,
        hint: "Choose another name, and not one of the form _0, which nodes have.",
      });
    }
    names.add(name);
  }
}

/**
 * Writes the graph that computes `outputs`. Two forms: without `weights` its parameters are
 * inputs (to train); with them they are initializers (to infer), which is faster and makes a
 * row's result independent of the rows around it.
 */
export function toOnnx(
  outputs: Readonly<Record<string, Tensor>>,
  weights?: ReadonlyMap<string, Float32Array>,
): OnnxModel {
  const names = Object.keys(outputs);
  const simple = simplify(Object.values(outputs));
  const emitter = new Emitter(weights);
  const nodes = topological(simple);
  // Sources first: any other node may need the batch's size, which an input tells.
  for (const node of nodes) if (node.inputs.length === 0) emitter.add(node);
  for (const node of nodes) if (node.inputs.length > 0) emitter.add(node);
  const specs = names.map((name, i) => emitter.output(name, simple[i]!));
  checkNames([...emitter.inputs, ...emitter.parameters, ...specs]);
  const model = new ProtobufWriter()
    .int(1, IR_VERSION)
    .string(2, "elbo")
    .message(7, (graph) => emitter.finish(graph, specs))
    .message(8, (opset) => opset.string(1, "").int(2, OPSET));
  return {
    bytes: model.finish(),
    inputs: emitter.inputs,
    parameters: emitter.parameters,
    outputs: specs,
  };
}
