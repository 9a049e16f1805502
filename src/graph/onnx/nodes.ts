// The nodes of a graph as ONNX files hold them.
import type { ProtobufWriter } from "./protobuf.ts";
import { type NodeAttributes, writeAttribute } from "./values.ts";

export interface OnnxNode {
  /** Of ONNX's own operators, or `domain.Type`. */
  type: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: NodeAttributes;
}

/** A node that reads and writes values by other names. */
export function renamed(node: OnnxNode, final: (name: string) => string): OnnxNode {
  return { ...node, inputs: node.inputs.map(final), outputs: node.outputs.map(final) };
}

/** The nodes that outputs are made of, of a graph whose nodes have no graphs inside. */
export function usedNodes(
  nodes: readonly OnnxNode[],
  outputs: readonly { readonly name: string }[],
): OnnxNode[] {
  const wanted = new Set(outputs.map(({ name }) => name));
  const used = nodes.toReversed().filter((node) => {
    const isUsed = node.outputs.some((name) => wanted.has(name));
    if (isUsed) for (const name of node.inputs) wanted.add(name);
    return isUsed;
  });
  return used.reverse();
}

export function writeNode(
  writer: ProtobufWriter,
  { type, inputs, outputs, attributes }: OnnxNode,
): void {
  for (const name of inputs) writer.string(1, name);
  for (const name of outputs) writer.string(2, name);
  const dot = type.lastIndexOf(".");
  writer.string(3, outputs[0]!).string(4, type.slice(dot + 1));
  for (const [name, value] of Object.entries(attributes)) {
    writer.message(5, (attribute) => writeAttribute(attribute, name, value));
  }
  if (dot > 0) writer.string(7, type.slice(0, dot));
}
