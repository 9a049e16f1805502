// "Did you mean": the nearest known word to a mistyped one.

/** Levenshtein distance between two words, where two letters in the wrong order are one change. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          ...[row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + change],
          swapped ? before[j - 2]! + 1 : Infinity,
        ),
      );
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length]!;
}

/** The known word within a third of the typed word's length of it (at least 2 edits), if any. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(typed.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const word of known) {
    const d = distance(typed.toLowerCase(), word.toLowerCase());
    if (d < bestDistance) {
      best = word;
      bestDistance = d;
    }
  }
  return best;
}
