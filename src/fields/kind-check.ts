// Whether the values of a column can be what they are declared to be.

import { ElboError } from "../base/errors.ts";
import { counted } from "../base/words.ts";
import { levelsOf } from "./build-field.ts";
import { type ColumnProfile, type NumberProfile, presentCells } from "./column-profile.ts";
import type { Origin } from "./columns.ts";
import {
  type Binarize,
  hasLikelihood,
  type Kind,
  kinds,
  type LikelihoodName,
  likelihoods,
} from "./field.ts";
import { columnNamed } from "./words.ts";

/** Why the values cannot be, and the row of one that shows it, from 1. */
interface Reason {
  received: string;
  row?: number | undefined;
}

const rules: Record<Kind, string> = {
  real: "numbers",
  positive: "numbers of at least 0",
  count: "whole numbers of at least 0",
  binary: "0 and 1, or false and true",
  categorical: "texts or numbers that repeat",
  ordinal: "texts or numbers that repeat",
  image: "images",
  vector: "arrays of numbers",
  text: "texts",
  time: "dates or times",
};

function numbersAgainst(profile: NumberProfile, kind: Kind): Reason | undefined {
  const { min, max, whole, firstNegative, firstFraction, levels } = profile;
  const negative = { received: `a number below 0 (the least is ${min})`, row: firstNegative };
  const fraction = { received: "a number that is not whole", row: firstFraction };
  switch (kind) {
    case "real":
      return undefined;
    case "positive":
      if (min < 0) return negative;
      return max > 0 ? undefined : { received: "zeros alone" };
    case "count":
      return min < 0 ? negative : whole ? undefined : fraction;
    case "binary":
      return levels?.every(({ value }) => value === 0 || value === 1)
        ? undefined
        : { received: `numbers from ${min} to ${max}` };
    case "categorical":
    case "ordinal":
      return levels !== null
        ? undefined
        : { received: `about ${counted(profile.distinct.count, "different number")}` };
    case "image":
    case "vector":
    case "text":
    case "time":
      return { received: "numbers" };
    default:
      return kind satisfies never;
  }
}

function reasonAgainst(profile: ColumnProfile, kind: Kind): Reason | undefined {
  if (profile.type === "number") return numbersAgainst(profile, kind);
  if (profile.type !== "text") {
    const received = { time: "dates or times", vector: "arrays of numbers", image: "images" };
    return kind === profile.type ? undefined : { received: received[profile.type] };
  }
  if (kind === "text") return undefined;
  const { levels, distinct, mixed } = profile;
  if (kind === "categorical" || kind === "ordinal") {
    return levels !== null ? undefined : { received: counted(distinct.count, "different text") };
  }
  if (mixed === undefined || mixed.texts === 0) {
    const example = levels?.[0] ? ` such as ${JSON.stringify(levels[0].value)}` : "";
    return { received: `texts${example}` };
  }
  // The example is of the rarer sort.
  const text = mixed.texts <= mixed.numbers ? ` such as ${JSON.stringify(mixed.example.text)}` : "";
  const row = text === "" ? undefined : mixed.example.row;
  return { received: `texts among the numbers${text}`, row };
}

/** The kinds that the values of a column can be. */
export const possibleKinds = (profile: ColumnProfile): Kind[] =>
  kinds.filter((kind) => reasonAgainst(profile, kind) === undefined);

/** Throws `levels-absent` where none of the levels that were given occurs. */
function checkLevels(source: string, profile: ColumnProfile, levels: readonly string[]): void {
  const seen = levelsOf(profile);
  if (seen.length === 0 || seen.some((level) => levels.includes(level))) return;
  const some = (all: readonly string[]) =>
    `${all
      .slice(0, 3)
      .map((level) => JSON.stringify(level))
      .join(", ")}${all.length > 3 ? ", ..." : ""}`;
  throw new ElboError({
    code: "levels-absent",
    kind: "usage",
    message: `${source}: none of the levels declared of ${columnNamed(profile.name)} (${some(levels)}) occurs in it; it holds ${some(seen)}`,
    hint: "write the levels as they stand in the data, or leave them out",
    where: { file: source, column: profile.name },
  });
}

/** The way to have texts or numbers read as dates, with the format that they may have, or an example. */
function howWritten(profile: ColumnProfile): string {
  if (profile.type !== "text" && profile.type !== "number") return "";
  const formats = profile.type === "text" ? profile.notation?.formats : undefined;
  const format = `${profile.name}=${formats?.[0] ?? "%d/%m/%Y"}`;
  return `if they are dates, say how they are written: --time-format ${JSON.stringify(format)}; else `;
}

/** Throws `kind-impossible` where the values cannot be of the kind. */
export function checkKind(
  origin: Origin,
  profile: ColumnProfile,
  kind: Kind,
  levels?: readonly string[],
): void {
  const leveled = kind === "categorical" || kind === "ordinal";
  const table = profile.type === "number" || profile.type === "text";
  // Levels that are given need not be counted.
  if (leveled && table && levels !== undefined) {
    checkLevels(origin.source, profile, levels);
    return;
  }
  const reason = reasonAgainst(profile, kind);
  if (reason === undefined) return;
  const { source } = origin;
  const { received, row } = reason;
  const fileRow = row === undefined ? undefined : origin.locate?.(row).row;
  const at =
    fileRow !== undefined ? `, row ${fileRow}` : row !== undefined ? `, data row ${row}` : "";
  throw new ElboError({
    code: "kind-impossible",
    kind: "usage",
    message: `${source}${at}: a ${kind} column holds ${rules[kind]}; ${columnNamed(profile.name)} holds ${received}`,
    hint: `${kind === "time" ? howWritten(profile) : ""}declare it ${possibleKinds(profile).join(", ")}, or correct the values`,
    where: {
      file: source,
      column: profile.name,
      ...(fileRow === undefined ? {} : { row: fileRow }),
    },
  });
}

/** A Bernoulli of a real column speaks of values from 0 to 1. */
function checkUnitRange(profile: ColumnProfile, kind: Kind, likelihood: LikelihoodName): void {
  if (kind !== "real" || !likelihood.endsWith("bernoulli") || profile.type !== "number") return;
  if (profile.min >= 0 && profile.max <= 1) return;
  throw new ElboError({
    code: "likelihood-range",
    kind: "usage",
    message: `${columnNamed(profile.name)} has values from ${profile.min} to ${profile.max}; the likelihood "${likelihood}" is of values from 0 to 1`,
    hint: "bring the values between 0 and 1, or choose another likelihood, such as gaussian",
  });
}

/** Throws `likelihood-unfit` where a kind lacks the likelihood. */
export function checkLikelihood(
  profile: ColumnProfile,
  kind: Kind,
  likelihood: LikelihoodName,
): void {
  if (hasLikelihood(kind, likelihood)) {
    checkUnitRange(profile, kind, likelihood);
    return;
  }
  const has: readonly string[] = likelihoods[kind];
  const others = possibleKinds(profile).filter((other) => hasLikelihood(other, likelihood));
  const remedy = others.map((other) => `--kind ${JSON.stringify(`${profile.name}=${other}`)}`);
  throw new ElboError({
    code: "likelihood-unfit",
    kind: "usage",
    message: `${columnNamed(profile.name)} is ${kind} and takes ${has.join(", ")}; received "${likelihood}"`,
    hint:
      remedy.length > 0
        ? `choose one of these, or declare its kind: ${remedy.join(" or ")}`
        : `choose ${has.length > 1 ? "one of these" : "this"}, or leave it out`,
  });
}

const ofBytes: readonly LikelihoodName[] = [
  "discretized-logistic",
  "discretized-logistic-mixture",
  "beta-binomial",
  "categorical",
];

/** Throws `likelihood-unfit` where a likelihood speaks of 256 grey levels and would be given bits. */
export function checkBits(
  { name }: ColumnProfile,
  likelihood: LikelihoodName,
  binarize: Binarize,
): void {
  if (binarize === "none" || !ofBytes.includes(likelihood)) return;
  throw new ElboError({
    code: "likelihood-unfit",
    kind: "usage",
    message: `the likelihood "${likelihood}" gives each of 256 grey levels a probability; ${columnNamed(name)} is made bits by binarize ${binarize}`,
    hint: "choose the likelihood bernoulli for bits, or binarize none for grey levels",
  });
}

/** Throws `weight-invalid` unless a column can weigh rows. */
export function checkWeight({ source, locate }: Origin, profile: ColumnProfile): void {
  const { name, missing } = profile;
  const negative = profile.type === "number" ? profile.firstNegative : undefined;
  const received =
    profile.type !== "number"
      ? `${profile.type} values`
      : negative !== undefined
        ? `a number below 0 (${locate ? `row ${locate(negative).row}` : `data row ${negative}`})`
        : missing > 0
          ? counted(missing, "missing cell")
          : presentCells(profile) === 0 || profile.max === 0
            ? "zeros alone"
            : undefined;
  if (received === undefined) return;
  throw new ElboError({
    code: "weight-invalid",
    kind: "usage",
    message: `${source}: weights of rows are numbers of at least 0, one for every row and not all 0; ${columnNamed(name)} holds ${received}`,
    hint: "correct the column, or weigh the rows by another",
    where: { file: source, column: name },
  });
}
