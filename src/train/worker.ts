// The entry of a training worker: one thread, one rank.
import { parentPort, workerData } from "node:worker_threads";
import { type ErrorParts, errorParts } from "../base/errors.ts";
import type { TrainEvent } from "./events.ts";
import { Rank, type SharedExchange } from "./exchange.ts";
import type { Ending, Job } from "./job.ts";
import { learn } from "./learn.ts";

export interface WorkerStart {
  job: Job;
  exchange: SharedExchange;
  rank: number;
}

export type WorkerMessage =
  | { type: "events"; events: readonly TrainEvent[] }
  | { type: "ended"; ending: Ending }
  | { type: "failed"; error: ErrorParts; stack: string };

const port = parentPort!;
const send = (message: WorkerMessage) => port.postMessage(message);
const { job, exchange, rank } = workerData as WorkerStart;
try {
  const ending = await learn(job, new Rank(exchange, rank), (events) => {
    send({ type: "events", events });
  });
  send({ type: "ended", ending });
} catch (error) {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  send({ type: "failed", error: errorParts(error), stack });
}
