// Training with parameters, gradients and moments in one WebAssembly memory: ONNX Runtime reads and
// writes them in place, and a SIMD kernel updates each group in one pass.

import type { Tensor } from "../graph/index.ts";
import { AVERAGE, applyAverage, averageRate } from "./averages.ts";
import type { Buffer, Device } from "./device.ts";
import { type Block, copyMembers, fillMembers } from "./layout.ts";
import type { MemoryPlan } from "./memory.ts";
import { applyOptimizer, clipScale, type MomentName, momentsOf } from "./optimizers.ts";
import { type Slot, subSlot } from "./slots.ts";
import { blockFor, StepForms } from "./step-forms.ts";
import { layOut, METRICS, reserveInputs, stepModel, stepTensors } from "./step-graph.ts";
import type { Exchange, Trainer, TrainerDefinition } from "./trainer.ts";

interface Part {
  range: Slot<"float32">;
  slots: Slot<"float32">[];
}

interface Group {
  blocks: Block[];
  parameters: Part;
  gradients: Part;
  moments: Map<MomentName, Part>;
  averages: Part | null;
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
  const { steps, optimizer, clipNorm, averageDecay, accumulates, batch, threads = 1 } = definition;
  const layout = layOut(steps);
  const unmoved = new Set(layout.assigned.flat());
  const groups: Group[] = layout.groups.map((blocks, place) => {
    const lengths = blocks.map(({ length }) => length);
    const reserve = () => plan.reserveTogether("float32", lengths);
    const kept = unmoved.has(place) ? [] : momentsOf(optimizer);
    const moments = new Map(kept.map((name) => [name, reserve()]));
    const averages = averageDecay === undefined ? null : reserve();
    return { blocks, parameters: reserve(), gradients: reserve(), moments, averages };
  });
  const trainedGroups = layout.trained.map((places) => places.map((i) => groups[i]!));
  const assignedGroups = layout.assigned.map((places) => places.map((i) => groups[i]!));
  const outputs = steps.map((step, i): Record<string, Tensor> => {
    const blocks = [...trainedGroups[i]!, ...assignedGroups[i]!].flatMap((group) => group.blocks);
    const { metrics, gradients } = stepTensors(step, blocks);
    const named = blocks.map(({ name }, j) => [`gradient/${name}`, gradients[j]!]);
    return { [METRICS]: metrics, ...Object.fromEntries(named) };
  });
  const models = outputs.map((tensors) => stepModel(tensors, layout));
  const { slots, inputs } = reserveInputs(models, layout, batch, plan);
  const metricSlots = steps.map(({ metrics }) => plan.reserve("float32", metrics.length));
  const mostMetrics = Math.max(...metricSlots.map(({ length }) => length));
  /** Room for what is accumulated; a step's metrics take the first places of theirs. */
  const sums = accumulates
    ? {
        gradients: groups.map(({ gradients }) => plan.reserve("float32", gradients.range.length)),
        metrics: plan.reserve("float32", mostMetrics),
      }
    : null;
  const memory = plan.allocate();
  const forms: StepForms[] = [];
  for (const [i, tensors] of outputs.entries()) {
    const block = await blockFor(device, Object.values(tensors));
    const form = (wide: number | null) =>
      wide === null ? models[i]! : stepModel(tensors, layout, wide);
    forms.push(new StepForms(device, threads, form, block));
    await forms[i]!.prepare(batch);
  }

  const buffers = new Map<string, Buffer>();
  for (const [name, slot] of slots) buffers.set(name, memory.view(slot));
  for (const { blocks, parameters, gradients } of groups) {
    for (const [i, { name }] of blocks.entries()) {
      buffers.set(name, memory.view(parameters.slots[i]!));
      buffers.set(`gradient/${name}`, memory.view(gradients.slots[i]!));
    }
  }
  const metrics = metricSlots.map((slot) => memory.view(slot));
  const bound = metrics.map((values) => ({ ...Object.fromEntries(buffers), [METRICS]: values }));
  // A small model's step takes microseconds: nothing is put together in it that can be before.
  const gradientRanges = trainedGroups.map((trained) => trained.map((g) => g.gradients.range));
  const exchanged = gradientRanges.map((ranges, i) => [
    ...ranges,
    ...assignedGroups[i]!.map((g) => g.gradients.range),
    metricSlots[i]!,
  ]);
  const summed =
    sums &&
    steps.map((_, i) => [
      ...[...layout.trained[i]!, ...layout.assigned[i]!].map((place) => sums.gradients[place]!),
      subSlot(sums.metrics, 0, metricSlots[i]!.length),
    ]);
  let pending = false;
  const settings = { ...optimizer };
  const updates = trainedGroups.map((trained) =>
    trained.map((group) => ({
      parameters: group.parameters.range,
      gradients: group.gradients.range,
      moments: Object.fromEntries([...group.moments].map(([name, { range }]) => [name, range])),
    })),
  );
  const assignments = assignedGroups.map((assigned) =>
    assigned.map(({ parameters, gradients }) => ({
      parameters: parameters.range,
      gradients: gradients.range,
      gradientScale: 1,
      learningRate: 1,
      weightDecay: 0,
    })),
  );
  const averaged = steps.map((_, i) =>
    [...trainedGroups[i]!, ...assignedGroups[i]!].flatMap(({ averages, parameters }) =>
      averages ? [[averages.range, parameters.range] as const] : [],
    ),
  );
  /** The blocks' values in memory, with what their names begin with. */
  const stored = groups.flatMap(({ blocks, parameters, moments, averages }) => [
    { blocks, values: parameters.slots.map((slot) => memory.view(slot)), prefix: "" },
    ...[...moments, ...(averages ? [[AVERAGE, averages] as const] : [])].map(([name, part]) => ({
      blocks,
      values: part.slots.map((slot) => memory.view(slot)),
      prefix: `${name}/`,
    })),
  ]);
  const copies = (wanted: typeof stored) =>
    new Map(wanted.flatMap(({ blocks, values, prefix }) => copyMembers(blocks, values, prefix)));

  const run = async (index: number, rows: number) => {
    // A worker may get no row of a last, small batch.
    if (rows > 0) await forms[index]!.run(rows, bound[index]!);
    else for (const slot of exchanged[index]!) memory.view(slot).fill(0);
  };

  return {
    memory,
    inputs,
    ...(summed && {
      async accumulate(index: number, rows: number) {
        await run(index, rows);
        for (const [i, slot] of exchanged[index]!.entries()) {
          const sum = summed[index]![i]!;
          if (pending) memory.kernels.accumulate(sum, slot);
          else memory.view(sum).set(memory.view(slot));
        }
        pending = true;
      },
    }),
    async step(index, rows, count, learningRate) {
      const ranges = gradientRanges[index]!;
      const results = exchanged[index]!;
      await run(index, rows);
      if (pending) {
        for (const [i, slot] of results.entries()) {
          memory.kernels.accumulate(slot, summed![index]![i]!);
        }
        pending = false;
      }
      exchange?.(memory, results);
      // The weights that gave it tell what made it so; those after it would be no numbers.
      if (!Number.isFinite(metrics[index]![0]!)) return metrics[index]!;
      const scale = clipNorm === undefined ? 1 : clipScale(memory, ranges, clipNorm).scale;
      settings.learningRate = learningRate;
      for (const update of updates[index]!) {
        applyOptimizer(memory, settings, count, update, scale);
      }
      for (const assignment of assignments[index]!) memory.kernels.sgd(assignment);
      for (const [averages, parameters] of averaged[index]!) {
        applyAverage(memory, averages, parameters, averageRate(averageDecay!, count));
      }
      return metrics[index]!;
    },
    gradients(index) {
      const of = trainedGroups[index]!.flatMap(({ blocks, gradients }) =>
        copyMembers(
          blocks,
          gradients.slots.map((slot) => memory.view(slot)),
          "",
        ),
      );
      return new Map(of);
    },
    parameters: async () => copies(stored.filter(({ prefix }) => prefix === "")),
    averages: async () => {
      const kept = stored.filter(({ prefix }) => prefix === `${AVERAGE}/`);
      return copies(kept.map((each) => ({ ...each, prefix: "" })));
    },
    moments: async () => copies(stored.filter(({ prefix }) => prefix !== "")),
    async restore(state) {
      for (const { blocks, values, prefix } of stored) fillMembers(blocks, values, prefix, state);
    },
    async release() {
      for (const form of forms) await form.release();
    },
  };
}
