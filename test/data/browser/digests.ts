// What a source gives, as plain data that Node and a page can compare: digests of whole columns,
// however they are cut in chunks, and of the batch that a network would see.
import type { DataSource } from "#elbo/data/source.js";
import { splitRows } from "#elbo/data/split.js";
import { Feeder } from "#elbo/data/store/feeder.js";
import { ShuffledRows } from "#elbo/data/store/shuffled.js";
import { readMemory, storeRows } from "#elbo/data/store/store.js";
import type { ColumnValues } from "#elbo/fields/columns.js";
import { layoutOf, maskInput, rowsInput } from "#elbo/fields/layout.js";
import { measureSchema } from "#elbo/fields/measure.js";
import { schemaText } from "#elbo/fields/schema-text.js";
import { MemoryPlan } from "#elbo/runtime/memory.js";
import type { Slot } from "#elbo/runtime/slots.js";
import { declarationsIn, declaredFields } from "#elbo/train/declared-fields.js";
import { summaryOf } from "#elbo/train/summary.js";

/** SHA-256 of the parts one after the other. */
async function digest(parts: readonly Uint8Array[]): Promise<string> {
  const whole = await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array;

const bytesOf = ({ buffer, byteOffset, byteLength }: Numbers) =>
  new Uint8Array(buffer, byteOffset, byteLength).slice();

const encoder = new TextEncoder();

function cellBytes(column: ColumnValues): Uint8Array[] {
  if (column.type === "text") {
    return [encoder.encode(column.values.map((value) => `${JSON.stringify(value)}\n`).join(""))];
  }
  if (column.type !== "sparse") return [bytesOf(column.values)];
  // Offsets begin anew with each chunk; lengths do not.
  const lengths = column.offsets.slice(1).map((end, row) => end - column.offsets[row]!);
  return [lengths, column.indices, column.values].map(bytesOf);
}

export interface Digests {
  source: Pick<DataSource, "source" | "rows" | "columns" | "notes">;
  /** By column. */
  values: Record<string, string>;
}

export async function digestsOf(source: DataSource): Promise<Digests> {
  const parts: Uint8Array[][][] = source.columns.map(() => []);
  for await (const { columns } of source.chunks()) {
    for (const [i, column] of columns.entries()) parts[i]!.push(cellBytes(column));
  }
  const values: Record<string, string> = {};
  for (const [i, { name, type }] of source.columns.entries()) {
    // Lengths, indices and values of sparse rows each by themselves.
    const kinds = type === "vector" && parts[i]![0]!.length === 3 ? [0, 1, 2] : [0];
    values[name] = await digest(kinds.flatMap((kind) => parts[i]!.map((part) => part[kind]!)));
  }
  const { source: name, rows, columns, notes } = source;
  return { source: { source: name, rows, columns, notes }, values };
}

export interface Batch {
  inspected: unknown;
  /** Fields with their statistics, as JSON keeps them. */
  schema: string;
  heldOut: number;
  /** Of the inputs of one batch in the epoch's order, by group. */
  inputs: Record<string, string>;
  text: string;
}

/** All that happens to a source before it reaches a network. */
export async function batchOf(source: DataSource, target?: string): Promise<Batch> {
  const options = target === undefined ? {} : { target: [target] };
  const declared = await declaredFields(source, options, declarationsIn(options, []));
  const parts = await splitRows(source, { split: { by: "random" }, share: 0.1, seed: 3 });
  const stored = await storeRows(source, declared.schema, parts, { memoryBytes: 1 << 28 });
  const measure = measureSchema(declared.schema);
  for await (const piece of readMemory(stored.training)) measure.add(piece);
  const schema = measure.finish();

  const batch = 64;
  const plan = new MemoryPlan();
  const feeder = new Feeder(plan, schema, batch);
  const slots = new Map<string, Slot>();
  for (const layout of layoutOf(schema)) {
    slots.set(rowsInput(layout), plan.reserve(layout.dtype, batch * layout.elements));
    slots.set(maskInput(layout), plan.reserve("float32", batch * layout.elements));
  }
  const memory = plan.allocate();
  const rows = ShuffledRows.inMemory(stored.training, 3);
  const draw = { seed: 3, step: 1, noiseStream: 2, firstRow: 0 };
  await rows.fill(feeder, memory, slots, 1, 0, batch, draw);
  const inputs: Record<string, string> = {};
  for (const [name, slot] of slots) inputs[name] = await digest([bytesOf(memory.view(slot))]);
  return {
    inspected: summaryOf(source, declared),
    schema: JSON.stringify(schema),
    heldOut: stored.validation.rows,
    inputs,
    text: schemaText(schema.fields),
  };
}
