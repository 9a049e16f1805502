// Zeros, numbers from 0 to 10, and the smallest above 0. How what is seen lies in memory: how many are 0, how many
// above it and below ten, and the smallest above it, f64.

const ZEROS: usize = 0;
const BELOW_TEN: usize = 8;
const SMALLEST: usize = 16;

/**
 * Adds numbers; returns the least of them, ∞ without any.
 * @param counts how often each is there, f64; 0 for once.
 */
export function addShape(seen: usize, values: usize, counts: usize, length: u32): f64 {
  let zeros = load<f64>(seen, ZEROS);
  let belowTen = load<f64>(seen, BELOW_TEN);
  let smallest = load<f64>(seen, SMALLEST);
  let least: f64 = Infinity;
  for (let i: usize = 0; i < length; i++) {
    const value = load<f64>(values + (i << 3));
    const times = counts == 0 ? 1 : load<f64>(counts + (i << 3));
    if (value < least) least = value;
    if (value == 0) zeros += times;
    else if (value > 0) {
      if (value < smallest) smallest = value;
      if (value < 10) belowTen += times;
    }
  }
  store<f64>(seen, zeros, ZEROS);
  store<f64>(seen, belowTen, BELOW_TEN);
  store<f64>(seen, smallest, SMALLEST);
  return least;
}
