// The graphs of training steps, as every trainer builds them: small parameters packed into blocks,
// scalars into one input, and room for what a step takes.
import {
  concat,
  concreteShape,
  gradients,
  input,
  type OnnxModel,
  substitute,
  type Tensor,
  toOnnx,
} from "../graph/index.ts";
import { topologicalInputs } from "./inputs.ts";
import { type Block, blockGradient, blocksOf, replacementsOf } from "./layout.ts";
import type { MemoryPlan } from "./memory.ts";
import { type Slot, subSlot } from "./slots.ts";
import type { StepDefinition } from "./trainer.ts";

/** How the parameters and scalars of some steps are laid out. */
export interface StepLayout {
  /** Blocks of the parameters that the very same steps train, or assign. */
  groups: Block[][];
  /** The places in `groups` of those that each step trains, … */
  trained: number[][];
  /** … and of those that it assigns. */
  assigned: number[][];
  /** What stands in the graph for packed parameters and scalars. */
  replacements: ReadonlyMap<Tensor, Tensor>;
  /** Names of the scalars in their vector. */
  scalars: string[];
}

/** The name of the vector of all scalars, and of the vector of metrics. */
const SCALARS = "scalars";
export const METRICS = "metrics";

/** @param scalars inputs that a trainer adds to those of the steps. */
export function layOut(
  steps: readonly StepDefinition[],
  scalars: readonly Tensor[] = [],
): StepLayout {
  const moved = steps.map(({ parameters, assignments }) => ({
    trained: new Set(parameters),
    assigned: new Set(assignments.map(({ parameter }) => parameter)),
  }));
  const bySteps = new Map<string, Tensor[]>();
  for (const source of new Set(moved.flatMap((each) => [...each.trained, ...each.assigned]))) {
    const how = moved.map(({ trained, assigned }) =>
      trained.has(source) ? "trained" : assigned.has(source) ? "assigned" : "",
    );
    bySteps.set(how.join(), [...(bySteps.get(how.join()) ?? []), source]);
  }
  const groups = [...bySteps.values()].map((group, i) => blocksOf(group, String(i)));
  const placesIn = (sources: ReadonlySet<Tensor>) =>
    groups.flatMap(([first], i) => (sources.has(first!.members[0]!.source) ? [i] : []));
  const sources = topologicalInputs(
    steps.flatMap(({ loss, metrics, assignments }) => [
      loss,
      ...metrics,
      ...assignments.map(({ change }) => change),
    ]),
  );
  const packed = [...sources, ...scalars].filter((t) => t.rank === 0 && t.dtype === "float32");
  const nameOf = (t: Tensor) => t.attributes["name"] as string;
  // Steps may be of several graphs, each with an input of its own for the same scalar.
  const names = [...new Set(packed.map(nameOf))];
  const vector = input(SCALARS, [names.length]);
  const parts = packed.map((t): [Tensor, Tensor] => {
    const i = names.indexOf(nameOf(t));
    return [t, vector.slice(0, i, i + 1).reshape([])];
  });
  return {
    groups,
    trained: moved.map(({ trained }) => placesIn(trained)),
    assigned: moved.map(({ assigned }) => placesIn(assigned)),
    replacements: new Map([...replacementsOf(groups.flat()), ...parts]),
    scalars: names,
  };
}

/** A step's metrics as one vector, and for each block its gradient, or what is taken from it. */
export function stepTensors(
  step: StepDefinition,
  blocks: readonly Block[],
): { metrics: Tensor; gradients: Tensor[] } {
  const byParameter = new Map(
    gradients(step.loss, step.parameters).map((gradient, i) => [step.parameters[i]!, gradient]),
  );
  for (const { parameter, change } of step.assignments) byParameter.set(parameter, change);
  const metrics = concat(
    step.metrics.map((metric) => metric.reshape([1])),
    0,
  );
  return { metrics, gradients: blocks.map((block) => blockGradient(block, byParameter)) };
}

/** @param block see `toOnnx`. */
export function stepModel(
  outputs: Readonly<Record<string, Tensor>>,
  { replacements }: StepLayout,
  block: number | null = null,
): OnnxModel {
  const tensors = substitute(Object.values(outputs), replacements);
  const named = Object.keys(outputs).map((name, i) => [name, tensors[i]!]);
  return toOnnx(Object.fromEntries(named), undefined, block);
}

/** Room in `plan` for the inputs of the models, as they take them and as a trainer shows them. */
export function reserveInputs(
  models: readonly OnnxModel[],
  { scalars }: StepLayout,
  batch: number,
  plan: MemoryPlan,
): { slots: Map<string, Slot>; inputs: Map<string, Slot> } {
  const slots = new Map<string, Slot>();
  for (const { name, dtype, shape } of models.flatMap((model) => model.inputs)) {
    if (slots.has(name)) continue;
    const size = concreteShape(shape, batch).reduce((product, d) => product * d, 1);
    slots.set(name, plan.reserve(dtype === "bool" ? "uint8" : dtype, size));
  }
  const inputs = new Map(slots);
  const packed = slots.get(SCALARS);
  if (packed) for (const [i, name] of scalars.entries()) inputs.set(name, subSlot(packed, i, 1));
  inputs.delete(SCALARS);
  return { slots, inputs };
}
