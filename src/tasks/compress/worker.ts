// The entry of a thread that codes blocks.
import { parentPort, workerData } from "node:worker_threads";
import { errorParts } from "../../base/errors.ts";
import { type BlockTask, blockWork, type CodingJob } from "../../codec/work.ts";
import type { WorkerReply } from "./jobs.ts";

const work = blockWork(workerData as CodingJob);
parentPort!.on("message", (task: BlockTask) => {
  let reply: WorkerReply;
  try {
    reply = { type: "done", result: work(task) };
  } catch (error) {
    reply = { type: "failed", error: errorParts(error) };
  }
  parentPort!.postMessage(reply);
});
