// The entry of a thread that codes blocks.
import { parentPort } from "node:worker_threads";
import { errorParts } from "../../base/errors.ts";
import { type BlockResult, type BlockTask, blockWork } from "../../codec/work.ts";
import type { WorkerMessage, WorkerReply } from "./jobs.ts";

let work: (task: BlockTask) => BlockResult;
parentPort!.on("message", (message: WorkerMessage) => {
  if ("job" in message) {
    work = blockWork(message.job);
    return;
  }
  let reply: WorkerReply;
  try {
    reply = { type: "done", result: work(message.task) };
  } catch (error) {
    reply = { type: "failed", error: errorParts(error) };
  }
  parentPort!.postMessage(reply);
});
