// The entry of a thread that does tasks of coding.
import { parentPort } from "node:worker_threads";
import { errorParts } from "../../base/errors.ts";
import { type Result, type Task, workOf } from "../../codec/work.ts";
import type { WorkerMessage, WorkerReply } from "./jobs.ts";

let work: (task: Task) => Result;
parentPort!.on("message", (message: WorkerMessage) => {
  if ("job" in message) {
    work = workOf(message.job);
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
