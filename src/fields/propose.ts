// What a column seems to be, from what was seen of it. People overrule it: see ./declare.ts.
import { buildField, hasManyZeros, namesRows, nearlyUnique } from "./build-field.ts";
import {
  type ColumnProfile,
  isConstant,
  type NumberProfile,
  presentCells,
  type TextProfile,
} from "./column-profile.ts";
import type { Field, Kind, Role } from "./field.ts";

/** Whole numbers with no more different values than this are classes rather than quantities. */
const fewLevels = 20;
/** Counts are near 0 compared with their range: up to here whatever their shape … */
const modestCount = 1000;
/** … above it if they start at 0 and have a long tail. */
const heavySkew = 1;
/** Texts longer than this on average, with spaces, are sentences. */
const longText = 30;

/** Rows are in the order of a column of times if nearly all are later than the row before. */
const nearlyAll = 0.99;
const fewestInOrder = 10;

const words = "id|ids|uuid|guid|index|idx|rowid|rowname|rownames|rownumber";
/** `id`, `patient_id`, `Passenger Id`, `userId`, `Unnamed: 0`. */
export function namedLikeId(name: string): boolean {
  return (
    new RegExp(`(^|[^a-z])(${words})$`, "i").test(name) ||
    /[a-z](Id|ID|Index|Uuid|UUID)$/.test(name) ||
    /^unnamed: ?0$/i.test(name)
  );
}

/** Whether the column only numbers or names its rows. */
function isKey(profile: NumberProfile): boolean {
  return (
    profile.whole && profile.missing === 0 && nearlyUnique(profile) && namedLikeId(profile.name)
  );
}

function isCount({ min, max, zeros, skewness }: NumberProfile): boolean {
  if (min < 0) return false;
  // Numbers far from 0, such as lengths in mm or years, spread otherwise than counts do.
  if (max <= modestCount && min <= max / 3) return true;
  return zeros > 0 && skewness > heavySkew;
}

/** Of counts, values from 1 to 9 are about as many as zeros; of amounts they are no such part of them. */
const seldomSmall = 0.1;

/**
 * Amounts of which many are 0, and the others far from it, as of money: a zero says that there was
 * none, and is no small amount.
 */
function isAmount(profile: NumberProfile): boolean {
  const { whole, min, max, skewness, logSkewness, zeros, belowTen } = profile;
  if (min !== 0 || !hasManyZeros(profile)) return false;
  if (whole && (max <= modestCount || belowTen > seldomSmall * zeros)) return false;
  return skewness > heavySkew && Math.abs(logSkewness) < skewness;
}

function numberKind(profile: NumberProfile): Kind {
  const { whole, min, max, distinct, levels, skewness, logSkewness } = profile;
  if (profile.info.boolean) return "binary";
  if (distinct.exact && distinct.count === 2 && min === 0 && max === 1) return "binary";
  if (whole && levels !== null) {
    const few = distinct.count <= fewLevels && distinct.count <= presentCells(profile) / 10;
    const code = namedLikeId(profile.name) && !nearlyUnique(profile);
    if (distinct.count === 2 || few || code) return "categorical";
  }
  if (isAmount(profile)) return "positive";
  if (whole && isCount(profile)) return "count";
  if (min > 0 && skewness > heavySkew && Math.abs(logSkewness) < skewness) return "positive";
  return "real";
}

/** Sentences and the like: many different long texts with spaces. */
export function isFreeText(profile: TextProfile): boolean {
  const { distinct, meanLength, spaced } = profile;
  const many = distinct.count > Math.min(1000, presentCells(profile) / 2);
  return many && meanLength > longText && spaced > 0.5;
}

function textKind(profile: TextProfile, alone: boolean): Kind {
  const many = profile.levels === null || isFreeText(profile);
  if (many || (alone && profile.distinct.count > presentCells(profile) / 2)) return "text";
  return namesRows(profile) ? "text" : "categorical";
}

/** The kind that suits the values best, whatever the column's role. */
export function proposeKind(profile: ColumnProfile, alone = false): Kind {
  switch (profile.type) {
    case "number":
      return numberKind(profile);
    case "text":
      return presentCells(profile) > 0 ? textKind(profile, alone) : "categorical";
    case "time":
    case "vector":
    case "image":
      return profile.type;
    default:
      return profile satisfies never;
  }
}

/** Whether rows follow each other in the order of these times: those of a series. */
export function ordersRows(profile: ColumnProfile): boolean {
  return profile.type === "time" && profile.rising >= nearlyAll && profile.rows >= fewestInOrder;
}

/** The one number or text that all cells hold. */
function constantOf(profile: ColumnProfile): number | string | undefined {
  if (!isConstant(profile)) return undefined;
  if (profile.type === "number") return profile.min;
  return profile.type === "text" ? profile.levels?.[0]?.value : undefined;
}

/** What the other columns of a source leave to this one. */
export interface Surroundings {
  /** Whether no other column could be data: a text is then what there is. Default false. */
  alone?: boolean;
  /** Whether other columns are data: a series' times are then given to the model. Default true. */
  ordering?: boolean;
}

function proposeRole(profile: ColumnProfile, { alone, ordering = true }: Surroundings): Role {
  if (profile.info.role === "id") return "id";
  if (presentCells(profile) === 0 || isConstant(profile)) return "ignore";
  if (profile.type === "number" && isKey(profile)) return "id";
  // When it is tells of a series what to expect, and is nothing to be learned itself.
  if (ordering && ordersRows(profile)) return "condition";
  if (profile.type !== "text" || alone) return "data";
  if (isFreeText(profile)) return "ignore";
  if (namesRows(profile)) return "id";
  // Repeated texts of more levels than are kept.
  return profile.levels === null ? "ignore" : "data";
}

/** The field that a column seems to be, with neutral statistics. */
export function proposeField(profile: ColumnProfile, surroundings: Surroundings = {}): Field {
  const role = proposeRole(profile, surroundings);
  const field = buildField(profile, proposeKind(profile, surroundings.alone), { role });
  const constant = field.role === "ignore" ? constantOf(profile) : undefined;
  return field.role === "ignore" && constant !== undefined ? { ...field, constant } : field;
}

/** The fields of all columns. */
export function proposeFields(profiles: readonly ColumnProfile[]): Field[] {
  const others = profiles.filter(({ info }) => info.role !== "id").length;
  return profiles.map((profile) => proposeField(profile, { alone: others === 1 }));
}
