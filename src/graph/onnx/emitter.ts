// Writes one graph as the body of an ONNX model: operators call it to add their nodes.
import { ElboError } from "../../base/errors.ts";
import { type DType, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { emitInBlocks } from "./blocked.ts";
import { NCHWC } from "./nchwc.ts";
import { type OnnxNode, renamed, usedNodes, writeNode } from "./nodes.ts";
import type { ProtobufWriter } from "./protobuf.ts";
import {
  type ElementType,
  elementType,
  type NodeAttributes,
  type TensorData,
  type TensorSpec,
  tensorBytes,
  writeValueInfo,
} from "./values.ts";

export class Emitter {
  readonly inputs: TensorSpec[] = [];
  readonly parameters: TensorSpec[] = [];
  /** Operator sets that nodes are of, beside ONNX's own. */
  readonly domains = new Set<string>();
  /** Inputs and outputs of a file that takes and gives other values than its graph; see ./model.ts. */
  readonly ownInputs: TensorSpec<ElementType>[] = [];
  readonly ownOutputs: TensorSpec<ElementType>[] = [];
  /** Channels in a block where convolutions are laid out in blocks; see ./blocked.ts. */
  readonly block: number | null;
  readonly #weights: ReadonlyMap<string, Float32Array> | undefined;
  readonly #names = new Map<Tensor, string>();
  /** Of tensors whose channels lie in blocks, some of them also as they are. */
  readonly #blocked = new Map<Tensor, string>();
  readonly #shared = new Map<string, string>();
  readonly #nodes: OnnxNode[] = [];
  /** Final names of nodes' outputs that are outputs of the model. */
  readonly #outputNames = new Map<string, string>();
  readonly #bound = new Map<string, string>();
  readonly #initializers: Uint8Array[] = [];
  readonly #prefix: string;
  #count = 0;

  /** With `weights`, parameters become initializers; without, inputs. */
  constructor(
    weights?: ReadonlyMap<string, Float32Array>,
    { prefix = "", block = null }: { prefix?: string; block?: number | null } = {},
  ) {
    this.#weights = weights;
    this.#prefix = prefix;
    this.block = block;
  }

  /** For a graph inside a node of this one, whose values it may name. */
  inner(): Emitter {
    return new Emitter(this.#weights, { prefix: this.#fresh(), block: this.block });
  }

  /** Whether weights are in it: each row then has the same result wherever it stands. */
  get holdsWeights(): boolean {
    return this.#weights !== undefined;
  }

  add(tensor: Tensor): void {
    if (!tensor.operator.emit) throw new Error(`${tensor.operator.name} was not expanded`);
    const blocked = emitInBlocks(this, tensor);
    if (blocked !== null) this.#blocked.set(tensor, blocked);
    else this.#names.set(tensor, tensor.operator.emit(this, tensor));
  }

  name(tensor: Tensor): string {
    return this.#laidOut(this.#names, tensor, () =>
      this.node(`${NCHWC}.ReorderOutput`, [this.#blocked.get(tensor)!], {
        channels: tensor.shape[1]!,
      }),
    );
  }

  /** The value with its channels in blocks. */
  blocked(tensor: Tensor): string {
    return this.#laidOut(this.#blocked, tensor, () =>
      this.node(`${NCHWC}.ReorderInput`, [this.#names.get(tensor)!]),
    );
  }

  /** Not of those where the batch stands in the channels' place: only channels of a known number come back. */
  isBlocked(tensor: Tensor): boolean {
    return tensor.shape[1]! > 0 && this.#blocked.has(tensor);
  }

  #laidOut(names: Map<Tensor, string>, tensor: Tensor, lay: () => string): string {
    const known = names.get(tensor);
    if (known !== undefined) return known;
    const name = lay();
    names.set(tensor, name);
    return name;
  }

  names(node: Tensor): string[] {
    return node.inputs.map((input) => this.name(input));
  }

  /** @param type of ONNX's own operators, or `domain.Type`. */
  node(type: string, inputs: readonly string[], attributes: NodeAttributes = {}): string {
    return this.nodes(type, inputs, attributes, 1)[0]!;
  }

  nodes(
    type: string,
    inputs: readonly string[],
    attributes: NodeAttributes,
    count: number,
  ): string[] {
    const outputs = Array.from({ length: count }, () => this.#fresh());
    if (type.includes(".")) this.domains.add(type.slice(0, type.lastIndexOf(".")));
    this.#nodes.push({ type, inputs, outputs, attributes });
    return outputs;
  }

  /** Gives a tensor's value the name under which the model returns it. */
  output(name: string, tensor: Tensor): TensorSpec {
    this.#rename(this.name(tensor), name);
    return { name, dtype: tensor.dtype, shape: tensor.shape };
  }

  #rename(internal: string, name: string): void {
    const renamed = this.#nodes.some(({ outputs }) => outputs.includes(internal));
    if (renamed && !this.#outputNames.has(internal)) this.#outputNames.set(internal, name);
    else this.#outputNames.set(this.node("Identity", [internal]), name);
  }

  /** An input of the file that is none of the graph's. */
  declareInput(spec: TensorSpec<ElementType>): string {
    this.ownInputs.push(spec);
    return spec.name;
  }

  /** An output of the file that is none of the graph's. */
  declareOutput(spec: TensorSpec<ElementType>, value: string): void {
    this.#rename(value, spec.name);
    this.ownOutputs.push(spec);
  }

  /** Makes `value` what the graph's input of this name is. */
  bind(name: string, value: string): void {
    this.#bound.set(name, value);
  }

  binds(name: string): boolean {
    return this.#bound.has(name);
  }

  /** A fixed value of any type. */
  fixed(dtype: ElementType, shape: Shape, values: TensorData): string {
    return this.#initializer(this.#fresh(), dtype, shape, values);
  }

  input(node: Tensor): string {
    const given = node.attributes["name"] as string;
    const name = this.#bound.get(given) ?? given;
    this.inputs.push({ name, dtype: node.dtype, shape: node.shape });
    return name;
  }

  parameter(node: Tensor): string {
    const name = node.attributes["name"] as string;
    const spec = { name, dtype: node.dtype, shape: node.shape };
    this.parameters.push(spec);
    if (!this.#weights) return name;
    const values = this.#weights.get(name);
    if (values?.length !== sizeOf(node.shape)) {
      throw new ElboError({
        code: "weights-missing",
        message: `the graph's parameter ${name} has ${sizeOf(node.shape)} values, received ${values?.length ?? "none"}`,
        hint: "Give the weights of the model that the graph was made of.",
      });
    }
    // Beside names that a person gave, the graph's own keep to themselves.
    const own = this.#bound.size > 0 ? this.#fresh() : name;
    return this.#initializer(own, "float32", node.shape, values);
  }

  constant(node: Tensor): string {
    const values = node.attributes["values"] as Float32Array | Int32Array;
    return this.#initializer(this.#fresh(), node.dtype, node.shape, values);
  }

  cast(name: string, to: ElementType): string {
    return this.node("Cast", [name], { to: elementType(to) });
  }

  int64(values: readonly number[]): string {
    return this.share(`int64 ${values}`, (name) =>
      this.#initializer(name, "int64", [values.length], BigInt64Array.from(values, BigInt)),
    );
  }

  int64Scalar(value: number): string {
    return this.share(`int64 scalar ${value}`, (name) =>
      this.#initializer(name, "int64", [], BigInt64Array.of(BigInt(value))),
    );
  }

  scalar(value: number, dtype: DType): string {
    const data =
      dtype === "float32"
        ? Float32Array.of(value)
        : dtype === "int32"
          ? Int32Array.of(value)
          : Uint8Array.of(value);
    return this.share(`${dtype} scalar ${value}`, (name) =>
      this.#initializer(name, dtype, [], data),
    );
  }

  /**
   * int64 indices into an axis of `size` as int32: looked up where the size is known, since
   * WebGPU does not cast from int64.
   */
  smallIndices(name: string, size: number): string {
    if (size < 0) return this.cast(name, "int32");
    const values = Int32Array.from({ length: size }, (_, i) => i);
    const range = this.share(`range ${size}`, (fresh) =>
      this.#initializer(fresh, "int32", [size], values),
    );
    return this.node("Gather", [range, name], { axis: 0 });
  }

  /** Writes nodes, initializers, inputs and outputs into a GraphProto. */
  finish(graph: ProtobufWriter, outputs: readonly TensorSpec<ElementType>[]): void {
    const final = (name: string) => this.#outputNames.get(name) ?? name;
    const named = this.#nodes.map((node) => renamed(node, final));
    // What is laid out in blocks goes around some nodes.
    const nodes = this.block === null ? named : usedNodes(named, outputs);
    for (const node of nodes) graph.message(1, (writer) => writeNode(writer, node));
    graph.string(2, "elbo");
    for (const tensor of this.#initializers) graph.bytes(5, tensor);
    const graphs = this.#weights ? this.inputs : [...this.inputs, ...this.parameters];
    const inputs = this.#bound.size > 0 ? this.ownInputs : graphs;
    for (const spec of inputs) graph.message(11, (info) => writeValueInfo(info, spec));
    for (const spec of outputs) graph.message(12, (info) => writeValueInfo(info, spec));
  }

  #fresh(): string {
    return `${this.#prefix}_${this.#count++}`;
  }

  /** The value of this key, made once. @param make gives the value's name; it may take the fresh one. */
  share(key: string, make: (name: string) => string): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const name = make(this.#fresh());
    this.#shared.set(key, name);
    return name;
  }

  #initializer(name: string, dtype: ElementType, shape: Shape, values: TensorData): string {
    this.#initializers.push(tensorBytes({ name, dtype, shape }, values));
    return name;
  }
}
