// Packed rows into the inputs of a graph: gaps masked, pixels binarised, and given their noise.
import type { FieldSchema, ImageField } from "../../fields/field.ts";
import {
  bitsInput,
  type GroupLayout,
  layoutOf,
  MISSING,
  maskInput,
  maskSize,
  type NoiseSort,
  noiseOf,
  noiseSorts,
  rowsInput,
  WEIGHTS,
} from "../../fields/layout.ts";
import type { PackedRows, PackedValues } from "../../fields/pack.ts";
import type { Memory, MemoryPlan } from "../../runtime/memory.ts";
import { streams } from "../../runtime/random.ts";
import { type Draws, Sequence } from "../../runtime/sequence.ts";
import { type Slot, subSlot } from "../../runtime/slots.ts";
import { type Choice, copyRows, maskFloats, maskIntegers, spreadRows } from "./spread.ts";

/** Which random numbers a batch takes: those of its rows' places, wherever it is computed. */
export interface BatchDraw {
  seed: number;
  /** The training step from 1, or 0 when evaluating. */
  step: number;
  /** The stream of the posterior's noise. */
  noiseStream: number;
  /** The place of the first row: in the whole batch, or in the data set when evaluating. */
  firstRow: number;
  /** Those of all rows, where they do not follow each other. */
  places?: ArrayLike<number>;
  /** Whether every row takes the model's noise of the first, whatever its place. Default false. */
  alike?: boolean;
}

/** Streams of further images, texts and noises, far from all others. */
const further = 256;

/** A group, and where grey pixels wait to become bits. */
interface Group {
  layout: GroupLayout;
  staging: Slot | null;
  bitsStream: number;
}

type Numbers = Float32Array | Int32Array | Uint8Array;

/** What a group fills in the inputs at hand; views cost more than small batches. */
interface Bound extends Group {
  slot: Slot | null;
  rows: Numbers | null;
  mask: Float32Array | null;
  bits: Slot<"uint8"> | null;
}

/** Reserves what it needs in `plan`, and fills the inputs once the memory is allocated. */
export class Feeder {
  readonly #groups: Group[] = [];
  readonly #batch: number;
  #memory: Memory | undefined;
  #inputs: ReadonlyMap<string, Slot> | undefined;
  #bound: Bound[] = [];
  #noises: { sort: NoiseSort; slot: Slot; stream: number }[] = [];
  #weights: Float32Array | null = null;

  /** @param batch rows of the inputs at most. */
  constructor(plan: MemoryPlan, schema: FieldSchema, batch: number) {
    this.#batch = batch;
    let images = 0;
    for (const layout of layoutOf(schema)) {
      const [first] = layout.fields as [GroupLayout["fields"][number]];
      const dynamic = first.kind === "image" && first.binarize === "dynamic";
      this.#groups.push({
        layout,
        staging: dynamic ? plan.reserve(layout.dtype, batch * layout.elements) : null,
        bitsStream: streams.binarize + further * images,
      });
      if (dynamic) images++;
    }
  }

  /** Rows at places [from, to) of the packed rows, in order, as the graph's inputs. */
  copy(
    memory: Memory,
    inputs: ReadonlyMap<string, Slot>,
    packed: PackedRows,
    from: number,
    to: number,
    draw: BatchDraw,
  ): void {
    this.place(memory, inputs, packed, { order: null, from, to }, 0);
    this.draw(memory, inputs, to - from, draw);
  }

  /** The rows chosen, from row `at` of the batch on; `draw` is due once all its rows are in place. */
  place(
    memory: Memory,
    inputs: ReadonlyMap<string, Slot>,
    packed: PackedRows,
    choice: Choice,
    at: number,
  ): void {
    this.#bind(memory, inputs);
    for (const bound of this.#bound) {
      if (bound.rows === null) continue;
      const source = packed.groups.get(bound.layout.name);
      if (source === undefined) throw new Error(`the group ${bound.layout.name} is not packed`);
      placeGroup(memory, bound, source, choice, at);
    }
    const { order, from, to } = choice;
    const [weights, own] = [this.#weights, packed.weights];
    if (weights === null) return;
    if (own === null) weights.fill(1, at, at + to - from);
    else
      for (let i = from; i < to; i++) weights[at + i - from] = own[order === null ? i : order[i]!]!;
  }

  /** Bits and noise for rows that are in place. */
  draw(memory: Memory, inputs: ReadonlyMap<string, Slot>, rows: number, draw: BatchDraw): void {
    this.#bind(memory, inputs);
    const { seed, step, firstRow } = draw;
    for (const { layout, bits, slot, staging, bitsStream } of this.#bound) {
      if (bits === null || rows === 0) continue;
      const { elements } = layout;
      const size = rows * elements;
      let brightness = subSlot(slot!, 0, size) as Slot<"uint8" | "float32">;
      const [{ bytes, low, high }] = layout.fields as [ImageField];
      if (!bytes) {
        const values = memory.view(brightness);
        brightness = subSlot(staging!, 0, size) as Slot<"float32">;
        const shares = memory.view(brightness);
        for (let i = 0; i < size; i++) shares[i] = (values[i]! - low) / (high - low);
      }
      memory.kernels.bernoulli(subSlot(bits, 0, size), brightness, {
        seed,
        stream: bitsStream,
        step,
        offset: firstRow * elements,
      });
    }
    this.noise(memory, inputs, rows, draw);
  }

  /** Draws the model's noise anew for rows that are in place. */
  noise(
    memory: Memory,
    inputs: ReadonlyMap<string, Slot>,
    rows: number,
    { seed, step, noiseStream, firstRow, places, alike = false }: BatchDraw,
  ): void {
    this.#bind(memory, inputs);
    for (const { sort, slot, stream } of this.#noises) {
      const width = slot.length / this.#batch;
      const target = subSlot(slot, 0, (alike ? 1 : rows) * width);
      const draw = { seed, stream: noiseStream + stream, step, offset: firstRow * width };
      if (sort === "permutation") {
        permute(memory.view(target as Slot<"int32">), width, new Sequence(seed, draw.stream, step));
      } else if (places) {
        for (let i = 0; i < rows; i++) {
          const own = subSlot(slot, i * width, width) as Slot<"float32">;
          memory.kernels[sort](own, { ...draw, offset: places[i]! * width });
        }
      } else memory.kernels[sort](target as Slot<"float32">, draw);
      if (!alike) continue;
      const all = memory.view(slot);
      for (let row = 1; row < rows; row++) all.copyWithin(row * width, 0, width);
    }
  }

  #bind(memory: Memory, inputs: ReadonlyMap<string, Slot>): void {
    if (memory === this.#memory && inputs === this.#inputs) return;
    this.#memory = memory;
    this.#inputs = inputs;
    this.#bound = this.#groups.map((group) => {
      const bits = (inputs.get(bitsInput(group.layout)) as Slot<"uint8"> | undefined) ?? null;
      const mask = inputs.get(maskInput(group.layout)) as Slot<"float32"> | undefined;
      // Without an input of their own, pixels are needed for their bits alone.
      const slot = inputs.get(rowsInput(group.layout)) ?? (bits ? group.staging : null);
      const rows = slot && memory.view(slot);
      return { ...group, slot, rows, mask: mask ? memory.view(mask) : null, bits };
    });
    this.#noises = [...inputs].flatMap(([name, slot]) => {
      const noise = noiseOf(name);
      if (noise === null) return [];
      const stream = further * (noiseSorts.length * noise.index + noiseSorts.indexOf(noise.sort));
      return [{ sort: noise.sort, slot, stream }];
    });
    const weights = inputs.get(WEIGHTS) as Slot<"float32"> | undefined;
    this.#weights = weights ? memory.view(weights) : null;
  }
}

function placeGroup(
  memory: Memory,
  { layout, slot, rows, mask }: Bound,
  source: PackedValues,
  choice: Choice,
  at: number,
): void {
  const { elements } = layout;
  if (source.type === "sparse") {
    spreadRows(rows as Float32Array, at, source, choice, elements, mask);
    return;
  }
  copyRows(rows!, at, source.values, choice, elements);
  const [start, end] = [at * elements, (at + choice.to - choice.from) * elements];
  if (rows instanceof Float32Array) {
    // The sum of squares is NaN where an element is: a faster look than one at each of them.
    const part = subSlot(slot as Slot<"float32">, start, end - start);
    if (Number.isNaN(memory.kernels.sumOfSquares(part))) maskFloats(rows, mask, start, end);
    else mask?.fill(1, start, end);
  } else if (rows instanceof Int32Array) {
    const cell = elements / maskSize(layout);
    if (rows.subarray(start, end).includes(MISSING)) maskIntegers(rows, mask, start, end, cell);
    else mask?.fill(1, start / cell, end / cell);
  }
}

/** Places in a matrix of `width` columns, each column's in a random order (Fisher and Yates). */
function permute(places: Int32Array, width: number, draws: Draws): void {
  for (let i = 0; i < places.length; i++) places[i] = i;
  const rows = places.length / width;
  for (let row = rows - 1; row > 0; row--) {
    for (let j = 0; j < width; j++) {
      const other = Math.min(row, Math.floor(draws.uniform() * (row + 1)));
      const [a, b] = [row * width + j, other * width + j];
      const place = places[a]!;
      places[a] = places[b]!;
      places[b] = place;
    }
  }
}
