// The class of a row as a latent: the target's levels, whose logits stand last among a row's latents. What is
// known of it, what draws it, and what the decoder takes of it.
import { ElboError } from "../base/errors.ts";
import { BATCH, concat, constant, type Tensor } from "../graph/index.ts";
import { beside } from "../nn/network.ts";
import type { Body, Part } from "./body.ts";

/** A class that is certain, as a logit. */
const CERTAIN = 1e3;

/** The target, as classes: its outputs are `size` numbers, which are logits of `count` classes. */
export interface Classes {
  part: Part;
  size: number;
  count: number;
  /** `(batch, count)`, with what is known of the classes' shares. */
  logits(outputs: Tensor): Tensor;
  /** 1 at the row's class, all 0 where it is missing: `(batch, count)`. */
  label: Tensor;
}

export function classesOf(body: Body): Classes {
  const targets = body.of("target");
  const [part] = targets;
  const field = part?.group.layout.fields[0];
  const fits =
    targets.length === 1 &&
    part!.group.layout.fields.length === 1 &&
    (field!.kind === "binary" || (field!.kind === "categorical" && !!part!.group.likelihood));
  const { parameters, config } = body;
  if (!fits) {
    throw new ElboError({
      code: "method-data",
      kind: "usage",
      message: `m2 learns one class, a target of levels; received ${targets.length === 0 ? "no target" : "other targets"}`,
      hint: "Name it by --target COLUMN, or use --method vae, whose targets may be of any kind.",
    });
  }
  const { group, raw } = part!;
  const size = group.outputs;
  if (config.latent <= size) {
    throw new ElboError({
      code: "method-data",
      kind: "usage",
      message: `the latents of m2 hold ${size} logits of the class beside its own, received ${config.latent} latents`,
      hint: `Give --latent ${size + 2} or more.`,
    });
  }
  const drawn = (outputs: Tensor) => group.drawn(parameters, outputs, null)[0]!;
  if (field!.kind === "binary") {
    const there = raw.mask ?? raw.rows.mul(0).add(1);
    return {
      ...{ part: part!, size, count: 2 },
      logits: (outputs) => drawn(outputs).pad(1, 1, 0),
      label: concat([there.sub(raw.rows), raw.rows], 1),
    };
  }
  return {
    ...{ part: part!, size, count: size },
    logits: (outputs) => drawn(outputs).reshape([outputs.shape[0]!, size]),
    label: group.features(parameters, raw),
  };
}

/** What the decoder gives at z and the class's shares; the class itself as its logits say. */
export function outputsAt(body: Body, z: Tensor, shares: Tensor, { part }: Classes, own: Tensor) {
  const outputs = body.decode(beside(z, shares));
  const place = body.decoded.findIndex(({ group }) => group === part.group);
  return outputs.map((each, i) => (i === place ? own : each));
}

/** Every class in turn, for each row: `(batch · count, count)`. */
export function everyClass(count: number): Tensor {
  const identity = Array.from({ length: count ** 2 }, (_, i) => +(i % (count + 1) === 0));
  return constant(identity, [1, count, count])
    .broadcastTo([BATCH, count, count])
    .reshape([-count, count]);
}

/** Even numbers that logarithms take. */
const inside = (uniform: Tensor) => uniform.clip(1e-7, 1 - 1e-7);

/** A class of each row, `(batch, count)`: the largest of its logits with Gumbel noise of even numbers added. */
export function chosenBy(logits: Tensor, uniform: Tensor): Tensor {
  const gumbel = inside(uniform).log().neg().log().neg();
  return logits.add(gumbel).argmax(1).oneHot(logits.shape[1]!);
}

/** Logits `(batch, size)` of classes that are certain, `(batch, count)`. */
export function certain({ size, count }: Classes, chosen: Tensor): Tensor {
  if (size === count) return chosen.mul(CERTAIN);
  return chosen.slice(1, 1, 2).mul(2).sub(1).mul(CERTAIN);
}

/** A class by what is known of their shares, as logits `(batch, size)`, from standard normal noise. */
export function drawnClass(classes: Classes, normal: Tensor): Tensor {
  const { size, count, logits } = classes;
  const uniform = inside(normal.mul(Math.SQRT1_2).erf().add(1).mul(0.5));
  const prior = logits(normal.mul(0));
  if (size === count) return certain(classes, chosenBy(prior, uniform));
  const share = prior.softmax(1).slice(1, 1, 2);
  return uniform.less(share).cast("float32").mul(2).sub(1).mul(CERTAIN);
}
