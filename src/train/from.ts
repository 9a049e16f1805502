// Starting from another run's weights: its fields and its architecture are the new run's, and what
// asks for others, or data with cells missing where it has no place for that, is refused.
import { ElboError } from "../base/errors.ts";
import { type FieldSchema, isModelled } from "../fields/field.ts";
import { parametersOf } from "../models/graphs.ts";
import type { ModelConfig } from "../models/model.ts";
import { loadModel, type Weights } from "./checkpoint.ts";
import type { RunConfig } from "./config.ts";
import { ofFields, ofModel } from "./from-options.ts";
import type { TrainOptions } from "./options.ts";
import { readRun } from "./run.ts";
import { resolveModel } from "./settings.ts";

export interface StartingRun {
  folder: string;
  config: RunConfig;
  /** The one of `config`, with what the KL is asked to be. */
  model: ModelConfig;
  weights: Weights;
}

function refused(code: string, message: string, hint: string): ElboError {
  return new ElboError({ code, kind: "usage", message, hint });
}

const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

/**
 * The run that training starts from.
 * @throws ElboError `options-contradict` for options about fields, `from-model` where another
 * architecture is asked for.
 */
export async function startingRun(folder: string, options: TrainOptions): Promise<StartingRun> {
  const config = await readRun(folder);
  const fields = ofFields.filter((name) => options[name] !== undefined).map(flagOf);
  if (fields.length > 0) {
    throw refused(
      "options-contradict",
      `--from ${folder} brings the run's own fields; it does not go with ${fields.join(", ")}`,
      "Leave them out, or train without --from.",
    );
  }
  const { method = config.model.method } = options;
  const own = method === config.model.method ? config.model.options : {};
  const methodOption = { ...own, ...options.methodOption };
  const asked = resolveModel({ ...options, method, methodOption }, config.schema);
  const differences = ofModel.flatMap(([option, key]) => {
    const [here, there] = [asked[key], config.model[key]].map((value) => JSON.stringify(value));
    const same = options[option] === undefined || here === there;
    return same ? [] : [`${flagOf(option)} is ${there ?? "none"} there, and ${here} was asked for`];
  });
  if (differences.length > 0) {
    throw refused(
      "from-model",
      `${folder} has another architecture: ${differences.join("; ")}`,
      "Leave those options out, or train without --from.",
    );
  }
  const { freeBits, freeBitsOf, capacity } = options;
  const ownKl = [freeBits, freeBitsOf, capacity].every((value) => value === undefined);
  const { weights } = await loadModel(folder);
  parametersOf(config.schema, config.model).check(weights);
  const model = { ...config.model, kl: ownKl ? config.model.kl : asked.kl };
  return { folder, config, model, weights };
}

/** Refuses new rows with missing cells in columns that had none: the network has no input for it. */
export function checkGaps(run: string, known: FieldSchema, found: FieldSchema): void {
  const gaps = known.fields.flatMap((field, i) => {
    const now = found.fields[i]!;
    return isModelled(field) && isModelled(now) && now.gaps && !field.gaps ? [field.name] : [];
  });
  if (gaps.length === 0) return;
  throw refused(
    "from-gaps",
    `the data has missing cells in ${gaps.join(", ")}, where those of ${run} had none`,
    "Leave out the rows with missing cells, or train without --from.",
  );
}
