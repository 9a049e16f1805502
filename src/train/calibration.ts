// What held-out rows say of a run's predictions: the temperature of its probabilities, and how far its
// numbers are off. It is kept in the run's folder beside the weights that it is of.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ModelledField } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { hasHurdle } from "../fields/hurdle.ts";
import { MISSING, TIME_PARTS } from "../fields/layout.ts";
import type { PackedRows } from "../fields/pack.ts";
import { fitTemperature } from "../metrics/temperature.ts";
import { predictedGroups, predictionGraph } from "../models/inference-graphs.ts";
import { isLeveled } from "../models/level-hits.ts";
import type { Device } from "../runtime/device.ts";
import type { Weights } from "./checkpoint.ts";
import type { RunConfig } from "./config.ts";
import { batchesOf } from "./each-batch.ts";
import { loadHashed, saveHashed } from "./hashed.ts";

export const CALIBRATION_FILE = "calibration.safetensors";

/** By the names of target fields. */
export interface Calibration {
  /** Of targets with levels. */
  temperatures: ReadonlyMap<string, number>;
  /** Of the others: distances of predictions on `intervalScale`, ascending. */
  errors: ReadonlyMap<string, Float32Array>;
}

/** A monotone scale on which errors are about as large wherever the value lies. */
export interface IntervalScale {
  to(raw: number): number;
  from(value: number): number;
}

const plain: IntervalScale = { to: (raw) => raw, from: (value) => value };

export function intervalScale(field: ModelledField): IntervalScale {
  if (field.kind === "positive" && hasHurdle(field)) {
    // Logarithms of what is far above 0, and even steps near it.
    const typical = Math.exp(field.mean);
    return {
      to: (raw) => Math.log1p(Math.max(0, raw) / typical),
      from: (value) => Math.max(0, Math.expm1(value) * typical),
    };
  }
  if (field.kind === "positive") {
    const { offset } = field;
    const least = 2 ** -126;
    return {
      to: (raw) => Math.log(Math.max(raw + offset, least)),
      from: (value) => Math.max(0, Math.exp(value) - offset),
    };
  }
  if (field.kind === "count") return { to: Math.sqrt, from: (value) => Math.max(0, value) ** 2 };
  return plain;
}

/** Probabilities of a field's own levels, of a group's `(rows, fields · depth)`. */
export function levelsAt(group: Group, all: Float32Array, row: number, at: number): number[] {
  const { fields } = group.layout;
  const field = fields[at]!;
  if (field.kind === "binary") {
    const p = all[row * fields.length + at]!;
    return [1 - p, p];
  }
  const levels = "levels" in field ? field.levels.length : 0;
  const depth = all.length / (all.length === 0 ? 1 : rowsIn(group, all)) / fields.length;
  const start = (row * fields.length + at) * depth;
  // What is left of the unseen level and of padding is shared by the others.
  const own = Array.from(all.subarray(start, start + levels));
  const sum = own.reduce((total, p) => total + p, 0);
  return own.map((p) => p / sum);
}

/** Rows of what a group is predicted as: its levels are padded to one depth. */
function rowsIn({ layout: { fields }, likelihood }: Group, all: Float32Array): number {
  const parameter = likelihood!.parameters.at(-1)!;
  const depth = likelihood!.name === "ordinal" ? parameter.size + 1 : parameter.size;
  return all.length / (fields.length * depth);
}

/** A field's packed value in a row: a level's code, or a raw number; null where it is missing. */
export function valueAt(group: Group, packed: PackedRows, row: number, at: number): number | null {
  const values = packed.groups.get(group.layout.name);
  if (values?.type !== "dense") return null;
  const { fields, elements } = group.layout;
  const field = fields[at]!;
  if (field.kind === "time") {
    const [days, ms] = [0, 1].map((i) => values.values[row * elements + at * TIME_PARTS + i]!);
    return days === MISSING ? null : days! * 86_400_000 + ms!;
  }
  const value = values.values[row * elements + at]!;
  if (Number.isNaN(value) || value === MISSING) return null;
  // A level that training has not seen is none that could have been predicted.
  return "levels" in field && value >= field.levels.length ? null : value;
}

/** @param held rows that the weights were not learned from. */
export async function calibrate(
  device: Device,
  { schema, model, training, compute }: RunConfig,
  weights: Weights,
  held: PackedRows,
): Promise<Calibration> {
  const groups = predictedGroups(schema, model);
  const temperatures = new Map<string, number>();
  const errors = new Map<string, Float32Array>();
  if (groups.length === 0) return { temperatures, errors };
  const known = new Map<string, { probabilities: number[]; level: number }[]>();
  const distances = new Map<string, number[]>();
  const batches = await batchesOf(schema, predictionGraph(schema, model), {
    ...{ device, threads: compute.threads, seed: training.seed },
    ...{ batch: Math.min(1024, held.rows), sumsRows: false, weights },
  });
  let first = 0;
  async function* pieces() {
    yield held;
  }
  await batches.each(pieces(), (rows) => {
    for (const group of groups) {
      const all = batches.runner.output(group.layout.name);
      const own = all.slice(0, (all.length / batches.runner.batch) * rows);
      const columns = isLeveled(group) ? null : group.columns(own, rows);
      for (const [at, field] of group.layout.fields.entries()) {
        const { name } = field;
        if (columns) distances.set(name, distances.get(name) ?? []);
        else known.set(name, known.get(name) ?? []);
        for (let row = 0; row < rows; row++) {
          const value = valueAt(group, held, first + row, at);
          if (value === null) continue;
          if (columns) {
            const scale = intervalScale(field);
            const predicted = columns[at]!.values[row] as number;
            distances.get(name)!.push(Math.abs(scale.to(value) - scale.to(predicted)));
          } else
            known.get(name)!.push({ probabilities: levelsAt(group, own, row, at), level: value });
        }
      }
    }
    first += rows;
  });
  await batches.runner.release();
  for (const [name, rows] of known)
    if (rows.length > 0) temperatures.set(name, fitTemperature(rows));
  for (const [name, all] of distances) errors.set(name, Float32Array.from(all).sort());
  return { temperatures, errors };
}

/** @param epoch whose weights it is of. */
export async function saveCalibration(
  folder: string,
  { temperatures, errors }: Calibration,
  epoch: number,
): Promise<void> {
  const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, value] of temperatures) {
    tensors.set(`temperature/${name}`, { shape: [1], data: Float32Array.of(value) });
  }
  for (const [name, data] of errors) {
    if (data.length > 0) tensors.set(`errors/${name}`, { shape: [data.length], data });
  }
  if (tensors.size === 0) return;
  await saveHashed(join(folder, CALIBRATION_FILE), tensors, { epoch: String(epoch) });
}

/** Null where the run has none, or one of other weights: then no held-out row has told of these. */
export async function loadCalibration(folder: string, epoch: number): Promise<Calibration | null> {
  const path = join(folder, CALIBRATION_FILE);
  if (!existsSync(path)) return null;
  const { tensors, metadata } = await loadHashed(path);
  if (Number(metadata.get("epoch")) !== epoch) return null;
  const part = (prefix: string) =>
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, data]): [string, Float32Array] => [name.slice(prefix.length), data]);
  return {
    temperatures: new Map(part("temperature/").map(([name, data]) => [name, data[0]!])),
    errors: new Map(part("errors/")),
  };
}
