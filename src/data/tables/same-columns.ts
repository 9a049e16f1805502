// Files that are read as one table must have the same columns, by name.
import { ElboError } from "../../base/errors.ts";
import { listed } from "../words.ts";

/** Where `names`, those of `path`, has each of `first`, the columns of `firstPath`. */
export function orderByName(
  first: readonly string[],
  firstPath: string,
  names: readonly string[],
  path: string,
): number[] {
  const places = new Map(names.map((name, i) => [name, i]));
  const lacking = first.filter((name) => !places.has(name));
  const known = new Set(first);
  const added = names.filter((name) => !known.has(name));
  if (lacking.length === 0 && added.length === 0) return first.map((name) => places.get(name)!);
  const parts = [
    ...(lacking.length > 0 ? [`lacks ${listed(lacking)}`] : []),
    ...(added.length > 0 ? [`has ${listed(added)} besides`] : []),
  ];
  throw new ElboError({
    code: "columns-differ",
    message: `files read as one table have the same columns: ${path} ${parts.join(" and ")}, compared with ${firstPath}`,
    hint: "name fewer files, or choose the columns by SQL: select a, b from 'folder/*.parquet'",
    where: { file: path },
  });
}
