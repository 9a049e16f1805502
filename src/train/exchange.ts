// Sums over the workers of one run: each writes its gradients where the others see them, and adds
// all of them in the order of ranks, so that every replica takes the very same step.
import type { Memory, MemoryPlan } from "../runtime/memory.ts";
import { type Slot, subSlot } from "../runtime/slots.ts";
import type { Exchange } from "../runtime/trainer.ts";

/** Places in the shared counters. */
const ARRIVED = 0;
const ROUND = 1;
const STOP = 2;
const COUNTERS = 3;

/** Floats that are fetched and added at a time: few enough to stay in a core's cache between. */
const CHUNK = 32_768;

/** Looks at a barrier before sleeping: about two milliseconds. */
const LOOKS = 1_000_000;

export interface SharedExchange {
  ranks: number;
  /** Counters of the barrier, and the request to stop. */
  control: SharedArrayBuffer;
  /** One region of floats a rank. */
  floats: SharedArrayBuffer;
  /** Floats in a region. */
  region: number;
}

/** Room for `floats` values from each of `ranks` workers. */
export function shareExchange(ranks: number, floats: number): SharedExchange {
  const region = ranks > 1 ? floats : 0;
  return {
    ranks,
    control: new SharedArrayBuffer(COUNTERS * 4),
    floats: new SharedArrayBuffer(ranks * region * 4),
    region,
  };
}

/** Asks every worker to stop at the same step. */
export function requestStop(shared: SharedExchange): void {
  Atomics.store(new Int32Array(shared.control), STOP, 1);
}

/** One worker's side. */
export class Rank {
  readonly index: number;
  readonly count: number;
  readonly #control: Int32Array;
  readonly #floats: Float32Array;
  readonly #region: number;

  constructor(shared: SharedExchange, index: number) {
    this.index = index;
    this.count = shared.ranks;
    this.#control = new Int32Array(shared.control);
    this.#floats = new Float32Array(shared.floats);
    this.#region = shared.region;
  }

  /** Whether someone asked all to stop; only rank 0's answer counts, by `agree`. */
  stopRequested(): boolean {
    return Atomics.load(this.#control, STOP) === 1;
  }

  /** Rank 0's value, for every rank at the same place. */
  agree(value: number): number {
    if (this.count === 1) return value;
    if (this.index === 0) this.#floats[0] = value;
    this.barrier();
    const agreed = this.#floats[0]!;
    this.barrier();
    return agreed;
  }

  /** Waits until all ranks are here. */
  barrier(): void {
    const control = this.#control;
    const round = Atomics.load(control, ROUND);
    if (Atomics.add(control, ARRIVED, 1) === this.count - 1) {
      Atomics.store(control, ARRIVED, 0);
      Atomics.add(control, ROUND, 1);
      Atomics.notify(control, ROUND);
    } else {
      // Going to sleep and waking cost more than the others' usual delay: look again for a while.
      for (let looks = 0; looks < LOOKS && Atomics.load(control, ROUND) === round; looks++);
      while (Atomics.load(control, ROUND) === round) Atomics.wait(control, ROUND, round);
    }
  }

  /** The sum over ranks for a trainer, or none where there is one rank. */
  exchange(plan: MemoryPlan): Exchange | undefined {
    if (this.count === 1) return undefined;
    const scratch = plan.reserve("float32", CHUNK);
    return (memory, parts) => this.#sum(memory, parts, scratch);
  }

  #sum(memory: Memory, parts: readonly Slot<"float32">[], scratch: Slot<"float32">): void {
    const part = (rank: number, start: number, length: number) => {
      const begin = rank * this.#region + start;
      return this.#floats.subarray(begin, begin + length);
    };
    let start = 0;
    for (const slot of parts) {
      part(this.index, start, slot.length).set(memory.view(slot));
      start += slot.length;
    }
    this.barrier();
    start = 0;
    for (const slot of parts) {
      for (let from = 0; from < slot.length; from += CHUNK) {
        const length = Math.min(CHUNK, slot.length - from);
        const target = subSlot(slot, from, length);
        const other = subSlot(scratch, 0, length);
        // The sum begins with ranks 0 and 1 in either order, so these two start from their own.
        const own = this.index < 2 ? this.index : 0;
        if (own !== this.index) memory.view(target).set(part(own, start + from, length));
        for (let rank = 0; rank < this.count; rank++) {
          if (rank === own) continue;
          memory.view(other).set(part(rank, start + from, length));
          memory.kernels.accumulate(target, other);
        }
      }
      start += slot.length;
    }
    this.barrier();
  }
}
