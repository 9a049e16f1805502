// Images of bytes stretched to another size, as libvips does it for sharp: shrunk by Lanczos's kernel
// of three lobes, to less than a quarter after means of whole pixels; grown by Catmull and Rom's cubic.

export interface Image {
  width: number;
  height: number;
  channels: number;
  /** Row-major, channels last. */
  values: Uint8Array;
}

interface Kernel {
  /** It is 0 from there on. */
  reach: number;
  at(x: number): number;
}

const lanczos: Kernel = {
  reach: 3,
  at(x) {
    const angle = Math.PI * x;
    return x === 0 ? 1 : (3 * Math.sin(angle) * Math.sin(angle / 3)) / (angle * angle);
  },
};

const catmullRom: Kernel = {
  reach: 2,
  at(x) {
    const far = Math.abs(x);
    if (far <= 1) return 1 - 2.5 * far ** 2 + 1.5 * far ** 3;
    return 2 - 4 * far + 2.5 * far ** 2 - 0.5 * far ** 3;
  },
};

/** An axis of the values: `lines × size × inner`. */
interface Axis {
  lines: number;
  size: number;
  inner: number;
}

const clamp = (place: number, size: number) => Math.max(0, Math.min(size - 1, place));

type Values = Uint8Array | Uint8ClampedArray | Float32Array;

/** For each place of the result, where its weights begin in the source, and the weights. */
function weightsOf(
  kernel: Kernel,
  to: number,
  scale: number,
): { start: number; weights: Float64Array }[] {
  const wide = Math.max(1, scale);
  return Array.from({ length: to }, (_, place) => {
    // libvips grows to half a pixel of the result aside; the same data is to give the same rows here.
    const centre = (kernel === lanczos ? place + 0.5 : place) * scale - 0.5;
    const start = Math.floor(centre - kernel.reach * wide) + 1;
    const end = Math.ceil(centre + kernel.reach * wide);
    const weights = Float64Array.from({ length: end - start }, (_, i) =>
      kernel.at((start + i - centre) / wide),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { start, weights: weights.map((weight) => weight / sum) };
  });
}

/**
 * Fills `result`, the same axis with another size.
 * @param scale places of the source for one of the result.
 */
function resample<Result extends Uint8ClampedArray | Float32Array>(
  values: Values,
  { lines, size, inner }: Axis,
  kernel: Kernel,
  scale: number,
  result: Result,
): Result {
  const to = result.length / lines / inner;
  const all = weightsOf(kernel, to, scale);
  for (let line = 0; line < lines; line++) {
    const source = line * size * inner;
    for (const [place, { start, weights }] of all.entries()) {
      const target = (line * to + place) * inner;
      for (let c = 0; c < inner; c++) {
        let sum = 0;
        // Beyond the edge lies the edge.
        for (let i = 0; i < weights.length; i++) {
          sum += weights[i]! * values[source + clamp(start + i, size) * inner + c]!;
        }
        result[target + c] = sum;
      }
    }
  }
  return result;
}

/** Means of `factor` neighbours; those of the last repeat the edge. */
function means(values: Values, { lines, size, inner }: Axis, factor: number): Uint8ClampedArray {
  const to = Math.ceil(size / factor);
  const result = new Uint8ClampedArray(lines * to * inner);
  for (let line = 0; line < lines; line++) {
    for (let place = 0; place < to; place++) {
      for (let c = 0; c < inner; c++) {
        let sum = 0;
        for (let i = 0; i < factor; i++) {
          sum += values[(line * size + clamp(place * factor + i, size)) * inner + c]!;
        }
        result[(line * to + place) * inner + c] = sum / factor;
      }
    }
  }
  return result;
}

/** The axis with `to` places, where these are fewer. */
function shrunk(values: Values, axis: Axis, to: number): Values {
  const { lines, size, inner } = axis;
  if (to >= size) return values;
  const result = new Uint8ClampedArray(lines * to * inner);
  const factor = Math.floor(size / to / 2);
  if (factor <= 1) return resample(values, axis, lanczos, size / to, result);
  const coarse = { ...axis, size: Math.ceil(size / factor) };
  return resample(means(values, axis, factor), coarse, lanczos, size / to / factor, result);
}

export function stretch(image: Image, to: { width: number; height: number }): Image {
  const { channels } = image;
  // Where one axis grows, both are interpolated.
  const grows = to.width > image.width || to.height > image.height;
  const height = Math.min(image.height, to.height);
  const width = Math.min(image.width, to.width);
  const rows = { lines: 1, size: image.height, inner: image.width * channels };
  const columns = { lines: height, size: image.width, inner: channels };
  let values = shrunk(shrunk(image.values, rows, height), columns, width);
  if (grows) {
    const [down, across] = [height / to.height, width / to.width];
    const tall = new Float32Array(to.height * width * channels);
    resample(values, { lines: 1, size: height, inner: width * channels }, catmullRom, down, tall);
    const wide = new Uint8ClampedArray(to.height * to.width * channels);
    const axis = { lines: to.height, size: width, inner: channels };
    values = resample(tall, axis, catmullRom, across, wide);
  }
  return { ...to, channels, values: new Uint8Array(values) };
}
