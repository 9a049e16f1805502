// Named parameters and how each begins.
import { ElboError } from "../base/errors.ts";
import { BATCH, parameter, sizeOf, type Tensor } from "../graph/index.ts";
import { type Random, streams } from "../runtime/random.ts";

/**
 * How a parameter begins: all of one value; evenly within ±bound; or, where training gives rows, as what
 * `rows`, `(batch, …)`, is of as many of them as its first axis is long.
 */
export type Initializer = { value: number } | { uniform: number; rows?: Tensor };

export interface ParameterSpec {
  name: string;
  shape: readonly number[];
  initializer: Initializer;
}

/** Collects the parameters of a model while its graph is built. */
export class Parameters {
  readonly specs: ParameterSpec[] = [];
  readonly #tensors = new Map<string, Tensor>();
  /** What the layers of networks give of rows, by the layers' names. */
  readonly layers = new Map<string, Tensor>();

  /** The parameter of this name, made at the first call. */
  define(name: string, shape: readonly number[], initializer: Initializer): Tensor {
    const known = this.#tensors.get(name);
    if (known) return known;
    const tensor = parameter(name, shape);
    this.#tensors.set(name, tensor);
    this.specs.push({ name, shape, initializer });
    return tensor;
  }

  /** Keeps what a layer gives of rows under its name, at the first call, and returns it. */
  layer(name: string, output: Tensor): Tensor {
    if (output.shape[0] === BATCH && !this.layers.has(name)) this.layers.set(name, output);
    return output;
  }

  get count(): number {
    return this.specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  }

  /** The parameters whose names begin with `prefix`. */
  tensors(prefix = ""): Tensor[] {
    return this.specs
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name }) => this.#tensors.get(name)!);
  }

  /** First values of all parameters: the same for the same seed, whatever the device. */
  initialize(random: Random): Map<string, Float32Array> {
    return new Map(
      this.specs.map(({ name, shape, initializer }, index) => {
        const size = sizeOf(shape);
        if ("value" in initializer) return [name, new Float32Array(size).fill(initializer.value)];
        const values = random.uniform(streams.initialization, index, size);
        const { uniform: bound } = initializer;
        return [name, values.map((u) => (2 * u - 1) * bound)];
      }),
    );
  }

  /** Refuses weights that are not of this model. */
  check(weights: ReadonlyMap<string, { length: number }>): void {
    for (const { name, shape } of this.specs) {
      const received = weights.get(name)?.length;
      if (received === sizeOf(shape)) continue;
      throw new ElboError({
        code: "weights-mismatch",
        message: `the model's parameter ${name} has ${sizeOf(shape)} values, the weight file ${received ?? "does not hold it"}`,
        hint: "The weight file belongs to another model; use the run folder it came with.",
      });
    }
  }
}
