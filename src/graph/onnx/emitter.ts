// Writes one graph as the body of an ONNX model: operators call it to add their nodes.
import { ElboError } from "../../base/errors.ts";
import { type DType, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { ProtobufWriter } from "./protobuf.ts";

export interface TensorSpec {
  name: string;
  dtype: DType;
  shape: Shape;
}

type OnnxType = DType | "int64";
const ELEMENT_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;

export type NodeAttributes = Readonly<Record<string, number | string | readonly number[]>>;

/** Attributes of ONNX operators that are floats even when their value is whole. */
const FLOAT_ATTRIBUTES = new Set(["alpha", "beta", "epsilon"]);

interface OnnxNode {
  type: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: NodeAttributes;
}

export class Emitter {
  readonly inputs: TensorSpec[] = [];
  readonly parameters: TensorSpec[] = [];
  readonly #weights: ReadonlyMap<string, Float32Array> | undefined;
  readonly #names = new Map<Tensor, string>();
  readonly #shared = new Map<string, string>();
  readonly #nodes: OnnxNode[] = [];
  /** Final names of nodes' outputs that are outputs of the model. */
  readonly #outputNames = new Map<string, string>();
  readonly #initializers: Uint8Array[] = [];
  #count = 0;

  /** With `weights`, parameters become initializers; without, inputs. */
  constructor(weights?: ReadonlyMap<string, Float32Array>) {
    this.#weights = weights;
  }

  add(tensor: Tensor): void {
    if (!tensor.operator.emit) throw new Error(`${tensor.operator.name} was not expanded`);
    this.#names.set(tensor, tensor.operator.emit(this, tensor));
  }

  name(tensor: Tensor): string {
    return this.#names.get(tensor)!;
  }

  names(node: Tensor): string[] {
    return node.inputs.map((input) => this.name(input));
  }

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
    this.#nodes.push({ type, inputs, outputs, attributes });
    return outputs;
  }

  /** Gives a tensor's value the name under which the model returns it. */
  output(name: string, tensor: Tensor): TensorSpec {
    const internal = this.name(tensor);
    const renamed = this.#nodes.some(({ outputs }) => outputs.includes(internal));
    if (renamed && !this.#outputNames.has(internal)) this.#outputNames.set(internal, name);
    else this.#outputNames.set(this.node("Identity", [internal]), name);
    return { name, dtype: tensor.dtype, shape: tensor.shape };
  }

  input(node: Tensor): string {
    const name = node.attributes["name"] as string;
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
    return this.#initializer(name, "float32", node.shape, values);
  }

  constant(node: Tensor): string {
    const values = node.attributes["values"] as Float32Array | Int32Array;
    return this.#initializer(this.#fresh(), node.dtype, node.shape, values);
  }

  cast(name: string, to: OnnxType): string {
    return this.node("Cast", [name], { to: ELEMENT_TYPES[to] });
  }

  int64(values: readonly number[]): string {
    return this.#share(`int64 ${values}`, (name) =>
      this.#initializer(name, "int64", [values.length], BigInt64Array.from(values, BigInt)),
    );
  }

  int64Scalar(value: number): string {
    return this.#share(`int64 scalar ${value}`, (name) =>
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
    return this.#share(`${dtype} scalar ${value}`, (name) =>
      this.#initializer(name, dtype, [], data),
    );
  }

  /** A float32 tensor of one value, without its bytes in the file. */
  filled(shape: Shape, value: number): string {
    return this.node("Expand", [this.scalar(value, "float32"), this.runtimeShape(shape)]);
  }

  /** A shape as a tensor: its batch is known only when the model runs. */
  runtimeShape(shape: Shape): string {
    if (shape.every((d) => d >= 0)) return this.int64(shape);
    const source = this.inputs.find((spec) => spec.shape.includes(-1));
    if (!source) {
      throw new ElboError({
        code: "shape",
        message: "a graph with a batch dimension has no input with one",
        hint: "Declare an input with BATCH in its shape.",
      });
    }
    const axis = source.shape.indexOf(-1);
    const batch = this.#share("batch", () =>
      this.node("Shape", [source.name], { start: axis, end: axis + 1 }),
    );
    const dims = shape.map((d) => {
      if (d >= 0) return this.int64([d]);
      if (d === -1) return batch;
      return this.#share(`batch ${d}`, () => this.node("Mul", [batch, this.int64([-d])]));
    });
    return this.#share(`shape ${shape}`, () => this.node("Concat", dims, { axis: 0 }));
  }

  /** Writes nodes, initializers, inputs and outputs into a GraphProto. */
  finish(graph: ProtobufWriter, outputs: readonly TensorSpec[]): void {
    for (const node of this.#nodes) graph.message(1, (writer) => this.#writeNode(writer, node));
    graph.string(2, "elbo");
    for (const tensor of this.#initializers) graph.bytes(5, tensor);
    const inputs = this.#weights ? this.inputs : [...this.inputs, ...this.parameters];
    for (const spec of inputs) graph.message(11, (info) => writeValueInfo(info, spec));
    for (const spec of outputs) graph.message(12, (info) => writeValueInfo(info, spec));
  }

  #fresh(): string {
    return `_${this.#count++}`;
  }

  #share(key: string, make: (name: string) => string): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const name = make(this.#fresh());
    this.#shared.set(key, name);
    return name;
  }

  #writeNode(writer: ProtobufWriter, { type, inputs, outputs, attributes }: OnnxNode): void {
    const final = (name: string) => this.#outputNames.get(name) ?? name;
    for (const name of inputs) writer.string(1, final(name));
    for (const name of outputs) writer.string(2, final(name));
    writer.string(3, final(outputs[0]!)).string(4, type);
    for (const [name, value] of Object.entries(attributes)) {
      writer.message(5, (attribute) => writeAttribute(attribute.string(1, name), name, value));
    }
  }

  #initializer(
    name: string,
    dtype: OnnxType,
    shape: Shape,
    values: Float32Array | Int32Array | Uint8Array | BigInt64Array,
  ): string {
    const tensor = new ProtobufWriter();
    for (const d of shape) tensor.int(1, d);
    tensor.int(2, ELEMENT_TYPES[dtype]).string(8, name);
    tensor.bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    this.#initializers.push(tensor.finish());
    return name;
  }
}

function writeAttribute(
  attribute: ProtobufWriter,
  name: string,
  value: number | string | readonly number[],
): void {
  if (typeof value === "string") attribute.string(4, value).int(20, 3);
  else if (typeof value !== "number") {
    for (const v of value) attribute.int(8, v);
    attribute.int(20, 7);
  } else if (FLOAT_ATTRIBUTES.has(name)) attribute.float(2, value).int(20, 1);
  else attribute.int(3, value).int(20, 2);
}

function writeValueInfo(info: ProtobufWriter, { name, dtype, shape }: TensorSpec): void {
  info.string(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.int(1, ELEMENT_TYPES[dtype]).message(2, (dims) => {
        for (const d of shape) {
          dims.message(1, (dim) => {
            if (d >= 0) dim.int(1, d);
            else dim.string(2, d === -1 ? "batch" : `batch_times_${-d}`);
          });
        }
      }),
    ),
  );
}
