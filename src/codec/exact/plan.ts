// The steps of one run at one batch size, and where in memory each value lies while it is needed.
import { concreteShape } from "../../graph/shape.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { Arena, occupied } from "./arena.ts";
import { notExact, rootOf } from "./lower.ts";
import type { ExactKernels } from "./module.ts";
import { elementwise } from "./rules/elementwise.ts";
import { layout } from "./rules/layout.ts";
import { linear } from "./rules/linear.ts";
import { reduce } from "./rules/reduce.ts";
import { count, type Rule, type Step } from "./rules/rule.ts";

const rules: Readonly<Record<string, Rule>> = { ...layout, ...linear, ...reduce };

/** Values that stay in memory from run to run. */
export interface Residents {
  address: ReadonlyMap<Tensor, number>;
  /** Matrices packed for products. */
  packed: ReadonlyMap<Tensor, number>;
  /** Where they end. */
  end: number;
}

export interface Placed {
  address: number;
  length: number;
}

export interface Plan {
  steps: readonly Step[];
  inputs: ReadonlyMap<Tensor, Placed>;
  outputs: readonly Placed[];
  /** Whole numbers that kernels read at `tableAddress`. */
  tables: Int32Array;
  tableAddress: number;
  /** Bytes of memory that it needs. */
  bytes: number;
}

/** How often each tensor's bytes are read. */
function countUses(nodes: readonly Tensor[], outputs: readonly Tensor[]): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  const use = (node: Tensor) => uses.set(rootOf(node), (uses.get(rootOf(node)) ?? 0) + 1);
  for (const node of nodes) if (rootOf(node) === node) node.inputs.forEach(use);
  outputs.forEach(use);
  return uses;
}

/** @param nodes what is to be computed, and the inputs, each after what it is of. */
export function makePlan(
  kernels: ExactKernels,
  nodes: readonly Tensor[],
  outputs: readonly Tensor[],
  residents: Residents,
  batch: number,
): Plan {
  const arena = new Arena(residents.end);
  const places = new Map<Tensor, number>();
  const uses = countUses(nodes, outputs);
  const tables: number[] = [];
  const steps: Step[] = [];
  const inputs = new Map<Tensor, Placed>();
  const shapeOf = (tensor: Tensor) => concreteShape(tensor.shape, batch);
  const address = (tensor: Tensor) => {
    const root = rootOf(tensor);
    return residents.address.get(root) ?? places.get(root)!;
  };
  const release = (tensor: Tensor) => {
    const root = rootOf(tensor);
    const left = uses.get(root)! - 1;
    uses.set(root, left);
    const place = places.get(root);
    if (left === 0 && place !== undefined) arena.free(place);
  };
  const stepOf = (node: Tensor, target: number): Step | null => {
    const taken: number[] = [];
    const place = {
      kernels,
      target,
      shape: shapeOf(node),
      shapeOf,
      address,
      packed: (tensor: Tensor) => residents.packed.get(tensor),
      scratch(elements: number) {
        taken.push(arena.take(elements));
        return taken.at(-1)!;
      },
      table: (values: readonly number[]) => 4 * (tables.push(...values) - values.length),
    };
    const rule = rules[node.operator.name];
    const step = rule ? rule(node, place) : elementwise(node, place);
    if (step === undefined) throw notExact(node);
    for (const at of taken) arena.free(at);
    return step;
  };
  const settle = (node: Tensor) => {
    const placed = { address: arena.take(count(shapeOf(node))), length: count(shapeOf(node)) };
    places.set(node, placed.address);
    return placed;
  };
  // All inputs are fed before the first step.
  const isInput = (node: Tensor) => node.operator.name === "input";
  for (const node of nodes) if (isInput(node)) inputs.set(node, settle(node));
  for (const node of nodes) {
    if (isInput(node) || rootOf(node) !== node) continue;
    const { address: target } = settle(node);
    const step = stepOf(node, target);
    if (step) steps.push(step);
    node.inputs.forEach(release);
  }
  return {
    steps,
    inputs,
    outputs: outputs.map((node) => ({ address: address(node), length: count(shapeOf(node)) })),
    tables: Int32Array.from(tables),
    // Beyond all values: room that one has left is another's by turns.
    tableAddress: arena.end,
    bytes: arena.end + occupied(tables.length),
  };
}
