// Puts the pictures of `npm start` side by side, twice as large, for the README.
import { readFileSync, writeFileSync } from "node:fs";
import { decode, encode } from "fast-png";

const SCALE = 2;
const GAP = 16;
const names = ["originals", "reconstructions", "samples"];
const pictures = names.map((name) => decode(readFileSync(`runs/shapes/${name}.png`)));
const side = pictures[0].width * SCALE;
const width = names.length * side + (names.length - 1) * GAP;
const data = new Uint8Array(width * side).fill(255);
for (const [i, picture] of pictures.entries()) {
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = Math.floor(y / SCALE) * picture.width + Math.floor(x / SCALE);
      data[y * width + i * (side + GAP) + x] = picture.data[from * picture.channels];
    }
  }
}
writeFileSync("docs/images/shapes.png", encode({ width, height: side, channels: 1, data }));
