// The training loop of one rank. Every rank runs it alike, on its share of each batch; rank 0
// also validates, saves and reports.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { Cuts } from "../data/store/cuts.ts";
import { openShuffled } from "../data/store/disk.ts";
import { Feeder } from "../data/store/feeder.ts";
import { INVERSE_BATCH, KL_CAPACITY, KL_WEIGHT } from "../models/graphs.ts";
import { AVERAGE } from "../runtime/averages.ts";
import { createTrainer } from "../runtime/create-trainer.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { openDevice } from "../runtime/open.ts";
import { streams } from "../runtime/random.ts";
import type { Slot } from "../runtime/slots.ts";
import type { Trainer } from "../runtime/trainer.ts";
import { fieldsNotFinite } from "./blame.ts";
import { loadInitial, loadState, type Progress } from "./checkpoint.ts";
import { lowered } from "./doctor/remedies.ts";
import type { TrainEvent } from "./events.ts";
import type { Rank } from "./exchange.ts";
import { firstWeights } from "./first-weights.ts";
import { type Ending, type Job, klCapacityAt, klWeightAt, stepRows } from "./job.ts";
import { learningRateFactor } from "./learning-rate.ts";
import { fitLinear, LINEAR_FILE, saveLinear } from "./linear.ts";
import { planOf } from "./plan.ts";
import { Recorder } from "./recorder.ts";
import { REFERENCE_FILE, saveReference } from "./reference.ts";

function notFinite(
  names: readonly string[],
  metrics: readonly number[],
  epoch: number,
  step: number,
  kept: boolean,
  fields: readonly string[],
  { config }: Job,
): ElboError {
  const [name] = names.filter((_, i) => i > 0 && !Number.isFinite(metrics[i]!));
  const term = name ? `, in its term ${name}` : "";
  const [first, ...more] = fields.slice(0, 3);
  const of =
    first === undefined
      ? ""
      : ` (${more.length > 0 ? "columns" : "column"} ${fields.slice(0, 3).join(", ")}${fields.length > 3 ? ", …" : ""})`;
  return new ElboError({
    code: "loss-not-finite",
    message: `the loss became ${metrics[0]} at step ${step} of epoch ${epoch}${term}${of}`,
    hint: `${kept ? "The best model so far is kept. " : ""}Go on from the last checkpoint at a lower rate with elbo train --resume RUN --lr ${lowered(config.training.optimizer.learningRate)}, or train anew with --clip 1.`,
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
  // Decoded all at once, a text's places see those behind its end.
  const cuts = new Cuts(config.model.decoding === "one-shot" ? { fields: [] } : config.schema);
  const {
    steps: definitions,
    kinds,
    rates,
    stepsOf,
    metricNames,
    parameters,
  } = planOf(config, cuts.count);
  const plan = new MemoryPlan();
  const share = Math.ceil(training.batch / rank.count);
  const feeder = new Feeder(plan, config.schema, share);
  const exchange = rank.exchange(plan);
  const trainer = await createTrainer(
    device,
    {
      steps: definitions,
      optimizer: training.optimizer,
      batch: share,
      threads: compute.threads,
      accumulates: training.accumulate > 1,
      ...(training.clipNorm === null ? {} : { clipNorm: training.clipNorm }),
      ...(training.ema === null ? {} : { averageDecay: training.ema }),
    },
    plan,
    exchange,
  );
  // Anew where a run was killed before it was written: from the same rows the same bytes.
  if (rank.index === 0 && !existsSync(join(job.folder, LINEAR_FILE))) {
    await saveLinear(job.folder, await fitLinear(device, config, stored));
  }
  if (rank.index === 0 && !existsSync(join(job.folder, REFERENCE_FILE))) {
    await saveReference(job.folder, config, job);
  }
  const alike = cuts.count > 1 ? { cuts, batch: stepRows(training) } : null;
  const shuffled = await openShuffled(stored, training.seed, alike);
  const initial =
    config.from === null
      ? await firstWeights(device, config, stored, parameters)
      : await loadInitial(job.folder);
  const progress = await start(job, trainer, initial, {
    steps: kinds,
    metrics: metricNames.length,
  });
  const recorder =
    rank.index === 0
      ? await Recorder.open(job, device, { parameters, metricNames }, trainer, send, progress)
      : null;

  const { memory, inputs } = trainer;
  const set = (name: string, value: number) => {
    const slot = inputs.get(name) as Slot<"float32"> | undefined;
    if (slot) memory.view(slot)[0] = value;
  };
  const { rows } = stored;
  const stepsPerEpoch = Math.ceil(rows / stepRows(training));
  const steps = training.epochs * stepsPerEpoch;
  const deadline = job.maxTime === null ? Infinity : performance.now() + job.maxTime * 1000;

  let ending: Ending = "finished";
  // A run that had waited long enough when it was saved has nothing to go on with.
  let enough = rank.agree(recorder?.enough(progress) ? 1 : 0) === 1;
  loop: for (let epoch = progress.epoch; epoch < training.epochs && !enough; epoch++) {
    recorder?.beginEpoch(progress.step);
    let lastStep = 0;
    for (let step = progress.step; step < stepsPerEpoch; step++) {
      const late = performance.now() > deadline;
      if (rank.agree(late || rank.stopRequested() ? 1 : 0) === 1) {
        ending = "stopped";
        break loop;
      }
      const first = step * stepRows(training);
      const size = Math.min(stepRows(training), rows - first);
      const batches = Math.ceil(size / training.batch);
      const globalStep = epoch * stepsPerEpoch + step + 1;
      /** This rank's rows of a batch of the step; returns how many, and the cut that they fit in. */
      const fill = async (batch: number) => {
        const start = batch * training.batch;
        const length = Math.min(training.batch, size - start);
        const from = start + Math.floor((length * rank.index) / rank.count);
        const to = start + Math.floor((length * (rank.index + 1)) / rank.count);
        const draw = {
          seed: training.seed,
          step: globalStep,
          noiseStream: streams.posterior,
          firstRow: from,
        };
        const filled = shuffled.fill(feeder, memory, inputs, epoch, first + from, first + to, draw);
        if (filled) await filled;
        const cut = cuts.count === 1 ? 0 : cuts.ofInputs(memory, inputs, to - from);
        return { count: to - from, cut, places: [epoch, first + from, first + to, draw] as const };
      };
      set(INVERSE_BATCH, 1 / size);
      set(KL_WEIGHT, klWeightAt(config, globalStep / stepsPerEpoch));
      set(KL_CAPACITY, klCapacityAt(config, globalStep / stepsPerEpoch));
      const learningRate =
        training.optimizer.learningRate *
        learningRateFactor(training.learningRate, globalStep - 1, steps, stepsPerEpoch);
      const metrics: number[] = [];
      const taken = stepsOf({ epoch, step, leads: progress.lead !== null });
      let given = await fill(0);
      for (const [place, index] of taken.entries()) {
        // Several batches are gone through anew for each kind of step.
        if (place > 0 && batches > 1) given = await fill(0);
        for (let batch = 1; batch < batches; batch++) {
          await trainer.accumulate!(index * cuts.count + given.cut, given.count);
          given = await fill(batch);
        }
        if (place === 0) lastStep = index * cuts.count + given.cut;
        progress.updates[index]! += 1;
        const rate = learningRate * rates[index]!;
        const updates = progress.updates[index]!;
        const values = await trainer.step(
          index * cuts.count + given.cut,
          given.count,
          updates,
          rate,
        );
        for (const value of values) metrics.push(value);
      }
      if (!metrics.every(Number.isFinite)) {
        recorder?.flush();
        const kept = rank.agree((await recorder?.keepBest()) ? 1 : 0) === 1;
        const { count, places } = given;
        const fields = await fieldsNotFinite(
          ...[device, config, await trainer.parameters(), count],
          (other, its, slots) => shuffled.fill(other, its, slots, ...places),
        );
        throw notFinite(metricNames, metrics, epoch + 1, step + 1, kept, fields, job);
      }
      for (let i = 0; i < metrics.length; i++) progress.sums[i]! += metrics[i]! * size;
      progress.step = step + 1;
      recorder?.step(epoch + 1, step + 1, stepsPerEpoch, metrics[0]!);
    }
    progress.epoch = epoch + 1;
    progress.step = 0;
    await recorder?.endEpoch(progress, lastStep);
    progress.sums.fill(0);
    if (training.schedule === "aggressive") {
      // Rank 0 alone has seen the held-out rows.
      const lead = rank.agree(progress.lead ?? -1);
      progress.lead = lead < 0 ? null : lead;
    }
    enough = rank.agree(recorder?.enough(progress) ? 1 : 0) === 1;
    const goesOn = !enough && progress.epoch < training.epochs;
    if (job.tried && goesOn && rank.agree(recorder?.ill ? 1 : 0) === 1) {
      ending = "stopped";
      break;
    }
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
  counts: { steps: number; metrics: number },
): Promise<Progress> {
  if (job.resume) {
    const { weights, moments, progress } = await loadState(job.folder);
    await trainer.restore(new Map([...weights, ...moments]));
    return progress;
  }
  const averages = [...initial].map(([name, values]) => [`${AVERAGE}/${name}`, values] as const);
  await trainer.restore(
    new Map([...initial, ...(job.config.training.ema === null ? [] : averages)]),
  );
  return {
    epoch: 0,
    step: 0,
    updates: new Array(counts.steps).fill(0),
    sums: new Array(counts.metrics).fill(0),
    best: null,
    lead: job.config.training.schedule === "aggressive" ? 0 : null,
  };
}
