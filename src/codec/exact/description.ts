// What a program computes, as text that an archive can keep a digest of: a decoder whose text is
// another would compute other probabilities, and can say so instead. Graphs are built anew where they
// are run, by code that another version may have changed.
import { formatShape } from "../../graph/shape.ts";
import type { AttributeValue, Tensor } from "../../graph/tensor.ts";
import { lower } from "./lower.ts";
import { EXACT_VERSION } from "./program.ts";

function valueText(value: AttributeValue): string {
  if (ArrayBuffer.isView(value)) {
    const bits = new Uint32Array(value.buffer, value.byteOffset, value.length);
    return Array.from(bits, (word) => word.toString(16)).join(" ");
  }
  // JSON writes −0 as 0.
  return Object.is(value, -0) ? "-0" : JSON.stringify(value);
}

/** What `outputs` need, each after what it is of: in an order that no order of building changes. */
function inOrder(outputs: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>();
  const visit = (node: Tensor) => {
    if (seen.has(node)) return;
    node.inputs.forEach(visit);
    seen.add(node);
  };
  outputs.forEach(visit);
  return [...seen];
}

/**
 * One line for each value on the way to `outputs`, composites written out: its operator, inputs by
 * their lines, attributes and bits of constants. Equal texts, weights and inputs give equal bytes.
 */
export function describeProgram(outputs: Readonly<Record<string, Tensor>>): string {
  const lowered = lower(Object.values(outputs)).outputs;
  const nodes = inOrder(lowered);
  const places = new Map(nodes.map((node, i) => [node, i]));
  const lines = nodes.map(({ operator, inputs, attributes, shape, dtype }) => {
    const from = inputs.map((input) => places.get(input));
    const values = Object.entries(attributes).map(([name, value]) => `${name}=${valueText(value)}`);
    return `${operator.name}(${from}) ${formatShape(shape)} ${dtype} ${values.sort().join("; ")}`;
  });
  const names = Object.keys(outputs).map((name, i) => `${name}=${places.get(lowered[i]!)}`);
  return [`exact ${EXACT_VERSION}`, ...lines, ...names].join("\n");
}
