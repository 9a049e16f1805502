// What is drawn of latents: the two axes of the map, and how rows change along each one.
import { symmetricEigen } from "../metrics/eigen.ts";
import { pickRows } from "../tasks/raw-rows.ts";
import type { Run, TaskOptions } from "../tasks/run.ts";
import type { Axis, Traversal } from "./facts.ts";
import { decodedLatents } from "./model-rows.ts";

/** A latent's values in some rows. */
export function latentColumn(means: Float32Array, latent: number, j: number): Float64Array {
  return Float64Array.from({ length: means.length / latent }, (_, i) => means[i * latent + j]!);
}

export const meanOf = (values: Float64Array) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function varianceOf(values: Float64Array): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
}

/** A variance of posterior means below which a latent counts as unused; see `activeUnits`. */
const ACTIVE = 0.01;
/** Share of the KL that two latents must hold to be drawn as they are. */
const MOST_OF_KL = 0.7;

/** Latents in use, those that tell most first. */
export function activeLatents(means: Float32Array, latent: number, kl: number[] | null): number[] {
  const columns = Array.from({ length: latent }, (_, j) => latentColumn(means, latent, j));
  const variances = columns.map(varianceOf);
  const weight = (j: number) => kl?.[j] ?? variances[j]!;
  return Array.from({ length: latent }, (_, j) => j)
    .filter((j) => variances[j]! > ACTIVE)
    .sort((a, b) => weight(b) - weight(a) || a - b);
}

/** The two leading principal components of the means, and their shares of the variance. */
function principal(means: Float32Array, latent: number): [Axis, Axis] {
  const rows = means.length / latent;
  const columns = Array.from({ length: latent }, (_, j) => latentColumn(means, latent, j));
  const centred = columns.map((column) => {
    const mean = meanOf(column);
    return column.map((value) => value - mean);
  });
  const covariance = new Float64Array(latent * latent);
  for (const [j, a] of centred.entries()) {
    for (let k = 0; k <= j; k++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += a[i]! * centred[k]![i]!;
      covariance[j * latent + k] = sum / rows;
      covariance[k * latent + j] = sum / rows;
    }
  }
  const { values, vectors } = symmetricEigen(covariance, latent);
  const total = values.reduce((sum, value) => sum + value, 0) || 1;
  const axis = (c: number): Axis => ({
    label: `component ${c + 1} of all latents (${Math.round((100 * values[c]!) / total)}% of their variance)`,
    values: Float64Array.from({ length: rows }, (_, i) =>
      centred.reduce((sum, column, j) => sum + column[i]! * vectors[c]![j]!, 0),
    ),
  });
  return [axis(0), axis(1)];
}

/** The golden ratio's part after the point: its multiples fill 0 to 1 evenly. */
const GOLDEN = 0.618_033_988_749_894_9;

/** Two dimensions that rows are drawn in. */
export function mapAxes(means: Float32Array, latent: number, kl: number[] | null): [Axis, Axis] {
  const named = (j: number): Axis => ({
    label: `z${j}${kl ? ` (${kl[j]!.toFixed(2)} nats)` : ""}`,
    values: latentColumn(means, latent, j),
  });
  if (latent === 1) {
    const places = Float64Array.from({ length: means.length }, (_, i) => ((i + 1) * GOLDEN) % 1);
    return [named(0), { label: "spread out to be seen: no meaning", values: places }];
  }
  if (latent === 2) return [named(0), named(1)];
  const [a, b] = activeLatents(means, latent, kl);
  if (kl && a !== undefined && b !== undefined) {
    const total = kl.reduce((sum, value) => sum + value, 0);
    if (kl[a]! + kl[b]! >= MOST_OF_KL * total) return [named(a), named(b)];
  }
  return principal(means, latent);
}

const STEPS = 7;
const MOST_LATENTS = 12;
/** Shares of the rows between whose values a latent goes. */
const [LOW, HIGH] = [0.02, 0.98];

/** Rows along each active latent, from where few rows have lower values to where few have higher. */
export async function traversalsOf(
  run: Run,
  means: Float32Array,
  kl: number[] | null,
  where: Readonly<Record<string, string>>,
  options: TaskOptions,
): Promise<Traversal[]> {
  const { latent } = run.config.model;
  const active = activeLatents(means, latent, kl).slice(0, MOST_LATENTS);
  if (active.length === 0) return [];
  const columns = Array.from({ length: latent }, (_, j) => latentColumn(means, latent, j));
  const middle = columns.map(meanOf);
  const steps = active.map((j) => {
    const sorted = columns[j]!.slice().sort();
    const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
    const [low, high] = [at(LOW), at(HIGH)];
    return Array.from({ length: STEPS }, (_, s) => low + ((high - low) * s) / (STEPS - 1));
  });
  const points = steps.flatMap((values, k) =>
    values.flatMap((value) => middle.map((mean, j) => (j === active[k] ? value : mean))),
  );
  const all = await decodedLatents(run, Float32Array.from(points), where, options);
  return active.map((j, k) => ({
    latent: j,
    kl: kl?.[j] ?? null,
    steps: steps[k]!,
    decoded: pickRows(
      all,
      Array.from({ length: STEPS }, (_, s) => k * STEPS + s),
    ),
  }));
}
