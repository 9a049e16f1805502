// Training on a device with its own memory: the optimiser is part of the graph, parameters and
// moments stay on the device from step to step, and only the batch, its noise, the scalars and
// the metrics cross the bus.
import { input, parameter, type Tensor, toOnnx } from "../graph/index.ts";
import { AVERAGE, averageRate } from "./averages.ts";
import type { Buffer, CompileResident, DeviceTensor, ResidentExecutable } from "./device.ts";
import { type Block, copyMembers, fillMembers } from "./layout.ts";
import type { MemoryPlan } from "./memory.ts";
import { clipped, rateInputs, rateValues, type Updated, updateTensors } from "./optimizer-graph.ts";
import { type MomentName, momentsOf } from "./optimizers.ts";
import type { Slot } from "./slots.ts";
import {
  layOut,
  METRICS,
  reserveInputs,
  type StepLayout,
  stepModel,
  stepTensors,
} from "./step-graph.ts";
import type { State, StepDefinition, Trainer, TrainerDefinition } from "./trainer.ts";

/** What is kept of a block: itself, a moment, its average. */
type Kept = "" | MomentName | typeof AVERAGE;
/** The rate of averages, an input of every step where they are kept. */
const AVERAGE_RATE = input(`${AVERAGE}/rate`, []);
/** The name of a block's moment, or with `""` of the block itself, among the graphs' tensors. */
const stored = (moment: Kept, { name }: Block) => (moment ? `${moment}/${name}` : name);
/** What a step makes of it. */
const NEXT = "next/";

/** The graph of one step and its update. */
function updateModel(
  step: StepDefinition,
  trained: readonly Block[],
  assigned: readonly Block[],
  { optimizer, clipNorm, averageDecay }: TrainerDefinition,
  layout: StepLayout,
) {
  const { metrics, gradients: changes } = stepTensors(step, [...trained, ...assigned]);
  const gradients = changes.slice(0, trained.length);
  const limited = clipNorm === undefined ? gradients : clipped(gradients, clipNorm);
  const outputs: Record<string, Tensor> = { [METRICS]: metrics };
  for (const [i, block] of assigned.entries()) {
    outputs[NEXT + stored("", block)] = block.tensor.sub(changes[trained.length + i]!);
  }
  for (const [i, block] of trained.entries()) {
    const moments = momentsOf(optimizer).map((moment) => [
      moment,
      parameter(stored(moment, block), block.tensor.shape),
    ]);
    const before: Updated = { parameter: block.tensor, moments: Object.fromEntries(moments) };
    const after = updateTensors(optimizer, before, limited[i]!);
    outputs[NEXT + stored("", block)] = after.parameter;
    for (const [moment, tensor] of Object.entries(after.moments)) {
      outputs[NEXT + stored(moment as MomentName, block)] = tensor;
    }
  }
  for (const block of averageDecay === undefined ? [] : [...trained, ...assigned]) {
    const average = parameter(stored(AVERAGE, block), block.tensor.shape);
    const far = average.sub(outputs[NEXT + stored("", block)]!);
    outputs[NEXT + stored(AVERAGE, block)] = average.sub(far.mul(AVERAGE_RATE));
  }
  return stepModel(outputs, layout);
}

/**
 * @param plan may hold other tensors already, such as the data set; it is allocated here.
 */
export async function createDeviceTrainer(
  compile: CompileResident,
  definition: TrainerDefinition,
  plan: MemoryPlan,
): Promise<Trainer> {
  const { steps, optimizer, averageDecay, batch } = definition;
  const averaging = averageDecay === undefined ? [] : [AVERAGE_RATE];
  const rateTensors = [...rateInputs(optimizer), ...averaging];
  const layout = layOut(steps, rateTensors);
  const blocks = layout.groups.flat();
  const models = steps.map((step, i) => {
    const [trained, assigned] = [layout.trained, layout.assigned].map((places) =>
      places[i]!.flatMap((place) => layout.groups[place]!),
    ) as [Block[], Block[]];
    return updateModel(step, trained, assigned, definition, layout);
  });
  const { slots, inputs } = reserveInputs(models, layout, batch, plan);
  const metricSlots = steps.map(({ metrics }) => plan.reserve("float32", metrics.length));
  const memory = plan.allocate();
  const rates = rateTensors.map((tensor) => {
    const name = tensor.attributes["name"] as string;
    const slot = inputs.get(name) as Slot<"float32">;
    inputs.delete(name);
    return memory.view(slot);
  });
  // One after another: a browser's WebGPU refuses two at once.
  const executables: ResidentExecutable[] = [];
  for (const model of models) {
    const kept = model.outputs.map(({ name }) => name).filter((name) => name !== METRICS);
    executables.push(await compile(model, new Set(kept)));
  }
  const reader = await readerOf(compile, blocks);
  const host = Object.fromEntries([...slots].map(([name, slot]) => [name, memory.view(slot)]));

  /** Every block and moment: on the device, or on the host before its first step. */
  const state = new Map<string, Float32Array | DeviceTensor>();
  const averages = averageDecay === undefined ? [] : ([AVERAGE] as const);
  const kinds: readonly Kept[] = ["", ...momentsOf(optimizer), ...averages];
  for (const kind of kinds) {
    for (const block of blocks) state.set(stored(kind, block), new Float32Array(block.length));
  }
  const replace = (name: string, value: Float32Array | DeviceTensor) => {
    const old = state.get(name);
    if (old && "dispose" in old) old.dispose();
    state.set(name, value);
  };
  const read = (kind: Kept) => reader.read(blocks.map((block) => state.get(stored(kind, block))!));
  const copies = async (wanted: readonly Kept[]): Promise<State> => {
    const result: State = new Map();
    for (const kind of wanted) {
      const prefix = kind ? `${kind}/` : "";
      for (const [name, copy] of copyMembers(blocks, await read(kind), prefix)) {
        result.set(name, copy);
      }
    }
    return result;
  };

  return {
    memory,
    inputs,
    async step(index, rows, count, learningRate) {
      const values = rateValues({ ...optimizer, learningRate }, count);
      if (averageDecay !== undefined) values.push(averageRate(averageDecay, count));
      for (const [i, value] of values.entries()) rates[i]![0] = value;
      const metrics = memory.view(metricSlots[index]!);
      const results = await executables[index]!.run(rows, {
        ...host,
        ...Object.fromEntries(state),
        [METRICS]: metrics,
      });
      for (const [name, tensor] of Object.entries(results)) {
        replace(name.slice(NEXT.length), tensor);
      }
      return metrics;
    },
    gradients: () => null,
    parameters: () => copies([""]),
    averages: async () =>
      new Map(copyMembers(blocks, averages.length > 0 ? await read(AVERAGE) : [], "")),
    moments: () => copies(kinds.slice(1)),
    async restore(from) {
      for (const kind of kinds) {
        const values = await read(kind);
        fillMembers(blocks, values, kind ? `${kind}/` : "", from);
        for (const [i, block] of blocks.entries()) replace(stored(kind, block), values[i]!);
      }
    },
    async release() {
      for (const value of state.values()) if ("dispose" in value) value.dispose();
      await Promise.all([...executables, reader].map((each) => each.release()));
    },
  };
}

/** Copies tensors of the blocks' shapes to the host: each output of its graph is an input. */
async function readerOf(compile: CompileResident, blocks: readonly Block[]) {
  const graph = blocks.map(({ tensor }, i) => [`copy/${i}`, parameter(`${i}`, tensor.shape)]);
  const executable = await compile(toOnnx(Object.fromEntries(graph)), new Set());
  return {
    async read(values: readonly (Float32Array | DeviceTensor)[]): Promise<Float32Array[]> {
      const copies = blocks.map(({ length }) => new Float32Array(length));
      const given: [string, Buffer | DeviceTensor][] = values.map((value, i) => [`${i}`, value]);
      const taken = copies.map((copy, i): [string, Buffer] => [`copy/${i}`, copy]);
      await executable.run(1, Object.fromEntries([...given, ...taken]));
      return copies;
    },
    release: () => executable.release(),
  };
}
