// The numbers and levels of a row's data side by side, as principal components are found of them.
import type { FieldSchema } from "../fields/field.ts";
import type { Tensor } from "../graph/index.ts";
import { beside } from "../nn/network.ts";
import { Parameters } from "../nn/parameters.ts";
import { Body, type Part } from "./body.ts";
import { HELD_OUT } from "./graphs.ts";
import { knownLevels, leveledParts, levelHits } from "./level-hits.ts";
import type { ModelConfig } from "./model.ts";
import { numericParts, presence } from "./numbers.ts";

interface Plain {
  part: Part;
  /** `(batch, n)`: numbers on the network's scale, levels one-hot, 0 where missing … */
  values: Tensor;
  /** … and 1 where there is something. */
  there: Tensor;
}

function numbers(part: Part): Plain {
  return { part, values: part.group.target(part.raw)!, there: presence([part]) };
}

function levels(part: Part, parameters: Parameters): Plain {
  const values = part.group.features(parameters, part.raw);
  const known = knownLevels(part);
  const fields = part.group.layout.fields.length;
  const [batch, size] = values.shape as [number, number];
  const depth = size / fields;
  const there = known
    .reshape([batch, fields, 1])
    .broadcastTo([batch, fields, depth])
    .reshape([batch, size]);
  return { part, values, there };
}

/** The codes of levels that points one-hot say, `(batch, fields)`; of binary ones 0 and 1. */
function codesOf({ group: { layout } }: Part, points: Tensor): Tensor {
  const [batch, size] = points.shape as [number, number];
  const fields = layout.fields.length;
  if (layout.fields[0]!.kind === "binary") return points.greater(0).cast("float32");
  return points
    .reshape([batch, fields, size / fields])
    .argmax(-1)
    .cast("float32");
}

/**
 * What components are found of; null where rows hold texts, of which nothing stands beside numbers, or
 * nothing. Columns of so many levels that they are embedded are left out.
 */
export function plainRows(schema: FieldSchema, config: ModelConfig) {
  const parameters = new Parameters();
  const body = Body.of(schema, config, parameters, HELD_OUT);
  if (body.of("data").some(({ group }) => group.layout.fields[0]!.kind === "text")) return null;
  const numeric = numericParts(body).map(numbers);
  const leveled = leveledParts(body).map((part) => levels(part, parameters));
  const all = [...numeric, ...leveled];
  if (all.length === 0) return null;
  const [values, there] = [all.map((each) => each.values), all.map((each) => each.there)];
  const sizes = values.map(({ shape }) => shape[1] as number);
  return {
    size: sizes.reduce((sum, size) => sum + size, 0),
    values: beside(...values),
    there: beside(...there),
    /** Of the same rows said otherwise, `(batch, size)`: their squared error in numbers, and right levels. */
    errors(said: Tensor) {
      const pieces = sizes.length > 1 ? said.split(1, sizes) : [said];
      const squares = numeric.map((plain, i) =>
        pieces[i]!.sub(plain.values).mul(plain.there).square().sum(1),
      );
      const own = (part: Part) => pieces[all.findIndex((plain) => plain.part === part)]!;
      const parts = leveled.map(({ part }) => part);
      return {
        ...(squares.length > 0
          ? {
              squaredError: squares.reduce((sum, each) => sum.add(each)),
              present: numeric
                .map((plain) => plain.there.sum(1))
                .reduce((sum, each) => sum.add(each)),
            }
          : {}),
        ...levelHits(parts, (part) => codesOf(part, own(part))),
      };
    },
  };
}
