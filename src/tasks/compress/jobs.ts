// Blocks coded on several threads, each with its own codec, in the order that they came.
import { Worker } from "node:worker_threads";
import { ElboError, type ErrorParts } from "../../base/errors.ts";
import { checkNumber } from "../../base/validate.ts";
import { type BlockResult, type BlockTask, blockWork, type CodingJob } from "../../codec/work.ts";

export type WorkerReply =
  | { type: "done"; result: BlockResult }
  | { type: "failed"; error: ErrorParts };

/** One thread that does a task at a time. */
class Thread {
  readonly #worker: Worker;
  #settle: { resolve(result: BlockResult): void; reject(error: unknown): void } | null = null;

  constructor(job: CodingJob) {
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: job });
    this.#worker.on("message", (reply: WorkerReply) => {
      const settle = this.#settle;
      this.#settle = null;
      if (reply.type === "done") settle?.resolve(reply.result);
      else settle?.reject(new ElboError(reply.error));
    });
    this.#worker.on("error", (error) => this.#settle?.reject(error));
  }

  run(task: BlockTask): Promise<BlockResult> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#worker.postMessage(task);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/**
 * Results of tasks in their order. A task that fails ends all of them, unless `onFailed` takes its error: its
 * result is left out then.
 */
export async function* inOrder<Result extends BlockResult>(
  job: CodingJob,
  threads: number,
  tasks: AsyncIterable<BlockTask> | Iterable<BlockTask>,
  onFailed?: (error: unknown, place: number) => void,
): AsyncGenerator<{ place: number; result: Result }> {
  const failed = (error: unknown, place: number) => {
    if (!onFailed) throw error;
    onFailed(error, place);
  };
  checkNumber("--threads", threads, { min: 1, integer: true });
  if (threads === 1) {
    const work = blockWork(job);
    let place = 0;
    for await (const task of tasks) {
      try {
        yield { place, result: work(task) as Result };
      } catch (error) {
        failed(error, place);
      }
      place++;
    }
    return;
  }
  const pool = Array.from({ length: threads }, () => new Thread(job));
  /** Each thread's last task, in the order of tasks: thread i does every i-th of them. */
  const running: { place: number; result: Promise<BlockResult | { error: unknown }> }[] = [];
  async function settle() {
    const { place, result } = running.shift()!;
    const found = await result;
    if ("error" in found) failed(found.error, place);
    else return { place, result: found as Result };
    return null;
  }
  try {
    let place = 0;
    for await (const task of tasks) {
      if (running.length === threads) {
        const done = await settle();
        if (done) yield done;
      }
      const result = pool[place % threads]!.run(task).catch((error: unknown) => ({ error }));
      running.push({ place, result });
      place++;
    }
    while (running.length > 0) {
      const done = await settle();
      if (done) yield done;
    }
  } finally {
    await Promise.all(pool.map((thread) => thread.close()));
  }
}
