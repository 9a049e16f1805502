// 32×32 pictures of which everything is known: every combination of kind, size, rotation and place of
// a shape, 9,600 in all, as dSprites has them.
export const SIDE = 32;
const POINTS = 3;

/** Whether the point (u, v), as seen from the shape's middle, lies inside it. */
const kinds = [
  (u, v, size) => Math.abs(u) < size && Math.abs(v) < 0.5 * size,
  (u, v, size) => (u / size) ** 2 + (v / (0.6 * size)) ** 2 < 1,
  (u, v, size) => v < 0.5 * size && Math.sqrt(3) * Math.abs(u) - v < size,
];

const even = (count, low, high) =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

/** The values of each factor. A rectangle and an ellipse are as they were after half a turn. */
const values = {
  kind: [0, 1, 2],
  size: even(4, 5, 9),
  rotation: Array.from({ length: 8 }, (_, i) => (Math.PI * i) / 8),
  x: even(10, 10, 22),
  y: even(10, 10, 22),
};
export const factorNames = Object.keys(values);

function draw(pixels, [kind, size, rotation, x, y]) {
  const [cosine, sine] = [Math.cos(rotation), Math.sin(rotation)];
  for (let i = 0; i < SIDE * SIDE; i++) {
    let hits = 0;
    for (let point = 0; point < POINTS * POINTS; point++) {
      const dx = (i % SIDE) + ((point % POINTS) + 0.5) / POINTS - x;
      const dy = Math.floor(i / SIDE) + (Math.floor(point / POINTS) + 0.5) / POINTS - y;
      if (kinds[kind](cosine * dx + sine * dy, cosine * dy - sine * dx, size)) hits++;
    }
    pixels[i] = Math.round((255 * hits) / (POINTS * POINTS));
  }
}

/** All pictures, one byte a pixel, and for each the places of its factors' values. */
export function allShapes() {
  const lists = Object.values(values);
  const count = lists.reduce((product, { length }) => product * length, 1);
  const pixels = new Uint8Array(count * SIDE * SIDE);
  const factors = [];
  for (let n = 0; n < count; n++) {
    let rest = n;
    const places = lists.map(({ length }) => {
      const place = rest % length;
      rest = Math.floor(rest / length);
      return place;
    });
    draw(
      pixels.subarray(n * SIDE * SIDE, (n + 1) * SIDE * SIDE),
      places.map((place, i) => lists[i][place]),
    );
    factors.push(places);
  }
  return { pixels, factors };
}
