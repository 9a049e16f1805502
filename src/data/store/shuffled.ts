// Stored rows in the order of an epoch, from any place in it, as the inputs of a graph.
import type { Memory } from "../../runtime/memory.ts";
import { Random, streams } from "../../runtime/random.ts";
import type { Slot } from "../../runtime/slots.ts";
import type { Alike } from "./cuts.ts";
import type { BatchDraw, Feeder } from "./feeder.ts";
import { inBatches, memoryOrder } from "./order.ts";
import type { MemoryRows } from "./stored.ts";
import type { LoadedWindow, Windows } from "./windows.ts";

export class ShuffledRows {
  readonly #seed: number;
  readonly #memory: MemoryRows | null;
  readonly #windows: Windows | null;
  readonly #alike: { cuts: Uint8Array; batch: number } | null;
  #epoch = -1;
  #order: Uint32Array = new Uint32Array(0);

  private constructor(
    seed: number,
    memory: MemoryRows | null,
    windows: Windows | null,
    alike: { cuts: Uint8Array; batch: number } | null,
  ) {
    this.#seed = seed;
    this.#memory = memory;
    this.#windows = windows;
    this.#alike = alike;
  }

  /** @param alike what rows should have in common in each batch; null: nothing. */
  static inMemory(rows: MemoryRows, seed: number, alike: Alike | null = null): ShuffledRows {
    const known = alike && { cuts: alike.cuts.ofRows(rows), batch: alike.batch };
    return new ShuffledRows(seed, rows, null, known);
  }

  /** Of a file's pages; `close` closes them. */
  static inWindows(windows: Windows, seed: number): ShuffledRows {
    return new ShuffledRows(seed, null, windows, null);
  }

  /**
   * Rows at places [from, to) of the epoch's order as the graph's inputs. Without a promise they
   * are in place; with one, training waits for pages to be read. One call at a time.
   */
  fill(
    feeder: Feeder,
    memory: Memory,
    inputs: ReadonlyMap<string, Slot>,
    epoch: number,
    from: number,
    to: number,
    draw: BatchDraw,
  ): void | Promise<void> {
    if (this.#memory) {
      const order = this.#orderOf(this.#memory, epoch);
      feeder.place(memory, inputs, this.#memory, { order, from, to }, 0);
      feeder.draw(memory, inputs, to - from, draw);
      return;
    }
    const place = (windows: LoadedWindow[]) => {
      for (const { packed, order, first, rows } of windows) {
        const start = Math.max(from, first);
        const end = Math.min(to, first + rows);
        const choice = { order, from: start - first, to: end - first };
        feeder.place(memory, inputs, packed, choice, start - from);
      }
      feeder.draw(memory, inputs, to - from, draw);
    };
    const windows = this.#windows!.covering(epoch, from, to);
    if (Array.isArray(windows)) place(windows);
    else return windows.then(place);
  }

  #orderOf({ rows }: MemoryRows, epoch: number): Uint32Array {
    if (epoch !== this.#epoch) {
      const order = memoryOrder(this.#seed, epoch, rows);
      const alike = this.#alike;
      const shuffled = (n: number) => new Random(this.#seed).permutation(streams.batches, epoch, n);
      this.#order = alike ? inBatches(order, alike.cuts, alike.batch, 0, shuffled) : order;
      this.#epoch = epoch;
    }
    return this.#order;
  }

  async close(): Promise<void> {
    await this.#windows?.close();
  }
}
