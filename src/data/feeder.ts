// Rows into the inputs of a graph: gathered or copied, binarised, and given their noise.
import { BITS, NOISE, ROWS } from "../fields/encoding.ts";
import { rowLength, type Schema } from "../fields/schema.ts";
import type { Memory, MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { type Slot, subSlot } from "../runtime/slots.ts";

/** Rows of one data set, row-major. */
export interface RowValues {
  values: Float32Array | Uint8Array;
  rows: number;
}

/** Which random numbers a batch takes: those of its rows' places, wherever it is computed. */
export interface BatchDraw {
  seed: number;
  /** The training step from 1, or 0 when evaluating. */
  step: number;
  /** The stream of the posterior's noise. */
  noiseStream: number;
  /** The place of the first row: in the whole batch, or in the data set when evaluating. */
  firstRow: number;
}

/** Reserves what it needs in `plan`, and fills the inputs once the memory is allocated. */
export class Feeder {
  readonly #rowLength: number;
  readonly #dynamic: boolean;
  readonly #staging: Slot | undefined;
  readonly #resident: Slot | undefined;
  readonly #indices: Slot<"int32">;
  readonly #data: RowValues;
  readonly #batch: number;

  /** @param resident whether the whole data set is kept in the memory, to be gathered from. */
  constructor(
    plan: MemoryPlan,
    schema: Schema,
    data: RowValues,
    batch: number,
    { resident }: { resident: boolean },
  ) {
    this.#rowLength = rowLength(schema);
    this.#dynamic = schema.kind === "image" && schema.fields[0].binarize === "dynamic";
    this.#data = data;
    this.#batch = batch;
    const dtype = data.values instanceof Uint8Array ? "uint8" : "float32";
    this.#staging = this.#dynamic ? plan.reserve(dtype, batch * this.#rowLength) : undefined;
    this.#resident = resident ? plan.reserve(dtype, data.values.length) : undefined;
    this.#indices = plan.reserve("int32", batch);
  }

  /** Copies the data set into the memory; needed once, before `gather`. */
  load(memory: Memory): void {
    if (this.#resident) memory.view(this.#resident).set(this.#data.values);
  }

  /** The rows `indices[from]`, … `indices[to − 1]` as the graph's inputs. */
  gather(
    memory: Memory,
    inputs: ReadonlyMap<string, Slot>,
    indices: Uint32Array | Int32Array,
    [from, to]: readonly [number, number],
    draw: BatchDraw,
  ): void {
    const rows = to - from;
    if (rows === 0) return;
    const places = subSlot(this.#indices, 0, rows);
    memory.view(places).set(indices.subarray(from, to));
    const target = this.#target(inputs, rows);
    memory.kernels.gatherRows(target, this.#resident!, places, this.#rowLength);
    this.#draw(memory, inputs, rows, draw);
  }

  /** Rows `start` to `start + rows − 1` of the data set as the graph's inputs. */
  copy(
    memory: Memory,
    inputs: ReadonlyMap<string, Slot>,
    start: number,
    rows: number,
    draw: BatchDraw,
  ): void {
    const size = this.#rowLength;
    const part = this.#data.values.subarray(start * size, (start + rows) * size);
    memory.view(this.#target(inputs, rows)).set(part);
    this.#draw(memory, inputs, rows, draw);
  }

  #target(inputs: ReadonlyMap<string, Slot>, rows: number): Slot {
    const slot = this.#dynamic && inputs.has(BITS) ? this.#staging! : inputs.get(ROWS)!;
    return subSlot(slot, 0, rows * this.#rowLength);
  }

  #draw(
    memory: Memory,
    inputs: ReadonlyMap<string, Slot>,
    rows: number,
    { seed, step, noiseStream, firstRow }: BatchDraw,
  ): void {
    const bits = inputs.get(BITS) as Slot<"uint8"> | undefined;
    if (bits) {
      const size = rows * this.#rowLength;
      const offset = firstRow * this.#rowLength;
      const brightness = subSlot(this.#staging as Slot<"uint8">, 0, size);
      memory.kernels.bernoulli(subSlot(bits, 0, size), brightness, {
        seed,
        stream: streams.binarize,
        step,
        offset,
      });
    }
    this.noise(memory, inputs, rows, { seed, step, noiseStream, firstRow });
  }

  /** Draws the posterior's noise anew for rows that are in place. */
  noise(
    memory: Memory,
    inputs: ReadonlyMap<string, Slot>,
    rows: number,
    { seed, step, noiseStream, firstRow }: BatchDraw,
  ): void {
    const noise = inputs.get(NOISE) as Slot<"float32"> | undefined;
    if (!noise) return;
    const latent = noise.length / this.#batch;
    memory.kernels.normal(subSlot(noise, 0, rows * latent), {
      seed,
      stream: noiseStream,
      step,
      offset: firstRow * latent,
    });
  }
}
