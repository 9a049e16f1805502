// Raw columns as the inputs of exported files, and their outputs as columns: as their users see them.
import ort from "onnxruntime-node";
import { expect } from "vitest";
import type { DataSource } from "#elbo/data/source.js";
import type { ColumnValues } from "#elbo/fields/columns.js";
import type { FieldSchema, ModelledField } from "#elbo/fields/field.js";
import { gapMark, type Port } from "#elbo/fields/onnx/names.js";
import { Tokenizer } from "#elbo/fields/tokens.js";
import type { Part } from "#elbo/tasks/export/part.js";

export type PortData = Float32Array | Float64Array | Uint8Array | string[];
export type Feeds = Record<string, { port: Port; data: PortData; shape: number[] }>;

function portData(field: ModelledField, values: ColumnValues, rows: number): PortData {
  if (field.kind === "text") {
    const tokenizer = new Tokenizer(field);
    return (values.values as (string | null)[]).flatMap((text) => {
      const symbols =
        text === null
          ? [gapMark(field)]
          : tokenizer.codes(text).map((code) => field.vocabulary[code - 1] ?? "?");
      return Array.from({ length: field.length }, (_, i) => symbols[i] ?? "");
    });
  }
  if (values.type === "text") {
    return values.values.map(
      (value) => value ?? gapMark(field as Extract<ModelledField, { levels: string[] }>),
    );
  }
  if (values.type !== "sparse") return values.values as PortData;
  const { size } = field as Extract<ModelledField, { kind: "vector" }>;
  const dense = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) {
    for (let k = values.offsets[row]!; k < values.offsets[row + 1]!; k++) {
      dense[row * size + values.indices[k]!] = values.values[k]!;
    }
  }
  return dense;
}

/** What a part's column inputs take of the rows, and `more` for its others. */
export async function feedsFor(
  { inputs }: Pick<Part, "inputs">,
  schema: FieldSchema,
  source: DataSource,
  more: Readonly<Record<string, Float32Array>> = {},
): Promise<Feeds> {
  const feeds: Feeds = {};
  for await (const { rows, columns } of source.chunks()) {
    for (const port of inputs) {
      const shape = port.shape.map((d) => (d < 0 ? rows : d));
      const given = more[port.name];
      const place = source.columns.findIndex(({ name }) => name === port.name);
      const field = schema.fields.find(({ name }) => name === port.name) as ModelledField;
      const data = given ?? portData(field, columns[place]!, rows);
      feeds[port.name] = { port, data, shape };
    }
  }
  return feeds;
}

export type Results = Record<string, ArrayLike<number | string>>;

/** Runs a file's bytes in onnxruntime-node. */
export async function runNode({ bytes }: Pick<Part, "bytes">, feeds: Feeds): Promise<Results> {
  const session = await ort.InferenceSession.create(bytes);
  const tensors = Object.entries(feeds).map(([name, { port, data, shape }]) => {
    return [name, new ort.Tensor(port.dtype as "float32", data as Float32Array, shape)] as const;
  });
  const outputs = await session.run(Object.fromEntries(tensors));
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [name, data as ArrayLike<number | string>]),
  );
}

/** |a − b| ≤ 1e-5 · (1 + |b|), and texts alike. */
export function expectAlike(
  received: ArrayLike<number | string>,
  expected: ArrayLike<number | string | null>,
  what: string,
): void {
  expect(received.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [received[i]!, expected[i]!];
    if (typeof a === "string") expect(a, `${what} ${i}`).toBe(b ?? "");
    else if (Number.isNaN(b)) expect(a, `${what} ${i}`).toBeNaN();
    else {
      const error = Math.abs(a - (b as number));
      const bound = 1e-5 * (1 + Math.abs(b as number));
      expect(error <= bound, `${what} ${i}: ${a} where elbo has ${b}`).toBe(true);
    }
  }
}
