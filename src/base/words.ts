// Numbers and names as people read them, in a terminal or on a page.

/** `1,234,567`, of a whole number. Not by Intl, whose tables take 30 ms to load. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** `1,234 rows`, `1 row`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A name where it begins a sentence. */
export const capitalized = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}`;

/** Four significant digits and no exponent where none is needed. */
export function figure(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e7) return value.toExponential(3);
  const digits = Math.max(0, 3 - Math.floor(Math.log10(size)));
  return value.toLocaleString("en-US", {
    minimumFractionDigits: Math.min(digits, 6),
    maximumFractionDigits: Math.min(digits, 6),
  });
}

/** The same, but whole numbers in full. */
export function amount(value: number): string {
  const whole = Number.isInteger(value) && Math.abs(value) < 1e15;
  return whole ? grouped(value) : figure(value);
}

/** Less than a percent is told as such, and so is all but a little. */
export function percent(share: number): string {
  if (share > 0 && share < 0.01) return "<1%";
  return share < 1 && share > 0.99 ? ">99%" : `${Math.round(100 * share)}%`;
}

/** A path or word as a shell takes it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
