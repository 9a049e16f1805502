// How many symbols of a text must be put in, taken out or replaced to make it another (Levenshtein 1966,
// "Binary codes capable of correcting deletions, insertions, and reversals").

/** Symbols are code points. */
export function editDistance(a: string, b: string): number {
  const [from, to] = [[...a], [...b]];
  // Distances from the first i symbols of one to the first j of the other, a row at a time.
  let before = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (const [i, symbol] of from.entries()) {
    const row = [i + 1];
    for (const [j, other] of to.entries()) {
      const replaced = before[j]! + Number(symbol !== other);
      row.push(Math.min(replaced, before[j + 1]! + 1, row[j]! + 1));
    }
    before = row;
  }
  return before[to.length]!;
}
