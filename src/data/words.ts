// Small parts of messages about data.

/** `what` for one and `whats` for any other number. */
export const counted = (count: number, what: string) =>
  `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;

/** The first names of a list, quoted, and how many there are where more are left out. */
export function listed(names: readonly string[], most = 10): string {
  const shown = names.slice(0, most).map((name) => JSON.stringify(name));
  const more = names.length > most ? `, ... (${names.length.toLocaleString("en")} in all)` : "";
  return `${shown.join(", ")}${more}`;
}
