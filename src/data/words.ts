// Small parts of messages about data.
import { grouped } from "../base/words.ts";

/** The first names of a list, quoted, and how many there are where more are left out. */
export function listed(names: readonly string[], most = 10): string {
  const shown = names.slice(0, most).map((name) => JSON.stringify(name));
  const more = names.length > most ? `, ... (${grouped(names.length)} in all)` : "";
  return `${shown.join(", ")}${more}`;
}
