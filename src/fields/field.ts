// What a column of the data is to a model: its kind, its role, its likelihood, and the statistics
// that bring raw values to the network's scale and back.

/** `data` is encoded and decoded; `target` decoded only; `condition` given to both networks. */
export type Role = "data" | "target" | "condition" | "id" | "ignore" | "weight";
export const roles: readonly Role[] = ["data", "target", "condition", "id", "ignore", "weight"];

/** The likelihoods of each kind, the default first; an autoencoder's squared error beside them. */
export const likelihoods = {
  // The last two are of values from 0 to 1, which enter as they are.
  real: [
    "gaussian",
    "student-t",
    "laplace",
    "gaussian-mixture",
    "squared-error",
    "bernoulli",
    "continuous-bernoulli",
  ],
  positive: ["log-normal", "hurdle-log-normal", "gamma", "squared-error"],
  count: ["negative-binomial", "poisson", "zero-inflated-negative-binomial", "squared-error"],
  binary: ["bernoulli"],
  categorical: ["categorical"],
  ordinal: ["ordinal"],
  image: [
    "bernoulli",
    "continuous-bernoulli",
    "gaussian",
    "discretized-logistic",
    "discretized-logistic-mixture",
    "beta-binomial",
    "categorical",
    "squared-error",
  ],
  vector: ["gaussian", "negative-binomial", "squared-error"],
  text: ["categorical"],
  time: ["gaussian", "student-t", "laplace", "squared-error"],
} as const;

export type Kind = keyof typeof likelihoods;
export const kinds = Object.keys(likelihoods) as Kind[];
export type LikelihoodOf<K extends Kind> = (typeof likelihoods)[K][number];
export type LikelihoodName = LikelihoodOf<Kind>;

export const hasLikelihood = (kind: Kind, likelihood: LikelihoodName): boolean =>
  (likelihoods[kind] as readonly string[]).includes(likelihood);

/** How real columns enter the network: to mean 0 and deviation 1, by their ranks, or as they are. */
export type Scale = "standardize" | "quantile" | "none";
export const scales: readonly Scale[] = ["standardize", "quantile", "none"];

/** How pixels become bits: not at all, by ½, or drawn anew with their brightness at each step. */
export type Binarize = "none" | "threshold" | "dynamic";
export const binarizations: readonly Binarize[] = ["none", "threshold", "dynamic"];

interface Common<K extends Kind> {
  name: string;
  kind: K;
  role: "data" | "target" | "condition";
  likelihood: LikelihoodOf<K>;
  /** Cells are missing in the training rows: the encoder sees a mask beside the values. */
  gaps: boolean;
  /** Words and numbers that mean "missing" in the column, beside those of every file. */
  missing?: readonly string[];
}

export interface RealField extends Common<"real"> {
  scale: Scale;
  mean: number;
  /** 1 where the column does not vary. */
  deviation: number;
  /** The smallest distance between two values: what the last digit is worth; 0 if unknown. */
  resolution: number;
  /** Places after the point that values are written with; null where float32 holds no more. */
  decimals: number | null;
  /** Whether the column is float32 in a source: so are values written back. */
  float32?: true;
  /** With `scale: "quantile"`: values at equal shares of the rows, ascending; otherwise none. */
  quantiles: number[];
}

export interface PositiveField extends Common<"positive"> {
  /**
   * Added before the logarithm: 0, or where there are zeros half the smallest value above 0. Behind a
   * hurdle 0, since zeros have no logarithm there.
   */
  offset: number;
  /** Of log(value + offset); behind a hurdle of values above 0 alone. */
  mean: number;
  deviation: number;
  /** Behind a hurdle: the share of zeros. Left out of others, and before rows are measured. */
  zeros?: number;
  /** The largest value. Left out before rows are measured. */
  largest?: number;
  /** The smallest distance between the logarithms of two values; 0 if unknown. */
  resolution: number;
  /** Of the values themselves. */
  decimals: number | null;
  /** See `RealField`. */
  float32?: true;
}

export interface CountField extends Common<"count"> {
  /** Of log(1 + value), as the encoder sees it. */
  mean: number;
  deviation: number;
  /** Logarithm of the mean count. */
  logMean: number;
  /** Deviation of the counts themselves, on which errors are told. */
  spread: number;
  /** Of a negative binomial of the column alone, by its moments. */
  logInverseDispersion: number;
}

/** A column of 0 and 1; `boolean` columns are written as false and true. */
export interface BinaryField extends Common<"binary"> {
  boolean: boolean;
  /** Share of ones. */
  mean: number;
}

/**
 * Codes are places in `levels`; `levels.length` is the code of any other value, which training
 * has not seen.
 */
interface Leveled<K extends "categorical" | "ordinal"> extends Common<K> {
  /** As texts; numbers as JavaScript writes them, booleans as `false` and `true`. */
  levels: string[];
  /** What the column is in a source: so are values written back. */
  of: "text" | "number" | "boolean";
  /** Share of each level in the training rows. */
  shares: number[];
}
export type CategoricalField = Leveled<"categorical">;
/** Levels in ascending order. */
export type OrdinalField = Leveled<"ordinal">;

/** An image, height × width × channels, of bytes or of floats. */
export interface ImageField extends Common<"image"> {
  height: number;
  width: number;
  channels: number;
  binarize: Binarize;
  /** Whether pixels are uint8; if not, they are floats brought to 0 … 1 by `low` and `high`. */
  bytes: boolean;
  low: number;
  high: number;
  /**
   * The mean of the training rows' pixels, as 0 … 255 of 0 … 1, channels first, in base64; empty
   * before they are measured.
   */
  mean: string;
}

/** Many numbers of one sort a row. */
export interface VectorField extends Common<"vector"> {
  size: number;
  /** Most are zeros: kept and read as the others alone. */
  sparse: boolean;
  names: string[] | null;
  /** Whole numbers from 0 on: the network sees logarithms of shares of the row's sum. */
  counts: boolean;
  /** Of the values; of counts, of log(1 + 10⁴ · share of the row's sum). */
  mean: number[];
  deviation: number[];
  /** Counts: logarithm of each place's share of all counts; otherwise empty. */
  logShare: number[];
  /** Counts: their deviation, on which errors are told; otherwise empty. */
  spread: number[];
  /** Counts: of a negative binomial of each place alone, by its moments; otherwise empty. */
  logInverseDispersion: number[];
  /** Counts: the median row's sum; otherwise 1. */
  total: number;
  /** What the last digit is worth: 1 of whole numbers; 0 if unknown. */
  resolution: number;
  /** Of windows of a series: see `RealField`. Left out of other vectors. */
  decimals?: number | null;
}

export interface TextField extends Common<"text"> {
  /** The symbols, in the order of their codes, after the ones of `src/fields/tokens.ts`. */
  vocabulary: string[];
  unit: "characters" | "bytes" | "pairs";
  /** Tokens in a row, the end included; longer texts are cut. */
  length: number;
  /** Share of each code in the training rows: the end, each symbol, all others. */
  shares: number[];
  /**
   * Numbers of places, ascending and the last `length`, that training cuts batches of shorter texts
   * to.
   */
  cuts: number[];
}

/** A moment, as days since 1970-01-01 with a fraction. */
export interface TimeField extends Common<"time"> {
  /** Whole days. */
  date: boolean;
  /** How the moments are written, in strftime's codes; left out of ISO 8601 in several forms. */
  format?: string;
  /** In days. */
  mean: number;
  deviation: number;
  resolution: number;
}

/** A column that is carried along or left aside. */
export interface CarriedField {
  name: string;
  kind: Kind;
  role: "id" | "ignore";
  /** Of times: see `TimeField`. */
  format?: string;
  /** What every row had, of a column that is left aside for it; left out of others. */
  constant?: number | string;
}

/** Weights of rows: finite numbers, at least 0; training divides them by their mean. */
export interface WeightField {
  name: string;
  kind: "real";
  role: "weight";
  mean: number;
}

/** What the networks see or give. */
export type ModelledField =
  | RealField
  | PositiveField
  | CountField
  | BinaryField
  | CategoricalField
  | OrdinalField
  | ImageField
  | VectorField
  | TextField
  | TimeField;

export type Field = ModelledField | CarriedField | WeightField;

/** The fields of a data set, in the order of its columns. */
export interface FieldSchema {
  fields: Field[];
}

/** Whether a vector is seen as shares of its row's sum; a Gaussian speaks of the values themselves. */
export function isShared({ counts, likelihood }: VectorField): boolean {
  return counts && likelihood !== "gaussian";
}

export function isModelled(field: Field): field is ModelledField {
  return field.role === "data" || field.role === "target" || field.role === "condition";
}

/** Values that the field gives the likelihood: 1, or as many as an image or vector has. */
export function valuesOf(field: ModelledField): number {
  if (field.kind === "image") return field.height * field.width * field.channels;
  if (field.kind === "vector") return field.size;
  if (field.kind === "text") return field.length;
  return 1;
}
