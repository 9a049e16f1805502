// Mean, deviation and skewness in one pass: of each piece about its own mean, then merged, which keeps the digits of
// columns far from zero (Chan, Golub and LeVeque 1983; Pébay 2008). How they lie in memory: the number of values,
// their mean, and the sums of squares and cubes about it, f64.

const N: usize = 0;
const MEAN: usize = 8;
const M2: usize = 16;
const M3: usize = 24;

/**
 * Adds numbers; NaN counts as missing.
 * @param counts how often each is there, f64; 0 for once.
 */
export function addMoments(moments: usize, values: usize, counts: usize, length: u32): void {
  let count: f64 = 0;
  let sum: f64 = 0;
  for (let i: usize = 0; i < length; i++) {
    const value = load<f64>(values + (i << 3));
    if (value != value) continue;
    const times = counts == 0 ? 1 : load<f64>(counts + (i << 3));
    count += times;
    sum += times * value;
  }
  if (count == 0) return;
  const center = sum / count;
  let first: f64 = 0;
  let second: f64 = 0;
  let third: f64 = 0;
  for (let i: usize = 0; i < length; i++) {
    const d = load<f64>(values + (i << 3)) - center;
    if (d != d) continue;
    const times = counts == 0 ? 1 : load<f64>(counts + (i << 3));
    const square = d * d;
    first += times * d;
    second += times * square;
    third += times * square * d;
  }
  // The rounding of `center` is taken out again: the sums are about center + shift.
  const shift = first / count;
  third -= 3 * shift * second - 2 * count * (shift * shift * shift);
  second -= count * shift * shift;
  const n = load<f64>(moments, N);
  const mean = load<f64>(moments, MEAN);
  const m2 = load<f64>(moments, M2);
  const m3 = load<f64>(moments, M3);
  const total = n + count;
  const delta = center + shift - mean;
  const merged =
    third +
    (delta * delta * delta * n * count * (n - count)) / (total * total) +
    (3 * delta * (n * second - count * m2)) / total;
  store<f64>(moments, m3 + merged, M3);
  store<f64>(moments, m2 + second + (delta * delta * n * count) / total, M2);
  store<f64>(moments, mean + (delta * count) / total, MEAN);
  store<f64>(moments, total, N);
}
