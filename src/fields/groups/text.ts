// Groups of one text field. The encoder looks at all symbols through convolutions that halve; the
// decoder gives each symbol from those before it, all places at once in training, through causal
// convolutions with growing dilations (van den Oord et al. 2016, WaveNet, §2.1), with what it has of
// the latent added at every place (Yang et al. 2017, Improved Variational Autoencoders for Text
// Modeling using Dilated Convolutions, §3.2).
import { BATCH, input, type Tensor } from "../../graph/index.ts";
import { activate, convolution } from "../../nn/layers.ts";
import type { Parameters } from "../../nn/parameters.ts";
import { categorical } from "../../prob/categorical.ts";
import { pick } from "../../prob/levels.ts";
import type { ColumnValues } from "../columns.ts";
import type { TextField } from "../field.ts";
import { type GroupLayout, writtenInput } from "../layout.ts";
import { codesOf, textOf } from "../tokens.ts";
import type { Group, Raw } from "./group.ts";

const EMBEDDING = 32;
const CHANNELS = 64;
/**
 * Each place is given from the 14 before it. A decoder that sees farther back needs no latent, and
 * learns to leave it aside (Yang et al. 2017, §4.1).
 */
const DILATIONS = [1, 2, 4];
/** How often the encoder halves the length. */
const HALVINGS = 3;

export function textGroup(layout: GroupLayout): Group {
  const [field] = layout.fields as [TextField];
  const { length } = field;
  const depth = codesOf(field);
  const likelihood = categorical(depth);

  /** Symbols as vectors, `(batch, EMBEDDING, length)`. */
  function embedded(parameters: Parameters, side: string, codes: Tensor): Tensor {
    const name = `${side}.${layout.name}.embedding`;
    const table = parameters.define(name, [depth, EMBEDDING], { uniform: 1 });
    return table.gather(0, codes).transpose([0, 2, 1]);
  }

  /** Each place moved one further; nothing stands before the first. */
  const shifted = (x: Tensor) => x.slice(2, 0, length - 1).pad(2, 1, 0);

  /** Logits of the symbol at each place given those before: `(batch, length, depth)`. */
  function logits(parameters: Parameters, outputs: Tensor, codes: Tensor): Tensor {
    const name = `decoder.${layout.name}`;
    const before = shifted(embedded(parameters, "decoder", codes));
    const place = parameters.define(`${name}.place`, [CHANNELS, length], { uniform: 0.1 });
    let h = convolution(parameters, `${name}.in`, before, { channels: CHANNELS, kernel: 1 })
      .add(place)
      .add(outputs.reshape([-1, CHANNELS, 1]));
    for (const [i, dilation] of DILATIONS.entries()) {
      const layer = { channels: CHANNELS, kernel: 3, dilation };
      const seen = activate(h, "relu").pad(2, 2 * dilation, 0);
      const inner = activate(convolution(parameters, `${name}.causal${i}`, seen, layer), "relu");
      h = h.add(
        convolution(parameters, `${name}.mix${i}`, inner, { channels: CHANNELS, kernel: 1 }),
      );
    }
    return convolution(parameters, `${name}.out`, activate(h, "relu"), {
      channels: depth,
      kernel: 1,
    }).transpose([0, 2, 1]);
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
      let h = embedded(parameters, "encoder", rows);
      for (let i = 0; i < HALVINGS; i++) {
        const layer = { channels: CHANNELS, kernel: 4, stride: 2, padding: 1 };
        h = activate(convolution(parameters, `${name}.conv${i}`, h, layer), "relu");
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
