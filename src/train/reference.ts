// Rows that a run keeps, packed, for tasks that compare rows with those of training: some that trained,
// drawn by chance, and some that were held out.
import { join } from "node:path";
import { ElboError } from "../base/errors.ts";
import type { StoredRows } from "../data/store/stored.ts";
import type { FieldSchema } from "../fields/field.ts";
import { type GroupLayout, layoutOf } from "../fields/layout.ts";
import type { PackedRows, PackedValues } from "../fields/pack.ts";
import { streams } from "../runtime/random.ts";
import type { RunConfig } from "./config.ts";
import { type HashedTensors, loadHashed, saveHashed } from "./hashed.ts";
import type { Job } from "./job.ts";
import type { TensorData } from "./safetensors.ts";
import { someRows } from "./some-rows.ts";

export const REFERENCE_FILE = "reference.safetensors";

export interface Reference {
  training: PackedRows;
  heldOut: PackedRows;
  /** Rows that are known to be anomalies; none where nobody said which. */
  anomalies: PackedRows;
}

/** More tell little more, and every row that is compared costs as much as there are. */
const MOST_ROWS = 20_000;
/** Numbers of rows that are kept of either sort: 32 MB. */
const MOST_NUMBERS = 8e6;
/**
 * Windows of a series, in lengths of one, that are kept side by side where not all that were held out are:
 * rows are judged by all the windows that hold them.
 */
const STRETCH = 16;
/** A row that is kept to be told from others is one of so many at least, however long rows are. */
const FEWEST = 256;

/** Rows of a schema that are compared with each other at most. */
export function mostRows(schema: FieldSchema): number {
  const elements = layoutOf(schema).reduce((sum, layout) => sum + layout.elements, 0);
  return Math.min(MOST_ROWS, Math.max(FEWEST, Math.floor(MOST_NUMBERS / Math.max(1, elements))));
}

function tensorsOf(part: string, { rows, groups }: PackedRows): [string, TensorData][] {
  return [...groups].flatMap(([name, packed]): [string, TensorData][] => {
    if (packed.type === "dense") {
      return rows === 0 ? [] : [[`${part}/${name}`, packed.values]];
    }
    const { offsets, indices, values } = packed;
    return [
      [`${part}/${name}/offsets`, offsets],
      [`${part}/${name}/indices`, indices],
      [`${part}/${name}/values`, values],
    ];
  });
}

/** Draws the rows, by the run's seed, and writes them. */
export async function saveReference(
  folder: string,
  { schema, data: { window }, training: { seed } }: RunConfig,
  { training, validation, anomalies }: Pick<Job, "training" | "validation" | "anomalies">,
): Promise<void> {
  const most = mostRows(schema);
  const some = async (stored: StoredRows | null, step: number, stretch?: number) =>
    stored ? [await someRows(schema, stored, most, seed, streams.reference, step, stretch)] : [];
  const parts = {
    training: await some(training, 0),
    heldOut: await some(validation, 1, window?.of === "series" ? STRETCH * window.size : 1),
    anomalies: await some(anomalies, 2),
  };
  const tensors: HashedTensors = new Map(
    Object.entries(parts)
      .flatMap(([part, some]) => some.flatMap((rows) => tensorsOf(part, rows)))
      .filter(([, data]) => data.length > 0)
      .map(([name, data]) => [name, { shape: [data.length], data }]),
  );
  const counts = Object.fromEntries(
    Object.entries(parts).map(([part, [rows]]) => [part, String(rows?.rows ?? 0)]),
  );
  await saveHashed(join(folder, REFERENCE_FILE), tensors, counts);
}

const emptyOf = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array } as const;

/** A group's values; null where they are none of so many rows. */
function valuesOf(
  { elements, dtype, sparse }: GroupLayout,
  rows: number,
  tensor: (suffix: string) => TensorData | undefined,
): PackedValues | null {
  if (!sparse) {
    const values = tensor("") ?? new emptyOf[dtype](0);
    const fits = values instanceof emptyOf[dtype] && values.length === rows * elements;
    return fits ? { type: "dense", values } : null;
  }
  const offsets = tensor("/offsets") ?? new Int32Array(1);
  const indices = tensor("/indices") ?? new Int32Array(0);
  const values = tensor("/values") ?? new Float32Array(0);
  if (!(offsets instanceof Int32Array && indices instanceof Int32Array)) return null;
  const rising = offsets.every((offset, i) => offset >= (offsets[i - 1] ?? 0));
  const whole =
    offsets.length === rows + 1 &&
    offsets[0] === 0 &&
    offsets[rows] === indices.length &&
    values.length === indices.length &&
    indices.every((index) => index >= 0 && index < elements);
  if (!(rising && whole && values instanceof Float32Array)) return null;
  return { type: "sparse", offsets, indices, values };
}

/** @throws ElboError as `loadHashed`, and `weights-mismatch` where it is another model's. */
export async function loadReference(folder: string, { schema }: RunConfig): Promise<Reference> {
  const path = join(folder, REFERENCE_FILE);
  const { tensors, metadata } = await loadHashed<TensorData>(path);
  const part = (name: keyof Reference): PackedRows => {
    const rows = Number(metadata.get(name));
    const groups = layoutOf(schema).map((layout): [string, PackedValues] => {
      const tensor = (suffix: string) => tensors.get(`${name}/${layout.name}${suffix}`);
      const values = Number.isSafeInteger(rows) ? valuesOf(layout, rows, tensor) : null;
      if (values !== null) return [layout.name, values];
      throw new ElboError({
        code: "weights-mismatch",
        message: `${path} does not hold rows of the run's fields: its group ${layout.name} is missing or of another size`,
        hint: "The file belongs to another model; restore it from a copy of the run, or train again.",
        where: { file: path },
      });
    });
    return { rows, groups: new Map(groups), weights: null };
  };
  return { training: part("training"), heldOut: part("heldOut"), anomalies: part("anomalies") };
}
