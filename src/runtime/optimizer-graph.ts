// The optimisers of ./optimizers.ts as part of a graph, for devices that keep parameters and
// moments in their own memory. The same formulas, with the same order of operations.
import { input, type Tensor } from "../graph/index.ts";
import {
  checkClipLimit,
  checkStep,
  type MomentName,
  type OptimizerSettings,
} from "./optimizers.ts";

/** The scalars that an update takes at each step. */
const rateNames = ["rate", "shrink", "inverseRootCorrection"] as const;
type RateName = (typeof rateNames)[number];

/** Their inputs; names that no graph of a model has. */
const rates = Object.fromEntries(
  rateNames.map((name) => [name, input(`optimizer/${name}`, [])]),
) as Record<RateName, Tensor>;

/** The inputs that the update with these settings takes. */
export function rateInputs(settings: OptimizerSettings): Tensor[] {
  switch (settings.name) {
    case "sgd":
    case "rmsprop":
      return [rates.rate];
    case "adam":
      return [rates.rate, rates.inverseRootCorrection];
    case "adamw":
      return [rates.rate, rates.inverseRootCorrection, rates.shrink];
    default:
      return settings satisfies never;
  }
}

/**
 * The values of `rateInputs`, in its order, for one step, counted from 1.
 * @throws ElboError `optimizer-step` for other steps.
 */
export function rateValues(settings: OptimizerSettings, step: number): number[] {
  checkStep(step);
  const { learningRate, weightDecay } = settings;
  switch (settings.name) {
    case "sgd":
    case "rmsprop":
      return [learningRate];
    case "adam":
    case "adamw": {
      const rate = learningRate / (1 - settings.beta1 ** step);
      const inverseRootCorrection = 1 / Math.sqrt(1 - settings.beta2 ** step);
      const values = [rate, inverseRootCorrection];
      return settings.name === "adam" ? values : [...values, 1 - learningRate * weightDecay];
    }
    default:
      return settings satisfies never;
  }
}

/** A parameter and its moments, before a step or after it. */
export interface Updated {
  parameter: Tensor;
  moments: Readonly<Partial<Record<MomentName, Tensor>>>;
}

/** One step of the optimiser on a parameter with this (clipped) gradient. */
export function updateTensors(
  settings: OptimizerSettings,
  { parameter, moments }: Updated,
  gradient: Tensor,
): Updated {
  const { weightDecay } = settings;
  const coupled = settings.name !== "adamw" && weightDecay > 0;
  const d = coupled ? gradient.add(parameter.mul(weightDecay)) : gradient;
  const moved = (direction: Tensor) => parameter.sub(direction.mul(rates.rate));
  switch (settings.name) {
    case "sgd": {
      const { momentum, nesterov } = settings;
      if (momentum === 0) return { parameter: moved(d), moments: {} };
      const velocity = moments.velocity!.mul(momentum).add(d);
      const direction = nesterov ? d.add(velocity.mul(momentum)) : velocity;
      return { parameter: moved(direction), moments: { velocity } };
    }
    case "rmsprop": {
      const { alpha, epsilon, momentum } = settings;
      const second = moments.second!.mul(alpha).add(d.square().mul(1 - alpha));
      const u = d.div(second.sqrt().add(epsilon));
      if (momentum === 0) return { parameter: moved(u), moments: { second } };
      const velocity = moments.velocity!.mul(momentum).add(u);
      return { parameter: moved(velocity), moments: { second, velocity } };
    }
    case "adam":
    case "adamw": {
      const { beta1, beta2, epsilon } = settings;
      const first = moments.first!.add(d.sub(moments.first!).mul(1 - beta1));
      const second = moments.second!.mul(beta2).add(d.square().mul(1 - beta2));
      const root = second.sqrt().mul(rates.inverseRootCorrection);
      const step = first.div(root.add(epsilon)).mul(rates.rate);
      const kept = settings.name === "adam" ? parameter : parameter.mul(rates.shrink);
      return { parameter: kept.sub(step), moments: { first, second } };
    }
    default:
      return settings satisfies never;
  }
}

/** Gradients of which the norm over all is at most `limit`; as `clipScale` of ./optimizers.ts. */
export function clipped(gradients: readonly Tensor[], limit: number): Tensor[] {
  checkClipLimit(limit);
  const squares = gradients.map((gradient) => gradient.square().sum());
  const norm = squares.reduce((sum, square) => sum.add(square)).sqrt();
  const scale = norm.add(1e-6).reciprocal().mul(limit).minimum(1);
  return gradients.map((gradient) => gradient.mul(scale));
}
