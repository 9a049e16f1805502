// The optimisers that people choose from: their settings with defaults, which moments each keeps,
// and the step on the CPU. PyTorch's semantics. ./optimizer-graph.ts has the same formulas as a graph.
import { ElboError } from "../base/errors.ts";
import type { Memory } from "./memory.ts";
import type { Slot } from "./slots.ts";

/**
 * Stochastic gradient descent. With d = s g + λ p (s the gradient scale):
 * v ← μ v + d, then p ← p - η v, or with Nesterov p ← p - η (d + μ v). v starts at 0.
 */
export interface SgdSettings {
  name: "sgd";
  /** η, default 1e-3. */
  learningRate: number;
  /** μ, default 0: no velocity is kept. */
  momentum: number;
  /** Default false. */
  nesterov: boolean;
  /** λ, default 0. */
  weightDecay: number;
}

/**
 * RMSprop (Hinton, lecture 6e). With d = s g + λ p:
 * v ← α v + (1 - α) d², u = d / (√v + ε), then p ← p - η u, or with momentum b ← μ b + u and
 * p ← p - η b. v and b start at 0.
 */
export interface RmspropSettings {
  name: "rmsprop";
  /** η, default 1e-2. */
  learningRate: number;
  /** α, default 0.99. */
  alpha: number;
  /** ε, default 1e-8. */
  epsilon: number;
  /** μ, default 0: no velocity is kept. */
  momentum: number;
  /** λ, default 0. */
  weightDecay: number;
}

/**
 * Adam (Kingma & Ba 2015), t the step from 1. With d = s g + λ p:
 * m ← m + (1 - β₁)(d - m), v ← β₂ v + (1 - β₂) d²,
 * p ← p - η/(1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε). m and v start at 0.
 */
export interface AdamSettings {
  name: "adam";
  /** η, default 1e-3. */
  learningRate: number;
  /** β₁, default 0.9. */
  beta1: number;
  /** β₂, default 0.999. */
  beta2: number;
  /** ε, default 1e-8; outside the root, after the bias correction. */
  epsilon: number;
  /** λ, default 0; for AdamW 1e-2. */
  weightDecay: number;
}

/** AdamW (Loshchilov & Hutter 2019): Adam with d = s g, after p ← (1 - η λ) p. */
export interface AdamWSettings extends Omit<AdamSettings, "name"> {
  name: "adamw";
}

export type OptimizerSettings = SgdSettings | RmspropSettings | AdamSettings | AdamWSettings;
export type OptimizerName = OptimizerSettings["name"];

/** The values that PyTorch 2 takes where none are given. */
export const optimizerDefaults: {
  readonly [N in OptimizerName]: Readonly<Extract<OptimizerSettings, { name: N }>>;
} = {
  sgd: { name: "sgd", learningRate: 1e-3, momentum: 0, nesterov: false, weightDecay: 0 },
  rmsprop: {
    name: "rmsprop",
    learningRate: 1e-2,
    alpha: 0.99,
    epsilon: 1e-8,
    momentum: 0,
    weightDecay: 0,
  },
  adam: {
    name: "adam",
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0,
  },
  adamw: {
    name: "adamw",
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 1e-2,
  },
};

export type MomentName = "first" | "second" | "velocity";

/** The buffers of the parameters' size, zero at first, that these settings need, in order. */
export function momentsOf(settings: OptimizerSettings): MomentName[] {
  switch (settings.name) {
    case "sgd":
      return settings.momentum > 0 ? ["velocity"] : [];
    case "rmsprop":
      return settings.momentum > 0 ? ["second", "velocity"] : ["second"];
    case "adam":
    case "adamw":
      return ["first", "second"];
    default:
      return settings satisfies never;
  }
}

/** A contiguous range of parameters, its gradients, and the moments that `momentsOf` names. */
export interface OptimizerSlots {
  readonly parameters: Slot<"float32">;
  readonly gradients: Slot<"float32">;
  readonly moments: Readonly<Partial<Record<MomentName, Slot<"float32">>>>;
}

/** Refuses settings outside the ranges that make sense. @throws ElboError `optimizer-setting`. */
export function checkOptimizer(settings: OptimizerSettings): void {
  const atLeastZero = ["learningRate", "weightDecay", "epsilon", "momentum"];
  for (const [key, value] of Object.entries(settings)) {
    if (typeof value !== "number") continue;
    const below = atLeastZero.includes(key) ? Number.POSITIVE_INFINITY : 1;
    if (value >= 0 && value < below) continue;
    throw new ElboError({
      code: "optimizer-setting",
      kind: "usage",
      message: `${settings.name}'s ${key} is a number in [0, ${below}); received ${value}`,
      hint: `leave it out for the default, ${Reflect.get(optimizerDefaults[settings.name], key)}`,
    });
  }
  if (settings.name === "sgd" && settings.nesterov && settings.momentum === 0) {
    throw new ElboError({
      code: "optimizer-setting",
      kind: "usage",
      message: "Nesterov's step needs a momentum above 0; received 0",
      hint: "set momentum to 0.9, or nesterov to false",
    });
  }
}

/** Refuses steps that the bias corrections do not know. @throws ElboError `optimizer-step`. */
export function checkStep(step: number): void {
  if (!Number.isSafeInteger(step) || step < 1) {
    throw new ElboError({
      code: "optimizer-step",
      kind: "usage",
      message: `steps are counted from 1, for the bias corrections; received ${step}`,
      hint: "pass the number of steps done, this one included",
    });
  }
}

/** Refuses limits that no norm is below. @throws ElboError `clip-limit` unless it is above 0. */
export function checkClipLimit(limit: number): void {
  if (!(limit > 0)) {
    throw new ElboError({
      code: "clip-limit",
      kind: "usage",
      message: `the limit of the gradients' norm is above 0; received ${limit}`,
      hint: "leave clipping out, or set a limit such as 1",
    });
  }
}

/**
 * One step, in place, of parameters and moments.
 * @param step steps done, this one included: 1 at the first.
 * @param gradientScale multiplies the gradients: `clipScale` gives it; default 1.
 */
export function applyOptimizer(
  memory: Memory,
  settings: OptimizerSettings,
  step: number,
  slots: OptimizerSlots,
  gradientScale = 1,
): void {
  checkStep(step);
  const { kernels } = memory;
  const { parameters, gradients } = slots;
  const { learningRate, weightDecay } = settings;
  const update = { parameters, gradients, gradientScale, learningRate, weightDecay };
  switch (settings.name) {
    case "sgd": {
      const { momentum, nesterov } = settings;
      if (momentum === 0) kernels.sgd(update);
      else {
        const velocity = moment(slots, "velocity");
        kernels.sgdMomentum({ ...update, velocity, momentum, nesterov });
      }
      break;
    }
    case "rmsprop": {
      const { alpha, epsilon, momentum } = settings;
      const second = moment(slots, "second");
      const velocity = momentum > 0 ? { velocity: moment(slots, "velocity") } : {};
      kernels.rmsprop({ ...update, second, ...velocity, alpha, epsilon, momentum });
      break;
    }
    case "adam":
    case "adamw": {
      const { beta1, beta2, epsilon } = settings;
      const decay =
        settings.name === "adam"
          ? { weightDecay, shrink: 1 }
          : { weightDecay: 0, shrink: 1 - learningRate * weightDecay };
      const first = moment(slots, "first");
      const second = moment(slots, "second");
      kernels.adam({ ...update, ...decay, first, second, beta1, beta2, epsilon, step });
      break;
    }
    default:
      settings satisfies never;
  }
}

function moment(slots: OptimizerSlots, name: MomentName): Slot<"float32"> {
  const slot = slots.moments[name];
  if (slot !== undefined) return slot;
  throw new ElboError({
    code: "optimizer-moment",
    kind: "usage",
    message: `this optimiser keeps the moment "${name}", and no slot for it was given`,
    hint: "reserve a slot of the parameters' length for every name that momentsOf returns",
  });
}

/**
 * The gradient scale that brings the global norm, √Σg² over all ranges, down to `limit`:
 * min(1, limit / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_ has it; and the norm itself,
 * before clipping. A norm that is no finite number is the caller's to catch: no scale mends it.
 * @throws ElboError `clip-limit` unless the limit is above 0.
 */
export function clipScale(
  memory: Memory,
  gradients: readonly Slot<"float32">[],
  limit: number,
): { scale: number; norm: number } {
  checkClipLimit(limit);
  const squares = gradients.map((slot) => memory.kernels.sumOfSquares(slot));
  const norm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
  return { scale: Math.min(1, limit / (norm + 1e-6)), norm };
}
