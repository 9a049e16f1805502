// Groups of one text field. The encoder looks at all symbols through layers that halve their number; the
// decoder gives each symbol from those before it, all places at once in training, through causal
// convolutions with growing dilations (van den Oord et al. 2016, WaveNet, §2.1), with what it has of
// the latent added at every place (Yang et al. 2017, Improved Variational Autoencoders for Text
// Modeling using Dilated Convolutions, §3.2).
import { BATCH, concat, input, type Tensor } from "../../graph/index.ts";
import { activate, linear } from "../../nn/layers.ts";
import type { Parameters } from "../../nn/parameters.ts";
import { categorical } from "../../prob/categorical.ts";
import { pick } from "../../prob/levels.ts";
import type { ColumnValues } from "../columns.ts";
import type { TextField } from "../field.ts";
import { type GroupLayout, hidingInput, writtenInput } from "../layout.ts";
import { codesOf, textOf } from "../tokens.ts";
import type { Group, GroupOptions, Raw } from "./group.ts";

const EMBEDDING = 32;
const CHANNELS = 64;
/**
 * Each place is given from the 14 before it. A decoder that sees farther back needs no latent, and
 * learns to leave it aside (Yang et al. 2017, §4.1).
 */
const DILATIONS = [1, 2, 4];
/**
 * Share of the symbols that are hidden from the decoder in training, so that it must look at the
 * latent (Bowman et al. 2016, Generating Sentences from a Continuous Space, §3.1).
 */
const HIDDEN = 0.3;
/** How often the encoder halves the length. */
const HALVINGS = 3;

/** Each place moved `by` places further, or back; nothing stands beyond the ends. */
function shifted(x: Tensor, by: number): Tensor {
  const length = x.shape[1]!;
  if (by < 0) return x.slice(1, -by, length).pad(1, 0, -by);
  return x.slice(1, 0, length - by).pad(1, by, 0);
}

/** The same linear layer at every place: one product of all of them. */
function atEach(parameters: Parameters, name: string, x: Tensor, outputs: number): Tensor {
  const [, places, inputs] = x.shape as [number, number, number];
  const all = linear(parameters, name, x.reshape([BATCH * places, inputs]), outputs);
  return all.reshape([-1, places, outputs]);
}

export function textGroup(layout: GroupLayout, { training }: GroupOptions): Group {
  const [field] = layout.fields as [TextField];
  const { length } = field;
  const depth = codesOf(field);
  const likelihood = categorical(depth);

  /** Symbols as vectors, `(batch, length, EMBEDDING)`. */
  function embedded(parameters: Parameters, side: string, codes: Tensor): Tensor {
    const name = `${side}.${layout.name}.embedding`;
    const table = parameters.define(name, [depth, EMBEDDING], { uniform: 1 });
    return table.gather(0, codes);
  }

  /** 1 for symbols that the decoder is shown in a step of training, and 0: `(batch, length, 1)`. */
  function shown(): Tensor {
    const draws = input(hidingInput(layout), [BATCH, length]);
    return draws.greaterOrEqual(HIDDEN).cast("float32").reshape([BATCH, length, 1]);
  }

  /** Logits of the symbol at each place given those before: `(batch, length, depth)`. */
  function logits(parameters: Parameters, outputs: Tensor, codes: Tensor): Tensor {
    const name = `decoder.${layout.name}`;
    const symbols = embedded(parameters, "decoder", codes);
    const before = shifted(training ? symbols.mul(shown()) : symbols, 1);
    const place = parameters.define(`${name}.place`, [length, CHANNELS], { uniform: 0.1 });
    let h = atEach(parameters, `${name}.in`, before, CHANNELS)
      .add(place)
      .add(outputs.reshape([-1, 1, CHANNELS]));
    for (const [i, dilation] of DILATIONS.entries()) {
      const seen = activate(h, "relu");
      const taps = concat([shifted(seen, 2 * dilation), shifted(seen, dilation), seen], 2);
      const inner = activate(atEach(parameters, `${name}.causal${i}`, taps, CHANNELS), "relu");
      h = h.add(atEach(parameters, `${name}.mix${i}`, inner, CHANNELS));
    }
    return atEach(parameters, `${name}.out`, activate(h, "relu"), depth);
  }

  const written = (parameters: Parameters, outputs: Tensor) =>
    logits(parameters, outputs, input(writtenInput(layout), [BATCH, length], "int32"));

  return {
    layout,
    values: length,
    mass: true,
    picture: null,
    outputs: CHANNELS,
    outputPicture: null,
    features(parameters, { rows, mask }: Raw) {
      const name = `encoder.${layout.name}`;
      const x = embedded(parameters, "encoder", rows);
      const around = concat([shifted(x, 1), x, shifted(x, -1)], 2);
      let h = activate(atEach(parameters, `${name}.in`, around, CHANNELS), "relu");
      for (let i = 0; i < HALVINGS; i++) {
        const pairs = h.reshape([-1, length / 2 ** (i + 1), 2 * CHANNELS]);
        h = activate(atEach(parameters, `${name}.halve${i}`, pairs, CHANNELS), "relu");
      }
      const flat = h.reshape([-1, CHANNELS * (length / 2 ** HALVINGS)]);
      return mask ? flat.mul(mask) : flat;
    },
    logProb(parameters, { rows, mask }, outputs) {
      const each = logits(parameters, outputs, rows).logSoftmax(2);
      // The first end counts, and nothing behind it.
      const open = rows
        .greater(0)
        .cast("float32")
        .slice(1, 0, length - 1)
        .pad(1, 1, 0, 1);
      const sum = pick(rows, each).mul(open).sum(1, true);
      return mask ? sum.mul(mask) : sum;
    },
    target: () => null,
    logSlope: () => null,
    leastScales: [],
    prediction: () => null,
    likelihood,
    written: { places: length, depth },
    drawn: (parameters, outputs) => [written(parameters, outputs)],
    expected: (parameters, outputs) => written(parameters, outputs).reshape([-1, length * depth]),
    columns(values, rows): ColumnValues[] {
      const texts = Array.from({ length: rows }, (_, i) =>
        textOf(values.subarray(i * length, (i + 1) * length), field),
      );
      return [{ type: "text", values: texts }];
    },
  };
}
