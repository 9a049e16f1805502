// Temperature scaling (Guo et al. 2017, On Calibration of Modern Neural Networks, §4.2): probabilities
// to the power 1/T, of which T is what makes rows that were not learned likeliest.

/** Below, a probability says no more than that a level was not expected. */
export const LEAST = 1e-12;

/** p to the power 1/T, with a sum of 1. */
export function tempered(probabilities: ArrayLike<number>, temperature: number): number[] {
  const logs = Array.from(probabilities, (p) => Math.log(Math.max(p, LEAST)) / temperature);
  const peak = Math.max(...logs);
  const powers = logs.map((log) => Math.exp(log - peak));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** Powers 1/T that are looked among. */
const [SOFTEST, SHARPEST] = [1 / 20, 20];
/** Halvings that leave less than a millionth of the range. */
const STEPS = 40;

/**
 * The temperature under which the levels that rows have are likeliest. The mean log-probability is
 * concave in 1/T: its slope, the mean log of what a row has less what is expected, is halved to 0. Of n
 * rows and K levels a row counts as (n + 1)/(n + K) of its own and 1/(n + K) of each other: so few rows
 * that all are right are no reason to be certain (Platt 1999, Probabilistic Outputs for Support Vector
 * Machines, §2.2).
 * @param rows probabilities of each level, and the place of the one that the row has.
 * @returns 1 of no rows.
 */
export function fitTemperature(
  rows: readonly { probabilities: ArrayLike<number>; level: number }[],
): number {
  if (rows.length === 0) return 1;
  const known = rows.map(({ probabilities, level }) => {
    const logs = Array.from(probabilities, (p) => Math.log(Math.max(p, LEAST)));
    const others = logs.reduce((sum, log) => sum + log, 0) - logs[level]!;
    const own = (logs[level]! * (rows.length + 1) + others) / (rows.length + logs.length);
    return { logs, own, peak: Math.max(...logs) };
  });
  const slope = (power: number) => {
    let total = 0;
    for (const { logs, own, peak } of known) {
      let [sum, mean] = [0, 0];
      for (const log of logs) {
        const p = Math.exp((log - peak) * power);
        sum += p;
        mean += p * log;
      }
      total += own - mean / sum;
    }
    return total;
  };
  let [low, high] = [Math.log(SOFTEST), Math.log(SHARPEST)];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (slope(Math.exp(middle)) > 0) low = middle;
    else high = middle;
  }
  return Math.exp(-(low + high) / 2);
}

/**
 * The expected calibration error (Guo et al. 2017, equation 3): how far the probability of the level
 * that is predicted is from the share of rows that have it, over bins of even width.
 */
export function calibrationError(
  rows: readonly { confidence: number; right: boolean }[],
  bins = 15,
): number {
  const sums = Array.from({ length: bins }, () => ({ confidence: 0, right: 0 }));
  for (const { confidence, right } of rows) {
    const bin = sums[Math.min(bins - 1, Math.floor(confidence * bins))]!;
    bin.confidence += confidence;
    bin.right += +right;
  }
  return sums.reduce((all, bin) => all + Math.abs(bin.confidence - bin.right), 0) / rows.length;
}
