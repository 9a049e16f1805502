// Small parts of messages about columns.

/** A column as messages name it. */
export const columnNamed = (name: string) => `column ${JSON.stringify(name)}`;

/** An option as a person types it, in quotes where a shell needs them. */
export const flag = (option: string, name: string) =>
  `--${option} ${/^[\w.-]+$/.test(name) ? name : JSON.stringify(name)}`;
