// Which fields made a loss no number: their log-probabilities of the batch at hand, once more.
import { Feeder } from "../data/store/feeder.ts";
import { toOnnx } from "../graph/index.ts";
import { decodedGroups, evaluationGraph } from "../models/graphs.ts";
import type { Device } from "../runtime/device.ts";
import { type Memory, MemoryPlan } from "../runtime/memory.ts";
import { Runner, wholeBatch } from "../runtime/runner.ts";
import type { Slot } from "../runtime/slots.ts";
import type { Weights } from "./checkpoint.ts";
import type { RunConfig } from "./config.ts";

/**
 * Names of the fields whose log-probability is no number in some row; none where all are, which
 * then tells nothing of one.
 * @param weights those that the loss was computed with.
 * @param fill puts the batch's rows in the inputs of a graph.
 */
export async function fieldsNotFinite(
  device: Device,
  { schema, model }: RunConfig,
  weights: Weights,
  rows: number,
  fill: (feeder: Feeder, memory: Memory, inputs: ReadonlyMap<string, Slot>) => void | Promise<void>,
): Promise<string[]> {
  // A worker may have got no row of a last, small batch.
  if (rows === 0) return [];
  const names = decodedGroups(schema, model).flatMap(({ layout }) =>
    layout.fields.map(({ name }) => name),
  );
  const plan = new MemoryPlan();
  const batch = wholeBatch(rows);
  const feeder = new Feeder(plan, schema, batch);
  const { fields } = evaluationGraph(schema, model);
  const onnx = toOnnx({ fields }, weights);
  const runner = await Runner.create(device, onnx, { batch, threads: 1, plan });
  try {
    await fill(feeder, runner.memory, runner.inputs);
    await runner.run(rows);
    const values = runner.output("fields");
    const found = names.filter((_, j) => {
      for (let i = 0; i < rows; i++) {
        if (!Number.isFinite(values[i * names.length + j]!)) return true;
      }
      return false;
    });
    return found.length < names.length || names.length === 1 ? found : [];
  } finally {
    await runner.release();
  }
}
