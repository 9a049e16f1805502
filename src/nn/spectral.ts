// Spectral normalisation (Miyato et al. 2018, Spectral Normalization for Generative Adversarial
// Networks, algorithm 1): a weight divided by its largest singular value, which one step of power
// iteration a training step follows.
import type { Tensor } from "../graph/index.ts";
import { type Initializer, Parameters } from "./parameters.ts";

/** Below this a vector has no direction. */
const LEAST = 1e-12;

function unit(x: Tensor): Tensor {
  return x.div(x.square().sum().add(LEAST).sqrt());
}

/** The parameters of another, whose weights under a prefix come divided by their norms. */
export class SpectralParameters extends Parameters {
  readonly #inner: Parameters;
  readonly #prefix: string;
  readonly #normalized = new Map<string, Tensor>();
  /** The vectors of the power iteration, one step on. */
  readonly assignments: { parameter: Tensor; value: Tensor }[] = [];

  constructor(inner: Parameters, prefix: string) {
    super();
    this.#inner = inner;
    this.#prefix = prefix;
  }

  override define(name: string, shape: readonly number[], initializer: Initializer): Tensor {
    const weight = this.#inner.define(name, shape, initializer);
    if (!name.startsWith(this.#prefix) || !name.endsWith(".weight")) return weight;
    const known = this.#normalized.get(name);
    if (known) return known;
    const [rows, ...rest] = shape as [number, ...number[]];
    const matrix = weight.reshape([rows, rest.reduce((product, d) => product * d, 1)]);
    const u = this.#inner.define(`${name}.u`, [1, rows], { uniform: 1 });
    const fixed = matrix.stopGradient();
    const v = unit(unit(u).matmul(fixed));
    const next = unit(v.matmul(fixed.transpose()));
    // What begins at 0 is held below 1 alone: brought up to it, a residual block would begin loud.
    const norm = next
      .matmul(matrix)
      .mul(v)
      .sum()
      .maximum("value" in initializer ? 1 : LEAST);
    const normalized = weight.div(norm);
    this.assignments.push({ parameter: u, value: next });
    this.#normalized.set(name, normalized);
    return normalized;
  }
}
