// What a person should look at in the columns of their data before a model learns from it.
import { counted, grouped } from "../base/words.ts";
import { nearlyUnique } from "./build-field.ts";
import {
  type ColumnProfile,
  isConstant,
  type NumberProfile,
  presentCells,
  type TextProfile,
} from "./column-profile.ts";
import type { Origin } from "./columns.ts";
import { type Field, isModelled } from "./field.ts";
import { isFreeText, ordersRows } from "./propose.ts";
import { aboutTexts } from "./text-findings.ts";
import { columnNamed, flag } from "./words.ts";

export const findingCodes = [
  "column-empty",
  "column-constant",
  "column-duplicate",
  "column-same-levels",
  "column-identifies",
  "column-orders-rows",
  "column-free-text",
  "column-many-levels",
  "column-mixed",
  "numbers-as-text",
  "dates-as-text",
  "dates-ambiguous",
  "class-dominant",
  "sentinel",
] as const;

export interface Finding {
  /** Stable, kebab-case. */
  code: (typeof findingCodes)[number];
  column: string;
  message: string;
  hint: string;
}

/** A class in so many of the rows leaves nothing to learn of the others. */
const dominantShare = 0.999;

function aboutRole(profile: ColumnProfile, field: Field): Finding | undefined {
  const { name } = profile;
  const column = columnNamed(name);
  const present = presentCells(profile);
  if (present === 0) {
    return {
      code: "column-empty",
      column: name,
      message: `${column} has no value in any row, and is left out`,
      hint: "check how the file was written, or leave the column away",
    };
  }
  if (isConstant(profile)) {
    const gaps = profile.missing > 0 ? " that has one" : "";
    return {
      code: "column-constant",
      column: name,
      message: `${column} has the same value in every row${gaps}, and is left out`,
      hint: "nothing can be learnt from it; leave the column away if that is how it should be",
    };
  }
  if (field.role === "condition" && ordersRows(profile)) {
    return {
      code: "column-orders-rows",
      column: name,
      message: `rows follow each other in ${column}: it is given to the model as a condition and not modelled`,
      hint: `${flag("kind", `${name}=time`)} has it modelled`,
    };
  }
  if (profile.info.role === "id" || (field.role !== "id" && field.role !== "ignore")) {
    return undefined;
  }
  if (field.role === "id" && nearlyUnique(profile)) {
    const every = profile.type === "number" || profile.type === "text" ? profile.distinct : null;
    const all = every?.exact && every.count === present;
    return {
      code: "column-identifies",
      column: name,
      message: `${column} has ${all ? "" : "nearly "}another value in every row: it is carried along as an id and kept out of the model`,
      hint: `${flag("kind", `${name}=${profile.type === "text" ? "text" : "real"}`)} has it modelled`,
    };
  }
  if (profile.type !== "text") return undefined;
  if (field.role === "id") {
    return {
      code: "column-identifies",
      column: name,
      message: `${column} has ${grouped(profile.distinct.count)} different texts in ${counted(present, "row")}, each in few: it is carried along as an id and kept out of the model`,
      hint: `${flag("kind", `${name}=categorical`)} has it modelled`,
    };
  }
  if (isFreeText(profile)) {
    return {
      code: "column-free-text",
      column: name,
      message: `${column} holds free text (${Math.round(profile.meanLength)} characters on average), and is left out`,
      hint: `${flag("kind", `${name}=text`)} has it modelled`,
    };
  }
  if (profile.levels !== null) return undefined;
  return {
    code: "column-many-levels",
    column: name,
    message: `${column} has about ${grouped(profile.distinct.count)} different texts, too many for classes, and is left out`,
    hint: `group them to fewer, or have them modelled by their characters: ${flag("kind", `${name}=text`)}`,
  };
}

function aboutClasses(profile: NumberProfile | TextProfile, { kind }: Field): Finding | undefined {
  if (kind !== "categorical" && kind !== "ordinal" && kind !== "binary") return undefined;
  const levels: readonly { value: string | number; count: number }[] = profile.levels ?? [];
  const present = presentCells(profile);
  const most = levels.find(({ count }) => count >= dominantShare * present);
  if (most === undefined || levels.length < 2) return undefined;
  return {
    code: "class-dominant",
    column: profile.name,
    message: `${columnNamed(profile.name)} is ${JSON.stringify(most.value)} in all but ${counted(present - most.count, "row")}`,
    hint: "the others are too few to learn; leave the column out unless they are what you look for",
  };
}

function aboutSentinel({ name, sentinel }: NumberProfile): Finding | undefined {
  if (sentinel === undefined) return undefined;
  const { value, count, min, max } = sentinel;
  return {
    code: "sentinel",
    column: name,
    message: `${columnNamed(name)} is ${value} in ${counted(count, "row")}, far from all others (${min} to ${max})`,
    hint: `if it stands for a missing or cut-off value, say so: ${flag("missing", `${name}=${value}`)}`,
  };
}

/** Whether a column of numbers and one of texts whose rows share levels alike say the same. */
function sameTexts(a: ColumnProfile, b: ColumnProfile): boolean {
  if ((a.type !== "number" && a.type !== "text") || (b.type !== "number" && b.type !== "text")) {
    return false;
  }
  if (a.type === b.type) return false;
  const counts = new Map<string, number>();
  for (const { value, count } of a.levels ?? []) counts.set(String(value), count);
  return b.levels?.every(({ value, count }) => counts.get(String(value)) === count) ?? false;
}

/** Columns that repeat an earlier one, as it stands or in other words. */
function repeated(profiles: readonly ColumnProfile[], fields: readonly Field[]): Finding[] {
  const byDigest = new Map<string, ColumnProfile>();
  const byPattern = new Map<string, ColumnProfile>();
  return profiles.flatMap((profile, i) => {
    if (!("digest" in profile) || !isModelled(fields[i]!) || isConstant(profile)) return [];
    const key = `${profile.type} ${profile.digest}`;
    const same = byDigest.get(key);
    if (same === undefined) byDigest.set(key, profile);
    const { pattern } = profile;
    // Columns without repetition all have one pattern.
    const telling = pattern !== null && presentCells(profile) >= 4 * profile.distinct.count;
    const alike = telling ? byPattern.get(pattern) : undefined;
    if (telling && alike === undefined) byPattern.set(pattern, profile);
    const copied = same ?? (alike && sameTexts(alike, profile) ? alike : undefined);
    const other = copied ?? alike;
    if (other === undefined) return [];
    const [column, before] = [columnNamed(profile.name), columnNamed(other.name)];
    return [
      {
        code: copied ? ("column-duplicate" as const) : ("column-same-levels" as const),
        column: profile.name,
        message: copied
          ? `${column} is a copy of ${before}`
          : `${column} says the same as ${before} in other words: each of its values goes with one of the other's`,
        hint: `told twice, it counts twice; leave one out: ${flag("ignore", profile.name)}`,
      },
    ];
  });
}

/** What looks wrong in the columns, in their order; the fields are those of `profiles`. */
export function findingsOf(
  origin: Origin,
  profiles: readonly ColumnProfile[],
  fields: readonly Field[],
): Finding[] {
  const places = new Map(profiles.map(({ name }, i) => [name, i]));
  const found = profiles.flatMap((profile, i) => {
    const field = fields[i]!;
    const modelled = isModelled(field);
    const numbersOrTexts = profile.type === "number" || profile.type === "text";
    const texts = profile.type === "text" ? aboutTexts(profile, field, origin) : undefined;
    return [
      // It says what becomes of the column, too.
      texts ?? aboutRole(profile, field),
      modelled && numbersOrTexts ? aboutClasses(profile, field) : undefined,
      modelled && profile.type === "number" ? aboutSentinel(profile) : undefined,
    ].filter((finding) => finding !== undefined);
  });
  return [...found, ...repeated(profiles, fields)].sort(
    (a, b) => places.get(a.column)! - places.get(b.column)!,
  );
}
