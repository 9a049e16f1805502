// Moments as ISO 8601 text, in UTC, exact to the microsecond.

const microseconds = (milliseconds: number) =>
  Math.round((milliseconds - Math.floor(milliseconds)) * 1000);

/**
 * `2013-07-04T10:00:00.000Z`, with six digits where milliseconds do not say it. The fraction is always
 * there: readers that guess a column's format from its first value take no other after it.
 */
export function timeText(milliseconds: number): string {
  const micros = microseconds(milliseconds);
  // Rounding may carry into the next millisecond.
  const whole = Math.floor(milliseconds) + (micros === 1000 ? 1 : 0);
  const text = new Date(whole).toISOString();
  return micros % 1000 === 0 ? text : `${text.slice(0, -1)}${String(micros).padStart(3, "0")}Z`;
}

/** `2013-07-04` */
export const dateText = (milliseconds: number) =>
  new Date(milliseconds).toISOString().replace(/T.*/, "");

const dayLength = 86_400_000;

/** Days since 1970-01-01. */
export const daysOf = (milliseconds: number) => Math.floor(milliseconds / dayLength);

/** Microseconds since 1970-01-01T00:00Z. */
export const microsOf = (milliseconds: number) =>
  BigInt(Math.floor(milliseconds)) * 1000n + BigInt(microseconds(milliseconds));
