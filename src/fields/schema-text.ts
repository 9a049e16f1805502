// The fields of a data set as a JSON file that a person can edit and give back (schema-file.ts). It says
// what the columns are, never their statistics, which are measured anew.
import type { FieldDeclaration } from "./declarations.ts";
import { type Field, isModelled } from "./field.ts";

/** Longer lists of levels are left to the data: nobody edits them by hand. */
const levelsWritten = 256;

function entryOf(field: Field): FieldDeclaration {
  const { name, kind, role } = field;
  const written = "format" in field ? { format: field.format } : {};
  if (!isModelled(field)) return { name, kind, role, ...written };
  const leveled = field.kind === "categorical" || field.kind === "ordinal";
  return {
    name,
    kind,
    role,
    likelihood: field.likelihood,
    ...(leveled && field.levels.length <= levelsWritten ? { levels: field.levels } : {}),
    ...(field.kind === "real" ? { scale: field.scale } : {}),
    ...(field.kind === "image" ? { binarize: field.binarize } : {}),
    ...written,
    ...(field.missing === undefined ? {} : { missing: [...field.missing] }),
  };
}

/** JSON with one field a line. */
export function schemaText(fields: readonly Field[]): string {
  const lines = fields.map((field) => {
    const parts = Object.entries(entryOf(field)).map(
      ([key, value]) =>
        `${JSON.stringify(key)}: ${
          Array.isArray(value)
            ? `[${value.map((item) => JSON.stringify(item)).join(", ")}]`
            : JSON.stringify(value)
        }`,
    );
    return `    { ${parts.join(", ")} }`;
  });
  return `{\n  "fields": [\n${lines.join(",\n")}\n  ]\n}\n`;
}
