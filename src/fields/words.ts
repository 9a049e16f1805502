// Small parts of messages about columns.

/** `what` for one and `whats` for any other number. */
export const counted = (count: number, what: string) =>
  `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;

/** A column as messages name it. */
export const columnNamed = (name: string) => `column ${JSON.stringify(name)}`;
