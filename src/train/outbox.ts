// What a run tells, sent to the calling thread in bunches.
import type { TrainEvent } from "./events.ts";

/** Milliseconds between sendings. */
const SEND_MS = 50;

export class Outbox {
  readonly #send: (events: readonly TrainEvent[]) => void;
  /** Another thread is woken for each sending, which costs a small model more than its step. */
  #unsent: TrainEvent[] = [];
  #sentAt = 0;

  constructor(send: (events: readonly TrainEvent[]) => void) {
    this.#send = send;
  }

  post(event: TrainEvent): void {
    this.#unsent.push(event);
    if (performance.now() - this.#sentAt > SEND_MS) this.flush();
  }

  /** Sends what has not been sent yet. */
  flush(): void {
    this.#send(this.#unsent);
    this.#unsent = [];
    this.#sentAt = performance.now();
  }
}
