// Exported files for other runtimes to run: every kind of field, every part, with what
// onnxruntime-node makes of them.
import type { Field } from "#elbo/fields/field.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { partOf } from "#elbo/tasks/export/part.js";
import { partGraphs, partsOf } from "#elbo/tasks/export/parts.js";
import { modelConfig } from "../../models/config.ts";
import { caseOf, every, genes, picture, rows, runOf, withRole, words3 } from "./every.ts";
import { type Feeds, feedsFor, type Results, runNode } from "./ports.ts";

const { text, date, many, vector, real, flag, ordinal, count } = every;
const as = (role: "target" | "condition") => (column: { field: Field }) =>
  withRole(column as Parameters<typeof withRole>[0], role);

const cases = {
  columns: caseOf(Object.values(every)),
  images: caseOf([picture, as("target")(text)]),
  genes: caseOf([genes]),
  texts: caseOf([words3, text]),
  "texts at once": caseOf([words3, real]),
  roles: caseOf([
    ...[real, ...[date, many, vector].map(as("condition"))],
    ...[text, flag, ordinal, count].map(as("target")),
  ]),
};

export interface Entry {
  name: string;
  bytes: Uint8Array;
  feeds: Feeds;
  expected: Results;
}

export async function entries(): Promise<Entry[]> {
  const random = new Random(4);
  const all: Entry[] = [];
  for (const [name, { schema, source }] of Object.entries(cases)) {
    const config = modelConfig({
      latent: 3,
      activation: "tanh",
      ...(name === "texts at once" ? { decoding: "one-shot" } : {}),
    });
    const run = runOf(schema, config);
    for (const part of partsOf(run.config)) {
      const file = partOf(
        schema,
        run.weights,
        partGraphs[part](run.config, {
          mixture: null,
          temperatures: new Map(),
          radii: new Map(
            schema.fields
              .filter(({ kind }) => ["real", "positive", "count", "time"].includes(kind))
              .map(({ name }, i) => [name, 0.3 + 0.1 * i]),
          ),
        }),
      );
      const more = Object.fromEntries(
        file.inputs
          .filter((port) => !file.columns.has(port.name))
          .map((port) => {
            const size = rows * port.shape[1]!;
            const even = port.name === "uniforms";
            const sort = even ? "uniform" : "normal";
            return [port.name, random[sort](streams.synthetic, all.length, size)];
          }),
      );
      const feeds = await feedsFor(file, schema, source, more);
      const expected = await runNode(file, feeds);
      all.push({ name: `${part} of ${name}`, bytes: file.bytes, feeds, expected });
    }
  }
  return all;
}

/** Numbers as JSON holds them: NaN is null. */
export type JsonFeeds = Record<
  string,
  { dtype: string; shape: number[]; data: (number | string | null)[] }
>;

export function jsonOf(feeds: Feeds): JsonFeeds {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { port, data, shape }]) => [
      name,
      {
        dtype: port.dtype,
        shape,
        data: Array.from(data as ArrayLike<number>, (v) => (Number.isNaN(v) ? null : v)),
      },
    ]),
  );
}

/** Results from JSON. */
export const withNaN = (data: readonly (number | string | null)[]) =>
  data.map((value) => value ?? Number.NaN);
