// The part of a report about each field's distribution: of generated rows beside the data's.
import { percent } from "../base/words.ts";
import type { Charts } from "./charts.ts";
import type { FieldFit, ReportFacts } from "./facts.ts";
import { type Html, html, table } from "./html.ts";

/** Fields with a chart that is open, and that have a chart at all; the rest is a table. */
const [OPEN, DRAWN] = [12, 48];

function chartOf({ name, shape, distance }: FieldFit, charts: Charts): Html {
  const told = {
    title: `${name}: data and generated rows`,
    description: `${name}: distance ${distance.toFixed(3)} between the data (filled) and generated rows (line).`,
  };
  switch (shape.type) {
    case "histogram":
      return charts.histogram(told, shape.edges, [shape.observed, shape.generated], shape.time);
    case "levels": {
      const shares = shape.levels.map(
        (level, i) => `${level} ${percent(shape.observed[i]!)} and ${percent(shape.generated[i]!)}`,
      );
      const description = `${told.description} Shares in the data and generated: ${shares.join("; ")}.`;
      return charts.levels({ ...told, description }, shape.levels, [
        shape.observed,
        shape.generated,
      ]);
    }
    case "profile":
      return charts.profile(told, shape.observed, shape.generated);
    case "images":
      return html`<span class="means"><img src="${shape.observed}" alt="mean image of the data"><img src="${shape.generated}" alt="mean image of generated rows"></span>`;
    default:
      return shape satisfies never;
  }
}

function card(fit: FieldFit, charts: Charts): Html {
  const { name, kind, distance, chance } = fit;
  const beside =
    chance === null
      ? ""
      : distance > chance
        ? `, ${chance.toFixed(3)} by chance alone`
        : ", no more than by chance";
  return html`<div class="card"><h3>${name}</h3><p>${kind}; distance ${distance.toFixed(3)}${beside}</p>${chartOf(fit, charts)}</div>`;
}

export function fitSection({ fits }: ReportFacts, charts: Charts): Html | null {
  if (!fits || fits.fits.length === 0) return null;
  const { called } = fits;
  const open = fits.fits.slice(0, OPEN);
  const folded = fits.fits.slice(OPEN, DRAWN);
  const rest = fits.fits.slice(DRAWN);
  const cards = (some: readonly FieldFit[]) =>
    html`<div class="cards">${some.map((fit) => card(fit, charts))}</div>`;
  return html`<p>How ${called} are distributed, the worst first. The distance is 0 where both are the same and at most 1: for numbers the largest difference between the shares of rows below a value (Kolmogorov and Smirnov), for levels half the sum of differences between shares, for vectors the mean over places. Two samples of one distribution would exceed the distance by chance alone once in twenty.</p><ul class="legend"><li><span class="box"></span>data: filled (an image: left)</li><li><span class="stroke"></span>generated: line (an image: right)</li></ul>${cards(open)}${
    folded.length > 0 &&
    html`<details><summary>${folded.length} more fields that fit better</summary>${cards(folded)}</details>`
  }${
    rest.length > 0 &&
    html`<details><summary>${rest.length} fields that fit better still</summary>${table(
      "Distances",
      ["field", "kind", "distance"],
      rest.map(({ name, kind, distance }) => [name, kind, distance.toFixed(3)]),
      "numbers",
    )}</details>`
  }`;
}
