// Rank 0's duties: validates after each epoch, keeps the best weights, saves checkpoints, appends
// to metrics.jsonl and reports.
import { join } from "node:path";
import { type LineFile, openLines } from "../base/lines.ts";
import type { PackedRows } from "../fields/pack.ts";
import { trainingMetrics } from "../models/graphs.ts";
import type { Parameters } from "../nn/parameters.ts";
import type { Device } from "../runtime/device.ts";
import type { Trainer } from "../runtime/trainer.ts";
import { calibrate, saveCalibration } from "./calibration.ts";
import { loadModel, type Progress, saveModel, saveState, type Weights } from "./checkpoint.ts";
import { type Course, isSeen, type SeenEpoch } from "./doctor/course.ts";
import { type Figures, figuresOf, leadAfter, measuresInformation } from "./doctor/figures.ts";
import { diagnose } from "./doctor/index.ts";
import { inputScales } from "./doctor/input-scales.ts";
import { narrowScalesOf } from "./doctor/narrow-scales.ts";
import { predictionsOf } from "./doctor/predictions.ts";
import { remedyToTry } from "./doctor/remedies.ts";
import { type Evaluation, Evaluator } from "./evaluator.ts";
import type { EpochEvent, TrainEvent } from "./events.ts";
import { type Job, klWeightAt, stepRows } from "./job.ts";
import { lossParts } from "./loss-parts.ts";
import { cutEpochs, METRICS_FILE } from "./metrics-file.ts";
import { Outbox } from "./outbox.ts";

/** Seconds between checkpoints: what a kill costs at most, and little beside the training. */
const CHECKPOINT_SECONDS = 10;
/** Milliseconds between reports inside an epoch, and between writes. */
const REPORT_MS = 100;
const WRITE_MS = 500;

/** What is learned, and what each step tells of it. */
export interface Learned {
  parameters: Parameters;
  metricNames: readonly string[];
}

const totalKl = ({ klTerms }: Evaluation) => klTerms.reduce((a, b) => a + b, 0);

export class Recorder {
  readonly #job: Job;
  readonly #device: Device;
  readonly #parameters: Parameters;
  readonly #metricNames: readonly string[];
  readonly #trainer: Trainer;
  readonly #outbox: Outbox;
  readonly #lines: LineFile;
  readonly #evaluator: Evaluator | null;
  readonly #epochs: SeenEpoch[];
  readonly #inputs: Course["inputs"];
  /** Codes of what has been found wrong and told. */
  readonly #told = new Set<string>();
  #best: { weights: Weights; epoch: number } | null;
  #epochStart = 0;
  #epochFirstStep = 0;
  #unwritten: string[] = [];
  #writtenAt = performance.now();
  #savedAt = performance.now();
  #reportedAt = 0;
  #ill = false;

  private constructor(
    job: Job,
    device: Device,
    { parameters, metricNames }: Learned,
    trainer: Trainer,
    send: (events: readonly TrainEvent[]) => void,
    lines: LineFile,
    evaluator: Evaluator | null,
    best: { weights: Weights; epoch: number } | null,
    epochs: SeenEpoch[],
  ) {
    this.#job = job;
    this.#device = device;
    this.#parameters = parameters;
    this.#metricNames = metricNames;
    this.#trainer = trainer;
    this.#outbox = new Outbox(send);
    this.#lines = lines;
    this.#evaluator = evaluator;
    this.#best = best;
    this.#epochs = epochs;
    this.#inputs = inputScales(job.config.schema, job.validation);
  }

  static async open(
    job: Job,
    device: Device,
    learned: Learned,
    trainer: Trainer,
    send: (events: readonly TrainEvent[]) => void,
    progress: Progress,
  ): Promise<Recorder> {
    const { config, folder } = job;
    const metrics = join(folder, METRICS_FILE);
    // Epochs after the checkpoint are computed again, to the same figures.
    const before = job.resume ? await cutEpochs(metrics, progress.epoch) : [];
    const epochs = before.filter((event): event is SeenEpoch => event.figures !== null);
    const evaluator =
      job.validation.rows === 0
        ? null
        : await Evaluator.create(device, config.schema, config.model, {
            rows: job.validation.rows,
            threads: config.compute.threads,
            weights: await trainer.parameters(),
            form: "changing",
          });
    const best = progress.best ? await loadModel(folder) : null;
    const lines = await openLines(metrics);
    return new Recorder(job, device, learned, trainer, send, lines, evaluator, best, epochs);
  }

  beginEpoch(firstStep: number): void {
    this.#epochStart = performance.now();
    this.#epochFirstStep = firstStep;
  }

  step(epoch: number, step: number, steps: number, loss: number): void {
    const now = performance.now();
    if (now - this.#reportedAt < REPORT_MS) return;
    this.#reportedAt = now;
    this.#outbox.post({ event: "step", epoch, step, steps, loss });
  }

  /** @param lastStep the trainer's step that the epoch's last batch took first. */
  async endEpoch(progress: Progress, lastStep: number): Promise<void> {
    const { config, training } = this.#job;
    const { rows } = training;
    const seconds = (performance.now() - this.#epochStart) / 1000;
    const means = progress.sums.map((sum) => sum / rows);
    const [loss, reconstruction, kl, target] = means;
    const own = this.#metricNames.flatMap((name, i) =>
      i < trainingMetrics.length ? [] : [[name, means[i]!]],
    );
    const train = {
      ...lossParts(config, {
        loss: loss!,
        reconstruction: reconstruction!,
        kl: kl!,
        target: target!,
      }),
      ...(own.length > 0 ? { metrics: Object.fromEntries(own) } : {}),
    };
    const leads = progress.lead !== null;
    const planned = leads || isSeen(progress.epoch, config.training.epochs);
    const weights = planned || this.#evaluator ? await this.#weights() : null;
    const held = weights && (await this.#validate(progress, weights));
    const seen = weights !== null && (planned || this.#ends(progress));
    const figures = seen ? await this.#figures(progress, weights, held, lastStep) : null;
    if (leads) progress.lead = leadAfter(progress.lead!, figures);
    const done = rows - this.#epochFirstStep * stepRows(config.training);
    const event: EpochEvent = {
      event: "epoch",
      epoch: progress.epoch,
      train,
      validation:
        held && lossParts(config, { ...held, kl: totalKl(held), target: held.target ?? 0 }),
      figures,
      rowsPerSecond: Math.round(done / seconds),
    };
    this.#unwritten.push(JSON.stringify(event));
    this.#outbox.post(event);
    if (figures) this.#examine({ ...event, figures }, progress);
    if (performance.now() - this.#writtenAt > WRITE_MS) await this.#write();
    // Weights that have gone astray would take the last good ones' place.
    const sound = held === null || Number.isFinite(held.loss);
    if (sound && performance.now() - this.#savedAt > CHECKPOINT_SECONDS * 1000) {
      await this.#save({ ...progress, sums: progress.sums.map(() => 0) });
    }
  }

  async #figures(
    progress: Progress,
    weights: Weights,
    held: Evaluation | null,
    lastStep: number,
  ): Promise<Figures> {
    const { config, validation } = this.#job;
    const posteriors = this.#ends(progress) ? held?.posteriors : null;
    const informs =
      progress.lead !== null || measuresInformation(progress.epoch, config.training.epochs);
    return figuresOf(config, progress.epoch, informs, held, this.#trainer.gradients(lastStep), {
      narrowScales: narrowScalesOf(config.schema, weights),
      ...(posteriors
        ? await predictionsOf(this.#device, config, weights, validation, posteriors)
        : { misfits: null, dependence: null }),
    });
  }

  /** Tells what is wrong with the run, each thing once. */
  #examine(event: SeenEpoch, progress: Progress): void {
    const { config, training, validation } = this.#job;
    this.#epochs.push(event);
    const course: Course = {
      config,
      rows: { training: training.rows, validation: validation.rows },
      epochs: this.#epochs,
      ended: this.#ends(progress),
      inputs: this.#inputs,
    };
    for (const { what, remedy, ...found } of diagnose(course, this.#told)) {
      this.#told.add(found.code);
      this.#outbox.post({ event: "warning", message: what, hint: remedy, ...found });
      const { activeUnits } = event.figures;
      const { tried } = this.#job;
      if (tried && remedyToTry(config, tried, { ...found, activeUnits })) this.#ill = true;
    }
  }

  /** Whether something was found that training anew can better. */
  get ill(): boolean {
    return this.#ill;
  }

  #ends(progress: Progress): boolean {
    return progress.epoch === this.#job.config.training.epochs || this.enough(progress);
  }

  /** Whether training has gone on for its patience without a better validation loss. */
  enough(progress: Progress): boolean {
    const { patience } = this.#job.config.training;
    const since = progress.best ? progress.epoch - progress.best.epoch : 0;
    return patience !== null && this.#evaluator !== null && since >= patience;
  }

  /** Writes the best epoch's model where there is one: the weights of now may be no numbers. */
  async keepBest(): Promise<boolean> {
    if (!this.#best) return false;
    await saveModel(this.#job.folder, this.#parameters.specs, this.#best.weights, this.#best.epoch);
    return true;
  }

  async finish(progress: Progress): Promise<void> {
    this.flush();
    await this.#save(progress);
    await this.#calibrate(progress);
    await this.#lines.close();
    await this.#evaluator?.release();
  }

  /** What held-out rows say of the predictions of the model that was saved. */
  async #calibrate(progress: Progress): Promise<void> {
    const { config, folder, validation } = this.#job;
    if (validation.rows === 0) return;
    const { weights, epoch } = await this.#model(progress);
    const calibration = await calibrate(this.#device, config, weights, validation);
    await saveCalibration(folder, calibration, epoch);
  }

  /** Sends what has not been sent yet. */
  flush(): void {
    this.#outbox.flush();
  }

  async #write(): Promise<void> {
    if (this.#unwritten.length > 0) await this.#lines.append(this.#unwritten.join("\n"));
    this.#unwritten = [];
    this.#writtenAt = performance.now();
  }

  async #validate(progress: Progress, weights: Weights): Promise<Evaluation | null> {
    if (!this.#evaluator) return null;
    const { config } = this.#job;
    this.#evaluator.update(weights);
    // The whole KL counts, so that epochs of a warm-up compare.
    const weight = klWeightAt(config, Infinity);
    const held: PackedRows[] = [this.#job.validation];
    const result = await this.#evaluator.evaluate(held, config.training.seed, weight);
    if (result.loss < (progress.best?.loss ?? Infinity)) {
      progress.best = { epoch: progress.epoch, loss: result.loss };
      this.#best = { weights, epoch: progress.epoch };
    }
    return result;
  }

  /** What the run is kept for: averages where there are some. */
  #weights(): Promise<Weights> {
    const averaged = this.#job.config.training.ema !== null;
    return averaged ? this.#trainer.averages() : this.#trainer.parameters();
  }

  /** What is saved: the best epoch's weights, or without validation those of now. */
  async #model({ epoch }: Progress): Promise<{ weights: Weights; epoch: number }> {
    return this.#best ?? { weights: await this.#weights(), epoch };
  }

  async #save(progress: Progress): Promise<void> {
    const { folder } = this.#job;
    const { specs } = this.#parameters;
    await this.#write();
    const weights = await this.#trainer.parameters();
    const model = await this.#model(progress);
    // The model first: were it the state, a kill between the two could lose the best weights.
    await saveModel(folder, specs, model.weights, model.epoch);
    await saveState(folder, specs, weights, await this.#trainer.moments(), progress);
    this.#savedAt = performance.now();
  }
}
