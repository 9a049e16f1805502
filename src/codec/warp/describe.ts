// Pixels of some images to fit a correction to, at latents drawn as coding draws them: one batch of images after
// the other, each by itself, so that it does not matter where.
import { Coder } from "../ans/coder.ts";
import { drawLatents } from "../bits-back.ts";
import { sumInputs } from "../block-model.ts";
import type { Cells } from "../cells/cells.ts";
import type { CodedColumn } from "../columns.ts";
import type { CodedModel } from "../model-part.ts";
import { type CodecParameters, RowCodec } from "../rows.ts";
import { symbolsOfRows } from "../values.ts";
import { shapeOf } from "./groups.ts";
import { choosePixels, type Pixels } from "./pixels.ts";

/** The rows whose images are described. */
export interface DescribingJob {
  model: CodedModel;
  columns: readonly CodedColumn[];
  cells: readonly Cells[];
  rows: number;
  fitted: CodecParameters;
}

/** Rows `from` up to `to`, and how many of a group's pixels are chosen, or so. */
export interface DescribeTask {
  type: "describe";
  from: number;
  to: number;
  wanted: number;
}

/** Of each group of images the pixels that were chosen. */
export interface Described {
  pixels: Pixels[];
}

/** Does tasks of one job, on the thread that it is made on. */
export function describeWork(job: DescribingJob): (task: DescribeTask) => Described {
  // Made with the first task, whose failure it is where values have no probabilities.
  let describe: ReturnType<typeof describer> | undefined;
  return (task) => {
    describe ??= describer(job);
    return describe(task);
  };
}

function describer({ model, columns, cells, rows, fitted }: DescribingJob) {
  const { schema, config, weights } = model;
  const codec = new RowCodec(schema, config, weights, columns, fitted);
  const { networks } = codec;
  const seen = codec.seen(cells, rows);
  const coder = new Coder();
  return ({ from, to, wanted }: DescribeTask): Described => {
    const taken = { symbols: seen.coded, from, to };
    coder.begin(0);
    const latents = drawLatents(coder, seen.model, taken);
    const parameters = networks.parameters(latents, sumInputs(seen.model, taken), to - from);
    const pixels = codec.groups.flatMap((coding, g) => {
      const shape = shapeOf(coding.group);
      if (!shape) return [];
      const some = symbolsOfRows(seen.coded[g]!, coding.values, from, to);
      const by = coding.distribution!(parameters[g]!, some);
      return [choosePixels(coder.contextsOf(by, shape, some.codes), wanted)];
    });
    return { pixels };
  };
}
