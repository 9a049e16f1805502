// Multi-scale structural similarity (Wang, Simoncelli and Bovik 2003, equation 7), with as many of its five
// scales as images are large enough for and their weights made to sum to 1: two of 28 × 28 pixels.
const WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
const WINDOW = 11;
const [C1, C2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];

const kernel = (() => {
  const raw = Array.from({ length: WINDOW }, (_, i) => Math.exp(-((i - 5) ** 2) / (2 * 1.5 ** 2)));
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((value) => value / sum);
})();

/** Weighted means under the window wherever it lies inside. */
function blurred(image, height, width) {
  const [tall, wide] = [height - WINDOW + 1, width - WINDOW + 1];
  const half = new Float64Array(height * wide);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < wide; x++) {
      let sum = 0;
      for (let k = 0; k < WINDOW; k++) sum += kernel[k] * image[y * width + x + k];
      half[y * wide + x] = sum;
    }
  }
  const out = new Float64Array(tall * wide);
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < wide; x++) {
      let sum = 0;
      for (let k = 0; k < WINDOW; k++) sum += kernel[k] * half[(y + k) * wide + x];
      out[y * wide + x] = sum;
    }
  }
  return out;
}

/** The means of luminance, and of contrast times structure. */
function parts(a, b, height, width) {
  const blur = (of) =>
    blurred(
      Float64Array.from(a, (_, i) => of(a[i], b[i])),
      height,
      width,
    );
  const [x, y] = [blur((p) => p), blur((_, q) => q)];
  const [xx, yy, xy] = [blur((p) => p * p), blur((_, q) => q * q), blur((p, q) => p * q)];
  let [light, structure] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    const [m, n] = [x[i], y[i]];
    light += (2 * m * n + C1) / (m * m + n * n + C1);
    structure += (2 * (xy[i] - m * n) + C2) / (xx[i] - m * m + yy[i] - n * n + C2);
  }
  return { light: light / x.length, structure: structure / x.length };
}

function halved(image, height, width) {
  const [tall, wide] = [height >> 1, width >> 1];
  const out = new Float64Array(tall * wide);
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < wide; x++) {
      const at = 2 * y * width + 2 * x;
      out[y * wide + x] =
        (image[at] + image[at + 1] + image[at + width] + image[at + width + 1]) / 4;
    }
  }
  return out;
}

/** Of two grey images of bytes, at least 11 pixels high and wide. */
export function msSsim(first, second, height, width) {
  let [a, b, tall, wide] = [Float64Array.from(first), Float64Array.from(second), height, width];
  const scales = Math.min(
    WEIGHTS.length,
    1 + Math.floor(Math.log2(Math.min(height, width) / WINDOW)),
  );
  const total = WEIGHTS.slice(0, scales).reduce((sum, weight) => sum + weight, 0);
  let product = 1;
  for (let scale = 0; scale < scales; scale++) {
    const { light, structure } = parts(a, b, tall, wide);
    const value = scale === scales - 1 ? light * structure : structure;
    product *= Math.max(0, value) ** (WEIGHTS[scale] / total);
    if (scale === scales - 1) break;
    [a, b] = [halved(a, tall, wide), halved(b, tall, wide)];
    [tall, wide] = [tall >> 1, wide >> 1];
  }
  return product;
}
