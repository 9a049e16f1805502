// A specimen's group as a graph, with what its inputs and parameters are fed.
import {
  type Group,
  type GroupOptions,
  groupsOf,
  type Raw,
  rawOf,
} from "#elbo/fields/groups/index.js";
import { maskInput, maskSize, rowsInput } from "#elbo/fields/layout.js";
import { BATCH, input, type Tensor } from "#elbo/graph/index.js";
import { Parameters } from "#elbo/nn/parameters.js";
import type { Feeds } from "../../oracle/index.ts";
import { spread } from "../../runtime/conformance/case.ts";
import { schemaOf } from "../schemas.ts";
import type { Specimen } from "./specimens.ts";

/** What groups are built with where nothing else is said. */
export const groupOptions: GroupOptions = {
  ...{ output: "linear", drawn: true, activation: "relu", cut: null },
  texts: { network: { kind: "conv", channels: [4] }, decoding: "autoregressive" },
};

export interface Built {
  group: Group;
  raw: Raw;
  parameters: Parameters;
  /** What the decoder emits, as an input. */
  outputs: Tensor;
  /** Names and shapes of all inputs and parameters, fed with these rows. */
  feeds(rows: readonly number[][], more?: FeedOptions): Feeds;
}

export interface FeedOptions {
  /** Of each row, cells that are there; all of them by default. */
  mask?: readonly number[][];
  /** Of each row; irregular ones by default. */
  outputs?: readonly number[][];
  /** The parameters as they begin, and not moved from there. */
  beginning?: boolean;
}

export function build({ fields, options }: Specimen, gaps = false): Built {
  const [group, ...others] = groupsOf(schemaOf(...fields), {
    ...groupOptions,
    ...options,
  });
  if (!group || others.length > 0) throw new Error("a specimen is of one group");
  const parameters = new Parameters();
  const [raw, outputs] = [rawOf(group, gaps), input("outputs", [BATCH, group.outputs])];
  // Whatever the graph is for, its parameters are known.
  group.features(parameters, raw);
  group.logProb(parameters, raw, outputs);
  const matrix = (values: readonly number[][]) => ({
    shape: [values.length, values[0]!.length],
    data: values.flat(),
  });
  return {
    group,
    raw,
    parameters,
    outputs,
    feeds(rows, { mask, outputs: given, beginning = false } = {}) {
      const emitted = spread(rows.length * group.outputs, -0.75, 0.75);
      const moved = parameters.specs.map(({ name, shape, initializer }) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const first = "value" in initializer ? initializer.value : 0;
        const data = spread(size, -0.4, 0.4).map((v) => first + (beginning ? 0 : v));
        return [name, { shape, data }] as const;
      });
      const all = rows.map(() => new Array<number>(maskSize(group.layout)).fill(1));
      return {
        [rowsInput(group.layout)]: matrix(rows),
        ...(raw.mask ? { [maskInput(group.layout)]: matrix(mask ?? all) } : {}),
        outputs: given ? matrix(given) : { shape: [rows.length, group.outputs], data: emitted },
        ...Object.fromEntries(moved),
      };
    },
  };
}
