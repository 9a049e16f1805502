// Blocks coded on several threads, each with its own codec, in the order that they came.
import { Worker } from "node:worker_threads";
import { ElboError, type ErrorParts } from "../../base/errors.ts";
import { checkNumber } from "../../base/validate.ts";
import { type BlockResult, type BlockTask, blockWork, type CodingJob } from "../../codec/work.ts";

export type WorkerReply =
  | { type: "done"; result: BlockResult }
  | { type: "failed"; error: ErrorParts };

/** What a thread is sent: its job, then task after task. */
export type WorkerMessage = { job: CodingJob } | { task: BlockTask };

/** One thread that does a task at a time. */
class Thread {
  readonly #worker = new Worker(new URL("./worker.js", import.meta.url));
  #settle: { resolve(result: BlockResult): void; reject(error: unknown): void } | null = null;
  /** What the thread ended with. */
  #failure: { error: unknown } | null = null;

  constructor() {
    this.#worker.on("message", (reply: WorkerReply) => {
      const settle = this.#settle;
      this.#settle = null;
      if (reply.type === "done") settle?.resolve(reply.result);
      else settle?.reject(new ElboError(reply.error));
    });
    this.#worker.on("error", (error) => {
      this.#failure = { error };
      this.#settle?.reject(error);
    });
  }

  begin(job: CodingJob): void {
    this.#post({ job });
  }

  #post(message: WorkerMessage): void {
    this.#worker.postMessage(message);
  }

  run(task: BlockTask): Promise<BlockResult> {
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure.error);
        return;
      }
      this.#settle = { resolve, reject };
      this.#post({ task });
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Gives `use` its threads, which end with it. */
export async function withThreads<T>(
  count: number,
  use: (threads: Threads) => Promise<T>,
): Promise<T> {
  const threads = new Threads(count);
  try {
    return await use(threads);
  } finally {
    await threads.close();
  }
}

/** Threads for the blocks of one archive. They start at once, while it is found out what the job is. */
class Threads {
  readonly #pool: Thread[];

  /** @param count 1: tasks are done on the calling thread. */
  constructor(count: number) {
    checkNumber("--threads", count, { min: 1, integer: true });
    this.#pool = count === 1 ? [] : Array.from({ length: count }, () => new Thread());
  }

  /**
   * Results of tasks in their order. A task that fails ends all of them, unless `onFailed` takes its error: its
   * result is left out then.
   */
  async *inOrder<Result extends BlockResult>(
    job: CodingJob,
    tasks: AsyncIterable<BlockTask> | Iterable<BlockTask>,
    onFailed?: (error: unknown, place: number) => void,
  ): AsyncGenerator<{ place: number; result: Result }> {
    const failed = (error: unknown, place: number) => {
      if (!onFailed) throw error;
      onFailed(error, place);
    };
    const pool = this.#pool;
    if (pool.length === 0) {
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
    for (const thread of pool) thread.begin(job);
    /** Each thread's last task, in the order of tasks: thread i does every i-th of them. */
    const running: { place: number; result: Promise<BlockResult | { error: unknown }> }[] = [];
    async function settle() {
      const { place, result } = running.shift()!;
      const found = await result;
      if ("error" in found) failed(found.error, place);
      else return { place, result: found as Result };
      return null;
    }
    let place = 0;
    for await (const task of tasks) {
      if (running.length === pool.length) {
        const done = await settle();
        if (done) yield done;
      }
      const result = pool[place % pool.length]!.run(task).catch((error: unknown) => ({ error }));
      running.push({ place, result });
      place++;
    }
    while (running.length > 0) {
      const done = await settle();
      if (done) yield done;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#pool.map((thread) => thread.close()));
  }
}

export type { Threads };
