// The fields of a data set: what its columns seem to be, overruled by what a person declares.

import { ElboError } from "../base/errors.ts";
import { counted } from "../base/words.ts";
import { buildField } from "./build-field.ts";
import { type ColumnProfile, presentCells } from "./column-profile.ts";
import type { Origin, Readable } from "./columns.ts";
import { collectDeclarations, type Declarations, type Declared } from "./declarations.ts";
import {
  type Field,
  hasLikelihood,
  isModelled,
  type Kind,
  type LikelihoodName,
  likelihoods,
  type Role,
} from "./field.ts";
import { type Finding, findingsOf } from "./findings.ts";
import { checkBits, checkKind, checkLikelihood, checkWeight, possibleKinds } from "./kind-check.ts";
import { proposeField, proposeKind, type Surroundings } from "./propose.ts";
import { columnNamed } from "./words.ts";

export type { Declarations, FieldDeclaration } from "./declarations.ts";

/** With a smaller share of texts a column is one of numbers with slips. */
const slipShare = 0.01;

function checkSlips({ source, locate }: Origin, profile: ColumnProfile): void {
  if (profile.type !== "text" || profile.mixed === undefined) return;
  const { name, mixed } = profile;
  const { numbers, texts, example } = mixed;
  if (texts === 0 || texts >= slipShare * (numbers + texts)) return;
  const { text } = example;
  const row = locate?.(example.row).row ?? example.row;
  throw new ElboError({
    code: "column-mixed",
    message: `${source}, row ${row}: ${columnNamed(name)} holds ${counted(numbers, "number")} and ${counted(texts, "text")} such as ${JSON.stringify(text)}`,
    hint: `correct those cells, or --missing ${JSON.stringify(`${name}=${text}`)} says that they are missing; --kind ${JSON.stringify(`${name}=categorical`)} takes all of them as texts, --ignore ${JSON.stringify(name)} leaves the column out`,
    where: { file: source, row, column: name },
  });
}

function checkPresent(source: string, profile: ColumnProfile, role: Role): void {
  if (presentCells(profile) > 0) return;
  throw new ElboError({
    code: "column-empty",
    kind: "usage",
    message: `${source}: ${columnNamed(profile.name)} was declared ${role}, but has no value in any row`,
    hint: "declare another column, or fill this one",
    where: { file: source, column: profile.name },
  });
}

const isDescribed = ({ kind, likelihood }: Declared) => (kind ?? likelihood) !== undefined;

/** A person who says what a column holds wants it modelled, whatever the source knows of it. */
function roleOf(proposed: Role, declared: Declared): Role {
  if (declared.role !== undefined) return declared.role;
  return isDescribed(declared) ? "data" : proposed;
}

/**
 * What was declared; else what the values propose, unless a likelihood was declared that another kind has:
 * where the values can be of one such kind, that is meant.
 */
function kindOf(
  profile: ColumnProfile,
  { kind, levels, likelihood }: Declared,
  alone: boolean | undefined,
): Kind {
  if (kind !== undefined) return kind;
  if (levels !== undefined) return "categorical";
  const proposed = proposeKind(profile, alone);
  if (likelihood === undefined || hasLikelihood(proposed, likelihood)) return proposed;
  const others = possibleKinds(profile).filter((other) => hasLikelihood(other, likelihood));
  return others.length === 1 ? others[0]! : proposed;
}

interface Wishes
  extends Pick<Declarations, "everyLikelihood" | "scale" | "binarize">,
    Surroundings {
  origin: Origin;
}

function fieldOf(profile: ColumnProfile, declared: Declared, wishes: Wishes): Field {
  const { origin, alone } = wishes;
  const { source } = origin;
  const proposed = proposeField(profile, wishes);
  const role = roleOf(proposed.role, declared);
  if (role === "ignore" && declared.role === undefined) return proposed;
  const { levels } = declared;
  const kind = kindOf(profile, declared, alone);
  if (role === "id" || role === "ignore") return buildField(profile, kind, { role });
  if (role === "weight") {
    checkWeight(origin, profile);
    return buildField(profile, "real", { role });
  }
  checkPresent(source, profile, role);
  if (declared.kind === undefined) checkSlips(origin, profile);
  checkKind(origin, profile, kind, levels);
  const { everyLikelihood: every } = wishes;
  const overruled = role === "data" && !declared.ownLikelihood;
  const likelihood =
    overruled && every !== undefined && hasLikelihood(kind, every) ? every : declared.likelihood;
  const binarize = wishes.binarize ?? declared.binarize ?? "none";
  if (likelihood !== undefined) {
    checkLikelihood(profile, kind, likelihood);
    if (kind === "image") checkBits(profile, likelihood, binarize);
  }
  const scale = wishes.scale ?? declared.scale;
  return buildField(profile, kind, { role, likelihood, levels, scale, binarize });
}

function checkEveryLikelihood(fields: readonly Field[], likelihood: LikelihoodName): void {
  const data = fields.filter((field) => field.role === "data");
  const has = [...new Set(data.flatMap(({ kind }): readonly string[] => likelihoods[kind]))];
  if (has.includes(likelihood)) return;
  throw new ElboError({
    code: "likelihood-unfit",
    kind: "usage",
    message: `no data column takes the likelihood "${likelihood}"; the likelihoods of these columns are ${has.join(", ")}`,
    hint: "choose one of these, or declare the kind of the columns that it is for: --kind COLUMN=KIND",
  });
}

/** Throws `no-data-columns` where nothing is left to learn from. */
export function checkDataFields(source: string, fields: readonly Field[]): void {
  if (fields.some(({ role }) => role === "data")) return;
  throw new ElboError({
    code: "no-data-columns",
    kind: "usage",
    message: `${source}: a model learns from data columns, and none of the ${counted(fields.length, "column")} is left as one`,
    hint: "declare fewer of them otherwise, or say what a column that was left out holds: --kind COLUMN=KIND",
    where: { file: source },
  });
}

function checkFields(source: string, fields: readonly Field[], declarations: Declarations): void {
  const weights = fields.filter(({ role }) => role === "weight");
  if (weights.length > 1) {
    throw new ElboError({
      code: "column-two-weights",
      kind: "usage",
      message: `one column weighs the rows; declared were ${weights.map(({ name }) => columnNamed(name)).join(" and ")}`,
      hint: "leave one of them out",
    });
  }
  const { everyLikelihood, binarize } = declarations;
  if (everyLikelihood !== undefined) checkEveryLikelihood(fields, everyLikelihood);
  const images = fields.some((field) => isModelled(field) && field.kind === "image");
  if (binarize === undefined || binarize === "none" || images) return;
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message: `--binarize is for images; ${source} has no column of images to model`,
    hint: "leave --binarize out",
  });
}

/** What a declaration has settled needs no finding. */
function isOpen({ code }: Finding, declared: Declared | undefined): boolean {
  if (declared === undefined) return true;
  const { role, kind, likelihood } = declared;
  switch (code) {
    case "column-mixed":
    case "numbers-as-text":
    case "dates-as-text":
    case "dates-ambiguous":
      return kind === undefined && role !== "id" && role !== "ignore";
    case "column-constant":
    case "column-empty":
    case "column-identifies":
    case "column-orders-rows":
    case "column-free-text":
    case "column-many-levels":
      return role === undefined && kind === undefined && likelihood === undefined;
    default:
      return true;
  }
}

/**
 * The fields of a data set in the order of its columns, with neutral statistics, and what a person
 * should look at. A declaration goes before what was seen.
 * @param profiles of `profileColumns`, one for each column.
 * @throws ElboError `column-unknown`, `column-two-roles`, `column-two-weights`, `column-mixed`,
 * `column-empty`, `kind-impossible`, `likelihood-unfit`, `weight-invalid`,
 * `option-value`.
 */
export function declareFields(
  data: Pick<Readable, "source" | "columns" | "locate">,
  profiles: readonly ColumnProfile[],
  declarations: Declarations = {},
): { fields: Field[]; findings: Finding[] } {
  const { source, columns } = data;
  const names = columns.map(({ name }) => name);
  const declared = collectDeclarations(source, names, declarations);
  const candidates = profiles.filter(({ name, info }) => {
    const own = declared.get(name) ?? {};
    if (own.role !== undefined) return own.role === "data";
    return info.role !== "id" || isDescribed(own);
  });
  const wishes = { ...declarations, origin: data, alone: candidates.length === 1 };
  const fieldsBy = (ordering: boolean) =>
    profiles.map((profile) =>
      fieldOf(profile, declared.get(profile.name) ?? {}, { ...wishes, ordering }),
    );
  const first = fieldsBy(true);
  const fields = first.some(({ role }) => role === "data") ? first : fieldsBy(false);
  checkFields(source, fields, declarations);
  const findings = findingsOf(data, profiles, fields).filter((finding) =>
    isOpen(finding, declared.get(finding.column)),
  );
  return { fields, findings };
}
