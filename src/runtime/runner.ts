// Runs a graph over many rows: buffers for one batch in a memory of its own, filled by the caller.
import type { OnnxModel } from "../graph/index.ts";
import { concreteShape } from "../graph/index.ts";
import type { Buffer, Device, Executable } from "./device.ts";
import { type Memory, MemoryPlan } from "./memory.ts";
import type { Slot } from "./slots.ts";

/**
 * ONNX Runtime's cpu takes other instructions for log, exp and the like at the end of an array than
 * inside it. With batches of a multiple of this many rows all of it is inside, so that a row's
 * result is the same bits wherever the row stands.
 */
const WHOLE = 16;

/** The least number of rows that are a whole batch: what feeders and runners of one graph hold. */
export const wholeBatch = (rows: number) => Math.ceil(rows / WHOLE) * WHOLE;

/** A compiled model with its inputs and outputs in memory. */
export class Runner {
  readonly memory: Memory;
  readonly inputs: ReadonlyMap<string, Slot>;
  /** Most rows in a run; outputs are as long as so many rows make them. */
  readonly batch: number;
  readonly #outputs: ReadonlyMap<string, Slot>;
  readonly #executable: Executable;
  readonly #buffers: Record<string, Buffer>;
  readonly #sumsRows: boolean;
  readonly #carried: ReadonlyMap<string, string>;
  #turn = 0;
  readonly #bound = new Map<string, () => Promise<void>>();

  private constructor(
    executable: Executable,
    memory: Memory,
    inputs: Map<string, Slot>,
    outputs: Map<string, Slot>,
    weights: Readonly<Record<string, Buffer>>,
    batch: number,
    sumsRows: boolean,
    carried: ReadonlyMap<string, string>,
  ) {
    this.batch = batch;
    this.#carried = carried;
    this.#sumsRows = sumsRows;
    this.#executable = executable;
    this.memory = memory;
    this.inputs = inputs;
    this.#outputs = outputs;
    const views = [...inputs, ...outputs].map(([name, slot]) => [name, memory.view(slot)]);
    this.#buffers = { ...Object.fromEntries(views), ...weights };
  }

  /**
   * @param plan may hold other tensors already; it is allocated here.
   * @param weights the model's parameters where it takes them as inputs; later changes of these
   * arrays are seen by later runs.
   */
  static async create(
    device: Device,
    model: OnnxModel,
    options: {
      batch: number;
      threads: number;
      plan?: MemoryPlan;
      /**
       * Whether the graph sums over rows, so that none may be computed beside those asked for.
       * Default false.
       */
      sumsRows?: boolean;
      /** Outputs that are the next run's inputs, each with the input's name. Default none. */
      carried?: ReadonlyMap<string, string>;
      weights?: ReadonlyMap<string, Float32Array>;
    },
  ): Promise<Runner> {
    const plan = options.plan ?? new MemoryPlan();
    const batch = options.sumsRows ? options.batch : wholeBatch(options.batch);
    const reserve = (specs: OnnxModel["inputs"]) =>
      new Map(
        specs.map(({ name, dtype, shape }): [string, Slot] => {
          const size = concreteShape(shape, batch).reduce((a, b) => a * b, 1);
          return [name, plan.reserve(dtype === "bool" ? "uint8" : dtype, size)];
        }),
      );
    const [inputs, outputs] = [reserve(model.inputs), reserve(model.outputs)];
    const executable = await device.compile(model, { threads: options.threads });
    const weights = Object.fromEntries(options.weights ?? []);
    return new Runner(
      executable,
      plan.allocate(),
      inputs,
      outputs,
      weights,
      batch,
      options.sumsRows ?? false,
      options.carried ?? new Map(),
    );
  }

  /** Runs on the first `rows` rows of the inputs. */
  async run(rows: number): Promise<void> {
    const batch = this.#sumsRows ? rows : wholeBatch(rows);
    const key = `${batch}/${this.#turn}`;
    let run = this.#bound.get(key);
    if (!run) {
      run = this.#executable.bind(batch, this.#inTurn());
      this.#bound.set(key, run);
    }
    await run();
    if (this.#carried.size > 0) this.#turn = 1 - this.#turn;
  }

  /** What is carried is read from where the last run wrote it, and written where that one read. */
  #inTurn(): Record<string, Buffer> {
    const buffers = { ...this.#buffers };
    if (this.#turn === 0) return buffers;
    for (const [output, input] of this.#carried) {
      [buffers[output], buffers[input]] = [buffers[input]!, buffers[output]!];
    }
    return buffers;
  }

  /** Makes what the next run is carried zeros. */
  clear(): void {
    const buffers = this.#inTurn();
    for (const input of this.#carried.values()) buffers[input]!.fill(0);
  }

  has(name: string): boolean {
    return this.#outputs.has(name);
  }

  /** The float32 output of this name, in place: valid until the next run. */
  output(name: string): Float32Array {
    return this.memory.view(this.#outputs.get(name) as Slot<"float32">);
  }

  release(): Promise<void> {
    return this.#executable.release();
  }
}
