// The two models as boxes and arrows.
import { save, text } from "./draw.mjs";

const [BOX, HIGH] = ["#eef3f9", 44];

function box(x, y, width, words, fill = BOX) {
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${HIGH}" rx="8" fill="${fill}" stroke="#4e79a7"/>`,
    text(x + width / 2, y + HIGH / 2 + 5, words, { anchor: "middle" }),
  ];
}

function arrow(x1, y1, x2, y2) {
  return `<path d="M${x1} ${y1} L${x2} ${y2}" stroke="#444" fill="none" marker-end="url(#tip)"/>`;
}

const tip =
  '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#444"/></marker></defs>';

const bold = { weight: 600 };
const middle = { anchor: "middle" };
const small = { size: 12, fill: "#666", anchor: "middle" };

export function saveSchemes() {
  const autoencoder = [
    text(16, 28, "autoencoder", bold),
    text(30, 77, "x", middle),
    arrow(42, 72, 78, 72),
    ...box(80, 50, 110, "encoder"),
    arrow(190, 72, 336, 72),
    ...box(338, 50, 60, "z", "#fdf1e3"),
    arrow(398, 72, 544, 72),
    ...box(546, 50, 110, "decoder"),
    arrow(656, 72, 692, 72),
    text(708, 77, "x̂", middle),
    text(368, 112, "a point", small),
  ];
  const variational = [
    text(16, 164, "variational autoencoder", bold),
    text(30, 233, "x", middle),
    arrow(42, 228, 78, 228),
    ...box(80, 206, 110, "encoder"),
    arrow(190, 220, 236, 204),
    arrow(190, 236, 236, 252),
    ...box(238, 180, 60, "μ", "#fdf1e3"),
    ...box(238, 232, 60, "log σ²", "#fdf1e3"),
    arrow(298, 202, 336, 222),
    arrow(298, 254, 336, 234),
    ...box(338, 206, 120, "z = μ + σ · ε", "#fdf1e3"),
    arrow(398, 290, 398, 252),
    text(398, 308, "ε ~ N(0, I)", middle),
    arrow(458, 228, 544, 228),
    ...box(546, 206, 110, "decoder"),
    arrow(656, 228, 692, 228),
    text(722, 233, "p(x | z)", { anchor: "middle", size: 13 }),
    text(268, 296, "a cloud", small),
  ];
  save("models", "An autoencoder and a VAE", 760, 322, [tip, ...autoencoder, ...variational]);
}
