// What a context has seen, in one byte: how many zeros and ones, few of each, and which came last.
// The newer bits count for more: seeing one sort forgets most of the other (Mahoney, PAQ6, 2003).

/** The most of the commoner bit, by how many there are of the rarer one. */
const most = [48, 24, 10, 6, 5];

interface History {
  counts: [zeros: number, ones: number];
  last: 0 | 1;
}

const allowed = (a: number, b: number) => Math.max(a, b) <= (most[Math.min(a, b)] ?? 0);

/** Of a long row of bits the other way, its logarithm stays. */
const recalled = (count: number) => (count > 2 ? 32 - Math.clz32(count) : count);

function after({ counts }: History, bit: 0 | 1): History {
  let same = counts[bit] + 1;
  let other = recalled(counts[1 - bit]!);
  while (!allowed(same, other)) {
    if (same > other) same--;
    else other--;
  }
  return { counts: bit === 1 ? [other, same] : [same, other], last: bit };
}

/** Where only one sort was seen, it came last. */
const keyOf = ({ counts: [zeros, ones], last }: History) =>
  `${zeros},${ones},${zeros > 0 && ones > 0 ? last : 0}`;

/** All histories, those of fewer bits first: a larger number has seen more. */
function histories(): History[] {
  const found = new Map<string, History>();
  const add = (history: History) => {
    if (found.has(keyOf(history))) return;
    found.set(keyOf(history), history);
    add(after(history, 0));
    add(after(history, 1));
  };
  add({ counts: [0, 0], last: 0 });
  const total = ({ counts }: History) => counts[0] + counts[1];
  return [...found.values()].sort((a, b) => total(a) - total(b));
}

const states = histories();

/** How many there are: they are numbered from 0, which has seen nothing. */
export const historyCount = states.length;

/** At 2 × state + bit the state that follows. */
export const nextHistory = ((): Uint8Array => {
  const numbers = new Map(states.map((state, i) => [keyOf(state), i]));
  const next = (state: History, bit: 0 | 1) => numbers.get(keyOf(after(state, bit)))!;
  return Uint8Array.from(states.flatMap((state) => [next(state, 0), next(state, 1)]));
})();

/** The probability of a one after each state, times 2^16, to begin with. */
export const firstGuess = Uint16Array.from(states, ({ counts: [zeros, ones] }) =>
  Math.floor((65536 * (2 * ones + 1)) / (2 * (zeros + ones) + 2)),
);
