// Tasks of coding done on several threads, their results in the order that they came.
import { Worker } from "node:worker_threads";
import { ElboError, type ErrorParts } from "../../base/errors.ts";
import { checkNumber } from "../../base/validate.ts";
import { type DoAll, type Job, type Result, type Task, workOf } from "../../codec/work.ts";

export type WorkerReply = { type: "done"; result: Result } | { type: "failed"; error: ErrorParts };

/** What a thread is sent: its job, then task after task. */
export type WorkerMessage = { job: Job } | { task: Task };

type Tasks = AsyncIterable<Task> | Iterable<Task>;
/** What came of a task. */
type Found = { result: Result } | { error: unknown };

/** Tasks begun before the first of them is given, for each thread: so that none waits for a slower one. */
const AHEAD = 2;

/** One thread that does a task at a time. */
class Thread {
  readonly #worker = new Worker(new URL("./worker.js", import.meta.url));
  #settle: ((found: Found) => void) | null = null;
  /** What the thread ended with. */
  #failure: { error: unknown } | null = null;

  constructor() {
    this.#worker.on("message", (reply: WorkerReply) => {
      const settle = this.#settle;
      this.#settle = null;
      settle?.(
        reply.type === "done" ? { result: reply.result } : { error: new ElboError(reply.error) },
      );
    });
    this.#worker.on("error", (error) => {
      this.#failure = { error };
      this.#settle?.(this.#failure);
    });
  }

  begin(job: Job): void {
    this.#post({ job });
  }

  #post(message: WorkerMessage): void {
    this.#worker.postMessage(message);
  }

  run(task: Task): Promise<Found> {
    return new Promise((resolve) => {
      if (this.#failure) {
        resolve(this.#failure);
        return;
      }
      this.#settle = resolve;
      this.#post({ task });
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

function attempt(work: () => Result): Found {
  try {
    return { result: work() };
  } catch (error) {
    return { error };
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

/** Threads for one archive. They start at once, while it is found out what the job is. */
class Threads {
  readonly #pool: Thread[];

  /** @param count 1: tasks are done on the calling thread. */
  constructor(count: number) {
    checkNumber("--threads", count, { min: 1, integer: true });
    this.#pool = count === 1 ? [] : Array.from({ length: count }, () => new Thread());
  }

  /** Results of tasks in their order, as `DoAll` gives them. */
  readonly doAll: DoAll = (job, tasks) => this.#results(job, tasks);

  async *#results<R extends Result>(job: Job, tasks: Tasks): AsyncGenerator<R> {
    for await (const { result } of this.inOrder<R>(job, tasks)) yield result;
  }

  /**
   * Results of tasks in their order. A task that fails ends all of them, unless `onFailed` takes its error: its
   * result is left out then.
   */
  async *inOrder<R extends Result>(
    job: Job,
    tasks: Tasks,
    onFailed?: (error: unknown, place: number) => void,
  ): AsyncGenerator<{ place: number; result: R }> {
    for await (const { place, found } of this.#inOrder(job, tasks)) {
      if ("result" in found) yield { place, result: found.result as R };
      else if (onFailed) onFailed(found.error, place);
      else throw found.error;
    }
  }

  async *#inOrder(job: Job, tasks: Tasks): AsyncGenerator<{ place: number; found: Found }> {
    const pool = this.#pool;
    if (pool.length === 0) {
      const work = workOf(job);
      let place = 0;
      for await (const task of tasks) yield { place: place++, found: attempt(() => work(task)) };
      return;
    }
    for (const thread of pool) thread.begin(job);
    /** Of each thread, when it has no task. */
    const idle = pool.map((_, i) => Promise.resolve(i));
    /** What was begun and not given yet: some of it may be done before the first is. */
    const begun: Promise<Found>[] = [];
    let given = 0;
    for await (const task of tasks) {
      if (begun.length === AHEAD * pool.length) {
        yield { place: given++, found: await begun.shift()! };
      }
      const free = await Promise.race(idle);
      const found = pool[free]!.run(task);
      idle[free] = found.then(() => free);
      begun.push(found);
    }
    for (const found of begun) yield { place: given++, found: await found };
  }

  async close(): Promise<void> {
    await Promise.all(this.#pool.map((thread) => thread.close()));
  }
}

export type { Threads };
