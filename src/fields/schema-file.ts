// A file of fields (schema-text.ts) that a person gives back: what is wrong in it is said in its words.
import * as z from "zod";
import { ElboError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import type { FieldDeclaration } from "./declarations.ts";
import { binarizations, kinds, type LikelihoodName, likelihoods, roles, scales } from "./field.ts";
import { checkTimeFormat } from "./times/check.ts";
import { columnNamed } from "./words.ts";

const allLikelihoods = [...new Set(Object.values(likelihoods).flat())] as LikelihoodName[];

const entry = z.strictObject({
  name: z.string(),
  kind: z.enum(kinds).optional(),
  role: z.enum(roles).optional(),
  likelihood: z.enum(allLikelihoods).optional(),
  levels: z.array(z.string()).min(1).optional(),
  scale: z.enum(scales).optional(),
  binarize: z.enum(binarizations).optional(),
  format: z.string().optional(),
  missing: z.array(z.string()).min(1).optional(),
});
const file = z.strictObject({ fields: z.array(entry) });

function invalid(path: string, message: string, hint: string): ElboError {
  return new ElboError({
    code: "schema-invalid",
    kind: "usage",
    message: `${path}: ${message}`,
    hint,
    where: { file: path },
  });
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(
      path,
      `a schema file is JSON (${(cause as Error).message})`,
      "correct it there; `elbo inspect DATA` shows the fields of a data set",
    );
  }
}

/** What is wrong in the words of the file: `fields[2] ("age")`, its key, and what it takes. */
function issueError(path: string, issue: z.core.$ZodIssue, value: unknown): ElboError {
  const [, index, key] = issue.path;
  const fields = (value as { fields?: { name?: unknown }[] } | null)?.fields;
  const name = typeof index === "number" ? fields?.[index]?.name : undefined;
  const place =
    typeof index === "number"
      ? `fields[${index}]${typeof name === "string" ? ` (${JSON.stringify(name)})` : ""}`
      : "the file";
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(typeof index === "number" ? entry.shape : file.shape);
    const [wrong] = issue.keys as [string];
    const guess = nearest(wrong, known);
    return invalid(
      path,
      `${place} has the keys ${known.join(", ")}; received ${JSON.stringify(wrong)}`,
      guess === undefined ? "leave it out" : `did you mean ${guess}?`,
    );
  }
  const received =
    typeof index === "number" && typeof key === "string"
      ? (fields?.[index] as Record<string, unknown> | undefined)?.[key]
      : undefined;
  if (issue.code === "invalid_value") {
    const choices = issue.values.map(String);
    const guess = typeof received === "string" ? nearest(received, choices) : undefined;
    return invalid(
      path,
      `${place}: ${String(key)} is one of ${choices.join(", ")}; received ${JSON.stringify(received)}`,
      guess === undefined ? "choose one of them" : `did you mean ${guess}?`,
    );
  }
  return invalid(
    path,
    `${place}${key === undefined ? "" : `, ${issue.path.slice(2).join(".")}`}: ${issue.message}`,
    'it holds { "fields": [{ "name", "kind", "role", "likelihood", "levels", "scale", "binarize", "format", "missing" }] }, all but the name optional, levels and missing as lists of texts',
  );
}

function checkTwice(path: string, names: readonly string[], what: string): void {
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice === undefined) return;
  throw invalid(
    path,
    `${what} stands once; received ${JSON.stringify(twice)} twice`,
    "leave one out",
  );
}

/** Parts that only some kinds have are not passed over in silence. */
function checkParts(path: string, place: string, field: FieldDeclaration): void {
  const { kind } = field;
  if (kind === undefined) return;
  const parts = [
    ["levels", ["categorical", "ordinal"]],
    ["scale", ["real"]],
    ["binarize", ["image"]],
    ["format", ["time"]],
  ] as const;
  for (const [part, of] of parts) {
    if (field[part] === undefined || of.some((other) => other === kind)) continue;
    const message = `${place} is ${kind}; ${part} is for the kind ${of.join(" or ")}`;
    throw invalid(path, message, `leave ${part} out, or change the kind`);
  }
}

/**
 * The declarations of a schema file. Whether the columns exist, the data tells: see ./declare.ts.
 * @throws ElboError `schema-invalid` that names the field and what stands in its place.
 */
export function parseSchema(text: string, path: string): FieldDeclaration[] {
  const value = parseJson(text, path);
  const parsed = file.safeParse(value);
  if (!parsed.success) throw issueError(path, parsed.error.issues[0]!, value);
  const { fields } = parsed.data;
  checkTwice(
    path,
    fields.map(({ name }) => name),
    "a column",
  );
  for (const [i, field] of fields.entries()) {
    const { name, levels, format } = field;
    checkParts(path, `fields[${i}] (${JSON.stringify(name)})`, field);
    if (format !== undefined) checkTimeFormat(`${path}: format of ${columnNamed(name)}`, format);
    checkTwice(path, levels ?? [], `a level of fields[${i}] (${JSON.stringify(name)})`);
  }
  return fields;
}
