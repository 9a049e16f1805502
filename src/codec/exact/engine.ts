// One WebAssembly memory with the values that stay, and room for those of a run: plans are made for
// each batch size when it is first met.
import { ElboError } from "../../base/errors.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { occupied } from "./arena.ts";
import { rootOf } from "./lower.ts";
import { type ExactKernels, instantiateExact } from "./module.ts";
import { makePlan, type Plan, type Residents } from "./plan.ts";
import { isMatrix, packedLength, sidesOf } from "./rules/linear.ts";

const PAGE = 65536;
const MOST_PAGES = 65536;
/** Plans of more batch sizes than any program has use for are forgotten together. */
const MOST_PLANS = 32;

/** The bits of float32 and int32 values. */
export type Bits = Int32Array;

export type Feed = (input: Tensor, length: number) => Bits;

export class Engine {
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES });
  readonly #kernels: ExactKernels;
  readonly #nodes: readonly Tensor[];
  readonly #outputs: readonly Tensor[];
  readonly #residents: Residents;
  readonly #plans = new Map<number, Plan>();

  /**
   * @param nodes what is to be computed, and the inputs, each after what it is of.
   * @param values of tensors that are the same at each run.
   */
  constructor(
    nodes: readonly Tensor[],
    outputs: readonly Tensor[],
    values: ReadonlyMap<Tensor, Bits>,
  ) {
    this.#kernels = instantiateExact(this.#memory);
    this.#nodes = nodes.filter((node) => !values.has(node));
    this.#outputs = outputs;
    this.#residents = this.#keep(values);
    // What cannot be computed is refused here, and not at a row in the middle of a file.
    this.#plan(1);
  }

  /** The outputs' bits. */
  run(feed: Feed, batch: number): Bits[] {
    const plan = this.#plan(batch);
    for (const [input, { address, length }] of plan.inputs) {
      this.#view(address, length).set(feed(input, length));
    }
    this.#view(plan.tableAddress, plan.tables.length).set(plan.tables);
    for (const step of plan.steps) step(plan.tableAddress);
    return plan.outputs.map(({ address, length }) => this.#view(address, length).slice());
  }

  #view(address: number, length: number): Bits {
    return new Int32Array(this.#memory.buffer as ArrayBuffer, address, length);
  }

  #plan(batch: number): Plan {
    const known = this.#plans.get(batch);
    if (known) return known;
    if (this.#plans.size >= MOST_PLANS) this.#plans.clear();
    const plan = makePlan(this.#kernels, this.#nodes, this.#outputs, this.#residents, batch);
    this.#grow(plan.bytes);
    this.#plans.set(batch, plan);
    return plan;
  }

  /** Lays down the values that stay: as they are, or packed where they are a product's matrix. */
  #keep(values: ReadonlyMap<Tensor, Bits>): Residents {
    const whole = new Set(this.#outputs.map(rootOf));
    const matrices = new Set<Tensor>();
    for (const node of this.#nodes) {
      for (const [i, input] of node.inputs.entries()) {
        const isRight = node.operator.name === "matmul" && i === 1 && isMatrix(input.shape);
        if (isRight && values.has(rootOf(input))) matrices.add(input);
        else whole.add(rootOf(input));
      }
    }
    let end = this.#kernels.reservedBytes.value as number;
    const lay = (elements: number) => {
      const at = end;
      end += occupied(elements);
      return at;
    };
    const kept = [...values].filter(([tensor]) => whole.has(tensor));
    const address = new Map(kept.map(([tensor, { length }]) => [tensor, lay(length)]));
    const packed = new Map(
      [...matrices].map((tensor) => [tensor, lay(packedLength(...sidesOf(tensor.shape)))]),
    );
    // Matrices are packed from beyond everything, where a run's values will be.
    const longest = Math.max(
      0,
      ...[...matrices].map((tensor) => values.get(rootOf(tensor))!.length),
    );
    this.#grow(end + occupied(longest));
    for (const [tensor, bits] of kept) this.#view(address.get(tensor)!, bits.length).set(bits);
    for (const [tensor, at] of packed) {
      const bits = values.get(rootOf(tensor))!;
      const [inner, columns] = sidesOf(tensor.shape);
      this.#view(end, bits.length).set(bits);
      this.#kernels.pack(at, end, inner, columns, 4 * columns, 4);
    }
    return { address, packed, end };
  }

  #grow(bytes: number): void {
    const pages = Math.ceil(bytes / PAGE) - this.#memory.buffer.byteLength / PAGE;
    if (pages <= 0) return;
    try {
      if (bytes > PAGE * MOST_PAGES) throw new RangeError("more than 32 bits address");
      this.#memory.grow(pages);
    } catch (cause) {
      throw new ElboError({
        code: "memory-unavailable",
        message: `exact computing needs ${bytes} bytes in one piece, of which a program can have ${PAGE * MOST_PAGES} at most`,
        hint: "Compute fewer rows at a time.",
        cause,
      });
    }
  }
}
