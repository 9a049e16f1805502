// A node of the symbolic graph, and the contract that every operator fulfils. The operators add
// their methods to Tensor themselves, one file of ./operators/ for each family.
import type { Emitter } from "./onnx/emitter.ts";
import type { NodeAttributes } from "./onnx/values.ts";
import type { Dim, DType, Shape } from "./shape.ts";

/** What an operator needs beside its inputs: plain data, so that equal nodes can be found. */
export type Attributes = Readonly<Record<string, AttributeValue>>;
export type AttributeValue =
  | number
  | string
  | boolean
  | readonly number[]
  | Float32Array
  | Int32Array;

export interface TensorType {
  shape: Dim[];
  dtype: DType;
}

export interface GradientContext {
  inputs: readonly Tensor[];
  output: Tensor;
  attributes: Attributes;
  /** The loss's derivative by `output`, of its shape. */
  upstream: Tensor;
}

interface OperatorBase {
  readonly name: string;
  /** The output's type; throws a shape error where the inputs do not fit. */
  infer(inputs: readonly Tensor[], attributes: Attributes): TensorType;
  /**
   * The loss's derivative by each input, of that input's shape; null where it is zero by
   * definition. An operator without this function throws when it is differentiated.
   */
  gradient?(context: GradientContext): readonly (Tensor | null)[];
  /** A simpler tensor of equal value, if there is one. */
  simplify?(inputs: readonly Tensor[], attributes: Attributes): Tensor | null;
}

/** An operator that ONNX has: writes its nodes and returns the output's name. */
export interface PrimitiveOperator extends OperatorBase {
  emit(emitter: Emitter, node: Tensor): string;
  /** Of an operator whose every element is of the inputs' elements in its place: ONNX's operator. */
  readonly elementwise?: { type: string; attributes?: NodeAttributes };
  expand?: never;
}

/** An operator that is written as others, but has a gradient of its own. */
export interface CompositeOperator extends OperatorBase {
  expand(inputs: readonly Tensor[], attributes: Attributes): Tensor;
  emit?: never;
  elementwise?: never;
}

export type Operator = PrimitiveOperator | CompositeOperator;

let created = 0;

/** A symbolic value of static shape (one batch dimension excepted). Immutable. */
export class Tensor {
  /** Later tensors have larger numbers, so sorting by it is a topological order. */
  readonly id: number;
  readonly operator: Operator;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;

  constructor(operator: Operator, inputs: readonly Tensor[], attributes: Attributes) {
    const type = operator.infer(inputs, attributes);
    this.id = created++;
    this.operator = operator;
    this.inputs = inputs;
    this.attributes = attributes;
    this.shape = type.shape;
    this.dtype = type.dtype;
  }

  get rank(): number {
    return this.shape.length;
  }
}

/** The tensor that `operator` makes of `inputs`. */
export function apply(
  operator: Operator,
  inputs: readonly Tensor[],
  attributes: Attributes = {},
): Tensor {
  return new Tensor(operator, inputs, attributes);
}

/** All tensors that `outputs` depend on, inputs before the nodes that use them. */
export function topological(outputs: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>(outputs);
  const pending = [...seen];
  for (let node = pending.pop(); node; node = pending.pop()) {
    for (const input of node.inputs) {
      if (!seen.has(input)) {
        seen.add(input);
        pending.push(input);
      }
    }
  }
  return [...seen].sort((a, b) => a.id - b.id);
}
