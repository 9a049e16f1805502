// What `train` returns: a promise of the result whose events can be gone through as they come.
import type { TrainEvent } from "./events.ts";
import type { TrainResult } from "./follow.ts";
import type { TrainHooks } from "./hooks.ts";

/**
 * Training on its way. `await` gives the result; `for await (const event of …)` gives each event as it
 * comes, the last of them `done`, and throws what the result would. Leaving the loop stops training
 * at its next step, with a checkpoint.
 */
export interface Training extends Promise<TrainResult>, AsyncIterable<TrainEvent> {}

/** Starts `run` in a moment, so that a loop over it misses no event. */
export function asTraining(
  { signal, onEvent }: TrainHooks,
  run: (hooks: TrainHooks) => Promise<TrainResult>,
): Training {
  const leaving = new AbortController();
  const listeners = new Set<(event: TrainEvent) => void>();
  const result = Promise.resolve().then(() =>
    run({
      signal: signal ? AbortSignal.any([signal, leaving.signal]) : leaving.signal,
      onEvent(event) {
        onEvent?.(event);
        for (const listener of listeners) listener(event);
      },
    }),
  );

  function events(): AsyncIterator<TrainEvent, undefined> {
    const waiting: TrainEvent[] = [];
    let [ended, wake] = [false, () => {}];
    const listener = (event: TrainEvent) => {
      waiting.push(event);
      wake();
    };
    listeners.add(listener);
    const end = () => {
      ended = true;
      wake();
    };
    // A failure is thrown by `next`, once what came before it has been gone through.
    result.then(end, end);
    const done = { done: true, value: undefined } as const;
    return {
      async next() {
        while (waiting.length === 0 && !ended) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const value = waiting.shift();
        if (value) return { done: false, value };
        await result;
        return done;
      },
      async return() {
        listeners.delete(listener);
        leaving.abort();
        await result;
        return done;
      },
    };
  }
  return Object.assign(result, { [Symbol.asyncIterator]: events });
}
