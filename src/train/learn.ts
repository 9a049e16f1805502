// The training loop of one rank. Every rank runs it alike, on its share of each batch; rank 0
// also validates, saves and reports.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { Feeder } from "../data/store/feeder.ts";
import { ShuffledRows } from "../data/store/shuffled.ts";
import { INVERSE_BATCH, KL_WEIGHT, trainingGraph, trainingMetrics } from "../models/graphs.ts";
import { createTrainer } from "../runtime/create-trainer.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { openDevice } from "../runtime/open.ts";
import { Random, streams } from "../runtime/random.ts";
import type { Slot } from "../runtime/slots.ts";
import type { StepDefinition, Trainer } from "../runtime/trainer.ts";
import { loadState, type Progress } from "./checkpoint.ts";
import type { RunConfig } from "./config.ts";
import type { TrainEvent } from "./events.ts";
import type { Rank } from "./exchange.ts";
import { type Ending, type Job, klWeightAt } from "./job.ts";
import { fitLinear, LINEAR_FILE, saveLinear } from "./linear.ts";
import { Recorder } from "./recorder.ts";

/** The loss that each step of the schedule lowers: all parameters, or encoder and decoder in turn. */
function definitions(config: RunConfig): {
  steps: StepDefinition[];
  graph: ReturnType<typeof trainingGraph>;
} {
  const graph = trainingGraph(config.schema, config.model);
  const { loss, metrics, parameters } = graph;
  const prefixes = config.training.schedule === "joint" ? [""] : ["encoder.", "decoder."];
  const steps = prefixes.map((prefix) => ({
    loss,
    metrics,
    parameters: parameters.tensors(prefix),
  }));
  return { steps, graph };
}

function notFinite(metrics: Float32Array, epoch: number, step: number, kept: boolean): ElboError {
  const [name] = trainingMetrics.filter((_, i) => i > 0 && !Number.isFinite(metrics[i]!));
  return new ElboError({
    code: "loss-not-finite",
    message: `the loss became ${metrics[0]} at step ${step} of epoch ${epoch}${name ? `, in its term ${name}` : ""}`,
    hint: `${kept ? "The best model so far is kept. " : ""}Train with a lower --lr, or with --clip 1.`,
  });
}

export async function learn(
  job: Job,
  rank: Rank,
  send: (events: readonly TrainEvent[]) => void,
): Promise<Ending> {
  const { config, training: stored } = job;
  const { training, compute } = config;
  const { device } = await openDevice(compute.device);
  const { steps, graph } = definitions(config);
  const plan = new MemoryPlan();
  const share = Math.ceil(training.batch / rank.count);
  const feeder = new Feeder(plan, config.schema, share);
  const exchange = rank.exchange(plan);
  const trainer = await createTrainer(
    device,
    {
      steps,
      optimizer: training.optimizer,
      batch: share,
      threads: compute.threads,
      ...(training.clipNorm === null ? {} : { clipNorm: training.clipNorm }),
    },
    plan,
    exchange,
  );
  // Anew where a run was killed before it was written: from the same rows the same bytes.
  if (rank.index === 0 && !existsSync(join(job.folder, LINEAR_FILE))) {
    await saveLinear(job.folder, await fitLinear(device, config, stored));
  }
  const shuffled = await ShuffledRows.open(stored, training.seed);
  const initial = graph.parameters.initialize(new Random(training.seed));
  const progress = await start(job, trainer, initial);
  const recorder =
    rank.index === 0
      ? await Recorder.open(job, device, graph.parameters, trainer, send, progress)
      : null;

  const { memory, inputs } = trainer;
  const set = (name: string, value: number) => {
    const slot = inputs.get(name) as Slot<"float32"> | undefined;
    if (slot) memory.view(slot)[0] = value;
  };
  const { rows } = stored;
  const stepsPerEpoch = Math.ceil(rows / training.batch);
  const deadline = job.maxTime === null ? Infinity : performance.now() + job.maxTime * 1000;

  let ending: Ending = "finished";
  // A run that had waited long enough when it was saved has nothing to go on with.
  let enough = rank.agree(recorder?.enough(progress) ? 1 : 0) === 1;
  loop: for (let epoch = progress.epoch; epoch < training.epochs && !enough; epoch++) {
    const phase = epoch % steps.length;
    recorder?.beginEpoch(progress.step);
    for (let step = progress.step; step < stepsPerEpoch; step++) {
      const late = performance.now() > deadline;
      if (rank.agree(late || rank.stopRequested() ? 1 : 0) === 1) {
        ending = "stopped";
        break loop;
      }
      const first = step * training.batch;
      const size = Math.min(training.batch, rows - first);
      const from = Math.floor((size * rank.index) / rank.count);
      const to = Math.floor((size * (rank.index + 1)) / rank.count);
      const globalStep = epoch * stepsPerEpoch + step + 1;
      const draw = {
        seed: training.seed,
        step: globalStep,
        noiseStream: streams.posterior,
        firstRow: from,
      };
      const filled = shuffled.fill(feeder, memory, inputs, epoch, first + from, first + to, draw);
      if (filled) await filled;
      set(INVERSE_BATCH, 1 / size);
      set(KL_WEIGHT, klWeightAt(config, globalStep / stepsPerEpoch));
      progress.updates[phase]! += 1;
      const metrics = await trainer.step(
        phase,
        to - from,
        progress.updates[phase]!,
        training.optimizer.learningRate,
      );
      if (!Number.isFinite(metrics[0]!)) {
        recorder?.flush();
        const kept = rank.agree((await recorder?.keepBest()) ? 1 : 0) === 1;
        throw notFinite(metrics, epoch + 1, step + 1, kept);
      }
      for (const [i, value] of metrics.entries()) progress.sums[i]! += value * size;
      progress.step = step + 1;
      recorder?.step(epoch + 1, step + 1, stepsPerEpoch, metrics[0]!);
    }
    progress.epoch = epoch + 1;
    progress.step = 0;
    await recorder?.endEpoch(progress);
    progress.sums.fill(0);
    enough = rank.agree(recorder?.enough(progress) ? 1 : 0) === 1;
  }
  await recorder?.finish(progress);
  await shuffled.close();
  await trainer.release();
  return ending;
}

/** The first weights, or those of the checkpoint; returns where training stands. */
async function start(
  job: Job,
  trainer: Trainer,
  initial: ReadonlyMap<string, Float32Array>,
): Promise<Progress> {
  if (job.resume) {
    const { weights, moments, progress } = await loadState(job.folder);
    await trainer.restore(new Map([...weights, ...moments]));
    return progress;
  }
  await trainer.restore(initial);
  const phases = job.config.training.schedule === "joint" ? 1 : 2;
  return {
    epoch: 0,
    step: 0,
    updates: new Array(phases).fill(0),
    sums: trainingMetrics.map(() => 0),
    best: null,
  };
}
