// Points in a space, row by row, and how far they are from each other: what measures of neighbourhoods,
// clusters and mixing share.

/** `(rows, size)`, row-major. */
export interface Points {
  rows: number;
  size: number;
  values: ArrayLike<number>;
}

/** Euclidean distances from one point to all, itself among them. */
export function distancesFrom({ rows, size, values }: Points, row: number): Float64Array {
  const distances = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) {
      sum += (values[i * size + j]! - values[row * size + j]!) ** 2;
    }
    distances[i] = Math.sqrt(sum);
  }
  return distances;
}

/** Places of the `count` nearest others, the nearest first; equals in their order. */
export function nearestOthers(distances: Float64Array, row: number, count: number): number[] {
  const others = Array.from(distances.keys()).filter((place) => place !== row);
  return others.sort((a, b) => distances[a]! - distances[b]! || a - b).slice(0, Math.max(0, count));
}

/** Some of the points. */
export function pickPoints({ size, values }: Points, places: readonly number[]): Points {
  const picked = new Float64Array(places.length * size);
  for (const [i, place] of places.entries()) {
    for (let j = 0; j < size; j++) picked[i * size + j] = values[place * size + j]!;
  }
  return { rows: places.length, size, values: picked };
}

/** Levels as whole numbers from 0, in the order in which they come. */
export function codesOf(labels: readonly (string | number)[]): { codes: number[]; count: number } {
  const places = new Map<string | number, number>();
  const codes = labels.map((label) => {
    const place = places.get(label) ?? places.size;
    places.set(label, place);
    return place;
  });
  return { codes, count: places.size };
}
