// Training as people start it: src/train, and the report of its run at the end.
import { Worker as Thread } from "node:worker_threads";
import type { DataSource } from "../data/source.ts";
import type { ComputeConfig } from "../train/config.ts";
import type { DoneEvent, TrainEvent, WarningEvent } from "../train/events.ts";
import type { TrainResult } from "../train/follow.ts";
import type { TrainHooks } from "../train/hooks.ts";
import type { TrainOptions } from "../train/options.ts";
import { resume as resumeRun, train as trainRun } from "../train/train.ts";
import { asTraining, type Training } from "../train/training.ts";
import type { ReportJob, ReportMessage } from "./worker.ts";

export interface ReportedTrainOptions extends TrainOptions {
  /** Whether the run gets a `report.html` when it has ended. Default true. */
  report?: boolean;
}

const failed = (message: string): WarningEvent => ({
  event: "warning",
  code: "report-failed",
  message: `the report was not written: ${message}`,
  hint: "The run is whole without it; elbo report writes it again.",
});

/**
 * Writes the report of a run that has ended, in a thread of its own.
 * @returns its path, or a warning that says why there is none; null where `signal` said so.
 */
export function writeReport(
  folder: string,
  { device, workers, threads }: ComputeConfig,
  signal?: AbortSignal,
): Promise<string | WarningEvent | null> {
  if (signal?.aborted) return Promise.resolve(null);
  const job: ReportJob = { folder, device, threads: workers * threads };
  const thread = new Thread(new URL("./worker.js", import.meta.url), { workerData: job });
  return new Promise((resolve) => {
    const stop = () => end(null);
    const end = (result: string | WarningEvent | null) => {
      signal?.removeEventListener("abort", stop);
      thread.removeAllListeners();
      thread.terminate().then(() => resolve(result));
    };
    signal?.addEventListener("abort", stop, { once: true });
    thread.on("message", (message: ReportMessage) =>
      end(message.type === "written" ? message.path : failed(message.error.message)),
    );
    thread.on("error", (error) => end(failed(error.message)));
    thread.on("exit", (code) => end(failed(`its thread exited with code ${code}`)));
  });
}

/** Runs a training, and writes the report before its end is told. */
async function reported(
  wanted: boolean,
  { onEvent, signal }: TrainHooks,
  run: (hooks: TrainHooks) => PromiseLike<TrainResult>,
): Promise<TrainResult> {
  const tell = (event: TrainEvent) => onEvent?.(event);
  const held: DoneEvent[] = [];
  const result = await run({
    ...(signal ? { signal } : {}),
    onEvent: (event) => (event.event === "done" ? void held.push(event) : tell(event)),
  });
  let report: { report?: string } = {};
  if (wanted && !result.interrupted) {
    const written = await writeReport(result.run, result.config.compute, signal);
    if (typeof written === "string") report = { report: written };
    else if (written) tell(written);
  }
  for (const event of held) tell({ ...event, ...report });
  return { ...result, ...report };
}

/**
 * Trains a model on `data` (a path, a glob, SQL, or rows in memory) and writes a run folder, with a
 * report at the end of one that was not interrupted. Training runs in worker threads, so the calling
 * thread stays free. Awaited it gives the result; `for await (const event of train(…))` goes through its
 * events, see `Training`.
 * @throws ElboError for options, data or folders that do not fit, and where the loss is no number.
 */
export function train(
  data: string | DataSource,
  { report = true, ...options }: ReportedTrainOptions = {},
  hooks: TrainHooks = {},
): Training {
  return asTraining(hooks, (told) =>
    reported(report, told, (inner) => trainRun(data, options, inner)),
  );
}

/** Goes on with a run that was stopped; its data is the run's own unless it is given. */
export function resume(
  folder: string,
  data?: string | DataSource,
  {
    report = true,
    ...options
  }: Pick<ReportedTrainOptions, "maxTime" | "learningRate" | "report"> = {},
  hooks: TrainHooks = {},
): Training {
  return asTraining(hooks, (told) =>
    reported(report, told, (inner) => resumeRun(folder, data, options, inner)),
  );
}
