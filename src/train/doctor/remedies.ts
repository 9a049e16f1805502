// What training anew can do about what was found wrong: options in the place of those of the run.
import { isModelled, type Kind, type LikelihoodName } from "../../fields/field.ts";
import { HURDLE, hasHurdle, takesZero } from "../../fields/hurdle.ts";
import type { NumberOption } from "../../models/method-options.ts";
import { methods } from "../../models/methods/index.ts";
import type { RunConfig } from "../config.ts";
import { asksForOthers } from "../from-options.ts";
import type { TrainOptions } from "../options.ts";
import { told } from "./course.ts";

/** A rate that is far too high may need more than one step down, and each is a whole run. */
export const lowered = (learningRate: number) => Number(told(learningRate / 10));
export const raised = (learningRate: number) => Number(told(learningRate * 5));

export interface Remedy {
  /** In words. */
  words: string;
  options: Partial<TrainOptions>;
  /**
   * What held-out rows must say to keep the run: that it is better; no worse, where it is simpler; or
   * nothing, where their figures are of other columns or on another scale. Default `better`.
   */
  keeps?: "better" | "no-worse" | "always";
}

/** Of a run's configuration. */
export type Settings = Pick<RunConfig, "schema" | "model" | "training">;

/** What was found wrong beside its code. */
export interface Found {
  /** The column that it is about. */
  column?: string | undefined;
  /** Latents in use in the last epoch. */
  activeUnits?: number | null;
}

type OfRun = (settings: Settings, found: Found) => Remedy | null;

/** The likelihood of each kind that has the most shapes. */
const freest: Partial<Record<Kind, LikelihoodName>> = {
  real: "gaussian-mixture",
  positive: "gamma",
  count: "zero-inflated-negative-binomial",
};

/** Of images of bytes: masses, which no narrow scale makes large. */
export const BOUNDED_PIXELS = "discretized-logistic" satisfies LikelihoodName;

const slower = ({ training }: Settings): Remedy => {
  const learningRate = lowered(training.optimizer.learningRate);
  return { words: `--lr ${learningRate}`, options: { learningRate } };
};

/** The run's likelihoods with another for one field. */
function withLikelihood(
  { fields }: Settings["schema"],
  name: string,
  likelihood: LikelihoodName,
): Remedy {
  const given = Object.fromEntries(
    fields.flatMap((one) => (isModelled(one) ? [[one.name, one.likelihood]] : [])),
  );
  return {
    words: `--likelihood ${name}=${likelihood}`,
    options: { likelihood: { ...given, [name]: likelihood } },
  };
}

const heldBack = (config: Settings): Remedy => {
  const { words, options } = slower(config);
  return { words: `${words} --clip 1`, options: { ...options, clip: 1 } };
};

const remedies: Readonly<Record<string, OfRun>> = {
  "posterior-collapse": ({ training, model }) => {
    if (training.beta > 1) return { words: "--beta 1", options: { beta: 1 } };
    if (methods[model.method].ownKl !== undefined) return null;
    return { words: "--free-bits 0.5", options: { freeBits: 0.5 } };
  },
  "learning-rate-high": slower,
  "loss-not-finite": slower,
  "layer-dead": (config) => {
    const { words, options } = slower(config);
    const activation = "leakyRelu" as const;
    return { words: `${words} --activation ${activation}`, options: { ...options, activation } };
  },
  "learning-rate-low": ({ training }) => {
    const learningRate = raised(training.optimizer.learningRate);
    return { words: `--lr ${learningRate}`, options: { learningRate } };
  },
  "variance-exploding": heldBack,
  "input-unscaled": ({ schema, model }) => {
    const unscaled = schema.fields.some((field) => "scale" in field && field.scale === "none");
    if (!unscaled) return null;
    const remedy = { words: "--scale standardize", options: { scale: "standardize" } } as const;
    // Densities are of raw values, squared errors of scaled ones.
    return methods[model.method].probabilistic ? remedy : { ...remedy, keeps: "always" };
  },
  "variance-vanishing": (config) =>
    config.training.beta < 1 ? { words: "--beta 1", options: { beta: 1 } } : heldBack(config),
  "over-fitting": () => ({
    words: "--optimizer adamw --weight-decay 0.1",
    options: { optimizer: "adamw", weightDecay: 0.1 },
  }),
  "dead-codes": ({ model }) => {
    const { options } = methods[model.method];
    const revival = options["revival"] as NumberOption;
    if ((model.options["revival"] as number) < revival.default) {
      return ofMethod(model, { revival: revival.default });
    }
    const codes = model.options["codes"];
    return typeof codes === "number" && codes > 2
      ? ofMethod(model, { codes: Math.ceil(codes / 2) })
      : null;
  },
  // Densities of raw values compare whatever their family.
  "likelihood-misfit": ({ schema, training }, { column }) => {
    const field = schema.fields.find(({ name }) => name === column);
    if (!field || !isModelled(field)) return null;
    if (field.kind === "positive" && hasHurdle(field)) return null;
    const zeros = field.kind === "positive" && takesZero(field);
    const likelihood = zeros ? HURDLE : freest[field.kind];
    if (likelihood === undefined || likelihood === field.likelihood || training.validation === 0)
      return null;
    return withLikelihood(schema, field.name, likelihood);
  },
  "latent-small": ({ model }) => {
    const latent = 2 * model.latent;
    return { words: `--latent ${latent}`, options: { latent } };
  },
  "latent-large": (_, { activeUnits }) => {
    if (activeUnits == null) return null;
    const latent = activeUnits + 1;
    return { words: `--latent ${latent}`, options: { latent }, keeps: "no-worse" };
  },
  // The other columns are told from it in the place of a latent, and count again.
  "scale-degenerate": ({ schema }, { column }) => {
    const field = schema.fields.find(({ name }) => name === column);
    if (field?.kind === "image" && isModelled(field) && field.bytes) {
      return withLikelihood(schema, field.name, BOUNDED_PIXELS);
    }
    if (field?.kind !== "real" && field?.kind !== "positive") return null;
    const named = (role: string) =>
      schema.fields.flatMap((field) => (field.role === role ? [field.name] : []));
    const data = named("data");
    if (!data.includes(field.name) || data.length < 2) return null;
    return {
      words: `--condition ${field.name}, so that the elbo is of the other columns`,
      options: { condition: [...named("condition"), field.name] },
      keeps: "always",
    };
  },
};

function ofMethod(
  { options }: Settings["model"],
  changed: Readonly<Record<string, number>>,
): Remedy {
  const words = Object.entries(changed).map(([name, value]) => `--method-option ${name}=${value}`);
  return { words: words.join(" "), options: { methodOption: { ...options, ...changed } } };
}

/** What to train with instead; null where that is for a person to decide, or nothing is lost. */
export function remedyOf(code: string, settings: Settings, found: Found = {}): Remedy | null {
  return remedies[code]?.(settings, found) ?? null;
}

/**
 * The remedy that is to be tried of a run. What a run brings that training starts from is not changed.
 * @param tried codes whose remedies have been tried.
 */
export function remedyToTry(
  { from, ...settings }: Settings & Pick<RunConfig, "from">,
  tried: readonly string[],
  { code, ...found }: Found & { code: string },
): Remedy | null {
  const remedy = tried.includes(code) ? null : remedyOf(code, settings, found);
  return remedy && from !== null && asksForOthers(remedy.options) ? null : remedy;
}
