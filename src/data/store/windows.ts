// Windows of a file's pages in memory: the one in use, and the next while training computes.
import type { PackedRows } from "../../fields/pack.ts";
import { Random, streams } from "../../runtime/random.ts";
import type { Alike } from "./cuts.ts";
import { epochWindows, inBatches, type Window, windowOrder } from "./order.ts";
import { PageReader } from "./page-file.ts";
import type { FileRows } from "./stored.ts";

export interface LoadedWindow extends Window {
  packed: PackedRows;
  order: Uint32Array;
}

interface Loading {
  done: Promise<LoadedWindow>;
  loaded: LoadedWindow | null;
}

export class Windows {
  readonly #stored: FileRows;
  readonly #seed: number;
  readonly #reader: PageReader;
  readonly #alike: Alike | null;
  /** By epoch and place among its windows. */
  #loading = new Map<string, Loading>();
  #epochs = new Map<number, Window[]>();

  private constructor(stored: FileRows, seed: number, reader: PageReader, alike: Alike | null) {
    this.#stored = stored;
    this.#seed = seed;
    this.#reader = reader;
    this.#alike = alike;
  }

  /** @param alike what rows should have in common in each batch; null: nothing. */
  static async open(stored: FileRows, seed: number, alike: Alike | null = null): Promise<Windows> {
    return new Windows(stored, seed, await PageReader.open(stored), alike);
  }

  /** The windows of places [from, to) of an epoch; a promise where they are not at hand. */
  covering(epoch: number, from: number, to: number): LoadedWindow[] | Promise<LoadedWindow[]> {
    const all = this.#windows(epoch);
    const needed = all.filter(({ first, rows }) => first < to && from < first + rows);
    const next = all[(needed.at(-1)?.index ?? -1) + 1];
    const kept = new Map<string, Loading>();
    for (const window of needed) this.#keep(kept, epoch, window);
    // Read one after the other, since what is needed now should not wait for what is needed next.
    const loadings = [...kept.values()];
    if (loadings.every(({ loaded }) => loaded !== null)) {
      if (next) this.#keep(kept, epoch, next);
      else this.#keep(kept, epoch + 1, this.#windows(epoch + 1)[0]!);
    }
    this.#loading = kept;
    const ready = loadings.flatMap(({ loaded }) => loaded ?? []);
    return ready.length === loadings.length ? ready : Promise.all(loadings.map(({ done }) => done));
  }

  #keep(kept: Map<string, Loading>, epoch: number, window: Window): void {
    const key = `${epoch}:${window.index}`;
    kept.set(key, this.#loading.get(key) ?? this.#load(epoch, window));
  }

  #load(epoch: number, window: Window): Loading {
    const read = async (): Promise<LoadedWindow> => {
      const packed = await this.#reader.read(window.pages);
      const order = windowOrder(this.#stored, window, this.#seed, epoch);
      return { ...window, packed, order: this.#inBatches(epoch, window, packed, order) };
    };
    const loading: Loading = { done: read(), loaded: null };
    loading.done.then(
      (loaded) => {
        loading.loaded = loaded;
      },
      // Whoever needs the window awaits `done` and meets the error there.
      () => undefined,
    );
    return loading;
  }

  /** Batches of texts of like lengths, where there are texts. */
  #inBatches(epoch: number, window: Window, packed: PackedRows, order: Uint32Array): Uint32Array {
    if (!this.#alike) return order;
    const { cuts, batch } = this.#alike;
    const begun = window.first % batch;
    const step = epoch * this.#windows(epoch).length + window.index;
    return inBatches(
      order,
      cuts.ofRows(packed),
      batch,
      begun === 0 ? 0 : Math.min(window.rows, batch - begun),
      (batches) => new Random(this.#seed).permutation(streams.batches, step, batches),
    );
  }

  #windows(epoch: number): Window[] {
    let windows = this.#epochs.get(epoch);
    if (windows === undefined) {
      windows = epochWindows(this.#stored, this.#seed, epoch);
      this.#epochs = new Map([...this.#epochs].slice(-1));
      this.#epochs.set(epoch, windows);
    }
    return windows;
  }

  async close(): Promise<void> {
    const pending = [...this.#loading.values()].map(({ done }) => done);
    this.#loading.clear();
    await Promise.allSettled(pending);
    await this.#reader.close();
  }
}
