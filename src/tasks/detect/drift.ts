// Whether rows that are scored are distributed as those that scores were calibrated on.
import { TwoSamples } from "../../metrics/two-samples.ts";
import type { Block } from "../../models/scoring-graph.ts";
import type { Said, Scorer } from "./scorer.ts";

/** Chance of a warning where nothing has changed: half by the scores, half by all fields together. */
export const DRIFT_LEVEL = 0.001;
/** Rows, calibrated on or scored, below which the test's limit says nothing. */
const FEWEST = 5;
/** Calibrated rows that fields are compared with. */
export const MOST_KNOWN = 2000;
/** Scored rows whose fields are compared: ten times as many as those that they are compared with. */
const MOST_SCORED = 20_000;
const NAMED = 3;

export interface Drift {
  /** Largest distances between distribution functions, and their probability were nothing changed. */
  scores: { distance: number; pValue: number };
  /** Of fields that changed, the most changed first. */
  fields: { name: string; distance: number; pValue: number }[];
}

/**
 * Of a field a number of every `step`-th row from `first` on: its own value, or the nats that it costs.
 * @param place of its own value among coordinates.
 */
function valuesOf(
  { rows, nats, coordinates }: Said,
  { field, place }: { field: number; place: number | null },
  first: number,
  step: number,
): Float64Array {
  const [all, at] = place === null ? [nats, field] : [coordinates, place];
  const width = all.length / rows;
  const values = new Float64Array(Math.max(0, Math.ceil((rows - first) / step)));
  for (let i = 0; i < values.length; i++) values[i] = all[(first + i * step) * width + at]!;
  return values;
}

/** Where the one number of each field stands among coordinates; null of a field that has more or none. */
function placesOf(fields: readonly string[], blocks: readonly Block[]): (number | null)[] {
  const found = new Map<string, number>();
  let start = 0;
  for (const { field, size, numbers } of blocks) {
    if (numbers && size === 1) found.set(field, start);
    start += size;
  }
  return fields.map((name) => found.get(name) ?? null);
}

export class DriftTest {
  readonly #names: readonly string[];
  readonly #places: (number | null)[];
  readonly #scores: TwoSamples;
  readonly #fields: TwoSamples[];
  readonly #each: number;
  readonly #known: number;
  readonly #step: number;
  #rows = 0;

  /**
   * @param calibration scores.
   * @param known some of their rows.
   * @param each rows that count as one, of a series: as many as a window has.
   * @param rows that will come.
   */
  constructor(
    { fields, blocks }: Pick<Scorer, "fields" | "blocks">,
    calibration: Float64Array,
    known: readonly Said[],
    each: number,
    rows: number,
  ) {
    this.#names = fields;
    this.#places = placesOf(fields, blocks);
    this.#each = each;
    this.#known = calibration.length;
    this.#step = Math.max(1, Math.floor(rows / MOST_SCORED));
    this.#scores = new TwoSamples(calibration);
    const total = known.reduce((sum, said) => sum + said.rows, 0);
    const step = Math.ceil(total / MOST_KNOWN);
    this.#fields = this.#places.map((place, field) => {
      const values = known.flatMap((said) => [...valuesOf(said, { field, place }, 0, step)]);
      return new TwoSamples(Float64Array.from(values));
    });
  }

  /** @param places of the scores among the calibration scores: how many are below. */
  add(said: Said, scores: Float64Array, places: Uint32Array): void {
    for (let i = 0; i < scores.length; i++) this.#scores.addAt(places[i]!, scores[i]!);
    const first = (this.#step - (this.#rows % this.#step)) % this.#step;
    for (const [field, samples] of this.#fields.entries()) {
      const values = valuesOf(said, { field, place: this.#places[field]! }, first, this.#step);
      for (let i = 0; i < values.length; i++) samples.add(values[i]!);
    }
    this.#rows += said.rows;
  }

  /** Null where nothing says that anything changed. */
  result(): Drift | null {
    if (Math.min(this.#known, this.#rows) / this.#each < FEWEST) return null;
    const told = (samples: TwoSamples) => {
      return { distance: samples.distance, pValue: samples.pValue(this.#each) };
    };
    const scores = told(this.#scores);
    const fields = this.#fields
      .map((samples, j) => ({ name: this.#names[j]!, ...told(samples) }))
      .filter(({ pValue }) => pValue < DRIFT_LEVEL / 2 / this.#fields.length)
      .sort((a, b) => b.distance - a.distance);
    return scores.pValue < DRIFT_LEVEL / 2 || fields.length > 0 ? { scores, fields } : null;
  }
}

/** What a person should know of it. */
export function driftNote({ scores, fields }: Drift) {
  const named = fields.slice(0, NAMED).map(({ name, distance }) => {
    return `${JSON.stringify(name)} (by ${distance.toFixed(2)})`;
  });
  const more = fields.length > NAMED ? ` and ${fields.length - NAMED} more` : "";
  const moved = fields.length > 0 ? `; fields that moved: ${named.join(", ")}${more}` : "";
  return {
    code: "data-drifted",
    message: `these rows are not distributed as those that scores are calibrated on: their scores differ by ${scores.distance.toFixed(2)} (Kolmogorov-Smirnov, level ${DRIFT_LEVEL})${moved}. The data has drifted, it holds many anomalies, or training has seen these rows: p-values do not hold then`,
  };
}
