// Small parts of messages about columns.

/** `what` for one and `whats` for any other number. */
export const counted = (count: number, what: string) =>
  `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;

/** A column as messages name it. */
export const columnNamed = (name: string) => `column ${JSON.stringify(name)}`;

/** An option as a person types it, in quotes where a shell needs them. */
export const flag = (option: string, name: string) =>
  `--${option} ${/^[\w.-]+$/.test(name) ? name : JSON.stringify(name)}`;
