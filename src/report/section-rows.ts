// The parts of a report that show rows: the latent map, reconstructions, samples and traversals.
import { type ImageField, isModelled } from "../fields/field.ts";
import type { RawRows } from "../tasks/raw-rows.ts";
import type { SamplerName } from "../tasks/samplers.ts";
import { cell, cellText } from "./cells.ts";
import type { Charts } from "./charts.ts";
import type { ReportFacts, Traversal } from "./facts.ts";
import {
  figureText as figure,
  type Html,
  html,
  jsonFor,
  SCRIPT_END,
  signed,
  table,
} from "./html.ts";
import { gridOf, pictureOf, pixelBytes } from "./pictures.ts";

/** Columns of wide tables that are shown. */
const MOST_COLUMNS = 12;

/** Where rows have an image, and the field that it is of. */
function imageIn({ run }: ReportFacts, rows: RawRows) {
  const place = rows.columns.findIndex(({ type }) => type === "image");
  const info = rows.columns[place];
  const field = run.config.schema.fields
    .filter(isModelled)
    .find(({ name, kind }) => kind === "image" && name === info?.name) as ImageField | undefined;
  return info?.type === "image" && field ? { place, info, field } : null;
}

export function mapSection({ map }: ReportFacts, charts: Charts): Html | null {
  if (!map) return null;
  const [a, b] = map.axes;
  const round = (value: number) => Number(value.toPrecision(4));
  const points = Array.from(a.values, (x, i) => [round(x), round(b.values[i]!)] as const);
  const description = `A point for each row, by the mean of its posterior: across ${a.label}, up ${b.label}. Rows near each other are alike to the model. The arrow keys go from point to point.`;
  const chart = charts.scatter({ title: "Latent map", description }, [a.label, b.label], points);
  const { fields, atlas } = map;
  return html`<p>Each point is a row where the model puts it: ${map.called}. Rows that are alike to the model lie together. Point at one to see it.</p>${
    map.instead && html`<p class="note">${map.instead}</p>`
  }<figure class="map" id="map-figure"><label>Colour by<select id="colour"></select></label><ul class="legend" id="map-legend"></ul>${chart}<div id="tip" role="status" hidden></div></figure><script type="application/json" id="map-data">${jsonFor({ fields, atlas })}${SCRIPT_END}`;
}

export async function reconstructionSection(facts: ReportFacts): Promise<Html | null> {
  const { reconstructions } = facts;
  const first = reconstructions?.rows[0];
  if (!reconstructions || !first) return null;
  const { called, rows } = reconstructions;
  const intro = html`<p>From the worst to the best, evenly among ${called}. The error is the mean over a row's values of the squared difference, in deviations of the column; a level that is another counts 1, and a text the share of its symbols that must be edited.</p>`;
  const image = imageIn(facts, first.observed);
  if (image) {
    const { place, info, field } = image;
    const pictures = rows.map(async ({ row, error, observed, reconstructed }) => {
      const at = reconstructed.columns.findIndex(({ name }) => name === info.name);
      const own = await pictureOf(info, pixelBytes(observed.values[place]!, field));
      const made = await pictureOf(info, pixelBytes(reconstructed.values[at]!, field));
      return html`<li><span><img src="${own}" alt="image ${row}, observed" width="${info.width}" height="${info.height}"><img src="${made}" alt="image ${row}, reconstructed" width="${info.width}" height="${info.height}"></span>error ${figure(error)}</li>`;
    });
    return html`${intro}<p class="note">Left: observed. Right: reconstructed.</p><ul class="thumbs">${await Promise.all(pictures)}</ul>`;
  }
  const names = first.reconstructed.columns.map(({ name }) => name);
  const shown = names.slice(0, MOST_COLUMNS);
  const more =
    names.length > shown.length
      ? html`<p class="note">The first ${shown.length} of ${names.length} columns.</p>`
      : null;
  const lines = rows.flatMap(({ row, error, observed, reconstructed }) => {
    const at = (of: RawRows, name: string) =>
      of.columns.findIndex((column) => column.name === name);
    const own = shown.map((name) => cell(observed, at(observed, name), 0));
    const made = shown.map((name) => {
      const [text, other] = [
        cellText(reconstructed, at(reconstructed, name), 0),
        cellText(observed, at(observed, name), 0),
      ];
      const { type } = reconstructed.columns[at(reconstructed, name)]!;
      // Levels are the same or not; numbers hardly ever are.
      return type === "text" && other !== null && text !== other
        ? html`<span class="apart">≠ ${text}</span>`
        : text;
    });
    return [
      [html`row ${row}, observed`, figure(error), ...own],
      [html`<span class="quiet">reconstructed</span>`, "", ...made],
    ];
  });
  return html`${intro}${more}${table("Reconstructions, worst first", ["", "error", ...shown], lines)}`;
}

/** What latents of new rows are, by where they come from. */
const latentsOf: Record<SamplerName, string> = {
  prior: "draws of the prior",
  mixture: "draws of a mixture of Gaussians fitted to those of training rows (--sampler mixture)",
  "two-stage": "draws of a second VAE (--sampler two-stage)",
};

export async function sampleSection(facts: ReportFacts): Promise<Html | null> {
  const { samples } = facts;
  if (!samples) return null;
  const { rows, sampler } = samples;
  const conditions = facts.run.config.schema.fields.filter(({ role }) => role === "condition");
  const drawn =
    conditions.length > 0
      ? html` ${conditions.map(({ name }) => name).join(", ")}: as in training rows drawn by chance.`
      : null;
  const why =
    facts.proposedSampler === sampler
      ? html`, since those of the prior would be far from the rows`
      : null;
  const where = html`<p>Their latents are ${latentsOf[sampler]}${why}.${drawn}</p>`;
  const image = imageIn(facts, rows);
  if (image) {
    const { place, info, field } = image;
    const grid = await gridOf(info, pixelBytes(rows.values[place]!, field), rows.rows);
    return html`<p>Images that the model made up.</p>${where}<img class="grid" src="${grid}" alt="${rows.rows} images that the model made up, in a grid">`;
  }
  const shown = rows.columns.slice(0, MOST_COLUMNS);
  const more =
    rows.columns.length > shown.length
      ? html`<p class="note">The first ${shown.length} of ${rows.columns.length} columns.</p>`
      : null;
  const lines = Array.from({ length: rows.rows }, (_, i) => [
    i + 1,
    ...shown.map((_column, j) => cell(rows, j, i)),
  ]);
  return html`<p>Rows that the model made up.</p>${where}${more}${table("New rows", ["", ...shown.map(({ name }) => name)], lines)}`;
}

/** How far a column moves along a traversal: in its own range over all of them, or in changes of level. */
function movement(rows: RawRows, column: number, ranges: readonly number[]): number {
  const values = rows.values[column]!;
  if (values.type === "text") return new Set(values.values).size - 1;
  if (values.type !== "number" && values.type !== "time") return 0;
  const [low, high] = [Math.min(...values.values), Math.max(...values.values)];
  return (high - low) / (ranges[column]! || 1);
}

/** Characters of a cell of which seven do not fit beside each other. */
const WIDE = 24;
/** Columns of each latent that move most. */
const MOST_MOVED = 5;

function movedTable({ latent, steps, decoded }: Traversal, ranges: readonly number[]): Html {
  const moved = decoded.columns
    .map((_, j) => ({ j, far: movement(decoded, j, ranges) }))
    .filter(({ far }) => far > 0.02)
    .sort((a, b) => b.far - a.far)
    .slice(0, MOST_MOVED);
  if (moved.length === 0) return html`<p class="quiet">No column moves with it by itself.</p>`;
  const names = moved.map(({ j }) => decoded.columns[j]!.name);
  const lines = moved.map(({ j }) => steps.map((_, s) => cell(decoded, j, s)));
  const heads = steps.map((step) => signed(step, 2));
  const wide = lines.some((line) =>
    line.some((text) => typeof text === "string" && text.length > WIDE),
  );
  const label = `What z${latent} moves`;
  if (wide) {
    const turned = heads.map((head, s) => [head, ...lines.map((line) => line[s])]);
    return table(label, [`z${latent}`, ...names], turned);
  }
  const rows = lines.map((line, i) => [names[i], ...line]);
  return table(label, ["", ...heads], rows, "numbers");
}

export async function traversalSection(facts: ReportFacts): Promise<Html | null> {
  const { traversals } = facts;
  const [first] = traversals;
  if (!first) return null;
  const image = imageIn(facts, first.decoded);
  const ranges = first.decoded.values.map((column, j) => {
    if (column.type !== "number" && column.type !== "time") return 1;
    const all = traversals.flatMap(({ decoded }) =>
      Array.from((decoded.values[j] as typeof column).values),
    );
    return Math.max(...all) - Math.min(...all);
  });
  const parts = traversals.map(async (traversal) => {
    const { latent, kl, steps, decoded } = traversal;
    const title = html`<h3>z${latent}${kl !== null && html` <span class="quiet">(${kl.toFixed(2)} nats)</span>`}</h3>`;
    if (!image) return html`<div>${title}${movedTable(traversal, ranges)}</div>`;
    const { place, info, field } = image;
    const bytes = pixelBytes(decoded.values[place]!, field);
    const strip = await stripOf(info, bytes, decoded.rows);
    const [low, high] = [signed(steps[0]!, 2), signed(steps.at(-1)!, 2)];
    return html`<div class="card">${title}<img class="strip" src="${strip}" alt="what z${latent} decodes to from ${low} to ${high}, all else at its mean"><p>${low} to ${high}</p></div>`;
  });
  const shown = await Promise.all(parts);
  return html`<p>What a row becomes when one latent goes from low to high (from the 2nd to the 98th of a hundred rows), the others at their mean: latents that tell most first.</p><div class="${image ? "cards" : ""}">${shown}</div>`;
}

/** Images of one row of a picture, from left to right. */
function stripOf(
  info: Parameters<typeof pictureOf>[0],
  bytes: Uint8Array,
  count: number,
): Promise<string> {
  const { height, width, channels } = info;
  const line = width * channels;
  const data = new Uint8Array(bytes.length);
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < height; y++) {
      const from = (image * height + y) * line;
      data.set(bytes.subarray(from, from + line), (y * count + image) * line);
    }
  }
  return pictureOf({ ...info, width: width * count }, data);
}
