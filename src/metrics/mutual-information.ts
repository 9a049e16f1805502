// How much one column tells of another, in nats, whatever the shape of what they have in common.

/** Places of equal numbers of rows that a column of numbers is cut into; equal numbers share one. */
export function equalShares(values: ArrayLike<number>, bins: number): Int32Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const places = new Int32Array(values.length);
  for (let i = 0; i < order.length; i++) {
    const before = order[i - 1];
    const same = before !== undefined && values[before] === values[order[i]!];
    places[order[i]!] = same ? places[before]! : Math.floor((i * bins) / order.length);
  }
  return places;
}

/** So many that each pair of bins still has some rows: the cube root of their number, 16 at most. */
export const binsFor = (rows: number): number =>
  Math.max(2, Math.min(16, Math.round(Math.cbrt(rows))));

export interface MutualInformation {
  /** Of the counts as they are: too much by `bias` where there are few rows. */
  plain: number;
  /** (levels of a − 1)(levels of b − 1) / 2n, what columns of no relation are told on average (Miller 1955). */
  bias: number;
  /** Without it, and at least 0. Bins leave out what happens within them. */
  value: number;
}

/** I(a; b) of two columns of whole numbers, each standing for a level. */
export function mutualInformation(a: ArrayLike<number>, b: ArrayLike<number>): MutualInformation {
  const { length } = a;
  const pairs = new Map<string, number>();
  const [ofA, ofB] = [new Map<number, number>(), new Map<number, number>()];
  for (let i = 0; i < length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    const pair = `${x},${y}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    ofA.set(x, (ofA.get(x) ?? 0) + 1);
    ofB.set(y, (ofB.get(y) ?? 0) + 1);
  }
  const entropy = (counts: Iterable<number>) => {
    let sum = 0;
    for (const count of counts) sum -= (count / length) * Math.log(count / length);
    return sum;
  };
  if (length === 0) return { plain: 0, bias: 0, value: 0 };
  const plain = entropy(ofA.values()) + entropy(ofB.values()) - entropy(pairs.values());
  const bias = ((ofA.size - 1) * (ofB.size - 1)) / (2 * length);
  return { plain, bias, value: Math.max(0, plain - bias) };
}
