// How far two partitions of the same rows agree, whatever their parts are called.

function contingency(a: readonly number[], b: readonly number[]) {
  const cells = new Map<string, number>();
  const [ofA, ofB] = [new Map<number, number>(), new Map<number, number>()];
  const add = <Key>(counts: Map<Key, number>, key: Key) =>
    counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const [i, code] of a.entries()) {
    add(cells, `${code}/${b[i]}`);
    add(ofA, code);
    add(ofB, b[i]!);
  }
  return [[...cells.values()], [...ofA.values()], [...ofB.values()]] as const;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const pairs = (counts: readonly number[]) => sum(counts.map((n) => (n * (n - 1)) / 2));

/** The adjusted Rand index (Hubert and Arabie 1985, equation 5): 1 of one partition, 0 by chance. */
export function adjustedRandIndex(a: readonly number[], b: readonly number[]): number {
  const [cells, ofA, ofB] = contingency(a, b);
  const all = (a.length * (a.length - 1)) / 2;
  const [inA, inB] = [pairs(ofA), pairs(ofB)];
  const expected = all > 0 ? (inA * inB) / all : 0;
  const most = (inA + inB) / 2;
  return most === expected ? 1 : (pairs(cells) - expected) / (most - expected);
}

/** In nats, of counts of the same rows. */
const entropy = (counts: readonly number[]) => {
  const total = sum(counts);
  return -sum(counts.map((n) => (n / total) * Math.log(n / total)));
};

/** What each tells of the other, in nats. */
export function mutualInformation(a: readonly number[], b: readonly number[]): number {
  const [cells, ofA, ofB] = contingency(a, b);
  return Math.max(0, entropy(ofA) + entropy(ofB) - entropy(cells));
}

export function entropyOf(codes: readonly number[]): number {
  const [, own] = contingency(codes, codes);
  return entropy(own);
}

/** That over the mean of both entropies (Strehl and Ghosh 2002, with the arithmetic mean). */
export function normalizedMutualInformation(a: readonly number[], b: readonly number[]): number {
  const mean = (entropyOf(a) + entropyOf(b)) / 2;
  return mean === 0 ? 1 : mutualInformation(a, b) / mean;
}
