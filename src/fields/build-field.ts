// A field of a given kind for a column, its statistics neutral until training rows are measured.
import {
  type ColumnProfile,
  type ImageProfile,
  type NumberProfile,
  presentCells,
  type TextProfile,
  type VectorProfile,
} from "./column-profile.ts";
import {
  type Binarize,
  type Field,
  type Kind,
  type LikelihoodName,
  likelihoods,
  type Role,
  type Scale,
} from "./field.ts";
import { HURDLE } from "./hurdle.ts";

export interface FieldChoices {
  role: Role;
  /** One of the kind's; default the one of `defaultLikelihoods` that suits the values. */
  likelihood?: LikelihoodName | undefined;
  /** Of categorical and ordinal fields; default those of the column. */
  levels?: readonly string[] | undefined;
  scale?: Scale | undefined;
  binarize?: Binarize | undefined;
}

/** A scale that ends reaches not so many times the mean of its values above 0: counts have a tail. */
const shortestTail = 2;
/** Rare things are counts even where none comes twice. */
const rare = 0.9;

/**
 * Counts of many things in one row are 0 somewhere, and seldom the largest; grey levels and grades
 * are on a scale that ends. Of a series they are no shares of a sum.
 */
function holdsCounts({ whole, min, max, zeroShare, meanOfOthers, info }: VectorProfile): boolean {
  if (!whole || min !== 0 || max === 0 || info.series === true) return false;
  return zeroShare > rare || max >= shortestTail * meanOfOthers;
}

/**
 * Zeros below this share are few enough to be slips or rounded small numbers, which need no
 * probability of their own.
 */
const fewZeros = 0.05;

/** Whether zeros are so many that they say something else than a small number would. */
export function hasManyZeros(profile: NumberProfile): boolean {
  return profile.zeros >= fewZeros * presentCells(profile);
}

/**
 * Drawn digits and letters are grey at their edges alone, below a tenth of their bytes; photographs of clothes
 * are by a third, of faces nearly everywhere.
 */
const manyGreys = 0.25;

/** What columns of a kind are given where their values tell that the kind's first does not suit them. */
const otherDefaults: Partial<Record<Kind, LikelihoodName>> = {
  vector: "negative-binomial",
  positive: HURDLE,
  image: "discretized-logistic",
};

/** The likelihoods that columns of a kind may have without anybody's choice. */
export function defaultLikelihoods(kind: Kind): readonly LikelihoodName[] {
  const other = otherDefaults[kind];
  return [likelihoods[kind][0], ...(other === undefined ? [] : [other])];
}

/** Whether the kind's first likelihood does not suit the values. */
function needsOther(profile: ColumnProfile, binarize: Binarize): boolean {
  if (profile.type === "vector") return holdsCounts(profile);
  if (profile.type === "number") return hasManyZeros(profile);
  if (profile.type === "image") return binarize === "none" && (profile.greyShare ?? 0) > manyGreys;
  return false;
}

function defaultLikelihood(profile: ColumnProfile, kind: Kind, binarize: Binarize): LikelihoodName {
  const [first, other = first] = defaultLikelihoods(kind);
  return needsOther(profile, binarize) ? other! : first!;
}

/** What the values of a column are called as levels: numbers ascending, texts by code units. */
export function levelsOf(profile: ColumnProfile): string[] {
  if (profile.type === "number" && profile.info.boolean) return ["false", "true"];
  if (profile.type !== "number" && profile.type !== "text") return [];
  return (profile.levels ?? []).map(({ value }) => String(value));
}

/** The range that float pixels are brought to 0 … 1 from. */
function pixelRange({ bytes, min, max }: ImageProfile): { low: number; high: number } {
  if (bytes) return { low: 0, high: 255 };
  if (min >= 0 && max <= 1) return { low: 0, high: 1 };
  if (min >= 0 && max <= 255) return { low: 0, high: 255 };
  return { low: min, high: max };
}

const neutral = { mean: 0, deviation: 1, resolution: 0 };

/** What is added to a positive column's values before the logarithm: zeros behind a hurdle have none. */
export function offsetFor(profile: ColumnProfile, likelihood: LikelihoodName): number {
  if (profile.type !== "number" || profile.zeros === 0 || likelihood === HURDLE) return 0;
  return profile.smallestPositive / 2;
}

/** The field of a column; `kind` must be one that the column's values can be. */
export function buildField(profile: ColumnProfile, kind: Kind, choices: FieldChoices): Field {
  const { name, info } = profile;
  const { role } = choices;
  const format =
    kind === "time" && info.type === "time" && info.format !== undefined
      ? { format: info.format }
      : {};
  if (role === "id" || role === "ignore") return { name, kind, role, ...format };
  if (role === "weight") return { name, kind: "real", role, mean: 1 };
  const likelihood =
    choices.likelihood ?? defaultLikelihood(profile, kind, choices.binarize ?? "none");
  const gaps = profile.missing > 0;
  // The likelihood is one of the kind's, which the type of a table's entry cannot say.
  const common = <K extends Kind>(of: K) => ({
    name,
    kind: of,
    role,
    likelihood: likelihood as (typeof likelihoods)[K][number],
    gaps,
    ...(info.missing === undefined ? {} : { missing: [...info.missing] }),
  });
  const float32 = info.type === "number" && info.float32 ? ({ float32: true } as const) : {};
  switch (kind) {
    case "real":
      return {
        ...common(kind),
        scale: choices.likelihood?.endsWith("bernoulli")
          ? "none"
          : (choices.scale ?? "standardize"),
        ...neutral,
        decimals: null,
        ...float32,
        quantiles: [],
      };
    case "positive":
      return {
        ...common(kind),
        offset: offsetFor(profile, likelihood),
        ...neutral,
        decimals: null,
        ...float32,
      };
    case "count":
      return {
        ...common(kind),
        mean: 0,
        deviation: 1,
        logMean: 0,
        spread: 1,
        logInverseDispersion: 0,
      };
    case "binary":
      return {
        ...common(kind),
        boolean: info.type === "number" && info.boolean === true,
        mean: 0,
      };
    case "categorical":
    case "ordinal": {
      const of = info.type !== "number" ? "text" : info.boolean ? "boolean" : "number";
      const levels = [...(choices.levels ?? levelsOf(profile))];
      return { ...common(kind), levels, of, shares: [] } as Field;
    }
    case "image": {
      const { height, width, channels } = info as Extract<typeof info, { type: "image" }>;
      const image = profile as ImageProfile;
      return {
        ...common(kind),
        height,
        width,
        channels,
        binarize: choices.binarize ?? "none",
        bytes: image.bytes,
        ...pixelRange(image),
        mean: "",
      };
    }
    case "vector": {
      const { size, sparse, names, series } = info as Extract<typeof info, { type: "vector" }>;
      return {
        ...common(kind),
        size,
        sparse,
        names: names ? [...names] : null,
        counts: profile.type === "vector" && profile.whole && profile.min >= 0,
        mean: new Array<number>(size).fill(0),
        deviation: new Array<number>(size).fill(1),
        logShare: [],
        spread: [],
        logInverseDispersion: [],
        total: 1,
        resolution: 0,
        ...(series ? { decimals: null } : {}),
      };
    }
    case "text":
      return {
        ...common(kind),
        vocabulary: [],
        unit: "characters",
        length: 0,
        shares: [],
        cuts: [],
      };
    case "time":
      return {
        ...common(kind),
        date: info.type === "time" && info.date === true,
        ...format,
        ...neutral,
      };
    default:
      return kind satisfies never;
  }
}

/** Whether nearly every cell that is there has a value of its own. */
export function nearlyUnique(profile: ColumnProfile): boolean {
  if (profile.type !== "number" && profile.type !== "text") return false;
  const present = presentCells(profile);
  const { count, exact } = profile.distinct;
  if (exact && count === present) return present > 1;
  // Of few rows, most texts differ by chance; an estimate is right to about 2 %.
  return present >= 100 && count >= 0.95 * present;
}

/** Fewer rows to a level, on average, tell nothing of what goes with it. */
const fewestAlike = 3;
/** Fewer levels differ in a small table by chance. */
const manyLevels = 50;

/**
 * Whether texts name their rows, or what few rows are of, rather than a class of them. A column with
 * numbers among them may be one of quantities with slips.
 */
export function namesRows(profile: TextProfile): boolean {
  const { count } = profile.distinct;
  const rare = count >= manyLevels && presentCells(profile) < fewestAlike * count;
  const slips = (profile.mixed?.texts ?? 0) > 0;
  return (rare && !slips) || nearlyUnique(profile);
}
