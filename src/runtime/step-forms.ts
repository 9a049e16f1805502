// A step's graph on a device, in two forms: with convolutions laid out in blocks for batches of whole
// blocks, and as ONNX has them for others.
import { convolutionOperators, type OnnxModel, type Tensor, topological } from "../graph/index.ts";
import type { Buffer, Device, Executable } from "./device.ts";

/** A form of the step's graph, laid out in blocks of so many channels where it is not null. */
type Form = (block: number | null) => OnnxModel;

/** The device's blocks where the graph has convolutions; null where it has none, or the device. */
export async function blockFor(device: Device, outputs: readonly Tensor[]): Promise<number | null> {
  const convolves = topological(outputs).some(({ operator }) => convolutionOperators.has(operator));
  return (convolves && (await device.channelBlock?.())) || null;
}

export class StepForms {
  readonly #device: Device;
  readonly #threads: number;
  readonly #form: Form;
  readonly #block: number | null;
  readonly #executables = new Map<number | null, Promise<Executable>>();
  /** Runs by their number of rows: the whole batch, and the smaller last one. */
  readonly #bound = new Map<number, () => Promise<void>>();

  constructor(device: Device, threads: number, form: Form, block: number | null) {
    this.#device = device;
    this.#threads = threads;
    this.#form = form;
    this.#block = block;
  }

  /** Compiles what batches of so many rows take. */
  prepare(rows: number): Promise<Executable> {
    const block = this.#block !== null && rows % this.#block === 0 ? this.#block : null;
    let executable = this.#executables.get(block);
    if (!executable) {
      executable = this.#device.compile(this.#form(block), { threads: this.#threads });
      this.#executables.set(block, executable);
    }
    return executable;
  }

  async run(rows: number, buffers: Readonly<Record<string, Buffer>>): Promise<void> {
    let run = this.#bound.get(rows);
    if (!run) {
      run = (await this.prepare(rows)).bind(rows, buffers);
      this.#bound.set(rows, run);
    }
    await run();
  }

  async release(): Promise<void> {
    for (const executable of this.#executables.values()) await (await executable).release();
  }
}
