// A graph as the bytes of an ONNX model.
import { ElboError } from "../../base/errors.ts";
import { inputOperator } from "../operators/sources.ts";
import { formatShape } from "../shape.ts";
import { simplify } from "../simplify.ts";
import { type Tensor, topological } from "../tensor.ts";
import { Emitter } from "./emitter.ts";
import { ProtobufWriter } from "./protobuf.ts";
import type { ElementType, TensorSpec } from "./values.ts";

/** The operator set that every provider of ONNX Runtime 1.30 has and onnx.checker knows. */
const OPSET = 18;
const IR_VERSION = 9;
/** Of other domains: of ai.onnx.ml what was released with it. */
const DOMAIN_VERSIONS: Readonly<Record<string, number>> = {
  "ai.onnx.ml": 3,
  "com.microsoft.nchwc": 1,
};

export interface OnnxModel {
  bytes: Uint8Array;
  inputs: TensorSpec[];
  /** In the training form these are inputs as well. */
  parameters: TensorSpec[];
  outputs: TensorSpec[];
}

/** Other inputs and outputs than a graph's own, with the nodes between. */
export interface Shell {
  /** Declares inputs, and binds each of the graph's. */
  enter(emitter: Emitter, wanted: readonly TensorSpec[]): void;
  /** Declares outputs. @param value of the graph's outputs, by name. */
  leave(emitter: Emitter, value: (name: string) => string): void;
}

/** A file that takes and gives values of any type. */
export interface ShelledModel {
  bytes: Uint8Array;
  inputs: TensorSpec<ElementType>[];
  outputs: TensorSpec<ElementType>[];
}

function checkNames(specs: readonly TensorSpec<ElementType>[]): void {
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

/** Adds the nodes. */
function emit(emitter: Emitter, nodes: readonly Tensor[]): void {
  // Sources first: any other node may need the batch's size, which an input tells.
  for (const node of nodes) if (node.inputs.length === 0) emitter.add(node);
  for (const node of nodes) if (node.inputs.length > 0) emitter.add(node);
}

function modelBytes(emitter: Emitter, outputs: readonly TensorSpec<ElementType>[]): Uint8Array {
  const model = new ProtobufWriter()
    .int(1, IR_VERSION)
    .string(2, "elbo")
    .message(7, (graph) => emitter.finish(graph, outputs))
    .message(8, (opset) => opset.string(1, "").int(2, OPSET));
  for (const domain of emitter.domains) {
    model.message(8, (opset) => opset.string(1, domain).int(2, DOMAIN_VERSIONS[domain]!));
  }
  return model.finish();
}

/**
 * Writes the graph that computes `outputs`. Two forms: without `weights` its parameters are
 * inputs (to train); with them they are initializers (to infer), which is faster and makes a
 * row's result independent of the rows around it.
 * @param block of the form without weights, for batches of whole blocks: channels that the device's
 * convolutions take at a time. Default: convolutions as ONNX has them.
 */
export function toOnnx(
  outputs: Readonly<Record<string, Tensor>>,
  weights?: ReadonlyMap<string, Float32Array>,
  block: number | null = null,
): OnnxModel {
  const names = Object.keys(outputs);
  const simple = simplify(Object.values(outputs));
  const emitter = new Emitter(weights, { block });
  emit(emitter, topological(simple));
  const specs = names.map((name, i) => emitter.output(name, simple[i]!));
  checkNames([...emitter.inputs, ...emitter.parameters, ...specs]);
  return {
    bytes: modelBytes(emitter, specs),
    inputs: emitter.inputs,
    parameters: emitter.parameters,
    outputs: specs,
  };
}

/** Emits a graph inside a shell. */
function emitShelled(
  emitter: Emitter,
  outputs: Readonly<Record<string, Tensor>>,
  shell: Shell,
): void {
  const names = Object.keys(outputs);
  const simple = simplify(Object.values(outputs));
  const nodes = topological(simple);
  const wanted = nodes
    .filter(({ operator }) => operator === inputOperator)
    .map(({ attributes, dtype, shape }) => ({ name: attributes["name"] as string, dtype, shape }));
  shell.enter(emitter, wanted);
  const unbound = wanted.find(({ name }) => !emitter.binds(name));
  if (unbound) throw new Error(`the shell gives the graph no ${unbound.name}`);
  emit(emitter, nodes);
  shell.leave(emitter, (name) => emitter.name(simple[names.indexOf(name)]!));
}

/** A GraphProto for an attribute of a node that `outer` is to have: a loop's body. */
export function innerGraph(
  outer: Emitter,
  outputs: Readonly<Record<string, Tensor>>,
  shell: Shell,
): Uint8Array {
  const emitter = outer.inner();
  emitShelled(emitter, outputs, shell);
  const graph = new ProtobufWriter();
  emitter.finish(graph, emitter.ownOutputs);
  return graph.finish();
}

/** The same with weights as initializers, inside a shell. */
export function toShelledOnnx(
  outputs: Readonly<Record<string, Tensor>>,
  weights: ReadonlyMap<string, Float32Array>,
  shell: Shell,
): ShelledModel {
  const emitter = new Emitter(weights);
  emitShelled(emitter, outputs, shell);
  const { ownInputs, ownOutputs } = emitter;
  checkNames([...ownInputs, ...ownOutputs]);
  return { bytes: modelBytes(emitter, ownOutputs), inputs: ownInputs, outputs: ownOutputs };
}
