// Images of which everything is known: a square, a disc or a triangle of 28×28 pixels, with five
// factors of variation. A model trained on them can be held against what made them.
import { gzipSync } from "node:zlib";

export const SIDE = 28;
export const KINDS = ["square", "disc", "triangle"];
/** Points in a pixel along each axis, for soft edges. */
const POINTS = 3;

/** Numbers in [0, 1), the same for the same seed (the "minimal standard" of Park and Miller). */
function numbersOf(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Whether the point (u, v), as seen from the shape's middle, lies inside it. */
function inside(kind, u, v, size) {
  if (kind === "disc") return u * u + v * v < size * size;
  if (kind === "square") return Math.max(Math.abs(u), Math.abs(v)) < 0.85 * size;
  // Each side of the triangle is half as far from the middle as the corners.
  const half = 0.6 * size;
  return v < half && Math.sqrt(3) * Math.abs(u) - v < 2 * half;
}

function draw(pixels, { kind, x, y, size, rotation }) {
  const [cosine, sine] = [Math.cos(rotation), Math.sin(rotation)];
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      let hits = 0;
      for (let point = 0; point < POINTS * POINTS; point++) {
        const dx = column + ((point % POINTS) + 0.5) / POINTS - x;
        const dy = row + (Math.floor(point / POINTS) + 0.5) / POINTS - y;
        if (inside(kind, cosine * dx + sine * dy, cosine * dy - sine * dx, size)) hits++;
      }
      pixels[row * SIDE + column] = Math.round((255 * hits) / (POINTS * POINTS));
    }
  }
}

/** `count` images side by side, one byte a pixel, and the factors of each. */
export function makeShapes(count, seed) {
  const next = numbersOf(seed);
  const between = (low, high) => low + (high - low) * next();
  const pixels = new Uint8Array(count * SIDE * SIDE);
  const factors = Array.from({ length: count }, (_, i) => {
    const factor = {
      kind: KINDS[Math.floor(between(0, KINDS.length))],
      x: between(9, 19),
      y: between(9, 19),
      size: between(5, 8.5),
      rotation: between(0, Math.PI / 2),
    };
    draw(pixels.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE), factor);
    return factor;
  });
  return { pixels, factors };
}

/** The images as an IDX file, gzip, as MNIST's are. */
export function shapesIdx(pixels) {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(0x00000803, 0);
  head.writeUInt32BE(pixels.length / (SIDE * SIDE), 4);
  head.writeUInt32BE(SIDE, 8);
  head.writeUInt32BE(SIDE, 12);
  return gzipSync(Buffer.concat([head, pixels]));
}

/** The factors as a CSV table; a disc's rotation is there and shows in nothing. */
export function factorsCsv(factors) {
  const lines = factors.map(({ kind, x, y, size, rotation }) => {
    return [kind, ...[x, y, size, rotation].map((value) => value.toFixed(4))].join(",");
  });
  return `${["kind,x,y,size,rotation", ...lines].join("\n")}\n`;
}
