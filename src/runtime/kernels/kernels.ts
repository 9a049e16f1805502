// The checked face of the SIMD kernels: every slot's dtype, alignment and bounds are verified, then
// its address goes to the module.
import { ElboError } from "../../base/errors.ts";
import { byteLength, bytesPerElement, type DType, type Slot } from "../slots.ts";
import { type Draw, drawArguments } from "./draw.ts";
import type { KernelExports } from "./module.ts";

function wrong(message: string, hint: string): ElboError {
  return new ElboError({ code: "kernel-arguments", kind: "usage", message, hint });
}

/** A range of floats that an optimiser updates, and what it updates them with. */
export interface Update {
  readonly parameters: Slot<"float32">;
  readonly gradients: Slot<"float32">;
  /** Multiplies every gradient first: less than 1 where the global norm is clipped. */
  readonly gradientScale: number;
  readonly learningRate: number;
  /** λ of the L2 penalty: λ p is added to p's scaled gradient. */
  readonly weightDecay: number;
}

export class Kernels {
  readonly #module: KernelExports;
  readonly #bytes: number;

  constructor(module: KernelExports, bytes: number) {
    this.#module = module;
    this.#bytes = bytes;
  }

  /** Philox words: element i is word i & 3 of block i >> 2. */
  bits(target: Slot<"int32">, draw: Draw): void {
    const to = this.#address(target, "int32");
    this.#module.fill(0, to, target.length, ...drawArguments(draw, target.length));
  }

  /** Uniform in [0, 1): the top 24 bits of each element's word. */
  uniform(target: Slot<"float32">, draw: Draw): void {
    const to = this.#address(target, "float32");
    this.#module.fill(1, to, target.length, ...drawArguments(draw, target.length));
  }

  /**
   * Standard normal: the quantile of (word + ½) / 2³², within 1e-6 relative of the exact one, so
   * |value| <= 6.338. The same bits on every engine and processor.
   */
  normal(target: Slot<"float32">, draw: Draw): void {
    const to = this.#address(target, "float32");
    this.#module.fill(2, to, target.length, ...drawArguments(draw, target.length));
  }

  /**
   * target[i] = 1 with the probability probabilities[i], else 0. Bytes mean p / 255, resolved to
   * 2⁻³²; floats are resolved to 2⁻²⁴, and NaN gives 0. Probabilities 0 and 1 are certain.
   */
  bernoulli(target: Slot<"uint8">, probabilities: Slot<"uint8" | "float32">, draw: Draw): void {
    const to = this.#address(target, "uint8");
    const { dtype, length } = probabilities;
    if (dtype !== "uint8" && dtype !== "float32") {
      throw wrong(`probabilities are uint8 or float32; received ${dtype}`, "convert them first");
    }
    const from = this.#address(probabilities, dtype);
    this.#sameLength(target, probabilities);
    const size = dtype === "uint8" ? 0 : 2;
    this.#module.bernoulli(size, to, from, length, ...drawArguments(draw, length));
  }

  /** target += source, element by element. */
  accumulate(target: Slot<"float32">, source: Slot<"float32">): void {
    const to = this.#address(target, "float32");
    const from = this.#address(source, "float32");
    this.#sameLength(target, source);
    this.#module.accumulate(to, from, target.length);
  }

  /** Σ source², in float64 and always in the same order. */
  sumOfSquares(source: Slot<"float32">): number {
    return this.#module.sumOfSquares(this.#address(source, "float32"), source.length);
  }

  /** sums += the rows of `values`, each as long as `sums`; whole numbers of 32 bits. */
  addColumns(sums: Slot<"int32">, values: Slot<"uint8">): void {
    const to = this.#address(sums, "int32");
    const from = this.#address(values, "uint8");
    const rows = values.length / sums.length;
    if (!Number.isInteger(rows)) {
      throw wrong(
        `values are rows as long as the sums, ${sums.length}; received ${values.length} values`,
        "pass whole rows",
      );
    }
    this.#module.addColumns(to, from, rows, sums.length);
  }

  /** p ← p - η d, d = s g + λ p. */
  sgd(update: Update): void {
    const { gradientScale, learningRate, weightDecay } = update;
    const [p, g, length] = this.#updated(update);
    this.#module.sgd(p, g, length, gradientScale, learningRate, weightDecay);
  }

  /** v ← μ v + d; p ← p - η v, or with Nesterov p - η (d + μ v). */
  sgdMomentum(
    update: Update & { velocity: Slot<"float32">; momentum: number; nesterov: boolean },
  ): void {
    const { gradientScale, learningRate, weightDecay, momentum } = update;
    const [p, g, length] = this.#updated(update);
    this.#module.sgdMomentum(
      p,
      g,
      this.#moment(update, update.velocity),
      length,
      gradientScale,
      learningRate,
      weightDecay,
      momentum,
      update.nesterov ? 1 : 0,
    );
  }

  /** s ← α s + (1 - α) d²; p ← p - η d / (√s + ε), or through b ← μ b + d / (√s + ε). */
  rmsprop(
    update: Update & {
      second: Slot<"float32">;
      velocity?: Slot<"float32">;
      momentum: number;
      alpha: number;
      epsilon: number;
    },
  ): void {
    const { gradientScale, learningRate, weightDecay, alpha, epsilon, velocity } = update;
    const [p, g, length] = this.#updated(update);
    const second = this.#moment(update, update.second);
    const scalars = [gradientScale, learningRate, weightDecay, alpha, 1 - alpha, epsilon] as const;
    if (velocity === undefined) this.#module.rmsprop(p, g, second, length, ...scalars);
    else {
      const b = this.#moment(update, velocity);
      this.#module.rmspropMomentum(p, g, second, b, length, ...scalars, update.momentum);
    }
  }

  /** One step of Adam (`shrink` 1) or of AdamW (`weightDecay` 0, `shrink` 1 - η λ); see optimizers.ts. */
  adam(
    update: Update & {
      first: Slot<"float32">;
      second: Slot<"float32">;
      beta1: number;
      beta2: number;
      epsilon: number;
      /** Multiplies the parameters before the step. */
      shrink: number;
      /** Steps done, this one included: 1 at the first. */
      step: number;
    },
  ): void {
    const { gradientScale, learningRate, weightDecay, beta1, beta2, epsilon, shrink, step } =
      update;
    const [p, g, length] = this.#updated(update);
    this.#module.adam(
      p,
      g,
      this.#moment(update, update.first),
      this.#moment(update, update.second),
      length,
      gradientScale,
      weightDecay,
      shrink,
      1 - beta1,
      beta2,
      1 - beta2,
      learningRate / (1 - beta1 ** step),
      1 / Math.sqrt(1 - beta2 ** step),
      epsilon,
    );
  }

  #updated(update: Update): [p: number, g: number, length: number] {
    const p = this.#address(update.parameters, "float32");
    const g = this.#address(update.gradients, "float32");
    this.#sameLength(update.parameters, update.gradients);
    return [p, g, update.parameters.length];
  }

  #moment(update: Update, moment: Slot<"float32">): number {
    this.#sameLength(update.parameters, moment);
    return this.#address(moment, "float32");
  }

  #address(slot: Slot, dtype: DType): number {
    const { offset, length } = slot;
    if (slot.dtype !== dtype) {
      throw wrong(
        `this kernel takes ${dtype}; received ${slot.dtype}`,
        "pass a slot of that dtype",
      );
    }
    const aligned = Number.isSafeInteger(offset) && offset % bytesPerElement[dtype] === 0;
    const natural = Number.isSafeInteger(length) && length >= 0;
    if (!aligned || !natural || offset < 0 || offset + byteLength(slot) > this.#bytes) {
      throw wrong(
        `a slot lies inside its memory of ${this.#bytes} bytes, at a multiple of its element's size; received offset ${offset}, length ${length}`,
        "pass a slot that this memory's plan reserved, or a part of one",
      );
    }
    return offset;
  }

  #sameLength(a: Slot, b: Slot): void {
    if (a.length !== b.length) {
      throw wrong(
        `both slots have one length; received ${a.length} and ${b.length}`,
        "pass a pair",
      );
    }
  }
}
