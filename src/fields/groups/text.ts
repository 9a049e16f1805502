// Groups of one text field: symbols in, and out the probability of each place's symbol, given those
// before it or all at once.
import { log } from "../../base/exact-math.ts";
import { BATCH, constant, input, type Tensor } from "../../graph/index.ts";
import type { Parameters } from "../../nn/parameters.ts";
import {
  contextSize,
  decodeText,
  encodeText,
  joinTold,
  opened,
  splitTold,
  type Told,
  toldSize,
  unfold,
} from "../../nn/texts/network.ts";
import { around, causal, type View, Writing } from "../../nn/texts/view.ts";
import { categorical } from "../../prob/categorical.ts";
import { pick } from "../../prob/levels.ts";
import type { ColumnValues } from "../columns.ts";
import type { TextField } from "../field.ts";
import { type GroupLayout, keptInput, placeInput, writtenInput } from "../layout.ts";
import { codesOf, textOf } from "../tokens.ts";
import type { Group, GroupOptions, Raw } from "./group.ts";

const RARE = 1e-6;

export function textGroup(layout: GroupLayout, options: GroupOptions): Group {
  const [field] = layout.fields as [TextField];
  const { length, shares, cuts } = field;
  const { cut, activation, texts } = options;
  const places = cut === null ? length : (cuts[Math.min(cut, cuts.length - 1)] ?? length);
  const depth = codesOf(field);
  const shape = { length, activation, ...texts };
  const likelihood = categorical(depth);
  const inTurn = texts.decoding === "autoregressive";
  const encoder = `encoder.${layout.name}`;
  const decoder = `decoder.${layout.name}`;
  const base = constant(
    Array.from({ length: depth }, (_, code) => log(Math.max(shares[code] ?? 1 / depth, RARE))),
  );

  /** Logits of every code at the view's places: at first each code's share in the training rows. */
  function logits(parameters: Parameters, told: Told, before: Tensor | null, view: View): Tensor {
    const h = decodeText(parameters, decoder, told, before, depth, view, shape);
    const [batch, at, width] = h.shape as [number, number, number];
    const weight = parameters.define(`${decoder}.out.weight`, [width, depth], { value: 0 });
    const bias = parameters.define(`${decoder}.out.bias`, [depth], { value: 0 });
    const rows = h.reshape([batch * at, width]);
    return rows.matmul(weight).add(bias.add(base)).reshape([batch, at, depth]);
  }

  /** Of all places at once; in turn, each given the codes before it. */
  function allLogits(parameters: Parameters, outputs: Tensor, codes: Tensor | null): Tensor {
    const at = codes ? places : length;
    const told = unfold(parameters, decoder, outputs, at, shape);
    if (!codes) return logits(parameters, told, null, around(at, null));
    const before = codes.slice(1, 0, at - 1).pad(1, 1, 0);
    return logits(parameters, told, before, causal(at));
  }

  /** What writing takes of a row. */
  const forWriting = (parameters: Parameters, outputs: Tensor) =>
    joinTold(unfold(parameters, decoder, outputs, length, shape));

  const seen = ({ rows }: Raw) => rows.slice(1, 0, inTurn ? places : length);

  return {
    layout,
    values: length,
    mass: true,
    picture: null,
    outputs: contextSize(shape),
    outputPicture: null,
    features(parameters, { rows, mask }: Raw) {
      const codes = rows.slice(1, 0, places);
      const features = encodeText(parameters, encoder, codes, depth, shape);
      return mask ? features.mul(mask) : features;
    },
    logProb(parameters, raw, outputs) {
      const codes = seen(raw);
      const all = allLogits(parameters, outputs, inTurn ? codes : null);
      const each = pick(codes, all).sub(all.logSumExp(2));
      const sum = each.mul(opened(codes)).sum(1, true);
      return raw.mask ? sum.mul(raw.mask) : sum;
    },
    hits(parameters, raw, outputs) {
      const codes = seen(raw);
      const all = allLogits(parameters, outputs, inTurn ? codes : null);
      const there = raw.mask ? opened(codes).mul(raw.mask) : opened(codes);
      const right = all.argmax(2).equal(codes).cast("float32").mul(there);
      return { right: right.sum(1), of: there.sum(1) };
    },
    target: () => null,
    logSlope: () => null,
    leastScales: [],
    prediction: () => null,
    likelihood,
    written: inTurn
      ? {
          places: length,
          depth,
          outputs: toldSize(shape),
          step(parameters, outputs) {
            const place = input(placeInput(layout), [BATCH], "int32");
            const codes = input(writtenInput(layout), [BATCH, 1], "int32");
            const view = new Writing(place, length, (i) => keptInput(layout, i));
            const told = splitTold(outputs, shape);
            const next = logits(parameters, told, codes, view);
            return { logits: next.reshape([BATCH, depth]), kept: view.kept };
          },
        }
      : null,
    drawn: (parameters, outputs) => [
      inTurn
        ? forWriting(parameters, outputs)
        : allLogits(parameters, outputs, null).reshape([outputs.shape[0]!, length * depth]),
    ],
    expected: (parameters, outputs) =>
      inTurn
        ? forWriting(parameters, outputs)
        : allLogits(parameters, outputs, null).argmax(2).cast("float32"),
    columns(values, rows): ColumnValues[] {
      const texts = Array.from({ length: rows }, (_, i) =>
        textOf(values.subarray(i * length, (i + 1) * length), field),
      );
      return [{ type: "text", values: texts }];
    },
  };
}
