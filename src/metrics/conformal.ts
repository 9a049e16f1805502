// How rare a score is among scores of rows of the same kind (Vovk, Gammerman and Shafer 2005,
// Algorithmic Learning in a Random World, §2.2; Bates et al. 2023, Testing for outliers with conformal
// p-values).

/** How many of ascending numbers are below a value. */
export function countBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * (1 + the calibration scores that are as high) / (their number + 1). Of a row of their kind it is at
 * most α with a probability of at most α, and of at least α − 1 / (number + 1) where no scores are equal.
 * @param calibration ascending.
 */
export function conformalPValue(calibration: Float64Array, score: number): number {
  const { length } = calibration;
  return (1 + length - countBelow(calibration, score)) / (length + 1);
}
