// How each field of generated rows is distributed beside the same field of the data.
import type { ColumnValues } from "../fields/columns.ts";
import type { ImageField, ModelledField } from "../fields/field.ts";
import { TwoSamples } from "../metrics/two-samples.ts";
import { evenly, type RawRows } from "../tasks/raw-rows.ts";
import { decodedFields } from "../tasks/rows.ts";
import type { RunConfig } from "../train/config.ts";
import type { FieldFit, FitShape } from "./facts.ts";
import { pictureOf, pixelBytes } from "./pictures.ts";

const BINS = 24;
/** Levels that are drawn; the rest are one. */
const MOST_LEVELS = 10;
/** Places of a vector whose distances are averaged. */
const MOST_PLACES = 50;
/** √(−½ ln 0.025): of Kolmogorov's distribution, exceeded once in twenty. */
const RARE = 1.36;

type Values = ArrayLike<number>;

const present = (values: Values) =>
  Float64Array.from(Array.from(values).filter((value) => !Number.isNaN(value)));

function distanceOf(observed: Float64Array, generated: Float64Array): number {
  const test = new TwoSamples(observed);
  for (const value of generated) test.add(value);
  return test.distance;
}

const chanceOf = (n: number, m: number) =>
  n > 0 && m > 0 ? RARE * Math.sqrt((n + m) / (n * m)) : 1;

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))]!;
}

/** Shares of both in bins of one width, over all but the utmost hundredths. */
function histogram(observed: Float64Array, generated: Float64Array, whole: boolean) {
  const all = Float64Array.from([...observed, ...generated]).sort();
  let [low, high] = [quantile(all, 0.005), quantile(all, 0.995)];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  let width = (high - low) / BINS;
  if (whole) {
    width = Math.max(1, Math.ceil((high - low + 1) / BINS));
    low -= 0.5;
  }
  const count = Math.max(1, Math.ceil((high - low) / width - 1e-9));
  const shares = (values: Float64Array) => {
    const bins = new Array<number>(count).fill(0);
    for (const value of values) {
      const bin = Math.floor((value - low) / width);
      bins[Math.min(count - 1, Math.max(0, bin))]! += 1 / values.length;
    }
    return bins;
  };
  const edges = Array.from({ length: count + 1 }, (_, i) => low + i * width);
  return { edges, observed: shares(observed), generated: shares(generated) };
}

function numericFit(
  field: ModelledField,
  kind: string,
  observed: Float64Array,
  generated: Float64Array,
): FieldFit | null {
  if (observed.length === 0 || generated.length === 0) return null;
  return {
    ...{ name: field.name, kind, distance: distanceOf(observed, generated) },
    chance: chanceOf(observed.length, generated.length),
    shape: {
      ...histogram(observed, generated, field.kind === "count" || field.kind === "text"),
      ...{ type: "histogram", time: field.kind === "time" },
    },
  };
}

type Level = string | null;

function levelFit(
  { name, kind }: ModelledField,
  observed: readonly Level[],
  generated: readonly Level[],
): FieldFit | null {
  const sharesOf = (values: readonly Level[]) => {
    const shares = new Map<string, number>();
    const there = values.filter((value) => value !== null);
    for (const value of there) shares.set(value, (shares.get(value) ?? 0) + 1 / there.length);
    return shares;
  };
  const [own, made] = [sharesOf(observed), sharesOf(generated)];
  if (own.size === 0 || made.size === 0) return null;
  const levels = [...new Set([...own.keys(), ...made.keys()])].sort(
    (a, b) => (own.get(b) ?? 0) - (own.get(a) ?? 0) || (a < b ? -1 : 1),
  );
  const difference = (level: string) => Math.abs((own.get(level) ?? 0) - (made.get(level) ?? 0));
  const distance = levels.reduce((sum, level) => sum + difference(level) / 2, 0);
  const shown = levels.slice(0, levels.length > MOST_LEVELS ? MOST_LEVELS - 1 : MOST_LEVELS);
  const rest = levels.slice(shown.length);
  const bars = (shares: Map<string, number>) => [
    ...shown.map((level) => shares.get(level) ?? 0),
    ...(rest.length > 0 ? [rest.reduce((sum, level) => sum + (shares.get(level) ?? 0), 0)] : []),
  ];
  const names = rest.length > 0 ? [...shown, `${rest.length} others`] : shown;
  const shape: FitShape = {
    ...{ type: "levels", levels: names, observed: bars(own), generated: bars(made) },
  };
  return { name, kind, distance, chance: null, shape };
}

/** One place of a vector in every row. */
function placeOf(values: ColumnValues, size: number, j: number): Float64Array {
  if (values.type === "vector") {
    const rows = values.values.length / size;
    return Float64Array.from({ length: rows }, (_, i) => values.values[i * size + j]!);
  }
  if (values.type !== "sparse") return new Float64Array(0);
  const rows = values.offsets.length - 1;
  const column = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const row = values.indices.subarray(values.offsets[i]!, values.offsets[i + 1]!);
    const at = row.indexOf(j);
    if (at >= 0) column[i] = values.values[values.offsets[i]! + at]!;
  }
  return column;
}

const average = (values: Float64Array) => values.reduce((sum, v) => sum + v / values.length, 0);

function vectorFit(
  field: Extract<ModelledField, { kind: "vector" }>,
  observed: ColumnValues,
  generated: ColumnValues,
): FieldFit {
  const { name, kind, size } = field;
  const count = Math.min(size, MOST_PLACES);
  const places = Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
  const columns = places.map((j) => ({
    own: present(placeOf(observed, size, j)),
    made: present(placeOf(generated, size, j)),
  }));
  const distances = columns.map(({ own, made }) => distanceOf(own, made));
  return {
    ...{ name, kind, distance: average(Float64Array.from(distances)) },
    chance: null,
    shape: {
      type: "profile",
      observed: columns.map(({ own }) => average(own)),
      generated: columns.map(({ made }) => average(made)),
    },
  };
}

/** Images, and places in each, of which pixels are compared: more tell no more. */
const [MOST_IMAGES, MOST_PIXELS] = [200, 200];

async function imageFit(
  field: ImageField,
  info: Extract<RawRows["columns"][number], { type: "image" }>,
  observed: ColumnValues,
  generated: ColumnValues,
): Promise<FieldFit> {
  const { height, width, channels } = info;
  const size = height * width * channels;
  const [own, made] = [pixelBytes(observed, field), pixelBytes(generated, field)];
  const mean = (bytes: Uint8Array) => {
    const sums = new Float64Array(size);
    for (let i = 0; i < bytes.length; i++) sums[i % size]! += bytes[i]!;
    return Uint8Array.from(sums, (sum) => Math.round((sum * size) / bytes.length));
  };
  const places = evenly(size, MOST_PIXELS);
  const some = (bytes: Uint8Array) =>
    Float64Array.from(
      evenly(bytes.length / size, MOST_IMAGES).flatMap((row) =>
        places.map((place) => bytes[row * size + place]!),
      ),
    );
  return {
    ...{ name: field.name, kind: "pixels", distance: distanceOf(some(own), some(made)) },
    chance: null,
    shape: {
      type: "images",
      observed: await pictureOf(info, mean(own)),
      generated: await pictureOf(info, mean(made)),
    },
  };
}

const truths = (values: Values): Level[] =>
  Array.from(values, (value) => (Number.isNaN(value) ? null : value === 1 ? "true" : "false"));

async function fitOf(
  field: ModelledField,
  info: RawRows["columns"][number],
  observed: ColumnValues,
  generated: ColumnValues,
): Promise<FieldFit | null> {
  if (field.kind === "image" && info.type === "image") {
    return imageFit(field, info, observed, generated);
  }
  if (field.kind === "vector") return vectorFit(field, observed, generated);
  if (observed.type === "text" && generated.type === "text") {
    if (field.kind !== "text") return levelFit(field, observed.values, generated.values);
    const lengths = (texts: readonly Level[]) =>
      Float64Array.from(texts.flatMap((text) => (text === null ? [] : [[...text].length])));
    const [own, made] = [lengths(observed.values), lengths(generated.values)];
    return numericFit(field, "length of text", own, made);
  }
  const [own, made] = [observed.values as Values, generated.values as Values];
  const truth =
    (field.kind === "binary" && field.boolean) || ("of" in field && field.of === "boolean");
  if (truth) return levelFit(field, truths(own), truths(made));
  if (field.kind === "binary" || field.kind === "categorical" || field.kind === "ordinal") {
    const texts = (values: Values) =>
      Array.from(values, (value) => (Number.isNaN(value) ? null : String(value)));
    return levelFit(field, texts(own), texts(made));
  }
  return numericFit(field, field.kind, present(own), present(made));
}

/** Of every decoded field, those that fit worst first; fields without a value are left out. */
export async function fitsOf(
  { schema }: RunConfig,
  observed: RawRows,
  generated: RawRows,
): Promise<FieldFit[]> {
  const fits: FieldFit[] = [];
  for (const field of decodedFields(schema)) {
    const at = (rows: RawRows) => rows.columns.findIndex(({ name }) => name === field.name);
    const [own, made] = [at(observed), at(generated)];
    const info = generated.columns[made];
    if (own < 0 || !info) continue;
    const fit = await fitOf(field, info, observed.values[own]!, generated.values[made]!);
    if (fit) fits.push(fit);
  }
  return fits.sort((a, b) => b.distance - a.distance);
}
