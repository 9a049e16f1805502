// A column with many levels: an embedding in, and out a softmax of two factors, the block of a level
// and its place in the block (Goodman 2001, Classes for fast maximum entropy training; Morin and
// Bengio 2005, Hierarchical probabilistic neural network language model). A step costs √levels.
import { log } from "../../base/exact-math.ts";
import { concat, constant, type Tensor } from "../../graph/index.ts";
import type { Parameters } from "../../nn/parameters.ts";
import { categorical } from "../../prob/categorical.ts";
import { pick } from "../../prob/levels.ts";
import type { CategoricalField } from "../field.ts";
import type { GroupLayout } from "../layout.ts";
import type { Group, Raw } from "./group.ts";
import { levelColumns } from "./levels.ts";

/** Numbers that stand for a level, in and out. */
const EMBEDDING = 16;
const RARE = 1e-6;

export function manyLevelsGroup(layout: GroupLayout): Group {
  const [{ levels, shares }] = layout.fields as [CategoricalField];
  const codes = levels.length + 1;
  const width = Math.ceil(Math.sqrt(codes));
  const blocks = Math.ceil(codes / width);
  const padded = blocks * width;
  const share = (k: number) => (k < levels.length ? Math.max(shares[k] ?? 1 / codes, RARE) : RARE);
  const inBlock = Array.from({ length: blocks }, (_, b) =>
    Array.from({ length: width }, (_, i) => (b * width + i < codes ? share(b * width + i) : 0)),
  );
  const totals = inBlock.map((block) => block.reduce((sum, s) => sum + s, 0));
  const blockBase = constant(totals.map(log));
  const levelBase = constant(
    inBlock.flatMap((block, b) => block.map((s) => (s === 0 ? -1e4 : log(s / totals[b]!)))),
    [blocks, width],
  );
  const likelihood = categorical(padded);

  function table(parameters: Parameters): { weight: Tensor; bias: Tensor } {
    const name = `decoder.${layout.name}.levels`;
    const initializer = { uniform: 1 / Math.sqrt(EMBEDDING) };
    const weight = parameters.define(`${name}.weight`, [blocks, width * EMBEDDING], initializer);
    const bias = parameters.define(`${name}.bias`, [blocks, width], { value: 0 });
    return { weight, bias: bias.add(levelBase) };
  }
  const split = (outputs: Tensor) => outputs.split(1, [blocks, EMBEDDING]) as [Tensor, Tensor];
  const flatCodes = ({ rows }: Raw) => rows.reshape([rows.shape[0]!]);

  /** log p of every level, `(batch, 1, padded)`: for draws and modes alone. */
  function logProbabilities(parameters: Parameters, outputs: Tensor): Tensor {
    const [blockLogits, query] = split(outputs);
    const { weight, bias } = table(parameters);
    const batch = outputs.shape[0]!;
    const scores = query
      .matmul(weight.reshape([padded, EMBEDDING]).transpose())
      .reshape([batch, blocks, width])
      .add(bias)
      .logSoftmax(2);
    const ofBlocks = blockLogits.add(blockBase).logSoftmax(1).reshape([batch, blocks, 1]);
    return scores.add(ofBlocks).reshape([batch, 1, padded]);
  }

  return {
    layout,
    values: 1,
    mass: true,
    picture: null,
    outputs: blocks + EMBEDDING,
    outputPicture: null,
    features(parameters, raw) {
      const name = `encoder.${layout.name}.embedding`;
      const known = parameters.define(name, [levels.length, EMBEDDING], { uniform: 1 });
      // What training has not seen, and what is missing, is all zeros.
      const embedding = concat([known, constant(new Float32Array(EMBEDDING), [1, EMBEDDING])], 0);
      const vectors = embedding.gather(0, flatCodes(raw));
      return raw.mask ? vectors.mul(raw.mask) : vectors;
    },
    logProb(parameters, raw, outputs) {
      const [blockLogits, query] = split(outputs);
      const { weight, bias } = table(parameters);
      const batch = outputs.shape[0]!;
      const code = flatCodes(raw);
      // Whole numbers below 2²⁴: the quotient is never rounded across one.
      const block = code.cast("float32").add(0.5).div(width).floor();
      const place = code.cast("float32").sub(block.mul(width)).cast("int32");
      const b = block.cast("int32");
      const ofBlock = pick(b, blockLogits.add(blockBase).logSoftmax(1));
      const scores = weight
        .gather(0, b)
        .reshape([batch, width, EMBEDDING])
        .mul(query.reshape([batch, 1, EMBEDDING]))
        .sum(2)
        .add(bias.gather(0, b));
      const logProb = ofBlock.add(pick(place, scores.logSoftmax(1))).reshape([batch, 1]);
      return raw.mask ? logProb.mul(raw.mask) : logProb;
    },
    target: () => null,
    logSlope: () => null,
    leastScales: [],
    prediction: () => null,
    likelihood,
    drawn: (parameters, outputs) => [logProbabilities(parameters, outputs)],
    expected: (parameters, outputs) =>
      logProbabilities(parameters, outputs).argmax(-1).cast("float32"),
    columns: levelColumns(layout.fields as CategoricalField[]),
  };
}
