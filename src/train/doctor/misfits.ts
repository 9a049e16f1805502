// Columns whose predicted distributions are not those of their values.
import { isModelled, likelihoods } from "../../fields/field.ts";
import { HURDLE, takesZero } from "../../fields/hurdle.ts";
import { type Diagnose, told } from "./course.ts";

/** The share of a column's rows that predictions put in the wrong place, from which it is told. */
const FAR = 0.2;
/** A spread of ranks from which on predictions are too wide, and not of another shape. */
const WIDE = 0.7;
/** A distance beyond what right predictions have by chance: in one column of 100,000 (Massart 1990). */
const byChance = (values: number) => Math.sqrt(Math.log(2e5) / (2 * values));

/** No density, or of values from 0 to 1 only. */
const UNFIT: readonly string[] = ["squared-error", "bernoulli", "continuous-bernoulli"];

export const misfits: Diagnose = ({ epochs, config }) => {
  const found = Object.entries(epochs.at(-1)?.figures.misfits ?? {})
    .filter(([, { distance, values }]) => distance > Math.max(FAR, byChance(values)))
    .sort(([, a], [, b]) => b.distance - a.distance);
  const [first] = found;
  if (!first) return null;
  const [name, { distance, spread }] = first;
  const field = config.schema.fields.find((one) => one.name === name);
  if (!field || !isModelled(field)) return null;
  const zeros = field.kind === "positive" && takesZero(field);
  const others = likelihoods[field.kind].filter((one) => {
    return one !== field.likelihood && !UNFIT.includes(one) && (zeros || one !== HURDLE);
  });
  const wide = spread < WIDE;
  const more = found.slice(1, 4).map(([other]) => other);
  return {
    code: "likelihood-misfit",
    column: name,
    what: `column ${name} has not the distribution that is predicted of it: ${told(100 * distance)} % of its held-out values lie elsewhere${more.length > 0 ? `; so do those of ${more.join(", ")}` : ""}`,
    why: wide
      ? `the likelihood ${field.likelihood} is wider than the values are about what latents tell`
      : `the likelihood ${field.likelihood} has no such shape: values that many rows share, tails, or two heaps`,
    remedy:
      wide && field.kind === "count"
        ? `Try --kind ${name}=real: no likelihood of counts is much narrower than a Poisson.`
        : `Try --likelihood ${name}=${others.join(" or ")}, or another --kind.`,
  };
};
