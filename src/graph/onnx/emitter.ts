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

  /** Whether weights are in it: each row then has the same result wherever it stands. */
  get fixed(): boolean {
    return this.#weights !== undefined;
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

  /**
   * int64 indices into an axis of `size` as int32: looked up where the size is known, since
   * WebGPU does not cast from int64.
   */
  smallIndices(name: string, size: number): string {
    if (size < 0) return this.cast(name, "int32");
    const values = Int32Array.from({ length: size }, (_, i) => i);
    const range = this.#share(`range ${size}`, (fresh) =>
      this.#initializer(fresh, "int32", [size], values),
    );
    return this.node("Gather", [range, name], { axis: 0 });
  }

  /** A float32 tensor of one value, without its bytes in the file. */
  filled(shape: Shape, value: number): string {
    return this.expand(this.scalar(value, "float32"), [], shape);
  }

  /** `name`, of shape `from`, broadcast to the shape `to`, whose batch is known only at a run. */
  expand(name: string, from: Shape, to: Shape): string {
    const given = (i: number) => from[from.length - to.length + i];
    const known = to.map((d) => Math.max(d, d < 0 ? 1 : 0));
    const missing = to.map((d, i) => d !== 1 && d !== given(i));
    // Expand broadcasts both ways, so a 1 in the shape it is given keeps the input's size.
    const shapes = to.flatMap((d, i) =>
      d < 0 && missing[i] ? [this.#batchShape(to.length, i, -d)] : [],
    );
    const wide = to.some((d, i) => d >= 0 && missing[i]);
    if (wide || (shapes.length === 0 && from.length < to.length)) shapes.unshift(this.int64(known));
    return shapes.reduce((value, shape) => this.node("Expand", [value, shape]), name);
  }

  /** A shape as a tensor, for Reshape where several of its sizes are known only at a run. */
  runtimeShape(shape: Shape): string {
    return this.#share(`shape ${shape}`, () => this.node("Shape", [this.filled(shape, 0)]));
  }

  /**
   * The shape (1, …, k·batch, …, 1) as a tensor: that of a column cut from an input, since no
   * GPU provider computes with the int64 of shapes.
   */
  #batchShape(rank: number, axis: number, times: number): string {
    return this.#share(`batch shape ${rank} ${axis} ${times}`, () => {
      const column = times === 1 ? this.#batchColumn() : this.#repeatedColumn(times);
      const dims = new Array<number>(rank).fill(1).with(axis, -1);
      return this.node("Shape", [this.node("Reshape", [column, this.int64(dims)])]);
    });
  }

  #repeatedColumn(times: number): string {
    const column = this.node("Reshape", [this.#batchColumn(), this.int64([-1, 1])]);
    return this.node("Expand", [column, this.int64([1, times])]);
  }

  /** One float32 for each row of the batch. */
  #batchColumn(): string {
    return this.#share("batch column", () => {
      const batched = this.inputs.filter(({ shape }) => shape.includes(-1));
      const source = batched.find(({ dtype }) => dtype === "float32") ?? batched[0];
      if (!source) {
        throw new ElboError({
          code: "shape",
          message: "a graph with a batch dimension has no input with one",
          hint: "Declare an input with BATCH in its shape.",
        });
      }
      const axes = source.shape.flatMap((d, i) => (d === -1 || d === 1 ? [] : [i]));
      const { name, dtype } = source;
      const floats = dtype === "float32" ? name : this.cast(name, "float32");
      if (axes.length === 0) return floats;
      const bounds = [0, 1].map((v) => this.int64(axes.map(() => v)));
      return this.node("Slice", [floats, ...bounds, this.int64(axes)]);
    });
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
