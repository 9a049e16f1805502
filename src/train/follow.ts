// Following the workers of a run: starts them, passes on what they tell, and sums up at the end.
import { Worker as Thread } from "node:worker_threads";
import { ElboError } from "../base/errors.ts";
import { sizeOf } from "../graph/index.ts";
import type { RunConfig } from "./config.ts";
import type { DoneEvent, EpochEvent, TrainEvent } from "./events.ts";
import { requestStop, type SharedExchange, shareExchange } from "./exchange.ts";
import { type Ending, type Job, stepRows } from "./job.ts";
import { readEpochs } from "./metrics-file.ts";
import type { WorkerMessage, WorkerStart } from "./worker.ts";

/** Floats that the metrics of a step take at most. */
const MOST_METRICS = 1024;

export interface TrainResult extends DoneEvent {
  /** What a later `train` with `resume` needs. */
  config: RunConfig;
}

/** Starts the workers, passes on what they tell, and settles when all have ended. */
export async function follow(
  job: Job,
  specs: readonly { shape: readonly number[] }[],
  emit: (event: TrainEvent) => void,
  signal: AbortSignal | undefined,
): Promise<TrainResult> {
  const { config, folder } = job;
  const { workers, threads, device } = config.compute;
  // Each parameter starts at a multiple of 64 bytes; the metrics follow.
  const floats = specs.reduce((sum, { shape }) => sum + sizeOf(shape) + 16, MOST_METRICS);
  const exchange = shareExchange(workers, floats);
  emit({
    event: "start",
    run: folder,
    rows: { training: job.training.rows, validation: job.validation.rows },
    fields: config.schema.fields,
    parameters: specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    device,
    threads: workers * threads,
    settings: { model: config.model, training: config.training, compute: config.compute },
  });
  const stop = () => requestStop(exchange);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });

  const began = performance.now();
  let steps = 0;
  const onEvent = (event: TrainEvent) => {
    if (event.event === "epoch") {
      steps += Math.ceil(job.training.rows / stepRows(config.training));
    }
    emit(event);
  };
  let ending: Ending;
  try {
    const endings = Array.from({ length: workers }, (_, rank) =>
      runWorker({ job, exchange, rank }, onEvent),
    );
    ending = (await settle(endings))[0]!;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
  const seconds = (performance.now() - began) / 1000;
  // Of the whole run, with what an earlier process trained.
  const epochs = await readEpochs(folder);
  const done: DoneEvent = {
    event: "done",
    ok: true,
    run: folder,
    epochs: epochs.length,
    best: bestOf(epochs),
    seconds: Number(seconds.toFixed(3)),
    stepsPerSecond: Number((steps / seconds).toFixed(1)),
    interrupted: ending === "stopped",
  };
  emit(done);
  return { ...done, config };
}

/** The first epoch of the lowest validation loss; without validation, the last. */
export function bestOf(epochs: readonly EpochEvent[]): DoneEvent["best"] {
  const loss = ({ validation }: EpochEvent) => validation?.loss ?? 0;
  const best = epochs.reduce<EpochEvent | undefined>((best, event) => {
    const better = !best || !event.validation || loss(event) < loss(best);
    return better ? event : best;
  }, undefined);
  return { epoch: best?.epoch ?? 0, validation: best?.validation ?? null };
}

interface RunningWorker {
  ended: Promise<Ending>;
  terminate(): Promise<unknown>;
}

function runWorker(
  start: WorkerStart & { exchange: SharedExchange },
  onEvent: (event: TrainEvent) => void,
): RunningWorker {
  const thread = new Thread(new URL("./worker.js", import.meta.url), { workerData: start });
  const ended = new Promise<Ending>((resolve, reject) => {
    thread.on("message", (message: WorkerMessage) => {
      if (message.type === "events") message.events.forEach(onEvent);
      else if (message.type === "ended") resolve(message.ending);
      else {
        const error = new ElboError(message.error);
        error.stack = message.stack;
        reject(error);
      }
    });
    thread.on("error", reject);
    thread.on("exit", (code) => reject(new Error(`a training worker exited with code ${code}`)));
  });
  return { ended, terminate: () => thread.terminate() };
}

/** All endings; where one worker fails, the others, which wait for it, are ended too. */
async function settle(workers: readonly RunningWorker[]): Promise<Ending[]> {
  try {
    return await Promise.all(workers.map(({ ended }) => ended));
  } finally {
    await Promise.all(workers.map(({ terminate }) => terminate()));
  }
}
