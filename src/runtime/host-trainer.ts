// Training with parameters, gradients and moments in one WebAssembly memory: ONNX Runtime reads and
// writes them in place, and a SIMD kernel updates each group in one pass.
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
import type { Buffer, Device, Executable } from "./device.ts";
import { topologicalInputs } from "./inputs.ts";
import { type Block, blockGradient, blocksOf, replacementsOf } from "./layout.ts";
import type { Memory, MemoryPlan } from "./memory.ts";
import { applyOptimizer, clipScale, type MomentName, momentsOf } from "./optimizers.ts";
import { type Slot, subSlot } from "./slots.ts";
import type { Exchange, StepDefinition, Trainer, TrainerDefinition } from "./trainer.ts";

interface Group {
  blocks: Block[];
  parameters: { range: Slot<"float32">; slots: Slot<"float32">[] };
  gradients: { range: Slot<"float32">; slots: Slot<"float32">[] };
  moments: Map<MomentName, { range: Slot<"float32">; slots: Slot<"float32">[] }>;
}

/** Groups of parameters that are always trained together, by the steps that train them. */
function groupParameters(steps: readonly StepDefinition[]): Tensor[][] {
  const bySteps = new Map<string, Tensor[]>();
  for (const source of new Set(steps.flatMap(({ parameters }) => parameters))) {
    const key = steps.map(({ parameters }) => (parameters.includes(source) ? 1 : 0)).join("");
    bySteps.set(key, [...(bySteps.get(key) ?? []), source]);
  }
  return [...bySteps.values()];
}

/** The graph of one step: its metrics as one vector, and a gradient for each block. */
function stepModel(
  step: StepDefinition,
  blocks: readonly Block[],
  replacements: ReadonlyMap<Tensor, Tensor>,
): OnnxModel {
  const byParameter = new Map(
    gradients(step.loss, step.parameters).map((gradient, i) => [step.parameters[i]!, gradient]),
  );
  const trained = blocks.filter(({ members }) => byParameter.has(members[0]!.source));
  const outputs = [
    concat(
      step.metrics.map((metric) => metric.reshape([1])),
      0,
    ),
    ...trained.map((block) => blockGradient(block, byParameter)),
  ];
  const names = ["metrics", ...trained.map(({ name }) => `gradient/${name}`)];
  const replaced = substitute(outputs, replacements);
  return toOnnx(Object.fromEntries(names.map((name, i) => [name, replaced[i]!])));
}

/** Scalars share one input. */
function packScalars(inputs: readonly Tensor[]): { names: string[]; parts: Map<Tensor, Tensor> } {
  const scalars = inputs.filter((t) => t.rank === 0 && t.dtype === "float32");
  if (scalars.length === 0) return { names: [], parts: new Map() };
  const vector = input("scalars", [scalars.length]);
  return {
    names: scalars.map((t) => t.attributes["name"] as string),
    parts: new Map(scalars.map((t, i) => [t, vector.slice(0, i, i + 1).reshape([])])),
  };
}

/**
 * @param plan may hold other tensors already, such as the data set; it is allocated here.
 */
export async function createHostTrainer(
  device: Device,
  definition: TrainerDefinition,
  plan: MemoryPlan,
  exchange?: Exchange,
): Promise<Trainer> {
  const { steps, optimizer, clipNorm, batch } = definition;
  const groups: Group[] = groupParameters(steps).map((group, i) => {
    const blocks = blocksOf(group, String(i));
    const lengths = blocks.map(({ length }) => length);
    const reserve = () => plan.reserveTogether("float32", lengths);
    const moments = new Map(momentsOf(optimizer).map((name) => [name, reserve()]));
    return { blocks, parameters: reserve(), gradients: reserve(), moments };
  });
  const blocks = groups.flatMap((group) => group.blocks);
  const sources = topologicalInputs(steps.flatMap(({ loss, metrics }) => [loss, ...metrics]));
  const scalars = packScalars(sources);
  const replacements = new Map([...replacementsOf(blocks), ...scalars.parts]);
  const models = steps.map((step) => stepModel(step, blocks, replacements));

  const slots = new Map<string, Slot>();
  for (const { name, dtype, shape } of models.flatMap((model) => model.inputs)) {
    if (slots.has(name)) continue;
    const size = concreteShape(shape, batch).reduce((product, d) => product * d, 1);
    slots.set(name, plan.reserve(dtype === "bool" ? "uint8" : dtype, size));
  }
  const metricSlots = steps.map(({ metrics }) => plan.reserve("float32", metrics.length));
  const memory = plan.allocate();
  const executables = await Promise.all(
    models.map((model) => device.compile(model, { threads: definition.threads ?? 1 })),
  );

  const buffers = new Map<string, Buffer>();
  for (const [name, slot] of slots) buffers.set(name, memory.view(slot));
  for (const group of groups) {
    for (const [i, { name }] of group.blocks.entries()) {
      buffers.set(name, memory.view(group.parameters.slots[i]!));
      buffers.set(`gradient/${name}`, memory.view(group.gradients.slots[i]!));
    }
  }
  const runs = executables.map((executable, i) =>
    binder(executable, {
      ...Object.fromEntries(buffers),
      metrics: memory.view(metricSlots[i]!),
    }),
  );
  const trainedGroups = steps.map(({ parameters }) =>
    groups.filter(({ blocks: [first] }) => parameters.includes(first!.members[0]!.source)),
  );
  // A small model's step takes microseconds: nothing is put together in it that can be before.
  const gradientRanges = trainedGroups.map((trained) => trained.map((g) => g.gradients.range));
  const exchanged = gradientRanges.map((ranges, i) => [...ranges, metricSlots[i]!]);
  const metrics = metricSlots.map((slot) => memory.view(slot));
  const settings = { ...optimizer };
  const updates = trainedGroups.map((trained) =>
    trained.map((group) => ({
      parameters: group.parameters.range,
      gradients: group.gradients.range,
      moments: Object.fromEntries([...group.moments].map(([name, { range }]) => [name, range])),
    })),
  );
  const inputs = new Map(slots);
  const packed = slots.get("scalars") as Slot<"float32"> | undefined;
  for (const [i, name] of scalars.names.entries()) inputs.set(name, subSlot(packed!, i, 1));
  inputs.delete("scalars");

  return {
    memory,
    inputs,
    async step(index, rows, count, learningRate) {
      const ranges = gradientRanges[index]!;
      const results = exchanged[index]!;
      // A worker may get no row of a last, small batch.
      if (rows > 0) await runs[index]!(rows)();
      else for (const slot of results) memory.view(slot).fill(0);
      exchange?.(memory, results);
      const scale = clipNorm === undefined ? 1 : clipScale(memory, ranges, clipNorm).scale;
      settings.learningRate = learningRate;
      for (const update of updates[index]!) {
        applyOptimizer(memory, settings, count, update, scale);
      }
      return metrics[index]!;
    },
    parameters: async () => new Map(groups.flatMap((g) => views(memory, g, g.parameters.slots))),
    moments: async () =>
      new Map(
        groups.flatMap((g) =>
          [...g.moments].flatMap(([moment, part]) => views(memory, g, part.slots, `${moment}/`)),
        ),
      ),
    async restore(state) {
      for (const group of groups) {
        restoreInto(memory, group, group.parameters.slots, "", state);
        for (const [moment, part] of group.moments) {
          restoreInto(memory, group, part.slots, `${moment}/`, state);
        }
      }
    },
    async release() {
      await Promise.all(executables.map((executable) => executable.release()));
    },
  };
}

/** Bound runs by their number of rows: the whole batch, and the smaller last one. */
function binder(executable: Executable, buffers: Record<string, Buffer>) {
  const bound = new Map<number, () => Promise<void>>();
  return (rows: number) => {
    const known = bound.get(rows);
    if (known) return known;
    const run = executable.bind(rows, buffers);
    bound.set(rows, run);
    return run;
  };
}

function views(
  memory: Memory,
  { blocks }: Group,
  slots: readonly Slot<"float32">[],
  prefix = "",
): [string, Float32Array][] {
  return blocks.flatMap(({ members }, i) =>
    members.map(({ name, start, length }): [string, Float32Array] => [
      prefix + name,
      memory.view(slots[i]!).slice(start, start + length),
    ]),
  );
}

function restoreInto(
  memory: Memory,
  { blocks }: Group,
  slots: readonly Slot<"float32">[],
  prefix: string,
  state: ReadonlyMap<string, Float32Array>,
): void {
  for (const [i, { members }] of blocks.entries()) {
    for (const { name, start } of members) {
      const values = state.get(prefix + name);
      if (values) memory.view(slots[i]!).set(values, start);
    }
  }
}
