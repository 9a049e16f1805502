// Graphs computed to the same bits on every machine: for entropy coding, whose decoder must find the
// very probabilities that the encoder had.
//
// What the bits are, whatever the batch, a row's place in it, and what ran before:
// - every float is a float32, and + − × ÷ √, comparisons and rounding are IEEE 754's, without fused
//   multiply-add; exp, log, tanh, sigmoid, erf, pow, sin and cos are ./assembly's own series;
// - a sum over axes takes its elements in row-major order: ./assembly/reduce.ts;
// - an element of a product is one sum from 0 on over ascending k: ./assembly/matmul.ts; so is one of
//   a convolution, over channels, then the kernel's rows, then its columns, what lies outside the
//   picture being 0; a transposed convolution adds up each tap's product over ascending channels, in
//   the order of taps: ./assembly/convolution.ts;
// - the operators are the graph's own, composites written out as src/graph does, nothing else
//   reordered or folded: ./lower.ts;
// - a NaN given out is the one of bits 7fc00000.
import { ElboError } from "../../base/errors.ts";
import { formatShape, sizeOf } from "../../graph/shape.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { type Bits, Engine } from "./engine.ts";
import { isSource, lower, rootOf } from "./lower.ts";
import { finished } from "./rules/elementwise.ts";

/** The numerics' number, for archives: any change of any bit of any result means a new one. */
export const EXACT_VERSION = 1;

type Values = Float32Array | Int32Array | Uint8Array;

export interface ExactProgram {
  /**
   * Inputs by their names in the graph, row-major, `batch` rows of those whose shape has the batch
   * first. Outputs by name, fresh arrays: Float32Array of floats and of truth as 0 and 1, Int32Array
   * of whole numbers.
   * @throws ElboError `input-invalid` where an input is missing or of another length.
   */
  run(
    inputs: Readonly<Record<string, Values>>,
    batch: number,
  ): Record<string, Float32Array | Int32Array>;
}

function bitsOfFloats(values: Values): Bits {
  const floats = values instanceof Float32Array ? values : new Float32Array(values);
  return new Int32Array(floats.buffer, floats.byteOffset, floats.length);
}

/** What a constant or parameter holds. */
function sourceBits(node: Tensor, parameters: ReadonlyMap<string, Float32Array>): Bits {
  if (node.operator.name === "constant") {
    const values = node.attributes["values"] as Float32Array | Int32Array;
    return node.dtype === "float32" ? bitsOfFloats(values) : new Int32Array(values);
  }
  const name = node.attributes["name"] as string;
  const values = parameters.get(name);
  if (values?.length !== sizeOf(node.shape)) {
    throw new ElboError({
      code: "weights-missing",
      message: `the graph's parameter ${name} has ${sizeOf(node.shape)} values, received ${values?.length ?? "none"}`,
      hint: "Give the weights of the model that the graph was made of.",
    });
  }
  return bitsOfFloats(values);
}

/** An input's values as kernels hold them: truth has all bits set. */
function inputBits(node: Tensor, values: Values | undefined, length: number): Bits {
  const name = node.attributes["name"] as string;
  if (values?.length !== length) {
    throw new ElboError({
      code: "input-invalid",
      kind: "usage",
      message: `the input ${name} of shape ${formatShape(node.shape)} has ${length} values, received ${values?.length ?? "none"}`,
      hint: "Give the rows of the whole batch, one after another.",
    });
  }
  if (node.dtype === "float32") return bitsOfFloats(values);
  if (node.dtype === "bool") return Int32Array.from(values, (value) => (value === 0 ? 0 : -1));
  return new Int32Array(values);
}

/** The tensors that are the same at each run and that others need, computed once. */
function fixedValues(
  { nodes, outputs, fixed }: ReturnType<typeof lower>,
  parameters: ReadonlyMap<string, Float32Array>,
): Map<Tensor, Bits> {
  const sources = [...fixed].filter(isSource);
  const values = new Map(sources.map((node) => [node, sourceBits(node, parameters)]));
  const varying = nodes.filter((node) => !fixed.has(node));
  const needed = new Set([...outputs, ...varying.flatMap((node) => node.inputs)].map(rootOf));
  const computed = [...needed].filter((node) => fixed.has(node) && !isSource(node));
  if (computed.length === 0) return values;
  const engine = new Engine([...fixed], computed, values);
  const results = engine.run(() => new Int32Array(0), 1);
  return new Map([...values, ...computed.map((node, i) => [node, results[i]!] as const)]);
}

/**
 * The program that computes `outputs`.
 * @param parameters values by parameters' names.
 * @throws ElboError `not-exact` where an operator has no exact form, `weights-missing` where a
 * parameter's values are missing or of another number.
 */
export function exactProgram(
  outputs: Readonly<Record<string, Tensor>>,
  parameters: ReadonlyMap<string, Float32Array>,
): ExactProgram {
  const names = Object.keys(outputs);
  const lowered = lower(Object.values(outputs).map(finished));
  const values = fixedValues(lowered, parameters);
  const nodes = lowered.nodes.filter((node) => !lowered.fixed.has(node));
  const engine = new Engine(nodes, lowered.outputs, values);
  return {
    run(inputs, batch) {
      if (!Number.isInteger(batch) || batch < 0) {
        throw new ElboError({
          code: "input-invalid",
          kind: "usage",
          message: `a batch is a whole number of rows, received ${batch}`,
          hint: "Give the number of rows that the inputs hold.",
        });
      }
      const feed = (node: Tensor, length: number) =>
        inputBits(node, inputs[node.attributes["name"] as string], length);
      const results = engine.run(feed, batch);
      return Object.fromEntries(
        names.map((name, i) => {
          const bits = results[i]!;
          const isFloat = lowered.outputs[i]!.dtype === "float32";
          return [name, isFloat ? new Float32Array(bits.buffer) : bits];
        }),
      );
    },
  };
}
