// What a person says about columns, brought together from options and a schema file.
import { ElboError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import { checkChoice } from "../base/validate.ts";
import {
  type Binarize,
  hasLikelihood,
  type Kind,
  kinds,
  type LikelihoodName,
  type Role,
  type Scale,
} from "./field.ts";
import { columnNamed } from "./words.ts";

/** What a schema file says of a column; what it leaves out stays as inferred. */
export interface FieldDeclaration {
  name: string;
  kind?: Kind | undefined;
  role?: Role | undefined;
  likelihood?: LikelihoodName | undefined;
  /** Of categorical columns; of ordinal ones in ascending order. */
  levels?: string[] | undefined;
  scale?: Scale | undefined;
  binarize?: Binarize | undefined;
  /** Of times: how they are written, in strftime's codes. */
  format?: string | undefined;
  /** Words and numbers that mean "missing". */
  missing?: string[] | undefined;
}

/** Options go before the schema file. */
export interface Declarations {
  schema?: readonly FieldDeclaration[] | undefined;
  target?: readonly string[] | undefined;
  condition?: readonly string[] | undefined;
  id?: readonly string[] | undefined;
  ignore?: readonly string[] | undefined;
  weight?: string | undefined;
  kind?: Readonly<Record<string, Kind>> | undefined;
  likelihood?: Readonly<Record<string, LikelihoodName>> | undefined;
  /** Of all data fields whose kind has it. */
  everyLikelihood?: LikelihoodName | undefined;
  /** How times are written, by column. */
  timeFormat?: Readonly<Record<string, string>> | undefined;
  /** Words and numbers that mean "missing": in every column, and by column. */
  missing?:
    | { every: readonly string[]; of: Readonly<Record<string, readonly string[]>> }
    | undefined;
  /** Of all real fields. */
  scale?: Scale | undefined;
  /** Of all images. */
  binarize?: Binarize | undefined;
}

/** What was said of one column, but for how its cells are read: the source has done that. */
export interface Declared extends Omit<FieldDeclaration, "name" | "format" | "missing"> {
  /** Said by an option, not the schema file, which writes every likelihood down. */
  ownLikelihood?: boolean;
}

function checkKnown(name: string, known: readonly string[], source: string, by: string): void {
  if (known.includes(name)) return;
  const guess = nearest(name, known);
  const shown = known.slice(0, 10).map((column) => JSON.stringify(column));
  const rest = known.length > 10 ? `, ... (${known.length} in all)` : "";
  throw new ElboError({
    code: "column-unknown",
    kind: "usage",
    message: `${source} has no ${columnNamed(name)}, which ${by} names`,
    hint:
      guess === undefined ? `its columns are ${shown.join(", ")}${rest}` : `did you mean ${guess}?`,
    where: { file: source, column: name },
  });
}

function twoRoles(name: string, first: Role, second: Role): ElboError {
  return new ElboError({
    code: "column-two-roles",
    kind: "usage",
    message: `a column has one role; ${columnNamed(name)} was declared ${first} and ${second}`,
    hint: `leave out --${first} or --${second} for it`,
  });
}

/** Roles that options give. */
function roleOptions(declarations: Declarations): [Role, readonly string[]][] {
  const { target = [], condition = [], id = [], ignore = [], weight } = declarations;
  return [
    ["target", target],
    ["condition", condition],
    ["id", id],
    ["ignore", ignore],
    ["weight", weight === undefined ? [] : [weight]],
  ];
}

/** What was said of each column that anything was said of. Throws usage errors. */
export function collectDeclarations(
  source: string,
  known: readonly string[],
  declarations: Declarations,
): Map<string, Declared> {
  const all = new Map<string, Declared>();
  const of = (name: string, by: string): Declared => {
    checkKnown(name, known, source, by);
    const declared = all.get(name) ?? {};
    all.set(name, declared);
    return declared;
  };
  for (const { name, format, missing, ...said } of declarations.schema ?? []) {
    Object.assign(of(name, "the schema file"), said);
  }
  const roles = new Map<string, Role>();
  for (const [role, names] of roleOptions(declarations)) {
    for (const name of names) {
      const declared = of(name, `--${role}`);
      const before = roles.get(name);
      if (before !== undefined && before !== role) throw twoRoles(name, before, role);
      roles.set(name, role);
      declared.role = role;
    }
  }
  for (const [name, kind] of Object.entries(declarations.kind ?? {})) {
    const declared = of(name, "--kind");
    checkChoice(`--kind ${name}`, kind, kinds);
    // What the file says of another kind does not hold for this one.
    if (declared.kind !== undefined && declared.kind !== kind) {
      all.set(name, { role: declared.role, kind });
    } else declared.kind = kind;
  }
  for (const name of Object.keys(declarations.timeFormat ?? {})) of(name, "--time-format");
  for (const name of Object.keys(declarations.missing?.of ?? {})) of(name, "--missing");
  for (const [name, likelihood] of Object.entries(declarations.likelihood ?? {})) {
    Object.assign(of(name, "--likelihood"), { likelihood, ownLikelihood: true });
  }
  return all;
}

const numberKinds: readonly (Kind | undefined)[] = ["real", "positive", "count", "binary"];

/** Whether only numbers have the likelihood. */
const isOfNumbers = (likelihood: LikelihoodName) =>
  kinds.every((kind) => numberKinds.includes(kind) || !hasLikelihood(kind, likelihood));

/** The columns that a person calls numbers, whatever way they are stored. */
export function declaredNumbers({
  schema = [],
  kind = {},
  likelihood = {},
  weight,
}: Declarations): Set<string> {
  const own = { ...Object.fromEntries(schema.map((of) => [of.name, of.kind])), ...kind };
  const weights = schema.filter(({ role }) => role === "weight").map(({ name }) => name);
  const implied = [
    ...schema,
    ...Object.entries(likelihood).map(([name, of]) => ({ name, likelihood: of })),
  ]
    .filter((of) => own[of.name] === undefined && of.likelihood !== undefined)
    .filter((of) => isOfNumbers(of.likelihood!))
    .map(({ name }) => name);
  const names = Object.keys(own).filter((name) => numberKinds.includes(own[name]));
  return new Set([...names, ...implied, ...weights, ...(weight === undefined ? [] : [weight])]);
}

/** How a person says that columns are read. */
export interface DeclaredReading {
  /** Of every column, and by column. */
  missing: { every: readonly string[]; of: ReadonlyMap<string, readonly string[]> };
  formats: ReadonlyMap<string, string>;
  /** Columns that are called something else than times. */
  settled: ReadonlySet<string>;
}

export function declaredReading(declarations: Declarations): DeclaredReading {
  const { schema = [], kind = {}, timeFormat = {}, missing } = declarations;
  const formats = new Map<string, string>();
  const words = new Map<string, readonly string[]>();
  const kinds = new Map<string, Kind>();
  for (const field of schema) {
    if (field.format !== undefined) formats.set(field.name, field.format);
    if (field.missing !== undefined) words.set(field.name, field.missing);
    if (field.kind !== undefined) kinds.set(field.name, field.kind);
  }
  for (const [name, format] of Object.entries(timeFormat)) formats.set(name, format);
  for (const [name, own] of Object.entries(missing?.of ?? {})) {
    words.set(name, [...(words.get(name) ?? []), ...own]);
  }
  for (const [name, own] of Object.entries(kind)) kinds.set(name, own);
  const settled = [...kinds].filter(([, own]) => own !== "time").map(([name]) => name);
  return {
    missing: { every: missing?.every ?? [], of: words },
    formats,
    settled: new Set(settled),
  };
}
