// Words and numbers that a person says are missing, taken out of a column's values.
import type { ColumnValues } from "../../fields/columns.ts";
import { numberIn } from "../../fields/packing/numbers.ts";

/** Whether a text is one of the words: without case and surrounding space, numerals by their value. */
export function isMissingWord(words: readonly string[]): (text: string) => boolean {
  const known = new Set(words.map((word) => word.trim().toLowerCase()));
  const numbers = missingNumbers(words);
  return (text) => {
    const word = text.trim().toLowerCase();
    return known.has(word) || (numbers.size > 0 && numbers.has(numberIn(word)));
  };
}

const missingNumbers = (words: readonly string[]) =>
  new Set(words.map(numberIn).filter((value) => !Number.isNaN(value)));

function withoutNumbers<Values extends Float64Array | Float32Array>(
  values: Values,
  numbers: ReadonlySet<number>,
): Values {
  if (numbers.size === 0 || !values.some((value) => numbers.has(value))) return values;
  const single = values instanceof Float32Array;
  return values.map((value: number) =>
    numbers.has(value) && !(single && Number.isNaN(value)) ? Number.NaN : value,
  ) as Values;
}

/** Values without those that mean "missing": of numbers, texts and dense vectors. */
export function withoutMissing(words: readonly string[]): (column: ColumnValues) => ColumnValues {
  const numbers = missingNumbers(words);
  const isMissing = isMissingWord(words);
  return (column) => {
    if (column.type === "number")
      return { ...column, values: withoutNumbers(column.values, numbers) };
    if (column.type === "vector")
      return { ...column, values: withoutNumbers(column.values, numbers) };
    if (column.type !== "text") return column;
    const values = column.values.map((text) => (text === null || isMissing(text) ? null : text));
    return { type: "text", values };
  };
}
