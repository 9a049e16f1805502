// Pictures of the guide: pixels as PNG inside SVG, which adds the words.
import { writeFileSync } from "node:fs";
import { encode } from "fast-png";

export const FOLDER = "docs/guide/images";

/** One colour a class: Tableau's ten. */
export const colours = [
  ...["#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f"],
  ...["#edc948", "#b07aa1", "#ff9da7", "#9c755f", "#333333"],
];

const rgb = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** Grey images of `side` pixels with values from 0 to 1, `columns` a row, dark on light. */
export function grid(images, columns, side = 28) {
  const rows = Math.ceil(images.length / columns);
  const width = columns * side;
  const data = new Uint8Array(width * rows * side).fill(255);
  for (const [n, image] of images.entries()) {
    const corner = Math.floor(n / columns) * side * width + (n % columns) * side;
    for (let i = 0; i < side * side; i++) {
      data[corner + Math.floor(i / side) * width + (i % side)] = 255 - Math.round(255 * image[i]);
    }
  }
  return { width, height: rows * side, channels: 1, data };
}

/** Points (x, y) of [-range, range]² as discs in the colour of their class, y upwards. */
export function scatter(points, classes, range, size) {
  const data = new Uint8Array(size * size * 3).fill(255);
  const radius = size / 150;
  for (const [n, [x, y]] of points.entries()) {
    const [cx, cy] = [(x / range / 2 + 0.5) * size, (0.5 - y / range / 2) * size];
    const colour = rgb(colours[classes[n]]);
    for (let py = Math.floor(cy - radius); py <= cy + radius + 1; py++) {
      for (let px = Math.floor(cx - radius); px <= cx + radius + 1; px++) {
        if (px < 0 || py < 0 || px >= size || py >= size) continue;
        const far = Math.hypot(px + 0.5 - cx, py + 0.5 - cy);
        const cover = 0.75 * Math.min(1, Math.max(0, radius + 0.5 - far));
        for (let c = 0; c < 3; c++) {
          const at = (py * size + px) * 3 + c;
          data[at] = Math.round(data[at] * (1 - cover) + colour[c] * cover);
        }
      }
    }
  }
  return { width: size, height: size, channels: 3, data };
}

export function picture(x, y, width, height, pixels, crisp = true) {
  const png = Buffer.from(encode(pixels)).toString("base64");
  const style = crisp ? ' style="image-rendering:pixelated"' : "";
  return `<image x="${x}" y="${y}" width="${width}" height="${height}"${style} href="data:image/png;base64,${png}"/>`;
}

export function text(
  x,
  y,
  words,
  { anchor = "start", size = 14, fill = "#222", weight = 400 } = {},
) {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" font-weight="${weight}" fill="${fill}">${words}</text>`;
}

/** White behind it all, so that it reads on a dark page too. */
export function save(name, title, width, height, parts) {
  const body = [
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
  ].join("\n");
  writeFileSync(
    `${FOLDER}/${name}.svg`,
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}" font-family="system-ui, sans-serif">\n${body}\n</svg>\n`,
  );
}
