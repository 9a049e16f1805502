// How near an image is to another, of pixels from 0 to 1.

/** Peak signal-to-noise ratio in decibels; Infinity of images that are equal. */
export function psnr(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return -10 * Math.log10(sum / a.length);
}

/** Wang et al.'s window, 11 × 11 with deviation 1.5, and constants. */
export const WINDOW = 11;
const DEVIATION = 1.5;
const [C1, C2] = [0.01 ** 2, 0.03 ** 2];

const weights = (() => {
  const middle = (WINDOW - 1) / 2;
  const raw = Float64Array.from({ length: WINDOW }, (_, i) =>
    Math.exp(-((i - middle) ** 2) / (2 * DEVIATION ** 2)),
  );
  const total = raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => value / total);
})();

/** Weighted means under the window wherever it lies inside, along columns and then rows. */
function blurred(image: Float64Array, height: number, width: number): Float64Array {
  const [tall, wide] = [height - WINDOW + 1, width - WINDOW + 1];
  const half = new Float64Array(tall * width);
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < WINDOW; k++) sum += weights[k]! * image[(y + k) * width + x]!;
      half[y * width + x] = sum;
    }
  }
  const out = new Float64Array(tall * wide);
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < wide; x++) {
      let sum = 0;
      for (let k = 0; k < WINDOW; k++) sum += weights[k]! * half[y * width + x + k]!;
      out[y * wide + x] = sum;
    }
  }
  return out;
}

/**
 * The mean structural similarity of one channel (Wang, Bovik, Sheikh and Simoncelli 2004, equation 13
 * and section III-C): 1 of equal images.
 * @param a `(height, width)`, neither below `WINDOW`.
 */
export function ssim(a: Float64Array, b: Float64Array, height: number, width: number): number {
  const mean = (f: (i: number) => number) =>
    blurred(
      a.map((_, i) => f(i)),
      height,
      width,
    );
  const [x, y] = [blurred(a, height, width), blurred(b, height, width)];
  const xx = mean((i) => a[i]! ** 2);
  const yy = mean((i) => b[i]! ** 2);
  const xy = mean((i) => a[i]! * b[i]!);
  const each = x.map((mx, i) => {
    const my = y[i]!;
    const [vx, vy, cov] = [xx[i]! - mx ** 2, yy[i]! - my ** 2, xy[i]! - mx * my];
    return ((2 * mx * my + C1) * (2 * cov + C2)) / ((mx ** 2 + my ** 2 + C1) * (vx + vy + C2));
  });
  return each.reduce((sum, value) => sum + value, 0) / each.length;
}
